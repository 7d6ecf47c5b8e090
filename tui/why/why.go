// Package why answers the question why a message or stream is waiting at a
// playhead, from what the timeline knows: what else is on the wire, what was
// lost, which window is exhausted, whether the server has said anything. It
// never guesses: where nothing is known it says so.
//
// It draws nothing; views show its sentence.
package why

import (
	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/state/h2"
	"netscope/tui/state/tcp"
)

// Kind is what something waits for.
type Kind uint8

// The kinds.
const (
	Unknown      Kind = iota
	Nothing           // it did not wait, or does not any more
	InFlight          // it is on its way
	Leaving           // its own bytes are going onto the wire
	Lost              // for a segment that was lost or is missing
	OtherStream       // behind the bytes of another stream or message
	StreamWindow      // HTTP/2's window of its stream is exhausted
	ConnWindow        // HTTP/2's window of the connection is exhausted
	TCPWindow         // TCP's receive window is full
	Congestion        // TCP's congestion window is full, as estimated
	Server            // the server has the request and has sent nothing for it
)

// String names the kind in a word or two.
func (k Kind) String() string {
	return [...]string{"not known", "nothing", "in flight", "being sent", "lost segment", "other stream", "stream window",
		"connection window", "TCP window", "congestion window", "server"}[k%(Server+1)]
}

// Reason says why something waits, or has waited.
type Reason struct {
	Kind Kind
	Text string // a sentence
	// What it is about, to go to.
	Packet    capture.PacketID
	HasPacket bool
	Message   timeline.MessageID // NoMessage: none
}

// Why answers for a message or unit at a position. Who asks often uses an
// [Asker].
func Why(s *timeline.Snapshot, pos timeline.Position, id timeline.MessageID) Reason {
	var a Asker
	return a.Why(s, pos, id)
}

// Asker answers questions and remembers what it has read of a connection. The
// zero value is ready. It is not safe for concurrent use.
type Asker struct {
	index index
	h2    [2]*timeline.Folder[*h2.State]
	tcp   [2]*timeline.Folder[*tcp.State]
}

// question is what is asked, looked up once.
type question struct {
	a     *Asker
	s     *timeline.Snapshot
	pos   timeline.Position
	now   timeline.Time
	m     timeline.Message
	units [2][]unit
}

// Why is the function Why with a memory.
func (a *Asker) Why(s *timeline.Snapshot, pos timeline.Position, id timeline.MessageID) Reason {
	m := s.WireMessage(id)
	if m.ID == timeline.NoMessage {
		return Reason{Text: "Nothing is selected.", Message: timeline.NoMessage}
	}
	if a.index.read(s, &m) {
		a.h2, a.tcp = [2]*timeline.Folder[*h2.State]{}, [2]*timeline.Folder[*tcp.State]{}
	}
	q := question{a: a, s: s, pos: pos, now: s.TimeOf(pos), m: m, units: a.index.units}
	begun, _, closed := s.MessagePosition(id)
	switch {
	case m.Level == decoders.MessageLevel && m.Kind == decoders.Request && closed <= pos:
		return q.response()
	case closed <= pos:
		return q.came()
	case begun <= pos:
		return q.coming(&q.m)
	}
	return q.sending()
}

// none is a reason that names nothing to go to.
func none(k Kind, text string) Reason {
	return Reason{Kind: k, Text: text, Message: timeline.NoMessage}
}

const unknown = "Nothing is known of why."

// response answers for a request that has arrived: what its response waits for.
func (q *question) response() Reason {
	if q.m.Reply == timeline.NoMessage {
		return q.notBegun()
	}
	r := q.s.WireMessage(q.m.Reply)
	begun, _, closed := q.s.MessagePosition(r.ID)
	switch {
	case closed <= q.pos:
		took := span(r.End - q.m.Start)
		q.m = r
		x := q.came()
		x.Text = "Complete " + took + " after the request left. " + x.Text
		return x
	case begun <= q.pos:
		return q.coming(&r)
	}
	return q.notBegun()
}

// sending answers for something of which nothing has left by the playhead.
func (q *question) sending() Reason {
	if q.m.Kind == decoders.Response && q.m.ReplyTo != timeline.NoMessage {
		if r := q.s.WireMessage(q.m.ReplyTo); r.Closed {
			q.m = r
			return q.notBegun()
		}
	}
	return none(Unknown, "It has not been sent yet.")
}

// notBegun answers for a request that has arrived and whose response has not
// begun.
func (q *question) notBegun() Reason {
	_, _, arrived := q.s.MessagePosition(q.m.ID)
	if arrived > q.pos {
		return q.coming(&q.m)
	}
	d := q.m.Dir.Other()
	if r, ok := q.behind(d, q.m.Stream, arrived, q.pos); ok {
		return r
	}
	if r, ok := q.window(d, q.m.Stream, q.pos); ok {
		return r
	}
	if q.now-q.m.End < 1000 {
		r := none(Server, "The request has just arrived; the server has sent nothing for it yet.")
		r.Message = q.m.ID
		return r
	}
	r := none(Server, "The server has had the request for "+span(q.now-q.m.End)+" and has sent nothing for it.")
	r.Message = q.m.ID
	return r
}

// coming answers for a message or unit that has begun to leave and is not
// complete.
func (q *question) coming(m *timeline.Message) Reason {
	if h, ok := findHole(q.s, m.Conv, m.Dir, q.pos); ok {
		return h.reason(q.s, q.pos)
	}
	us := q.units[m.Dir]
	i := q.last(m.Dir, q.pos) // what has begun to leave last
	if i < 0 {
		return none(InFlight, "It is on its way since "+span(q.now-m.Start)+".")
	}
	mine := func(u *unit) bool { return u.id == m.ID || u.part == m.ID || m.Stream >= 0 && u.stream == m.Stream }
	u := &us[i]
	own := i // the last of its own that has begun
	for own >= 0 && !mine(&us[own]) {
		own--
	}
	if own < 0 {
		return none(Unknown, unknown)
	}
	left := q.s.Sent(m.Source, m.Dir, q.pos)
	if own == i && u.closed > q.pos && left < u.off+u.total && left > u.off && m.Source == m.Conv {
		r := none(Leaving, "Its bytes are being sent: "+bytes(left-u.off)+" of "+bytes(u.total)+" of this "+u.what()+" have left.")
		r.Message = u.id
		if x, ok := q.tcpLimit(m.Conv, m.Dir, q.pos); ok && q.idle(m.Conv, m.Dir) {
			return x
		}
		return r
	}
	if us[own].closed > q.pos {
		r := none(InFlight, "On its way: its last "+us[own].what()+" left and has not arrived yet.")
		r.Message = us[own].id
		return r
	}
	if r, ok := q.behind(m.Dir, m.Stream, us[own].begun, q.pos); ok {
		return r
	}
	if r, ok := q.window(m.Dir, m.Stream, q.pos); ok {
		return r
	}
	if r, ok := q.tcpLimit(m.Conv, m.Dir, q.pos); ok {
		return r
	}
	return none(Unknown, "Nothing more of it has been sent so far. "+unknown)
}

// came answers for what has arrived: what it had waited for.
func (q *question) came() Reason {
	m := &q.m
	_, _, closed := q.s.MessagePosition(m.ID)
	if h, ok := findHole(q.s, m.Conv, m.Dir, closed-1); ok {
		r := h.reason(q.s, closed-1)
		if wait := m.End - h.since; wait > 0 {
			r.Text = "It waited " + span(wait) + ": " + h.past()
		}
		return r
	}
	us := q.units[m.Dir]
	at := -1
	for i := range us {
		if us[i].id == m.ID || us[i].part == m.ID {
			at = i
			break
		}
	}
	if at < 0 {
		return none(Unknown, unknown)
	}
	if us[at].frame && us[at].part == timeline.NoMessage {
		return none(Nothing, "It is about the connection and waits for no stream"+delivered("; it was delivered ", m, " after it left")+".")
	}
	ready, since, first := q.ready(m, at)
	if r, ok := q.between(m, at, ready); ok {
		return r
	}
	wait := m.Start - since
	if since >= 0 && wait > q.noticed(m) {
		if r, ok := q.window(m.Dir, m.Stream, ready); ok {
			r.Text = "It waited " + span(wait) + ": " + lower(r.Text)
			if id := q.update(m, ready); id != timeline.NoMessage {
				r.Message = id
			}
			return r
		}
		if first {
			r := none(Server, "The server took "+span(wait)+" from the request's arrival to the first byte of the answer.")
			r.Message = m.ReplyTo
			return r
		}
		return none(Unknown, "It left "+span(wait)+" after what came before it on its stream. "+unknown)
	}
	if r, ok := q.stopped(m); ok {
		return r
	}
	return none(Nothing, "It did not wait: it left at once"+delivered(" and was delivered ", m, " later")+".")
}

// delivered says how long something was on its way, if that is known: in a
// capture packets leave and arrive at one time.
func delivered(before string, m *timeline.Message, after string) string {
	if m.End <= m.Start {
		return ""
	}
	return before + span(m.End-m.Start) + after
}

// noticed is the shortest wait that is worth a word.
func (q *question) noticed(m *timeline.Message) timeline.Time {
	return max(q.s.Conversation(m.Conv).RTT/20, 20_000)
}

// left is when the last byte of a message had left, about.
func (q *question) left(m *timeline.Message) timeline.Time {
	r := q.s.Packet(m.Last)
	return max(r.At, r.Arrived-q.s.Conversation(m.Conv).RTT/2)
}

// ready is from when on a message could have left: since the frame before it
// on its stream, or, for the first, since the request had arrived.
func (q *question) ready(m *timeline.Message, at int) (timeline.Position, timeline.Time, bool) {
	us := q.units[m.Dir]
	for i := at - 1; i >= 0 && m.Stream >= 0; i-- {
		if us[i].stream == m.Stream {
			p := q.s.WireMessage(us[i].id)
			if !p.Closed {
				break
			}
			return q.s.DeparturePosition(p.Last), q.left(&p), false
		}
	}
	rq := m.ReplyTo
	if rq == timeline.NoMessage && m.PartOf != timeline.NoMessage {
		rq = q.s.WireMessage(m.PartOf).ReplyTo
	}
	if rq == timeline.NoMessage {
		return 0, -1, false
	}
	r := q.s.WireMessage(rq)
	_, _, closed := q.s.MessagePosition(rq)
	q.m.ReplyTo = rq
	return closed, r.End, true
}
