package waterfall

import (
	"strconv"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
	"netscope/tui/why"
)

// View is the waterfall as a pane.
type View struct {
	scroll int
	pos    timeline.Position // where scroll counts from
	ids    []timeline.MessageID
	ask    why.Asker
	g      grid.Grid
}

// New makes the view.
func New() *View { return &View{} }

// Name implements view.View.
func (v *View) Name() string { return "waterfall" }

// Title implements view.View: prediction and measurement belong to the caption.
func (v *View) Title(f view.Frame) string {
	if s := caption(f.Subject.Measures); s != "" {
		return "waterfall · " + s
	}
	return "waterfall"
}

// Keys implements view.View.
func (v *View) Keys() []key.Binding { return nil }

// heights divide h lines: axis above, measures and legend below the bars.
func heights(h, measures int) (axis, bars, low, legend int) {
	if h >= 3 {
		axis = 1
	}
	if h >= 8 {
		legend = 1
	}
	if h >= 10 {
		legend = 2 // and a line above it
	}
	if measures > 0 && h >= 6 {
		low = min(measures, max(1, h/5))
	}
	return axis, h - axis - low - legend, low, legend
}

// selected is the request of the selected exchange.
func selected(f *view.Frame) timeline.MessageID {
	id := f.Head.Message
	if id == timeline.NoMessage {
		return id
	}
	if x := f.Timeline.Message(id).Exchange; x != timeline.NoMessage {
		return x
	}
	return id
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	if f.Timeline == nil {
		return view.Sentence(f.Theme, "Nothing has been sent yet.", f.Width, f.Height)
	}
	if v.pos != f.Head.Pos {
		v.pos, v.scroll = f.Head.Pos, 0
	}
	lines := MeasureLines(f.Subject.Measures, 8)
	axis, h, low, legend := heights(f.Height, len(lines))
	if f.Horizon > 0 { // what is compared has one table and one legend elsewhere
		h, low, legend = h+low+legend, 0, 0
	}
	x := extractor{s: f.Timeline, f: &f}
	sel := selected(&f)
	ids, all := x.rows(sel, h, v.scroll)
	fold := false
	if f.Horizon > 0 && h > 0 { // the whole race is to be seen, however little room there is
		if most, whole := x.rows(sel, maxFold, 0); whole && len(most) > h {
			ids, all, fold = most, true, true
		}
	}
	v.ids = ids
	if len(ids) == 0 && len(lines) == 0 {
		return view.Sentence(f.Theme, "No request yet. A bar will stand here for every exchange.", f.Width, f.Height)
	}
	in := x.input(ids, all, v.until(&f))
	for i := range in.Bars {
		in.Bars[i].Selected = in.Bars[i].ID == sel
	}
	c := Layout(&in, f.Width)
	if fold {
		c.foldRows(h, f.Width)
		in.Letters = false // a row has several connections
		v.ids = v.ids[:0]
		for i := range c.Rows {
			v.ids = append(v.ids, c.Rows[i].Bar.ID)
		}
	}
	v.g.Reset(f.Width, f.Height)
	p := painter{&v.g, &c, &in, f.Theme}
	if axis > 0 {
		p.axis(axis, min(h, len(c.Rows)+1))
	}
	for y := range c.Rows {
		p.row(&c.Rows[y], axis+y, f.Focused)
	}
	p.playhead(axis, min(h, len(c.Rows)+1))
	for i := range low {
		p.pieces(lines[i], axis+h+i)
	}
	if legend > 0 {
		p.legend(f.Height - 1)
	}
	if legend > 1 && sel != timeline.NoMessage {
		r := v.ask.Why(f.Timeline, f.Head.Pos, sel)
		st := f.Theme.Text
		if r.Kind == why.Lost {
			st = f.Theme.Lost
		}
		v.g.TextCut(v.g.Text(0, f.Height-2, "why  ", f.Theme.Key), f.Height-2, r.Text, f.Width-5, st)
	}
	return v.g.String()
}

// until is the least time that the axis reaches to: a lab's prediction.
func (v *View) until(f *view.Frame) timeline.Time {
	t := f.Head.Time
	for _, m := range f.Subject.Measures {
		if m.Unit == "s" && m.Predicted != nil {
			return max(t, timeline.Time(*m.Predicted*1.02e9))
		}
	}
	return t
}

type painter struct {
	g  *grid.Grid
	c  *Chart
	in *Input
	t  *view.Theme
}

func (p *painter) axis(y, h int) {
	p.g.TextCut(0, y-1, "s", p.c.Label, p.t.Faint)
	for i, k := range p.c.Ticks {
		s := strconv.FormatFloat(k.Time.Seconds(), 'f', p.c.Decimals, 64)
		room := p.c.X + p.c.W - k.X
		if i+1 < len(p.c.Ticks) {
			room = p.c.Ticks[i+1].X - k.X - 1
		}
		if len(s)+1 <= room {
			p.g.Text(k.X, y-1, "╷"+s, p.t.Dim)
		}
		p.g.VLine(k.X, y, h, "┊", p.t.Faint)
	}
}

func (p *painter) style(b *Bar, ph Phase) view.Style {
	switch ph {
	case Queued:
		return p.t.Dim
	case Connect:
		return p.t.Handshake
	case Send:
		return p.t.Request
	case Wait:
		return p.t.Data
	}
	if b.Failed {
		return p.t.Error
	}
	return p.t.Response
}

func (p *painter) row(r *Row, y int, focused bool) {
	b := r.Bar
	if p.c.Label > 0 {
		x := 0
		if p.in.Letters {
			x = p.g.Text(0, y, grid.Letters(b.Group)+" ", p.t.SeriesStyle(b.Group).Then("\x1b[1m"))
		}
		st := p.t.Text
		if b.Selected {
			st = p.t.Strong
		}
		if b.Mark != "" {
			x = p.g.Text(x, y, b.Mark+" ", p.t.Warn)
		}
		p.g.TextCut(x, y, view.Clean(b.Label), p.c.Label-x, st)
	}
	if b.Selected {
		p.g.Fill(0, y, p.g.W, 1, p.t.Selected(focused))
	}
	for _, run := range r.Runs {
		p.g.HLine(run.X, y, run.W, run.Phase.Glyph(), p.style(b, run.Phase))
	}
	if r.Other > 0 { // where it ended in the other run
		p.g.Set(r.Other, y, "┃", p.t.Warn)
	}
	if p.c.Time > 0 {
		s := view.FormatSpan(b.End - b.Begin[Connect])
		st := p.t.Text
		if !b.Done {
			s, st = "…"+s, p.t.Dim
		}
		if b.Failed {
			s = "✗ " + s
		}
		p.g.TextRight(p.g.W, y, grid.Cut(s, p.c.Time), st)
	}
}

func (p *painter) playhead(y, h int) {
	if p.c.W == 0 || p.in.Now > p.in.To && len(p.in.Bars) > 0 && p.c.Now >= p.c.X+p.c.W {
		return
	}
	for j := y; j < y+h; j++ {
		if c := p.g.At(p.c.Now, j); c != nil && (c.Text == "" || c.Text == " " || c.Text == "┊") {
			p.g.Set(p.c.Now, j, "│", p.t.Title)
		}
	}
	if y > 0 {
		p.g.Set(p.c.Now, y-1, "▼", p.t.Title)
	}
}

func (p *painter) pieces(l []Piece, y int) {
	x := 0
	for _, s := range l {
		st := [...]view.Style{p.t.Dim, p.t.Strong, p.t.Predicted, p.t.Measured}[s.Kind&3]
		x = p.g.TextCut(x, y, s.Text, p.g.W-x, st)
	}
}

func (p *painter) legend(y int) {
	x := p.c.X
	for ph := range phases {
		s := ph.Glyph() + " " + ph.String() + "   "
		if x+len(ph.String())+2 > p.g.W {
			return
		}
		p.g.Text(x, y, s, p.t.Dim)
		p.g.Text(x, y, ph.Glyph(), p.style(&Bar{}, ph))
		x += view.Width(s)
	}
}

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	if f.Timeline == nil {
		return nil
	}
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		if v.pos != f.Head.Pos {
			v.pos, v.scroll = f.Head.Pos, 0
		}
		switch msg.Button {
		case tea.MouseWheelUp:
			v.scroll = min(v.scroll+2, maxLook/2)
		case tea.MouseWheelDown:
			v.scroll = max(0, v.scroll-2)
		}
		return nil
	case tea.MouseClickMsg:
		axis, _, _, _ := heights(f.Height, len(f.Subject.Measures))
		if i := msg.Y - axis; i >= 0 && i < len(v.ids) {
			return choose(&f, v.ids[i])
		}
		return nil
	}
	dir, n := 0, 1
	switch view.NavOf(msg) {
	case view.NavDown:
		dir = 1
	case view.NavUp:
		dir = -1
	case view.NavHalfDown, view.NavPageDown:
		dir, n = 1, max(1, f.Height/2)
	case view.NavHalfUp, view.NavPageUp:
		dir, n = -1, max(1, f.Height/2)
	default:
		return nil
	}
	p, found := f.Head.Pos, false
	var stop timeline.Stop
	for range n {
		s, ok := f.Timeline.Step(p, timeline.ByExchange, dir, f.Filter)
		if !ok {
			break
		}
		stop, found, p = s, true, s.Pos
	}
	if !found {
		return nil
	}
	return move(view.MoveMsg{Pos: stop.Pos, Packet: stop.Packet, HasPkt: true, Message: stop.Message})
}

// choose goes to where an exchange is complete, or as far as it has come.
func choose(f *view.Frame, id timeline.MessageID) tea.Cmd {
	s := f.Timeline
	m := s.Message(id)
	if m.Reply != timeline.NoMessage {
		m = s.Message(m.Reply)
	}
	_, open, closed := s.MessagePosition(m.ID)
	p, pkt := closed, m.Last
	if !m.Closed || p > s.End() {
		p, pkt = min(open, s.End()), m.Head
	}
	return move(view.MoveMsg{Pos: p, Packet: pkt, HasPkt: true, Message: m.ID})
}

func move(m view.MoveMsg) tea.Cmd { return func() tea.Msg { return m } }
