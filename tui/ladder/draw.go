package ladder

import (
	"slices"
	"strings"

	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// scan are the five heights of a horizontal stroke within a cell. Stepping
// through them along a row makes a line that is seen as slanted.
var scan = [...]string{"⎺", "⎻", "─", "⎼", "⎽"}

// Draw paints the picture.
func Draw(g *grid.Grid, d *Diagram, in *Input, t *view.Theme) string {
	g.Reset(d.W, d.H)
	if len(d.Lifelines) == 0 {
		return g.String()
	}
	p := painter{g: g, d: d, in: in, t: t}
	for _, l := range d.Lifelines {
		g.VLine(l.X, d.Head, d.H-d.Head, "│", t.Dim)
	}
	p.pauses()
	for i := range d.Bands {
		p.band(&d.Bands[i])
	}
	for pass := range 2 { // what is selected comes on top
		for i := range d.Lines {
			if d.Lines[i].Selected == (pass == 1) {
				p.line(&d.Lines[i])
			}
		}
	}
	p.playhead()
	p.tips()
	p.labels()
	p.axis()
	p.brackets()
	p.header()
	return g.String()
}

type painter struct {
	g  *grid.Grid
	d  *Diagram
	in *Input
	t  *view.Theme
}

// kindStyle is the style of what an arrow carries.
func (p *painter) kindStyle(w *Arrow) view.Style {
	switch {
	case w.Lost:
		return p.t.Lost
	case w.Again:
		return p.t.Retransmitted
	}
	switch w.Kind {
	case Ack:
		return p.t.Ack
	case Handshake:
		return p.t.Handshake
	case Request:
		return p.t.Request
	case Response:
		return p.t.Response
	case Event:
		return p.t.Event
	}
	return p.t.Data
}

// lineStyle is the style of an arrow's line: by connection if there are
// several, else by kind. Acknowledgements stay in the background.
func (p *painter) lineStyle(w *Arrow) view.Style {
	if p.in.Letters && !w.Lost && !w.Again && w.Kind != Ack {
		return p.t.SeriesStyle(w.Group)
	}
	return p.kindStyle(w)
}

func (p *painter) put(x, y int, ch string, st view.Style) {
	if y >= p.d.Head {
		p.g.Set(x, y, ch, st)
	}
}

// line draws a slanted line: solid for what has happened, dotted for what is
// still in flight, dashed for a retransmission.
func (p *painter) line(l *Line) {
	w := &p.in.Arrows[l.Arrow]
	st := p.lineStyle(w)
	if l.Selected {
		st = p.t.Strong
	}
	step, n := 1, l.X1-l.X0
	if n < 0 {
		step, n = -1, -n
	}
	n++
	rows := max(l.Y1-l.Y0, 1)
	if l.Y0 >= p.d.H || l.Y0+rows < p.d.Head {
		return
	}
	end := n
	if l.Cut {
		end = n * 11 / 20
	}
	done := w.Done || w.Lost
	flat := l.Flat && rows == 1
	draw := func(k int, y int, ch string) {
		if y >= p.d.Now && !done {
			if (k+y)%2 == 1 { // dotted: not yet
				return
			}
		} else if w.Again && k%4 == 3 {
			return
		}
		p.put(l.X0+k*step, y, ch, st)
	}
	switch {
	case flat:
		for k := range end {
			draw(k, l.Y0, "─")
		}
	case rows <= n/2:
		for k := range end {
			fine := (2*k + 1) * rows * 5 / (2 * n) // fifths of a row
			draw(k, l.Y0+fine/5, scan[fine%5])
		}
	default: // steep: one stroke a row
		ch := "╲"
		if step < 0 {
			ch = "╱"
		}
		if rows > 2*n {
			ch = "│"
		}
		for r := range rows {
			if k := (2*r + 1) * n / (2 * rows); k < end {
				draw(k, l.Y0+r, ch)
			}
		}
	}
}

// tips draws the arrows' heads over all lines, and a cross where one was lost.
func (p *painter) tips() {
	for i := range p.d.Lines {
		l := &p.d.Lines[i]
		w := &p.in.Arrows[l.Arrow]
		rows := max(l.Y1-l.Y0, 1)
		if l.Cut {
			p.cross(l, rows)
			continue
		}
		if !l.Head {
			continue
		}
		come := w.Done || w.Lost || l.Y0+rows-1 < p.d.Now
		head := [2]string{"▷", "▶"}
		if l.X1 < l.X0 {
			head = [2]string{"◁", "◀"}
		}
		st := p.lineStyle(w)
		if l.Selected {
			st = p.t.Strong
		}
		ch := head[0]
		if come {
			ch = head[1]
		}
		p.put(l.X1, l.Y0+rows-1, ch, st)
	}
}

// cross marks where a packet was lost, with the word beyond it.
func (p *painter) cross(l *Line, rows int) {
	step, n := 1, l.X1-l.X0
	if n < 0 {
		step, n = -1, -n
	}
	n++
	k := n * 11 / 20
	x, y := l.X0+k*step, l.Y0+(2*k+1)*rows/(2*n)
	p.put(x, y, "✕", p.t.Lost)
	if y < p.d.Head || n < 16 {
		return
	}
	if step > 0 {
		p.g.Text(x+1, y, " lost ", p.t.Lost)
	} else {
		p.g.Text(x-6, y, " lost ", p.t.Lost)
	}
}

// band fills the area of a message or burst.
func (p *painter) band(b *Band) {
	w := &p.in.Arrows[b.Arrow]
	if !b.Filled {
		return
	}
	st := p.lineStyle(w)
	step, n := 1, b.X1-b.X0
	if n < 0 {
		step, n = -1, -n
	}
	n++
	for k := range n {
		top := edge(b.Y0, b.Y1, k, n)
		bottom := edge(b.Y0End, b.Y1End, k, n)
		if b.Open {
			bottom = p.d.Now
		}
		for y := max(top, p.d.Head); y < min(bottom, p.d.H); y++ {
			switch {
			case y < p.d.Now || w.Done:
				p.put(b.X0+k*step, y, "░", st)
			case (k+2*y)%4 == 0:
				p.put(b.X0+k*step, y, "·", st)
			}
		}
	}
}

// edge is the row of a slanted line at column k of n.
func edge(y0, y1, k, n int) int {
	return y0 + (2*k+1)*(y1-y0)/(2*n)
}

// playhead draws the line of now through what is blank.
func (p *painter) playhead() {
	y := p.d.Now
	if y < p.d.Head || y >= p.d.H {
		return
	}
	first, last := p.d.Lifelines[0].X, p.d.Lifelines[len(p.d.Lifelines)-1].X
	for x := first + 1; x < last; x++ {
		if p.g.Blank(x, y) {
			p.g.Set(x, y, "┄", p.t.Title)
		}
	}
	for _, l := range p.d.Lifelines {
		p.g.Set(l.X, y, "┿", p.t.Title)
	}
}

func (p *painter) pauses() {
	for _, s := range p.d.Pauses {
		for _, l := range p.d.Lifelines {
			p.g.Set(l.X, s.Row, "≈", p.t.Dim)
		}
		if len(p.d.Lifelines) < 2 {
			continue
		}
		a, b := p.d.Lifelines[0].X+1, p.d.Lifelines[len(p.d.Lifelines)-1].X-1
		text := "≈ " + s.Text + " pass ≈"
		if b-a+1 < view.Width(text) {
			text = s.Text
		}
		p.g.TextCut(a+max(0, (b-a+1-view.Width(text))/2), s.Row, text, b-a+1, p.t.Faint)
	}
}

// axis writes the times at the left.
func (p *painter) axis() {
	if p.d.Axis == 0 {
		return
	}
	prev := ""
	for _, k := range p.d.Ticks {
		if k.Row == p.d.Now {
			continue
		}
		s := stamp(k.Time, p.d.Decimals)
		if s == prev {
			continue
		}
		prev = s
		st := p.t.Dim
		if !k.Happened {
			st = p.t.Faint
		}
		p.g.TextRight(p.d.Axis, k.Row, grid.Cut(s, p.d.Axis), st)
	}
	if p.d.Now >= p.d.Head && p.d.Now < p.d.H {
		p.g.TextRight(p.d.Axis, p.d.Now, grid.Cut(stamp(p.in.Now, p.d.Decimals), p.d.Axis), p.t.Title)
		p.g.Set(p.d.Axis, p.d.Now, "▸", p.t.Title)
	}
	if p.d.Earlier && p.d.Top == 0 {
		p.g.Set(p.d.Axis-1, p.d.Head, "⋮", p.t.Dim)
	}
}

func (p *painter) brackets() {
	for _, b := range p.d.Brackets {
		for y := max(b.Top, p.d.Head); y <= min(b.Bottom, p.d.H-1); y++ {
			ch := "│"
			switch y {
			case b.Top:
				ch = "╭"
			case b.Bottom:
				ch = "╰"
			}
			p.g.Set(b.X, y, ch, p.t.Measured)
		}
		mid := (b.Top + b.Bottom) / 2
		if mid < p.d.Head || mid+1 >= p.d.H || mid == p.d.Now || mid+1 == p.d.Now {
			continue
		}
		p.sideText(b.X, mid, b.Text)
		p.sideText(b.X, mid+1, b.Value)
	}
}

// sideText writes at the left of a bracket, over the axis.
func (p *painter) sideText(x, y int, s string) {
	s = grid.Cut(s, x)
	p.g.HLine(0, y, x, " ", "")
	p.g.TextRight(x, y, s, p.t.Measured)
}

func (p *painter) header() {
	t, d := p.t, p.d
	free := [2]int{}
	n := len(d.Lifelines)
	for _, l := range d.Lifelines {
		room := d.W
		if n > 1 {
			room = max(4, (d.Lifelines[n-1].X-d.Lifelines[0].X)/(n-1)-1)
		}
		for row, s := range [2]string{l.Name, l.Addr} {
			if row >= d.Head || s == "" {
				continue
			}
			s = grid.Cut(view.Clean(s), room)
			sw := view.Width(s)
			x := max(free[row], min(l.X-sw/2, d.W-sw))
			st := t.Strong
			if row > 0 {
				st = t.Dim
			}
			free[row] = p.g.Text(x, row, s, st) + 1
		}
	}
	if d.Axis > 0 && d.Head > 0 {
		s := strings.Repeat(" ", max(0, d.Axis-1)) + "s"
		if p.g.Blank(d.Axis-1, d.Head-1) && p.g.Blank(d.Axis, d.Head-1) {
			p.g.Text(0, d.Head-1, s, t.Faint)
		}
	}
}

// labels writes on the arrows, the most important first, each where it hides
// least of others.
func (p *painter) labels() {
	order := make([]int, len(p.d.Labels))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return p.d.Labels[b].Rank - p.d.Labels[a].Rank })
	taken := make([]bool, p.d.W*p.d.H)
	for _, i := range order {
		p.label(&p.d.Labels[i], taken)
	}
}
