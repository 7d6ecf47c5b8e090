package waterfall

import (
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// maxLook bounds how many messages are looked at for one frame.
const maxLook = 4000

// extractor reads bars from a frame's timeline.
type extractor struct {
	s *timeline.Snapshot
	f *view.Frame
	// page is when the first response of a lab's page was complete: from then
	// on the objects that it names are wanted.
	page timeline.Time
	// firsts are the first requests of conversations.
	firsts map[timeline.ConvID]timeline.MessageID
}

// exchange reports that a message begins one.
func (x *extractor) exchange(m *timeline.Message) bool {
	return m.Level == decoders.MessageLevel && m.Kind == decoders.Request && (x.f.Filter == nil || x.f.Filter(m.ID))
}

// last is the newest message that has begun by the playhead. Messages are
// numbered by when their heads were known, so there are at most a few after
// the boundary that have begun.
func (x *extractor) last() (first, end timeline.MessageID) {
	first, end = x.s.MessageRange()
	lo, hi := first, end
	for lo < hi {
		mid := lo + (hi-lo)/2
		if _, open, _ := x.s.MessagePosition(mid); open <= x.f.Head.Pos {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for id := lo; id < end && id < hi+32; id++ {
		if b, _, _ := x.s.MessagePosition(id); b <= x.f.Head.Pos {
			lo = id + 1
		}
	}
	return first, lo
}

// rows are the IDs of up to h requests around the anchor, scroll rows up.
func (x *extractor) rows(anchor timeline.MessageID, h, scroll int) (ids []timeline.MessageID, all bool) {
	first, end := x.last()
	if first >= end || h <= 0 {
		return nil, true
	}
	if anchor == timeline.NoMessage || anchor >= end {
		anchor = end - 1
	}
	anchor = max(anchor, first)
	var below, above []timeline.MessageID
	look := maxLook
	for id := anchor + 1; id < end && len(below) < h && look > 0; id++ {
		look--
		if m := x.s.Message(id); x.exchange(&m) {
			below = append(below, id)
		}
	}
	need := h + scroll
	top := false
	for id := anchor; look > 0 && len(above) < need; id-- {
		look--
		if m := x.s.Message(id); x.exchange(&m) {
			above = append(above, id)
		}
		if id == first {
			top = true
			break
		}
	}
	keep := min(len(below), h/4)
	list := make([]timeline.MessageID, 0, len(above)+len(below))
	for i := len(above) - 1; i >= 0; i-- {
		list = append(list, above[i])
	}
	list = append(list, below...)
	stop := len(above) + keep - scroll
	if top && stop < h {
		stop = h
	}
	stop = clamp(stop, min(h, len(list)), len(list))
	from := max(0, stop-h)
	return list[from:stop], top && from == 0 && stop == len(list)
}

// bar reads one exchange at the playhead.
func (x *extractor) bar(id timeline.MessageID) Bar {
	m := x.s.Message(id)
	p, now := x.f.Head.Pos, x.f.Head.Time
	c := x.s.Conversation(m.Conv)
	b := Bar{ID: id, Label: label(&m), Group: int(m.Conv), End: now}
	connect := m.Start
	if x.firstOn(&m) && !c.Midway {
		connect = c.Start
	}
	queued := connect
	if x.page > 0 && x.page < connect {
		queued = x.page
	}
	b.Begin = [phases]timeline.Time{queued, connect, m.Start, m.Start, m.Start}
	b.Reached = int(Send) + 1
	b.Failed = m.Err != ""
	if _, _, closed := x.s.MessagePosition(id); m.Closed && closed <= p {
		b.Reached = int(Wait) + 1
		// The request is on its way until its last byte has left; that it
		// arrives later is part of the wait.
		b.Begin[Wait] = x.s.Packet(m.Last).At
	} else {
		return b
	}
	if m.Reply == timeline.NoMessage {
		return b
	}
	r := x.s.Message(m.Reply)
	first := x.s.Packet(r.First).Arrived
	if first < 0 {
		first = r.HeadAt
	}
	if first > now || x.s.PacketAt(r.First, p) != timeline.Arrived {
		return b
	}
	b.Reached = int(Content) + 1
	b.Begin[Content] = max(first, b.Begin[Wait])
	b.Failed = b.Failed || r.Err != ""
	if _, _, closed := x.s.MessagePosition(r.ID); r.Closed && closed <= p {
		b.End, b.Done = r.End, true
		if x.f.Differs != nil {
			d := x.f.Differs.Message(r.ID)
			b.Mark, b.Other = d.Kind.Glyph(), d.Other
		}
		b.Label += "  " + r.Name
	}
	return b
}

// maxFirst is how many messages are looked at to find the first requests of
// conversations that carry several at a time.
const maxFirst = 1000

// firstOn reports that a request is the first of its conversation, for which
// the connection was set up. Where streams share a conversation, offsets do not
// tell: each QUIC stream begins at 0, and HTTP/2 begins with a preface.
func (x *extractor) firstOn(m *timeline.Message) bool {
	if m.Stream < 0 {
		return m.Off == 0
	}
	if x.firsts == nil {
		x.firsts = map[timeline.ConvID]timeline.MessageID{}
		first, end := x.s.MessageRange()
		for id := first; id < min(end, first+maxFirst); id++ {
			if r := x.s.Message(id); r.Level == decoders.MessageLevel && r.Kind == decoders.Request {
				if _, seen := x.firsts[r.Conv]; !seen {
					x.firsts[r.Conv] = id
				}
			}
		}
	}
	id, seen := x.firsts[m.Conv]
	return seen && id == m.ID
}

// input reads the bars of the visible rows and decides on the axis.
func (x *extractor) input(ids []timeline.MessageID, all bool, until timeline.Time) Input {
	in := Input{Now: x.f.Head.Time, Letters: x.s.Conversations() > 1}
	if x.f.Subject.Kind == view.LabSubject {
		x.page = x.firstPage()
	}
	for _, id := range ids {
		in.Bars = append(in.Bars, x.bar(id))
	}
	if len(in.Bars) == 0 {
		return in
	}
	if h := x.f.Horizon; h > 0 { // one axis for all that are compared
		in.To = max(h, until)
		return in
	}
	if all { // everything is in sight: the axis does not move with the playhead
		in.From, in.To = in.Bars[0].Start(), max(until, x.s.Now())
		if in.From < in.To/8 {
			in.From = 0
		}
		return in
	}
	in.From, in.To = in.Bars[0].Begin[Connect], in.Bars[0].End
	for i := range in.Bars {
		in.From, in.To = min(in.From, in.Bars[i].Begin[Connect]), max(in.To, in.Bars[i].End)
	}
	return in
}

// firstPage is the end of the first response, if it is complete.
func (x *extractor) firstPage() timeline.Time {
	first, end := x.s.MessageRange()
	for id := first; id < end && id < first+64; id++ {
		m := x.s.Message(id)
		if m.Level != decoders.MessageLevel || m.Kind != decoders.Request {
			continue
		}
		if m.Reply == timeline.NoMessage {
			return 0
		}
		r := x.s.Message(m.Reply)
		if _, _, closed := x.s.MessagePosition(r.ID); !r.Closed || closed > x.f.Head.Pos {
			return 0
		}
		return r.End
	}
	return 0
}

func label(m *timeline.Message) string {
	s := m.Summary
	if s == "" {
		s = m.Name
	}
	s, _, _ = strings.Cut(s, "  ")
	return strings.TrimSuffix(strings.TrimSpace(strings.Replace(s, m.Proto, "", 1)), " ")
}
