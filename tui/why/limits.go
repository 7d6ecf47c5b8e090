package why

import (
	"strconv"
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/state/h2"
	"netscope/tui/state/tcp"
	"netscope/tui/view"
)

func span(t timeline.Time) string { return view.FormatSpan(max(t, 0)) }
func bytes(n int64) string        { return view.FormatBytes(n) }

func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func clean(m *timeline.Message) string {
	s := strings.TrimSpace(strings.Replace(m.Summary, m.Proto, "", 1))
	if s == "" {
		s = m.Name
	}
	s, _, _ = strings.Cut(s, "  ")
	return view.Clean(s)
}

// end is the end that sends in a direction.
func end(d decoders.Dir) timeline.End {
	if d == decoders.AtoB {
		return timeline.AtA
	}
	return timeline.AtB
}

// window says whether HTTP/2's flow control keeps the sender of a direction
// from sending on a stream at a position.
func (q *question) window(d decoders.Dir, stream int64, pos timeline.Position) (Reason, bool) {
	if stream <= 0 || q.m.Proto != "HTTP/2" && q.m.Proto != "gRPC" {
		return Reason{}, false
	}
	f := &q.a.h2[d]
	if *f == nil {
		cv := q.s.Conversation(q.m.Conv)
		*f = &timeline.Folder[*h2.State]{Conv: q.m.Conv, End: end(d),
			Fold: h2.Fold{End: end(d), Source: q.m.Source, Midway: cv.Midway}}
	}
	c := (*f).At(q.s, pos).Conn
	if c.Midway {
		return Reason{}, false // windows are not known then
	}
	if c.Ends[d].Window <= 0 {
		return none(ConnWindow, "The connection's flow-control window is exhausted: the receiver must send WINDOW_UPDATE on stream 0."), true
	}
	if st := c.Streams[uint32(stream)]; st != nil && st.Window[d] <= 0 {
		return none(StreamWindow, "The flow-control window of stream "+strconv.FormatInt(stream, 10)+" is exhausted: the receiver must send WINDOW_UPDATE."), true
	}
	return Reason{}, false
}

// update is the WINDOW_UPDATE that ended a wait for a window: the first for
// the stream or the connection that arrived after pos.
func (q *question) update(m *timeline.Message, pos timeline.Position) timeline.MessageID {
	for _, u := range q.units[m.Dir.Other()] {
		if u.closed > pos && (u.stream == m.Stream || u.stream == 0) && q.s.WireMessage(u.id).Name == "WINDOW_UPDATE" {
			return u.id
		}
	}
	return timeline.NoMessage
}

// idle reports that nothing of a direction is leaving just now: its last packet
// left longer ago than the one before it.
func (q *question) idle(c timeline.ConvID, d decoders.Dir) bool {
	s := q.s
	var last, gap timeline.Time = -1, 0
	cv := s.Conversation(c)
	p := q.pos
	seen := 0
	for i := 0; i < 400 && p > s.Oldest() && seen < 2; i++ {
		m := s.Moment(p - 1)
		p--
		r := s.Packet(m.Packet)
		if m.Kind != timeline.Departs || r.Conv != cv.ID || r.Dir != d || r.Payload == 0 {
			continue
		}
		if seen == 0 {
			last = m.At
		} else {
			gap = last - m.At
		}
		seen++
	}
	return seen == 2 && q.now-last > 3*max(gap, 1000)
}

// tcpLimit says whether TCP's windows keep the sender of a direction from
// sending more.
func (q *question) tcpLimit(c timeline.ConvID, d decoders.Dir, pos timeline.Position) (Reason, bool) {
	if q.s.Conversation(c).Transport != decoders.TCP {
		return Reason{}, false
	}
	f := &q.a.tcp[d]
	if *f == nil {
		*f = &timeline.Folder[*tcp.State]{Conv: c, End: end(d), Fold: tcp.Fold{End: end(d)}}
	}
	st := (*f).At(q.s, pos)
	out := st.InFlight()
	switch {
	case out == 0 || !st.Started:
		return Reason{}, false
	case out+st.MSS > st.Wnd:
		return none(TCPWindow, "TCP's receive window is full: "+bytes(out)+" are not acknowledged, "+bytes(st.Wnd)+" are allowed."), true
	case out+st.MSS > st.Cwnd:
		return none(Congestion, "TCP's congestion window is full, as estimated: "+bytes(out)+" are not acknowledged, about "+bytes(st.Cwnd)+" may be."), true
	}
	return Reason{}, false
}

// maxPackets bounds how many packets of a message are looked at.
const maxPackets = 4096

// stopped says whether a message stopped midway, and why: its packets did not
// follow each other.
func (q *question) stopped(m *timeline.Message) (Reason, bool) {
	ids := q.s.MessagePackets(m.ID)
	if len(ids) < 2 || len(ids) > maxPackets {
		return Reason{}, false
	}
	var longest timeline.Time
	at := 0
	for i := 1; i < len(ids); i++ {
		if g := q.s.Packet(ids[i]).At - q.s.Packet(ids[i-1]).At; g > longest {
			longest, at = g, i-1
		}
	}
	all := q.s.Packet(ids[len(ids)-1]).At - q.s.Packet(ids[0]).At
	usual := (all - longest) / timeline.Time(max(len(ids)-2, 1))
	if longest < 4*usual || longest < q.noticed(m) {
		return Reason{}, false
	}
	r, ok := q.tcpLimit(m.Conv, m.Dir, q.s.DeparturePosition(ids[at]))
	if !ok {
		return none(Unknown, "It stopped midway for "+span(longest)+". "+unknown), true
	}
	r.Text = "It stopped midway for " + span(longest) + ": " + r.Text
	r.Packet, r.HasPacket = ids[at], true
	return r, true
}
