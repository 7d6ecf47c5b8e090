package timeline

import (
	"math"

	"netscope/capture"
)

// Granularity is the size of a step.
type Granularity uint8

// The step sizes.
const (
	ByPacket Granularity = iota
	ByUnit
	ByMessage
	ByExchange
)

// String is "packet", "unit", "message" or "exchange".
func (g Granularity) String() string {
	return [...]string{"packet", "unit", "message", "exchange"}[g&3]
}

// Stop is where a step ends.
type Stop struct {
	Pos     Position
	Packet  capture.PacketID
	Message MessageID // NoMessage: nothing but a packet
}

// Step finds the next (dir > 0) or previous (dir < 0) stop of a granularity
// from p: for packets the next that has arrived (or was lost on its way), for
// units, messages and exchanges the next that is complete. ok is false if there
// is none. keep, if not nil, says which messages count, and with packets, that
// only those count that carry such a message or belong to its conversation.
func (s *Snapshot) Step(p Position, g Granularity, dir int, keep func(MessageID) bool) (Stop, bool) {
	if g == ByPacket {
		return s.stepPacket(p, dir)
	}
	lo, n := s.kept.events, s.events
	after := func(q Position) uint64 {
		return s.b.events.search(lo, n, func(e *eventRow) bool { return Position(e.pos) > q })
	}
	i, step := after(p), uint64(1)
	if dir < 0 {
		if p == 0 {
			return Stop{}, false
		}
		i, step = after(p-1)-1, ^uint64(0) // the last event before p
	}
	is := func(e *eventRow) bool {
		return e.has(closing) && e.counts(g) && (keep == nil || keep(e.msg()))
	}
	for ; i >= lo && i < n; i += step {
		e := s.b.events.at(i)
		if e == nil {
			break
		}
		if !is(e) {
			continue
		}
		id := e.msg()
		// Several may end at one place: show the last of them.
		for j := i + 1; dir > 0 && j < n; j++ {
			f := s.b.events.at(j)
			if f == nil || f.pos != e.pos {
				break
			}
			if is(f) {
				id = f.msg()
			}
		}
		return Stop{Pos: Position(e.pos), Packet: s.Moment(Position(e.pos) - 1).Packet, Message: id}, true
	}
	return Stop{}, false
}

func (s *Snapshot) stepPacket(p Position, dir int) (Stop, bool) {
	for q := max(p, s.Oldest()); ; {
		if dir > 0 {
			if q >= s.End() {
				return Stop{}, false
			}
			q++
		} else {
			if q <= s.Oldest()+1 {
				return Stop{}, false
			}
			q--
		}
		m := s.Moment(q - 1)
		if !s.b.opt.Lab || m.Kind == Arrives || s.Packet(m.Packet).Arrived < 0 {
			st := Stop{Pos: q, Packet: m.Packet, Message: NoMessage}
			if ids := s.PacketMessages(m.Packet); len(ids) > 0 {
				st.Message = ids[len(ids)-1]
				for _, id := range ids { // the message that it completes, if any
					if _, _, closed := s.MessagePosition(id); closed == q {
						st.Message = id
						break
					}
				}
			}
			return st, true
		}
	}
}

// counts says whether an event's message is a stop at a granularity.
func (e *eventRow) counts(g Granularity) bool {
	switch g {
	case ByMessage:
		return !e.has(isUnit)
	case ByExchange:
		return e.has(answering)
	}
	return true
}

// Latest is the message or unit that was opened or completed last by p, at a
// level that counts for g; NoMessage if none.
func (s *Snapshot) Latest(p Position, g Granularity) MessageID {
	lo := s.kept.events
	i := s.b.events.search(lo, s.events, func(e *eventRow) bool { return Position(e.pos) > p })
	for ; i > lo; i-- {
		e := s.b.events.at(i - 1)
		if e == nil {
			break
		}
		if e.counts(g) {
			return e.msg()
		}
	}
	return NoMessage
}

// Completions are the messages and units that were completed, in order of
// time, from place from in that order on. next is where to go on later.
func (s *Snapshot) Completions(from uint64) (ids []MessageID, next uint64) {
	ids, next, _ = s.SomeCompletions(from, math.MaxInt)
	return ids, next
}

// SomeCompletions is Completions with most of them at a time. more says that
// there are others behind next.
func (s *Snapshot) SomeCompletions(from uint64, most int) (ids []MessageID, next uint64, more bool) {
	for i := max(from, s.kept.events); i < s.events; i++ {
		if e := s.b.events.at(i); e != nil && e.has(closing) {
			if len(ids) == most {
				return ids, i, true
			}
			ids = append(ids, e.msg())
		}
	}
	return ids, s.events, false
}

// CompletionsShare is which part of all completions lies before a place in
// their order, from 0 to 1.
func (s *Snapshot) CompletionsShare(next uint64) float64 {
	if s.events <= s.kept.events || next >= s.events {
		return 1
	}
	return float64(max(next, s.kept.events)-s.kept.events) / float64(s.events-s.kept.events)
}
