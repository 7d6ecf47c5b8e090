package chart

import (
	"math"
	"strconv"
	"strings"

	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// marks are the signs of single points, by line: told apart without colour.
var marks = [...]string{"●", "◆", "▲", "■", "○", "◇", "△", "□"}

// area is where a plot's points go on the grid, and the scales.
type area struct {
	left, top, w, h int
	x, y            [2]float64
	log             bool
}

// col is the dot column of a value, row the dot row.
func (a *area) col(v float64) float64 {
	lo, hi := a.x[0], a.x[1]
	if a.log {
		lo, hi, v = math.Log10(lo), math.Log10(hi), math.Log10(v)
	}
	return (v - lo) / (hi - lo) * float64(2*a.w-1)
}

func (a *area) row(v float64) float64 {
	return float64(4*a.h-1) - (v-a.y[0])/(a.y[1]-a.y[0])*float64(4*a.h-1)
}

// draw draws a plot on a grid of its size, with a readout at cursor if it is
// not NaN.
func draw(g *grid.Grid, t *view.Theme, p *Plot, cursor float64) {
	legend := legendLines(t, p, g.W-2, cursor)
	legend = legend[:min(len(legend), max(0, g.H/3))]
	a := area{top: 1, h: g.H - 3 - len(legend), log: p.LogX}
	var ok bool
	if a.x, a.y, ok = p.Bounds(); !ok || a.h < 3 || g.W < 24 {
		g.Text(0, 0, "No room for a chart here: make the pane larger.", t.Dim)
		return
	}
	yt, dec := Ticks(a.y[0], a.y[1], max(2, a.h/3))
	for n := 3; len(yt) < 2 && n < 9; n++ { // one tick gives no step by which to end the axis
		yt, dec = Ticks(a.y[0], a.y[1], n)
	}
	if len(yt) > 0 && yt[len(yt)-1] < a.y[1] { // the axis ends at a tick
		a.y[1] = yt[len(yt)-1] + yt[len(yt)-1] - yt[max(len(yt)-2, 0)]
		yt = append(yt, a.y[1])
	}
	for _, v := range yt {
		a.left = max(a.left, len(strconv.FormatFloat(v, 'f', dec, 64)))
	}
	a.left += 2
	a.w = g.W - a.left - 2
	if a.w < 8 {
		return
	}
	drawAxes(g, t, p, &a, yt, dec)
	drawLines(g, t, p, &a)
	for i, at := range [...]float64{cursor, p.At} {
		sign := [...]string{"┆", "│"}[i]
		if finite(at) && at >= a.x[0] && at <= a.x[1] {
			x := a.left + int(a.col(at))/2
			for y := range a.h {
				if g.Blank(x, a.top+y) {
					g.Set(x, a.top+y, sign, t.Dim)
				}
			}
		}
	}
	for i, l := range legend {
		drawPieces(g, 1, g.H-len(legend)+i, l)
	}
}

func drawAxes(g *grid.Grid, t *view.Theme, p *Plot, a *area, yt []float64, dec int) {
	g.Text(0, 0, p.YUnit, t.Dim)
	g.TextCut(max(a.left, view.Width(p.YUnit)+2), 0, p.Title, a.w, t.Title)
	for _, v := range yt {
		y := a.top + int(a.row(v))/4
		g.TextRight(a.left-1, y, strconv.FormatFloat(v, 'f', dec, 64), t.Dim)
		for x := range a.w {
			g.Set(a.left+x, y, "╌", t.Faint)
		}
	}
	base := a.top + a.h
	for y := a.top; y < base; y++ {
		g.Set(a.left-1, y, "┤", t.Border)
	}
	g.Set(a.left-1, base, "└", t.Border)
	for x := range a.w {
		g.Set(a.left+x, base, "─", t.Border)
	}
	var xt []float64
	xd := 0
	if p.LogX {
		xt = Decades(a.x[0], a.x[1])
	} else {
		xt, xd = Ticks(a.x[0], a.x[1], max(2, a.w/12))
	}
	name := strings.TrimSpace(p.XName + " " + p.XUnit)
	room := g.W - view.Width(name) - 2
	for _, v := range xt {
		x := a.left + int(a.col(v))/2
		g.Set(x, base, "┬", t.Border)
		s := strconv.FormatFloat(v, 'f', xd, 64)
		if at := max(0, x-len(s)/2); at+len(s) < room {
			g.Text(at, base+1, s, t.Dim)
		}
	}
	g.TextRight(g.W-1, base+1, name, t.Text)
}

func drawLines(g *grid.Grid, t *view.Theme, p *Plot, a *area) {
	c := newCanvas(a.w, a.h)
	for i := range p.Lines {
		l := &p.Lines[i]
		if l.Kind == Measured {
			continue
		}
		for j, q := range l.Points {
			x, y := a.col(q.X), a.row(q.Y)
			if !finite(x) || !finite(y) {
				continue
			}
			if j == 0 {
				c.dot(int(x), int(y), i)
				continue
			}
			b := l.Points[j-1]
			if l.Kind == Steps {
				c.line(a.col(b.X), a.row(b.Y), x, a.row(b.Y), i, false)
				b = Point{q.X, b.Y}
			}
			c.line(a.col(b.X), a.row(b.Y), x, y, i, l.Kind == Model)
		}
	}
	for y := range a.h {
		for x := range a.w {
			if s, owner := c.cell(x, y); owner >= 0 {
				g.Set(a.left+x, a.top+y, s, t.SeriesStyle(p.Lines[owner].Series))
			}
		}
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		if len(l.Points) == 0 {
			continue
		}
		if l.Kind == Measured {
			for _, q := range l.Points {
				if x, y := a.col(q.X), a.row(q.Y); finite(x) && finite(y) {
					g.Set(a.left+int(x)/2, a.top+int(y)/4, marks[l.Series%len(marks)], t.SeriesStyle(l.Series))
				}
			}
			continue
		}
		if q := l.Points[len(l.Points)-1]; len(p.Lines) > 1 { // its letter at its end
			if x, y := a.col(q.X), a.row(q.Y); finite(x) && finite(y) {
				g.Set(a.left+min(int(x)/2+1, a.w), a.top+int(y)/4, l.letter(), t.SeriesStyle(l.Series))
			}
		}
	}
}

// letter names a line: a…z, then A…Z, then again.
func letter(i int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return letters[i%len(letters) : i%len(letters)+1]
}

// letter is the line's own, or its series'.
func (l *Line) letter() string {
	if l.Letter != "" {
		return l.Letter
	}
	return letter(l.Series)
}

// piece is text in a style.
type piece struct {
	text  string
	style view.Style
}

func drawPieces(g *grid.Grid, x, y int, ps []piece) {
	for _, p := range ps {
		x = g.Text(x, y, p.text, p.style)
	}
}

// legendLines name the lines, with their values at the cursor, as many to a
// line as fit into w cells.
func legendLines(t *view.Theme, p *Plot, w int, cursor float64) [][]piece {
	var out [][]piece
	var line []piece
	used := 0
	add := func(ps []piece) {
		n := 3
		for _, q := range ps {
			n += view.Width(q.text)
		}
		if used > 0 && used+n > w {
			out, line, used = append(out, line), nil, 0
		}
		line, used = append(append(line, ps...), piece{"   ", ""}), used+n
	}
	at := cursor
	if !finite(at) {
		at = p.At
	}
	if finite(at) {
		add([]piece{{strings.TrimSpace(p.XName+" = "+number(at)+" "+p.XUnit) + ":", t.Strong}})
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		st := t.SeriesStyle(l.Series)
		sign := l.letter() + " ──"
		switch l.Kind {
		case Model:
			sign = l.letter() + " ╌╌"
		case Measured:
			sign = marks[l.Series%len(marks)]
		}
		ps := []piece{{sign + " ", st}, {view.Clean(l.Name), t.Text}}
		if finite(at) {
			v := "–"
			if y, ok := l.Value(at); ok {
				v = strings.TrimSpace(number(y) + " " + p.YUnit)
			}
			ps = append(ps, piece{" " + v, t.Strong})
		}
		add(ps)
	}
	if len(line) > 0 {
		out = append(out, line)
	}
	if p.Note != "" {
		out = append(out, []piece{{view.Clean(p.Note), t.Dim}})
	}
	return out
}

// number is a value for people: four digits that count.
func number(x float64) string {
	if math.Abs(x) >= 1000 || x == math.Trunc(x) {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}
