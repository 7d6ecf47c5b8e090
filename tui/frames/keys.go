package frames

import (
	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/why"
)

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	if f.Timeline == nil {
		return nil
	}
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		return v.click(&f, msg.X, msg.Y)
	case tea.MouseWheelMsg:
		return nil
	case tea.KeyPressMsg:
		switch msg.String() {
		case "o":
			v.scale = Scale{Mode: InOrder}
			if v.last.p != nil && v.last.p.Order {
				v.scale.Mode = ByTime
			}
			return nil
		case "+", "=":
			v.scale.Zoom = min(v.scale.Zoom+1, 12)
			return nil
		case "-":
			v.scale.Zoom = max(v.scale.Zoom-1, -6)
			return nil
		case "0":
			v.scale.Zoom = 0
			return nil
		case ">":
			return v.along(&f, 1)
		case "<":
			return v.along(&f, -1)
		case "enter":
			return v.cause(&f)
		}
		switch view.NavOf(msg) {
		case view.NavDown:
			return v.across(&f, 1)
		case view.NavUp:
			return v.across(&f, -1)
		}
	}
	return nil
}

// along goes to the next or previous frame of the selected stream.
func (v *View) along(f *view.Frame, dir int) tea.Cmd {
	in, at := v.load(f)
	if in == nil || at.Select < 0 {
		return nil
	}
	l := in.Lanes[in.Blocks[at.Select].Lane].Blocks
	for k, i := range l {
		if i == at.Select && k+dir >= 0 && k+dir < len(l) {
			return v.move(f, in, l[k+dir])
		}
	}
	return nil
}

// cause goes to what the selected frame waits or has waited for.
func (v *View) cause(f *view.Frame) tea.Cmd {
	in, at := v.load(f)
	if in == nil || at.Select < 0 {
		return nil
	}
	return Goto(f.Timeline, v.ask.Why(f.Timeline, f.Head.Pos, in.Blocks[at.Select].ID))
}

// Goto asks for the playhead to go to what a reason is about.
func Goto(s *timeline.Snapshot, r why.Reason) tea.Cmd {
	var out tea.Msg
	switch {
	case r.HasPacket:
		out = view.MoveMsg{Pos: min(s.DeparturePosition(r.Packet), s.End()), Packet: r.Packet, HasPkt: true, Message: timeline.NoMessage}
	case r.Message != timeline.NoMessage:
		m := s.Message(r.Message)
		begun, _, closed := s.MessagePosition(r.Message)
		mv := view.MoveMsg{Pos: closed, Packet: m.Last, HasPkt: true, Message: m.ID}
		if closed > s.End() {
			mv.Pos, mv.Packet = min(begun, s.End()), m.First
		}
		out = mv
	default:
		out = view.StatusMsg{Text: "There is nothing to go to: " + r.Text}
	}
	return func() tea.Msg { return out }
}

// across goes to the latest frame of the next or previous lane, or to its
// first if none has come.
func (v *View) across(f *view.Frame, dir int) tea.Cmd {
	in, at := v.load(f)
	if in == nil || at.Select < 0 {
		return nil
	}
	lanes := order(in)
	for k, n := range lanes {
		if n != in.Blocks[at.Select].Lane || k+dir < 0 || k+dir >= len(lanes) {
			continue
		}
		best := -1
		for _, i := range in.Lanes[lanes[k+dir]].Blocks {
			if best < 0 || in.Blocks[i].Closed <= at.Pos {
				best = i
			}
		}
		if best >= 0 {
			return v.move(f, in, best)
		}
	}
	return nil
}

// move asks for the playhead to go to where a frame is complete.
func (v *View) move(f *view.Frame, in *Input, i int) tea.Cmd {
	b := in.Blocks[i]
	m := f.Timeline.Message(b.ID)
	out := view.MoveMsg{Pos: b.Closed, Packet: m.Last, HasPkt: true, Message: b.ID}
	if !m.Closed || b.Closed > f.Timeline.End() {
		out.Pos, out.Packet = min(b.Begun, f.Timeline.End()), m.First
	}
	return func() tea.Msg { return out }
}

// click goes to the frame under the mouse.
func (v *View) click(f *view.Frame, x, y int) tea.Cmd {
	q := &v.last
	if q.p == nil || q.in != &v.x.in {
		return nil
	}
	lane := -1
	top := q.k.Axis + q.k.Links + q.k.Rule
	for i := q.first; i < min(q.first+q.k.Lanes, len(q.lanes)); i++ {
		next := top + q.height(q.lanes[i])
		if y >= top && y < next {
			lane = q.lanes[i]
		}
		top = next
	}
	if lane < 0 && (y < q.k.Axis || y >= q.k.Axis+q.k.Links) {
		return nil
	}
	col, best := x-q.label, -1
	for _, r := range q.p.Runs {
		b := &q.in.Blocks[r.Block]
		if (lane < 0 || b.Lane == lane) && col >= r.X && (col < r.X+r.W || lane >= 0 && col < r.Tail) {
			best = r.Block
		}
	}
	if best < 0 {
		return nil
	}
	return v.move(f, q.in, best)
}
