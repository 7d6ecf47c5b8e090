package ladder

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/capture"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// View is the ladder as a pane.
type View struct {
	zoom   int               // steps from the automatic scale, > 0 coarser
	scroll int               // rows up from where the playhead wants the window
	waits  bool              // mark the wait of every exchange
	nums   bool              // sequence and acknowledgement numbers on the labels
	pos    timeline.Position // where scroll counts from

	g    grid.Grid
	in   Input
	d    Diagram
	last drawn
}

// drawn is what the last picture was made of, so that nothing is computed
// again for the same frame.
type drawn struct {
	key  frameKey
	text string
}

type frameKey struct {
	s             *timeline.Snapshot
	pos           timeline.Position
	at            timeline.Time
	w, h          int
	th            *view.Theme
	g             timeline.Granularity
	pkt           capture.PacketID
	msg           timeline.MessageID
	zoom, scroll  int
	waits, nums   bool
	only          timeline.ConvID
	hasPkt, quiet bool
	differs       view.Differ
	horizon       bool
}

// New makes the view.
func New() *View { return &View{} }

// only is the conversation that alone is shown, or NoConv.
func only(f *view.Frame) timeline.ConvID {
	if f.Conv == nil {
		return timeline.NoConv
	}
	return *f.Conv
}

// Name implements view.View.
func (v *View) Name() string { return "ladder" }

// Title implements view.View: the scale belongs to the caption.
func (v *View) Title(f view.Frame) string {
	s := "ladder · 1 row = " + strings.Replace(strings.Replace(view.FormatSpan(v.scale(&f)), ".00 ", " ", 1), ".0 ", " ", 1)
	if c := only(&f); c != timeline.NoConv {
		s += " · connection " + grid.Letters(int(c)) + " only"
	}
	if v.scroll > 0 && v.pos == f.Head.Pos {
		s += " · scrolled"
	}
	return s
}

// Keys implements view.View.
func (v *View) Keys() []key.Binding {
	return []key.Binding{
		view.Bind("+", "zoom in", "+", "="),
		view.Bind("-", "zoom out", "-", "_"),
		view.Bind("0", "scale that fits a round trip", "0"),
		view.Bind("K", "scroll up", "K", "shift+up"),
		view.Bind("J", "scroll down", "J", "shift+down"),
		view.Bind("t", "mark the wait of every exchange", "t"),
		view.Bind("s", "sequence numbers", "s"),
	}
}

// scale is the time of a row.
func (v *View) scale(f *view.Frame) timeline.Time {
	rows := max(f.Height-2, 1)
	if f.Subject.Kind != view.LabSubject {
		rows /= 2 // no slants to be read
	}
	per := AutoScale(v.rtt(f), rows)
	for range v.zoom {
		per = Rescale(per, 1)
	}
	for range -v.zoom {
		per = Rescale(per, -1)
	}
	return per
}

// rtt is a round trip that the scale can go by: a conversation's, or a guess
// if none is known.
func (v *View) rtt(f *view.Frame) timeline.Time {
	s := f.Timeline
	if s == nil {
		return 0
	}
	if f.Horizon > 0 { // what is compared has one scale: by what the links have in common
		if d := linkRTT(f); d > 0 {
			return d
		}
	}
	if id := only(f); id != timeline.NoConv {
		if c := s.Conversation(id); c.RTT > 0 {
			return c.RTT
		}
	}
	for i := range min(s.Conversations(), 32) {
		if c := s.Conversation(timeline.ConvID(i)); c.RTT > 0 {
			return c.RTT
		}
	}
	return guess(s)
}

// linkRTT is the longest round trip of a lab's links, 0 if there is none.
func linkRTT(f *view.Frame) timeline.Time {
	d := timeline.Time(0)
	for _, l := range f.Subject.Topology.Links {
		d = max(d, timeline.Time(l.AB.Delay+l.BA.Delay))
	}
	return d
}

// guess looks at the first packets: how long an answer to a SYN took, or else
// how far packets lie apart.
func guess(s *timeline.Snapshot) timeline.Time {
	first, end := s.PacketRange()
	end = min(end, first+64)
	var gaps []timeline.Time
	syn := map[timeline.ConvID]timeline.Time{}
	for id := first; id < end; id++ {
		p := s.Packet(id)
		if at, ok := syn[p.Conv]; ok && p.Flags&timeline.SYN != 0 && p.Flags&timeline.ACK != 0 && p.At > at {
			return max(p.At, p.Arrived) - at
		}
		if p.Flags&(timeline.SYN|timeline.ACK) == timeline.SYN {
			syn[p.Conv] = p.At
		}
		if id > first {
			if d := p.At - s.Packet(id-1).At; d > 0 {
				gaps = append(gaps, d)
			}
		}
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return 2 * gaps[len(gaps)*3/4]
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	if f.Timeline == nil || f.Timeline.End() == 0 {
		return view.Sentence(f.Theme, "Nothing has been sent yet.", f.Width, f.Height)
	}
	if v.pos != f.Head.Pos {
		v.pos, v.scroll = f.Head.Pos, 0
	}
	k := frameKey{f.Timeline, f.Head.Pos, f.Head.Time, f.Width, f.Height, f.Theme, f.Head.Granularity,
		f.Head.Packet, f.Head.Message, v.zoom, v.scroll, v.waits, v.nums, only(&f), f.Head.HasPkt, f.Filter == nil, f.Differs, f.Horizon > 0}
	if k == v.last.key && f.Filter == nil {
		return v.last.text
	}
	v.compute(&f)
	v.last = drawn{k, Draw(&v.g, &v.d, &v.in, f.Theme)}
	return v.last.text
}

// compute reads the timeline and lays the picture out.
func (v *View) compute(f *view.Frame) {
	x := extractor{s: f.Timeline, f: f, only: only(f), scroll: v.scroll, zoom: v.zoom, nums: v.nums, arrows: v.in.Arrows[:0]}
	x.lifelines()
	v.in = x.input()
	v.in.PerRow = v.scale(f)
	v.in.Scroll = v.scroll
	if f.Head.Granularity == timeline.ByPacket {
		v.in.Selected, v.in.HasSel = uint64(f.Head.Packet), f.Head.HasPkt
	} else if f.Head.Message != timeline.NoMessage {
		v.in.Selected, v.in.HasSel = uint64(f.Head.Message), true
	}
	x.spans(&v.in, v.waits)
	v.d = Layout(v.in, f.Width, f.Height)
}

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	if f.Timeline == nil {
		return nil
	}
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			v.roll(&f, 2)
		case tea.MouseWheelDown:
			v.roll(&f, -2)
		}
		return nil
	case tea.MouseClickMsg:
		return v.click(&f, msg.X, msg.Y)
	case tea.KeyPressMsg:
		return v.key(&f, msg)
	}
	return nil
}

func (v *View) key(f *view.Frame, msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "+", "=":
		v.zoom--
	case "-", "_":
		v.zoom++
	case "0":
		v.zoom, v.scroll = 0, 0
	case "K", "shift+up":
		v.roll(f, 1)
	case "J", "shift+down":
		v.roll(f, -1)
	case "t":
		v.waits = !v.waits
	case "s":
		v.nums = !v.nums
	}
	v.zoom = max(-24, min(24, v.zoom))
	switch view.NavOf(msg) {
	case view.NavDown:
		return step(f, 1)
	case view.NavUp:
		return step(f, -1)
	case view.NavHalfDown:
		v.roll(f, -f.Height/2)
	case view.NavHalfUp:
		v.roll(f, f.Height/2)
	case view.NavPageDown:
		v.roll(f, -f.Height+3)
	case view.NavPageUp:
		v.roll(f, f.Height-3)
	}
	return nil
}

// step asks for the playhead to move on, as a list would.
func step(f *view.Frame, dir int) tea.Cmd {
	stop, ok := f.Timeline.Step(f.Head.Pos, f.Head.Granularity, dir, f.Filter)
	if !ok {
		return nil
	}
	return move(view.MoveMsg{Pos: stop.Pos, Packet: stop.Packet, HasPkt: true, Message: stop.Message})
}

func move(m view.MoveMsg) tea.Cmd { return func() tea.Msg { return m } }

// roll scrolls without moving the playhead.
func (v *View) roll(f *view.Frame, rows int) {
	if v.pos != f.Head.Pos {
		v.pos, v.scroll = f.Head.Pos, 0
	}
	room := v.d.Top + v.scroll // rows above the window when not scrolled
	if v.in.Earlier {
		room += f.Height
	}
	v.scroll = max(0, min(v.scroll+rows, room))
}

// click selects the arrow nearest to a cell.
func (v *View) click(f *view.Frame, x, y int) tea.Cmd {
	i := v.d.Hit(x, y)
	if i < 0 || i >= len(v.in.Arrows) {
		return nil
	}
	a := &v.in.Arrows[i]
	s := f.Timeline
	if !a.Message {
		id := capture.PacketID(a.ID)
		if f.Head.Granularity != timeline.ByPacket {
			id = capture.PacketID(^a.ID)
		}
		p := s.ArrivalPosition(id)
		if p > f.Head.Pos {
			p = s.DeparturePosition(id)
		}
		return move(view.MoveMsg{Pos: p, Packet: id, HasPkt: true, Message: timeline.NoMessage})
	}
	id := timeline.MessageID(a.ID)
	_, open, closed := s.MessagePosition(id)
	p := closed
	if p > f.Head.Pos {
		p = min(open, f.Head.Pos)
	}
	m := s.Message(id)
	return move(view.MoveMsg{Pos: p, Packet: m.First, HasPkt: true, Message: id})
}

// Hit is the index of the arrow at or nearest to a cell, or -1.
func (d *Diagram) Hit(x, y int) int {
	best, dist := -1, 3
	for _, l := range d.Lines {
		lo, hi := min(l.X0, l.X1), max(l.X0, l.X1)
		if x < lo || x > hi {
			continue
		}
		k, n := x-l.X0, hi-lo+1
		if k < 0 {
			k = -k
		}
		at := l.Y0 + (2*k+1)*max(l.Y1-l.Y0, 1)/(2*n)
		if e := max(at-y, y-at); e < dist {
			best, dist = l.Arrow, e
		}
	}
	for _, b := range d.Bands {
		lo, hi := min(b.X0, b.X1), max(b.X0, b.X1)
		if x < lo || x > hi || dist == 0 {
			continue
		}
		k, n := x-b.X0, hi-lo+1
		if k < 0 {
			k = -k
		}
		if y >= edge(b.Y0, b.Y1, k, n) && y < edge(b.Y0End, b.Y1End, k, n) {
			return b.Arrow
		}
	}
	return best
}
