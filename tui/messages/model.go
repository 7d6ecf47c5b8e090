package messages

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
	"netscope/tui/why"
)

// View is the messages of one side, or of both, as a pane.
type View struct {
	side   Side
	scroll int
	pos    timeline.Position // where scroll counts from
	rows   []timeline.MessageID
	ask    why.Asker
	g      grid.Grid
}

// New makes the view for a side.
func New(side Side) *View { return &View{side: side} }

// Name implements view.View.
func (v *View) Name() string {
	return [...]string{"messages", "client", "server"}[v.side%3]
}

// Title implements view.View: the host's name and address.
func (v *View) Title(f view.Frame) string {
	if v.side == Both {
		return "messages"
	}
	for _, h := range f.Subject.Hosts {
		if h.Role == v.Name() {
			if len(h.Addrs) > 0 {
				return h.Name + " " + h.Addrs[0]
			}
			return h.Name
		}
	}
	if f.Timeline != nil && f.Head.Message != timeline.NoMessage {
		c := f.Timeline.Conversation(f.Timeline.Message(f.Head.Message).Conv)
		a := c.A
		if v.side == Server {
			a = c.B
		}
		if n := f.Timeline.HostName(a.Addr()); n != "" {
			return v.Name() + " " + n
		}
		return v.Name() + " " + a.String()
	}
	return v.Name()
}

// Keys implements view.View. The list has no keys of its own.
func (v *View) Keys() []key.Binding { return nil }

// exchange is the request and the response of the selected message, as far as
// there are any; of something that is neither, only one of them.
func exchange(s *timeline.Snapshot, id timeline.MessageID) (req, resp timeline.MessageID) {
	if id == timeline.NoMessage {
		return id, id
	}
	m := s.Message(id)
	if m.PartOf != timeline.NoMessage && m.Level == decoders.UnitLevel {
		id = m.PartOf
		m = s.Message(id)
	}
	switch m.Kind {
	case decoders.Request:
		return id, m.Reply
	case decoders.Response:
		return m.ReplyTo, id
	}
	if m.Dir == decoders.AtoB {
		return id, timeline.NoMessage
	}
	return timeline.NoMessage, id
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
	w := window{f.Timeline, &f, v.side, f.Head.Granularity == timeline.ByUnit}
	listH := ListHeight(f.Height)
	req, resp := exchange(f.Timeline, f.Head.Message)
	sel := f.Head.Message
	if v.side == Both && req != timeline.NoMessage {
		sel = req
	}
	v.rows = w.rows(sel, listH, v.scroll)
	if len(v.rows) == 0 {
		return view.Sentence(f.Theme, "No message yet. Press . to step, or space to play.", f.Width, f.Height)
	}
	if listH < f.Height {
		listH = min(listH, max(3, len(v.rows)+1))
	}
	v.g.Reset(f.Width, f.Height)
	for y, id := range v.rows {
		m := f.Timeline.Message(id)
		if v.side == Both {
			v.pair(&f, &m, y)
		} else {
			v.item(&f, &m, 0, y, f.Width)
		}
		if id == sel {
			v.g.Fill(0, y, f.Width, 1, f.Theme.Selected(f.Focused))
		}
	}
	if listH < f.Height {
		bottom := f.Height
		if f.Height >= 12 {
			bottom -= v.because(&f, sel)
		}
		v.detail(&f, req, resp, listH, bottom)
	}
	return v.g.String()
}

// ListHeight is how many of h lines the list takes; the rest shows text.
func ListHeight(h int) int {
	switch {
	case h < 6:
		return h
	case h < 12:
		return 3
	}
	return min(h/3, 16)
}

// pair draws an exchange: the request at the left, its response at the right.
func (v *View) pair(f *view.Frame, m *timeline.Message, y int) {
	t := f.Theme
	x := v.g.Text(0, y, view.FitRight(view.FormatTimeShort(m.Start), 8)+" ", t.Dim)
	if f.Width < 50 {
		x = 0
		v.g.HLine(0, y, f.Width, " ", "")
	}
	half := (f.Width - x - 3) / 2
	v.item(f, m, x, y, half)
	at := x + half + 1
	v.g.Set(at, y, "│", t.Border)
	if m.Reply != timeline.NoMessage {
		r := f.Timeline.Message(m.Reply)
		if b, _, _ := f.Timeline.MessagePosition(m.Reply); b <= f.Head.Pos {
			v.item(f, &r, at+2, y, f.Width-at-2)
			return
		}
	}
	if m.Kind == decoders.Request {
		v.g.TextCut(at+2, y, "not answered yet", f.Width-at-2, t.Faint)
	}
}

// because says in the last line or two why the selected message waits or has
// waited, and returns how many lines it took.
func (v *View) because(f *view.Frame, id timeline.MessageID) int {
	t := f.Theme
	if id == timeline.NoMessage {
		return 0
	}
	r := v.ask.Why(f.Timeline, f.Head.Pos, id)
	st := t.Text
	if r.Kind == why.Lost {
		st = t.Lost
	}
	lines := view.Wrap(r.Text, f.Width-5)
	lines = lines[:min(len(lines), 2)]
	for i, s := range lines {
		y := f.Height - len(lines) + i
		if i == 0 {
			v.g.Text(0, y, "why", t.Key)
		}
		v.g.TextCut(5, y, s, f.Width-5, st)
	}
	return len(lines)
}

// detail draws the text of the selected exchange below the list.
func (v *View) detail(f *view.Frame, req, resp timeline.MessageID, y, bottom int) {
	t := f.Theme
	v.g.HLine(0, y, f.Width, "─", t.Border)
	h := bottom - y - 1
	switch v.side {
	case Client:
		v.one(f, req, true, 0, y, f.Width, h)
	case Server:
		v.one(f, resp, true, 0, y, f.Width, h)
	default:
		half := (f.Width - 1) / 2
		if f.Width < 40 {
			if f.Head.Message == resp && resp != timeline.NoMessage {
				req = resp
			}
			v.one(f, req, false, 0, y, f.Width, h)
			return
		}
		v.one(f, req, false, 0, y, half-1, h)
		v.g.Set(half, y, "┬", t.Border)
		v.g.VLine(half, y+1, h, "│", t.Border)
		v.one(f, resp, false, half+2, y, f.Width-half-2, h)
	}
}

// one draws a message's caption on the rule at y, and its text below.
func (v *View) one(f *view.Frame, id timeline.MessageID, sender bool, x, y, w, h int) {
	t := f.Theme
	if id == timeline.NoMessage {
		v.text(f, []TextLine{{Part: Remark, Text: "Nothing belongs to what is selected on this side."}}, x, y+1, w, h)
		return
	}
	m := f.Timeline.Message(id)
	pr := progress(f.Timeline, &m, f.Head.Pos, sender)
	if b, _, _ := f.Timeline.MessagePosition(id); b > f.Head.Pos {
		v.text(f, []TextLine{{Part: Remark, Text: "Not sent yet."}}, x, y+1, w, h)
		return
	}
	caption := " " + m.Kind.String() + " · " + m.Proto + " "
	v.g.TextCut(x+1, y, caption, w-2, kindStyle(t, m.Kind))
	v.text(f, lines(f, &m, pr, h), x, y+1, w, h)
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
			v.scroll = min(v.scroll+3, maxLook/2)
		case tea.MouseWheelDown:
			v.scroll = max(0, v.scroll-3)
		}
		return nil
	case tea.MouseClickMsg:
		if msg.Y >= 0 && msg.Y < len(v.rows) {
			id := v.rows[msg.Y]
			if v.side == Both && msg.X > f.Width/2 {
				if m := f.Timeline.Message(id); m.Reply != timeline.NoMessage {
					id = m.Reply
				}
			}
			return Go(&f, id)
		}
		return nil
	}
	switch view.NavOf(msg) {
	case view.NavDown:
		return step(&f, 1, 1)
	case view.NavUp:
		return step(&f, -1, 1)
	case view.NavHalfDown, view.NavPageDown:
		return step(&f, 1, max(1, ListHeight(f.Height)-1))
	case view.NavHalfUp, view.NavPageUp:
		return step(&f, -1, max(1, ListHeight(f.Height)-1))
	}
	return nil
}

// step asks for the playhead to go n messages on.
func step(f *view.Frame, dir, n int) tea.Cmd {
	g := timeline.ByMessage
	if f.Head.Granularity == timeline.ByUnit {
		g = timeline.ByUnit
	}
	p, found := f.Head.Pos, false
	var stop timeline.Stop
	for range n {
		s, ok := f.Timeline.Step(p, g, dir, f.Filter)
		if !ok {
			break
		}
		stop, found, p = s, true, s.Pos
	}
	if !found {
		return nil
	}
	m := view.MoveMsg{Pos: stop.Pos, Packet: stop.Packet, HasPkt: true, Message: stop.Message}
	return func() tea.Msg { return m }
}

// Go asks for the playhead to go to where a message is complete, or, if it is
// not yet, to where its head is known.
func Go(f *view.Frame, id timeline.MessageID) tea.Cmd {
	s := f.Timeline
	_, open, closed := s.MessagePosition(id)
	m := s.Message(id)
	p, pkt := closed, m.Last
	if !m.Closed || p > s.End() {
		p, pkt = min(open, s.End()), m.Head
	}
	msg := view.MoveMsg{Pos: p, Packet: pkt, HasPkt: true, Message: id}
	return func() tea.Msg { return msg }
}
