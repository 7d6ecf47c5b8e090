// Package state shows what the ends of a connection know at the playhead: the
// TCP connection as RFC 9293 describes it, the socket as the application has
// it, and over it HTTP/2 with its streams, windows, settings and header tables.
// All are folds over the timeline, so that stepping back shows what was known
// then.
package state

import (
	"net/netip"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/state/h2"
	"netscope/tui/state/quic"
	"netscope/tui/state/tcp"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// View is the states of the ends of the selected connection as a pane.
type View struct {
	side   int // 0: both, 1: A, 2: B; where there is room for one only, 0 is A
	scroll int
	conv   timeline.ConvID
	of     identity
	fold   [2]*timeline.Folder[*tcp.State]
	h2     [2]*timeline.Folder[*h2.State] // nil: it does not speak HTTP/2, so far as is known
	quic   [2]*timeline.Folder[*quic.State]
	names  map[int64]int      // which letter a stream has
	asked  timeline.MessageID // messages that have been asked for HTTP/2
	named  timeline.MessageID // messages that streams have letters from
	below  bool               // TCP is shown although there is something above it
	g      grid.Grid
}

// identity tells one conversation of one run from another, so that no state
// is carried over.
type identity struct {
	conv  timeline.ConvID
	a, b  netip.AddrPort
	start timeline.Time
	first capture.PacketID
	epoch int64
}

// New makes the view.
func New() *View { return &View{conv: timeline.NoConv} }

// Name implements view.View.
func (v *View) Name() string { return "state" }

// Title implements view.View.
func (v *View) Title(f view.Frame) string {
	if f.Timeline == nil {
		return "state"
	}
	c := v.choose(&f)
	if c == timeline.NoConv {
		return "state"
	}
	s := "state · connection " + grid.Letters(int(c))
	if c == v.conv && v.above2() {
		name := "HTTP/2"
		switch {
		case v.below && v.quic[0] != nil:
			name = "UDP"
		case v.below:
			name = "TCP"
		case v.quic[0] != nil:
			name = "QUIC"
		}
		s = "state · " + name + " · connection " + grid.Letters(int(c))
	}
	switch v.side {
	case 1:
		s += " · initiator"
	case 2:
		s += " · responder"
	}
	return s
}

// Keys implements view.View.
func (v *View) Keys() []key.Binding {
	return []key.Binding{
		view.Bind("s", "both ends, one, the other", "s"),
		view.Bind("p", "the protocol above the transport, or the transport", "p"),
	}
}

// choose is the conversation under the playhead, or the one shown last.
func (v *View) choose(f *view.Frame) timeline.ConvID {
	c := timeline.NoConv
	if f.Head.HasPkt {
		c = f.Timeline.Packet(f.Head.Packet).Conv
	}
	if f.Head.Message != timeline.NoMessage && (c == timeline.NoConv || f.Head.Granularity != timeline.ByPacket) {
		c = f.Timeline.Message(f.Head.Message).Conv
	}
	if c == timeline.NoConv && v.conv != timeline.NoConv && int(v.conv) < f.Timeline.Conversations() {
		return v.conv
	}
	return c
}

// load gives the folds of the chosen conversation.
func (v *View) load(f *view.Frame) (timeline.Conversation, bool) {
	id := v.choose(f)
	if id == timeline.NoConv {
		return timeline.Conversation{}, false
	}
	c := f.Timeline.Conversation(id)
	of := identity{id, c.A, c.B, c.Start, c.First, f.Timeline.Epoch().UnixNano()}
	if of != v.of || v.fold[0] == nil {
		v.of, v.conv, v.scroll = of, id, 0
		v.h2, v.quic, v.asked = [2]*timeline.Folder[*h2.State]{}, [2]*timeline.Folder[*quic.State]{}, timeline.NoMessage
		for i, e := range [2]timeline.End{timeline.AtA, timeline.AtB} {
			v.fold[i] = &timeline.Folder[*tcp.State]{Fold: tcp.Fold{End: e}, Conv: id, End: e}
		}
	}
	v.above(f, &c)
	return c, true
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	if f.Timeline == nil {
		return view.Sentence(f.Theme, "Nothing has been sent yet.", f.Width, f.Height)
	}
	c, ok := v.load(&f)
	if !ok {
		return view.Sentence(f.Theme, "Nothing is selected that belongs to a connection. Press . to step.", f.Width, f.Height)
	}
	v.g.Reset(f.Width, f.Height)
	both := v.side == 0 && f.Width >= 64
	switch {
	case both:
		half := (f.Width - 1) / 2
		v.panel(&f, &c, 0, 0, half-1)
		v.g.VLine(half, 0, f.Height, "│", f.Theme.Border)
		v.panel(&f, &c, 1, half+2, f.Width-half-2)
	case v.side == 2:
		v.panel(&f, &c, 1, 0, f.Width)
	default:
		v.panel(&f, &c, 0, 0, f.Width)
	}
	return v.g.String()
}

// items are the lines of one end's panel.
func (v *View) items(f *view.Frame, c *timeline.Conversation, end int) ([]Item, *tcp.State) {
	s := v.fold[end].At(f.Timeline, f.Head.Pos)
	local, remote := c.A, c.B
	if end == 1 {
		local, remote = remote, local
	}
	if c.Transport != decoders.TCP {
		return Datagrams(s, local.String(), remote.String()), s
	}
	return append(Connection(s), Socket(s, local.String(), remote.String())...), s
}

func (v *View) panel(f *view.Frame, c *timeline.Conversation, end, x, w int) {
	if w <= 0 {
		return
	}
	if v.h2[0] != nil && !v.below {
		v.panelH2(f, c, end, x, w)
		return
	}
	if v.quic[0] != nil && !v.below {
		v.panelQUIC(f, c, end, x, w)
		return
	}
	t := f.Theme
	items, s := v.items(f, c, end)
	a := c.A
	if end == 1 {
		a = c.B
	}
	v.heading(f, a, [...]string{"initiator", "responder"}[end], x, w)
	y := 1
	chart := 0
	if c.Transport == decoders.TCP && f.Height >= 26 && w >= 24 {
		chart = min(10, f.Height-len(items)-4)
		if chart < 4 {
			chart = 0
		}
	}
	bottom := f.Height - chart
	scroll := max(0, min(v.scroll, len(items)-(bottom-y)))
	for _, it := range items[scroll:] {
		if y >= bottom {
			break
		}
		if it.Kind == Head && f.Height >= 24 && y+1 < bottom {
			y++
		}
		v.item(t, it, x, y, w)
		y++
	}
	if y+3 <= bottom && len(s.Changes) > 0 {
		v.path(t, s, x, y+1, w, bottom)
	}
	if chart > 0 {
		v.chart(f, c, s, x, bottom, w, chart)
	}
}

// heading names an end.
func (v *View) heading(f *view.Frame, a netip.AddrPort, role string, x, w int) {
	name := f.Timeline.HostName(a.Addr())
	if name == "" {
		name = a.String()
	}
	v.g.TextCut(x, 0, view.Clean(name), w, f.Theme.Strong)
	v.g.TextRight(x+w, 0, role, f.Theme.Faint)
}

func (v *View) item(t *view.Theme, it Item, x, y, w int) {
	end := x + w
	switch it.Kind {
	case Head:
		v.g.HLine(x, y, w, "─", t.Border)
		v.g.TextCut(x+1, y, " "+it.Name+" ", w-1, t.Title)
		return
	case Big:
		at := v.g.TextCut(x, y, it.Name, w, t.OK.Then("\x1b[1m")) + 2
		if end-at >= 16 {
			v.g.TextCut(at, y, it.Doc, end-at, t.Dim)
		}
		return
	case Remark:
		v.g.TextCut(x, y, it.Name, w, t.Dim)
		return
	}
	v.g.TextCut(x, y, it.Name, w, t.FieldName)
	at := x + 11
	st := t.FieldValue
	if it.Kind == Bad {
		st = t.Warn
	}
	at = v.g.TextCut(at, y, view.Clean(it.Value), end-at, st) + 2
	if it.Kind == Gauge && w >= 40 {
		at = max(at, x+24) // bars stand below each other
	}
	if it.Kind == Gauge && end-at >= 8 {
		n := min(16, end-at)
		if w < 70 {
			n = min(12, n) // room for what stands beside it
		}
		full := int(it.Fraction*float64(n) + 0.5)
		v.g.HLine(at, y, full, "▓", t.Data)
		v.g.HLine(at+full, y, n-full, "░", t.Faint)
		at += n + 2
	}
	if w >= 50 && it.Kind != Gauge {
		at = max(at, x+30) // remarks stand in a column
	}
	if it.Doc != "" && end-at >= min(view.Width(it.Doc), 12) {
		v.g.TextCut(at, y, it.Doc, end-at, t.Faint)
	}
}

// path lists the last states with the times at which they were entered.
func (v *View) path(t *view.Theme, s *tcp.State, x, y, w, bottom int) {
	if y >= bottom {
		return
	}
	v.g.HLine(x, y, w, "─", t.Border)
	v.g.TextCut(x+1, y, " states so far ", w-1, t.Title)
	room := bottom - y - 1
	cs := s.Changes[max(0, len(s.Changes)-room):]
	for i, c := range cs {
		at := v.g.TextCut(x, y+1+i, view.FormatTimeShort(c.At), w, t.Dim)
		at = max(at+2, x+11)
		st := t.Text
		if i == len(cs)-1 {
			st = t.OK
		}
		v.g.TextCut(at, y+1+i, c.To.String(), x+w-at, st)
	}
}

// chart draws the bytes in flight over the connection's time so far.
func (v *View) chart(f *view.Frame, c *timeline.Conversation, s *tcp.State, x, y, w, h int) {
	t := f.Theme
	v.g.HLine(x, y, w, "─", t.Border)
	v.g.TextCut(x+1, y, " in flight, up to "+view.FormatBytes(s.PeakFlight)+" ", w-1, t.Title)
	bars := Bars(s.History, c.Start, f.Head.Time, w)
	rows := h - 2
	heights := [...]string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	for i, b := range bars {
		n := 0
		if s.PeakFlight > 0 && b > 0 {
			n = max(1, int(float64(b)/float64(s.PeakFlight)*float64(rows*8)+0.5))
		}
		for r := range rows {
			if k := min(8, n-8*(rows-1-r)); k > 0 {
				v.g.Set(x+i, y+1+r, heights[k], t.Data)
			}
		}
	}
	v.g.TextCut(x, y+h-1, view.FormatTimeShort(c.Start)+" s", w, t.Dim)
	v.g.TextRight(x+w, y+h-1, view.FormatTimeShort(f.Head.Time)+" s", t.Dim)
}

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			v.scroll = max(0, v.scroll-2)
		case tea.MouseWheelDown:
			v.scroll = min(v.scroll+2, v.most())
		}
	case tea.KeyPressMsg:
		if msg.String() == "s" {
			v.side = (v.side + 1) % 3
			if v.side == 0 && f.Width < 64 {
				v.side = 1
			}
			return nil
		}
		if msg.String() == "p" {
			v.below, v.scroll = !v.below, 0
			return nil
		}
		switch view.NavOf(msg) {
		case view.NavDown:
			v.scroll = min(v.scroll+1, v.most())
		case view.NavUp:
			v.scroll = max(0, v.scroll-1)
		case view.NavHalfDown, view.NavPageDown:
			v.scroll = min(v.scroll+f.Height/2, v.most())
		case view.NavHalfUp, view.NavPageUp:
			v.scroll = max(0, v.scroll-f.Height/2)
		}
	}
	return nil
}

// most bounds how far down one can scroll.
func (v *View) most() int {
	if v.above2() && !v.below {
		return 600
	}
	return 40
}
