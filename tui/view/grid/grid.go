// Package grid is a rectangle of character cells on which a picture is drawn
// and from which text of exactly that size is made.
//
// Drawing outside the rectangle is allowed and does nothing, so that callers
// need no clipping of their own. It knows nothing of what is drawn.
package grid

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/rivo/uniseg"

	"netscope/tui/view"
)

// Cell is one character cell. An empty Text is a blank; a wide character's
// second cell is a continuation and prints nothing.
type Cell struct {
	Text  string
	Style view.Style
	Back  view.Style // background, kept when text is drawn over it
	cont  bool
}

// Grid is W×H cells. The zero value is empty; Reset gives it a size.
type Grid struct {
	W, H  int
	cells []Cell
	buf   strings.Builder
}

// New is a blank grid.
func New(w, h int) *Grid {
	g := &Grid{}
	g.Reset(w, h)
	return g
}

// Reset makes the grid blank at a size, reusing its memory.
func (g *Grid) Reset(w, h int) {
	g.W, g.H = max(w, 0), max(h, 0)
	n := g.W * g.H
	if cap(g.cells) < n {
		g.cells = make([]Cell, n)
		return
	}
	g.cells = g.cells[:n]
	clear(g.cells)
}

// At is the cell at a place, or nil outside.
func (g *Grid) At(x, y int) *Cell {
	if x < 0 || y < 0 || x >= g.W || y >= g.H {
		return nil
	}
	return &g.cells[y*g.W+x]
}

// Blank reports whether nothing is drawn at a place.
func (g *Grid) Blank(x, y int) bool {
	c := g.At(x, y)
	return c != nil && !c.cont && (c.Text == "" || c.Text == " ")
}

// Set draws one narrow character.
func (g *Grid) Set(x, y int, ch string, st view.Style) {
	c := g.At(x, y)
	if c == nil {
		return
	}
	g.unlink(x, y)
	c.Text, c.Style = ch, st
}

// unlink blanks the other half of a wide character that is about to be cut.
func (g *Grid) unlink(x, y int) {
	c := g.At(x, y)
	if c.cont {
		c.cont = false
		if l := g.At(x-1, y); l != nil {
			l.Text = " "
		}
	}
	if n := g.At(x+1, y); n != nil && n.cont {
		n.cont, n.Text = false, " "
	}
}

// Text draws s from (x, y) and returns the column after it. Control
// characters are drawn as a middle dot.
func (g *Grid) Text(x, y int, s string, st view.Style) int {
	if isASCII(s) {
		for i := range len(s) {
			ch := s[i : i+1]
			if s[i] < ' ' || s[i] == 0x7f {
				ch = "·"
			}
			g.Set(x, y, ch, st)
			x++
		}
		return x
	}
	state := -1
	for s != "" {
		var cl string
		cl, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
		w := ansi.StringWidth(cl)
		if w < 1 {
			if r := []rune(cl)[0]; r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
				cl, w = "·", 1
			} else {
				continue
			}
		}
		if w > 1 && (x < 0 || x+w > g.W) {
			cl, w = "…", 1
		}
		g.Set(x, y, cl, st)
		for i := 1; i < w; i++ {
			if c := g.At(x+i, y); c != nil {
				g.unlink(x+i, y)
				c.Text, c.Style, c.cont = "", st, true
			}
		}
		if w > 1 {
			if c := g.At(x, y); c != nil {
				c.Text = cl
			}
		}
		x += w
	}
	return x
}

// TextCut draws s in at most w cells, ending in … if it does not fit.
func (g *Grid) TextCut(x, y int, s string, w int, st view.Style) int {
	return g.Text(x, y, Cut(s, w), st)
}

// TextRight draws s so that it ends before column x.
func (g *Grid) TextRight(x, y int, s string, st view.Style) {
	g.Text(x-view.Width(s), y, s, st)
}

// Fill sets the background of a rectangle.
func (g *Grid) Fill(x, y, w, h int, back view.Style) {
	for j := max(y, 0); j < min(y+h, g.H); j++ {
		for i := max(x, 0); i < min(x+w, g.W); i++ {
			g.cells[j*g.W+i].Back = back
		}
	}
}

// HLine draws a run of one narrow character.
func (g *Grid) HLine(x, y, w int, ch string, st view.Style) {
	for i := max(x, 0); i < min(x+w, g.W); i++ {
		g.Set(i, y, ch, st)
	}
}

// VLine draws a column of one narrow character.
func (g *Grid) VLine(x, y, h int, ch string, st view.Style) {
	for j := max(y, 0); j < min(y+h, g.H); j++ {
		g.Set(x, j, ch, st)
	}
}

// String renders all rows, each exactly W cells, joined by newlines.
func (g *Grid) String() string {
	g.buf = strings.Builder{}
	g.buf.Grow(g.W*g.H*2 + g.H*24)
	for y := range g.H {
		if y > 0 {
			g.buf.WriteByte('\n')
		}
		g.row(y)
	}
	return g.buf.String()
}

func (g *Grid) row(y int) {
	var st, bk view.Style
	on := false
	for _, c := range g.cells[y*g.W : (y+1)*g.W] {
		if c.cont {
			continue
		}
		text, cs := c.Text, c.Style
		if text == "" { // nothing was drawn here: no style either
			text, cs = " ", ""
		}
		if cs != st || c.Back != bk {
			if on {
				g.buf.WriteString("\x1b[m")
			}
			g.buf.WriteString(string(c.Back))
			g.buf.WriteString(string(cs))
			st, bk = cs, c.Back
			on = st != "" || bk != ""
		}
		g.buf.WriteString(text)
	}
	if on {
		g.buf.WriteString("\x1b[m")
	}
}

// Cut shortens s to at most w cells, ending in … if something is cut off.
func Cut(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if len(s) <= w && isASCII(s) {
		return s
	}
	return ansi.Truncate(s, w, "…")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
