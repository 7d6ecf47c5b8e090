package bits

import (
	"fmt"
	"strings"

	"netscope/tui/view"
	"netscope/tui/view/fields"
)

// geometry is how the table lies in the pane.
type geometry struct {
	left  int // where the table's left border is
	scale int // columns of a bit
	width int // of the table, borders included
	jumps int // columns at the right for jumps
}

// place finds the widest scale that leaves room for offsets and jumps.
func place(w int) geometry {
	g := geometry{left: 6}
	for g.scale = 5; g.scale > 0; g.scale-- {
		if g.width = 32*g.scale + 1; g.left+g.width+6 <= w {
			g.jumps = w - g.left - g.width
			return g
		}
	}
	g.left, g.scale, g.width = 0, 0, w // too narrow for words: every field has a row
	return g
}

// edges are the columns where a row's cells begin and end.
func (g *geometry) edges(r *Row) (out []int) {
	out = append(out, 0)
	switch r.Kind {
	case Heading:
		return nil
	case Words:
		for i := range r.Cells {
			out = append(out, r.Cells[i].To*g.scale)
		}
	case Zoom:
		per := g.bit(r)
		for i := range r.Cells {
			if r.Cells[i].From*per > out[len(out)-1] {
				out = append(out, r.Cells[i].From*per)
			}
			out = append(out, r.Cells[i].To*per)
		}
	case Strip:
		x := min(view.Width(r.Text)+3, g.width/3)
		out = append(out, x)
		for i := range r.Cells {
			x += view.Width(r.Cells[i].Text) + 3
			if x >= g.width-1 {
				x = g.width - 1
			}
			if x > out[len(out)-1] {
				out = append(out, x)
			}
		}
	case Wide:
		out = append(out, g.width-1)
	}
	return out
}

// bit is how many columns a bit of a zoomed field has.
func (g *geometry) bit(r *Row) int { return max((g.width-1)/max(r.Bits, 1), 1) }

// drawRows draws rows from line top on into the grid, h lines.
func (v *View) drawRows(f *view.Frame, g geometry, h int) {
	y := -v.top
	var above *Row
	for i := range v.rows {
		r := &v.rows[i]
		n := v.height(i)
		if y+n >= 0 && y <= h {
			v.drawRow(f, &g, r, above, y, h, i == len(v.rows)-1 || v.rows[i+1].Kind == Heading)
		}
		y += n
		above = r
		if r.Kind == Heading {
			above = nil
		}
	}
	v.g.Fill(0, h, v.g.W, v.g.H-h, "")
	for y := h; y < v.g.H; y++ {
		v.g.Text(0, y, view.Blank(v.g.W), "")
	}
}

// height is how many lines row i takes; the last of a section has a lower border.
func (v *View) height(i int) int {
	n := v.rows[i].lines()
	if v.rows[i].Kind != Heading && (i == len(v.rows)-1 || v.rows[i+1].Kind == Heading) {
		n++
	}
	return n
}

func (v *View) drawRow(f *view.Frame, g *geometry, r, above *Row, y, h int, last bool) {
	t := f.Theme
	if r.Kind == Heading {
		v.heading(f, g, r, y)
		return
	}
	edges := g.edges(r)
	if g.scale > 0 && r.Kind != Zoom {
		v.g.TextRight(g.left-1, y+1, fmt.Sprint(r.Off), t.Offset)
	}
	var up []int
	if above != nil {
		up = g.edges(above)
	}
	v.border(t, g, y, up, edges)
	for line := 1; line < r.lines(); line++ {
		for _, x := range edges {
			v.g.Set(g.left+x, y+line, "│", t.Border)
		}
	}
	if last {
		v.border(t, g, y+r.lines(), edges, nil)
	}
	switch r.Kind {
	case Strip:
		v.g.TextCut(g.left+2, y+1, r.Text, edges[1]-2, t.FieldName)
		if sel := v.picked(f, r.Node); sel {
			v.g.Fill(g.left+1, y+1, edges[1]-1, 1, t.Selected(f.Focused))
		}
		for i := range r.Cells {
			if i+2 < len(edges) {
				v.piece(f, g, &r.Cells[i], edges[i+1], edges[i+2], y+1)
			}
		}
	case Zoom:
		for i := range r.Cells {
			v.bitCell(f, g, r, &r.Cells[i], y+1)
		}
	default:
		for i := range r.Cells {
			c := &r.Cells[i]
			from, to := c.From*g.scale, c.To*g.scale
			if r.Kind == Wide {
				from, to = 0, g.width-1
			}
			v.cell(f, g.left+from+1, g.left+to, c, y+1)
		}
	}
}

// heading draws a section's name.
func (v *View) heading(f *view.Frame, g *geometry, r *Row, y int) {
	t := f.Theme
	st := t.Strong
	if r.Depth > 1 {
		st = t.Title
	}
	x := v.g.TextCut(min(r.Depth, 4)*2, y, view.Clean(r.Text), v.g.W, st)
	if r.Node == nil {
		return
	}
	if r.Node.Value != "" {
		x = v.g.TextCut(x+2, y, view.Clean(r.Node.Value), v.g.W-x-2, t.FieldValue)
	}
	if r.Node.Bad {
		v.g.TextCut(x+2, y, "✗", 2, t.Error)
	}
	if v.picked(f, r.Node) {
		v.g.Fill(0, y, v.g.W, 1, t.Selected(f.Focused))
	}
}

// cell draws a field between two columns.
func (v *View) cell(f *view.Frame, x0, x1 int, c *Cell, y int) {
	t := f.Theme
	w := x1 - x0
	name, value := t.FieldName, t.FieldValue
	if c.Node.Bad {
		name, value = t.Error, t.Error
	}
	label := view.Clean(c.Node.Label)
	if c.Node.Bad {
		label = "✗ " + label
	}
	x := v.g.TextCut(x0+1, y, label, w-1, name)
	if c.Node.Value != "" {
		x = v.g.TextCut(x+1, y, view.Clean(c.Node.Value), x1-x-1, value)
	}
	if hex := v.hex(c.Node, 16); hex != "" && x+view.Width(hex)+3 <= x1 {
		v.g.TextRight(x1-1, y, hex, t.Hex)
	}
	if v.picked(f, c.Node) {
		v.g.Fill(x0, y, w, 1, t.Selected(f.Focused))
	}
}

// piece draws a piece of a field.
func (v *View) piece(f *view.Frame, g *geometry, c *Cell, from, to, y int) {
	t := f.Theme
	st := t.FieldValue
	if c.Node.ToLen > 0 {
		st = t.Link
	}
	v.g.TextCut(g.left+from+2, y, c.Text, to-from-2, st)
	if v.picked(f, c.Node) {
		v.g.Fill(g.left+from+1, y, to-from-1, 1, t.Selected(f.Focused))
	}
}

// bitCell draws some bits of a field: their name, and below each bit.
func (v *View) bitCell(f *view.Frame, g *geometry, r *Row, c *Cell, y int) {
	t := f.Theme
	per := g.bit(r)
	x0, x1 := g.left+c.From*per, g.left+c.To*per
	st := t.FieldName
	if c.Node.Bad {
		st = t.Error
	}
	name := short(view.Clean(c.Text), x1-x0-1)
	v.g.TextCut(x0+max(1, (x1-x0-view.Width(name)+1)/2), y, name, x1-x0-1, st)
	for b := c.From; b < c.To; b++ {
		digit := "?"
		if at := r.Off + b/8; at < len(v.bytes(r.Node)) {
			digit = fmt.Sprint(v.bytes(r.Node)[at] >> (7 - b%8) & 1)
		}
		st := t.FieldValue
		if digit == "0" {
			st = t.Dim
		}
		v.g.Text(g.left+b*per+(per+1)/2, y+1, digit, st)
	}
	if v.picked(f, c.Node) {
		v.g.Fill(x0+1, y, x1-x0-1, 2, t.Selected(f.Focused))
	}
}

// border draws the line between two rows.
func (v *View) border(t *view.Theme, g *geometry, y int, up, down []int) {
	if up == nil && down == nil {
		return
	}
	marks := func(edges []int) map[int]bool {
		m := map[int]bool{}
		for _, x := range edges {
			m[x] = true
		}
		return m
	}
	u, d := marks(up), marks(down)
	right := 0
	for _, x := range append(append([]int{}, up...), down...) {
		right = max(right, x)
	}
	for x := 0; x <= right; x++ {
		k := 0
		if u[x] {
			k |= 1
		}
		if d[x] {
			k |= 2
		}
		if x > 0 {
			k |= 4
		}
		if x < right {
			k |= 8
		}
		v.g.Set(g.left+x, y, [...]string{"", "╵", "╷", "│", "╴", "┘", "┐", "┤", "╶", "└", "┌", "├", "─", "┴", "┬", "┼"}[k], t.Border)
	}
}

// picked reports whether a field is the selected one.
func (v *View) picked(f *view.Frame, n *fields.Node) bool {
	return n != nil && n.Ref == f.Head.Field
}

// bytes are what a field's offsets count in.
func (v *View) bytes(n *fields.Node) []byte {
	if n.Ref.Packet {
		return v.packet
	}
	return v.raw
}

// hex is the first bytes of a field, at most n.
func (v *View) hex(n *fields.Node, most int) string {
	b := v.bytes(n)
	if n.Ref.Off < 0 || n.Ref.Off >= len(b) {
		return ""
	}
	b = b[n.Ref.Off:min(n.Ref.Off+n.Ref.Len, len(b))]
	if len(b) > most {
		return fmt.Sprintf("% x…", b[:most])
	}
	return strings.TrimSpace(fmt.Sprintf("% x", b))
}
