package frames

import (
	"strconv"

	"charm.land/bubbles/v2/key"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
	"netscope/tui/why"
)

// View is the frames of the selected connection as a pane.
type View struct {
	scale Scale
	x     extractor
	conv  timeline.ConvID
	first int // first lane in sight
	g     grid.Grid
	last  painter // what was drawn, for the mouse
	ask   why.Asker
}

// New makes the view.
func New() *View { return &View{conv: timeline.NoConv} }

// Name implements view.View.
func (v *View) Name() string { return "frames" }

// Title implements view.View.
func (v *View) Title(f view.Frame) string {
	if f.Timeline == nil {
		return "frames"
	}
	in, at := v.load(&f)
	if in == nil {
		return "frames"
	}
	n := 0
	for i := range in.Blocks {
		if in.Blocks[i].Closed <= at.Pos {
			n++
		}
	}
	return "frames · " + strconv.Itoa(n) + " of " + strconv.Itoa(len(in.Blocks))
}

// Keys implements view.View.
func (v *View) Keys() []key.Binding {
	return []key.Binding{
		view.Bind("o", "by time, or frame after frame", "o"),
		view.Bind("+", "closer", "+", "="),
		view.Bind("-", "further away", "-"),
		view.Bind("0", "as near as suits", "0"),
		view.Bind(">", "next frame of this stream", ">"),
		view.Bind("<", "previous frame of this stream", "<"),
		view.Bind("Enter", "to what it waits for", "enter"),
	}
}

// HasStreams reports whether a connection, or what is inside it (decrypted),
// has units on numbered streams, so that this view has something to draw.
func HasStreams(s *timeline.Snapshot, c timeline.ConvID) bool {
	return inside(s, c) != timeline.NoConv
}

// suitedConvs is how many connections are looked at for Suits.
const suitedConvs = 4

// Suits implements view.Suited.
func (v *View) Suits(s *timeline.Snapshot) bool {
	for c := range min(s.Conversations(), suitedConvs) {
		if HasStreams(s, timeline.ConvID(c)) {
			return true
		}
	}
	return false
}

// inside is the conversation with numbered streams among a connection and what
// is inside it, or NoConv.
func inside(s *timeline.Snapshot, c timeline.ConvID) timeline.ConvID {
	if c == timeline.NoConv {
		return c
	}
	for _, id := range s.ConvMessageRange(c, 0, 128) {
		if m := s.WireMessage(id); m.Level == decoders.UnitLevel && m.Stream >= 0 {
			return m.Source
		}
	}
	return timeline.NoConv
}

// choose is the connection to draw: the one under the playhead if it has
// streams, else the one drawn last, else the first that has.
func (v *View) choose(f *view.Frame) timeline.ConvID {
	s := f.Timeline
	if f.Conv != nil {
		return inside(s, *f.Conv)
	}
	c := timeline.NoConv
	if f.Head.Message != timeline.NoMessage {
		c = s.WireMessage(f.Head.Message).Source
	} else if f.Head.HasPkt {
		c = s.Packet(f.Head.Packet).Conv
	}
	if c == v.conv && c != timeline.NoConv {
		return c
	}
	if c = inside(s, c); c != timeline.NoConv {
		return c
	}
	if v.conv != timeline.NoConv && int(v.conv) < s.Conversations() && HasStreams(s, v.conv) {
		return v.conv
	}
	for i := range min(s.Conversations(), 256) {
		if c := inside(s, timeline.ConvID(i)); c != timeline.NoConv {
			return c
		}
	}
	return timeline.NoConv
}

// load reads the connection; nil if there is nothing with streams.
func (v *View) load(f *view.Frame) (*Input, Place) {
	c := v.choose(f)
	if c == timeline.NoConv {
		return nil, Place{Select: -1}
	}
	v.conv = c
	in := v.x.read(f.Timeline, c, f.Head.Message)
	if len(in.Blocks) == 0 {
		return nil, Place{Select: -1}
	}
	at := Place{Pos: f.Head.Pos, Time: max(f.Head.Time, f.Timeline.TimeOf(f.Head.Pos)), Select: -1}
	at.Select = v.selected(f, in)
	return in, at
}

// selected is the frame under the playhead: the one that is selected, or of a
// message the last that has come, or the last at all.
func (v *View) selected(f *view.Frame, in *Input) int {
	s := f.Timeline
	want := f.Head.Message
	if want != timeline.NoMessage {
		m := s.WireMessage(want)
		switch {
		case m.Source != v.conv:
			want = timeline.NoMessage
		case m.Level == decoders.MessageLevel:
			best := -1
			for i := range in.Blocks {
				if b := &in.Blocks[i]; b.Closed <= f.Head.Pos && (best < 0 || b.Closed >= in.Blocks[best].Closed) && b.Part == want {
					best = i
				}
			}
			if best >= 0 {
				return best
			}
			want = timeline.NoMessage
		}
	}
	best := -1
	for i := range in.Blocks {
		b := &in.Blocks[i]
		if b.ID == want {
			return i
		}
		if b.Closed <= f.Head.Pos && (best < 0 || b.Closed >= in.Blocks[best].Closed) {
			best = i
		}
	}
	return best
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	if f.Timeline == nil {
		return view.Sentence(f.Theme, "Nothing has been sent yet.", f.Width, f.Height)
	}
	in, at := v.load(&f)
	if in == nil {
		return view.Sentence(f.Theme, "Nothing with streams here: this view draws the frames of protocols that carry several streams over one connection, such as HTTP/2.", f.Width, f.Height)
	}
	v.g.Reset(f.Width, f.Height)
	q := painter{g: &v.g, t: f.Theme, in: in, at: at, seen: f.Timeline.End(), differs: f.Differs}
	q.label, q.right = columns(f.Width)
	q.names = names(&f, v.conv)
	q.lanes = order(in)
	control := 0
	for i := range in.Lanes {
		if in.Lanes[i].Letter == "" {
			control++
		}
	}
	q.k = Divide(f.Height, len(in.Lanes), control)
	sc := v.scale
	sc.Horizon = f.Horizon
	p := Lay(in, at, sc, f.Width-q.label-q.right)
	q.p = &p
	for d := range q.got {
		q.got[d] = f.Timeline.Delivered(v.conv, decoders.Dir(d), f.Head.Pos)
	}
	v.first = q.scroll(v.first)
	if at.Select >= 0 && q.k.Detail > 1 {
		q.why = v.ask.Why(f.Timeline, f.Head.Pos, in.Blocks[at.Select].ID)
	}
	q.first = v.first
	q.draw(&f)
	v.last = q
	return v.g.String()
}

// order puts stream 0 first if it is the connection's own, and other streams
// that carry no messages last.
func order(in *Input) []int {
	out := make([]int, 0, len(in.Lanes))
	for _, want := range [...]func(*Lane) bool{
		func(l *Lane) bool { return l.Letter == "" && l.Stream == 0 },
		func(l *Lane) bool { return l.Letter != "" },
		func(l *Lane) bool { return l.Letter == "" && l.Stream != 0 },
	} {
		for i := range in.Lanes {
			if want(&in.Lanes[i]) {
				out = append(out, i)
			}
		}
	}
	return out
}

// scroll moves the window over the lanes so that the selected one is seen.
func (q *painter) scroll(first int) int {
	first = clamp(first, 0, max(0, len(q.lanes)-q.k.Lanes))
	if q.at.Select < 0 || q.k.Lanes == 0 {
		return first
	}
	for i, n := range q.lanes {
		if n == q.in.Blocks[q.at.Select].Lane {
			if i < first {
				first = i
			}
			if i >= first+q.k.Lanes {
				first = i - q.k.Lanes + 1
			}
		}
	}
	return first
}

func names(f *view.Frame, c timeline.ConvID) [2]string {
	cv := f.Timeline.Conversation(c)
	out := [2]string{"server", "client"} // who receives what A, what B sends
	if n := f.Timeline.HostName(cv.B.Addr()); n != "" {
		out[0] = view.Clean(n)
	}
	if n := f.Timeline.HostName(cv.A.Addr()); n != "" {
		out[1] = view.Clean(n)
	}
	return out
}

func (q *painter) draw(f *view.Frame) {
	y := 0
	if q.k.Axis > 0 {
		q.axis(y)
		y++
	}
	q.links(y)
	y += q.k.Links
	if q.k.Rule > 0 {
		q.g.HLine(0, y, q.g.W, "─", q.t.Border)
		y++
	}
	top := y
	for i := range q.k.Lanes {
		if q.first+i < len(q.lanes) {
			q.lane(q.lanes[q.first+i], y)
			y += q.height(q.lanes[q.first+i])
		}
	}
	q.playhead(q.k.Axis, y)
	if more := len(q.lanes) - q.k.Lanes; more > 0 && q.k.Lanes > 0 {
		q.g.TextRight(q.g.W, max(0, top-1), " "+strconv.Itoa(more)+" more ", q.t.Dim)
	}
	if free := f.Height - q.k.Detail - q.k.Legend - q.k.Rule - y - 1; q.k.Detail > 1 && free > 0 {
		want := 3
		if f.Width < 100 {
			want = 5
		}
		q.k.Detail += clamp(want-q.k.Detail, 0, free) // the lanes leave room for the whole reason
	}
	y = f.Height - q.k.Detail - q.k.Legend
	if q.k.Rule > 0 && y > 0 {
		q.g.HLine(0, y-1, q.g.W, "─", q.t.Border)
	}
	if q.k.Detail > 0 {
		q.detail(f, y)
	}
	if q.k.Legend > 0 {
		q.legend(f.Height - 1)
	}
}

// playhead is the line between what has happened and what has not.
func (q *painter) playhead(from, to int) {
	x := q.label + q.p.Now
	if q.p.Now >= q.p.W {
		return
	}
	for y := from; y < to; y++ {
		if c := q.g.At(x, y); c != nil && (c.Text == "" || c.Text == " " && c.Style == "" || c.Text == "─" || c.Text == "·") {
			q.g.Set(x, y, "│", q.t.Title)
		}
	}
}
