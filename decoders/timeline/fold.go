package timeline

import (
	"sort"

	"netscope/capture"
	"netscope/decoders"
)

// End is from where a conversation is seen.
type End uint8

// On the wire (at the sender's egress), or as one of the ends knows it: what
// it sent when it left, what it received when it arrived.
const (
	OnWire End = iota
	AtA
	AtB
)

// Occurrence is one thing that happens to a fold: a packet leaves, or arrives.
type Occurrence struct {
	At       Time
	Pos      Position // it has happened from here on
	Packet   capture.PacketID
	Row      PacketRow
	Received bool        // at an end: the packet arrived there; else it left
	Opened   []MessageID // messages and units whose heads it made known (on arrival, and on the wire)
	Closed   []MessageID // … that it completed
}

// Fold computes a state from occurrences. Apply may change and return its
// argument; Clone makes an independent copy, so that checkpoints can be kept.
type Fold[S any] interface {
	Zero() S
	Apply(s S, snap *Snapshot, o Occurrence) S
	Clone(s S) S
}

// Folder evaluates a fold over one conversation. It keeps checkpoints, so that
// going back costs no more than a few hundred steps; when there are many, every
// second one is dropped, so their number is bounded. What has been folded
// survives eviction of the packets. It is not safe for concurrent use; each
// view has its own.
type Folder[S any] struct {
	Fold Fold[S]
	Conv ConvID
	End  End

	begun bool
	next  uint64 // index in the conversation's own log of what comes next
	state S
	marks []mark[S]
	every uint64
	event uint64 // where the events of the last packet began
}

type mark[S any] struct {
	next  uint64
	state S
}

const (
	markEvery = 128
	maxMarks  = 512
)

// At is the state at a position. The result must not be changed, and is valid
// until the next call.
func (f *Folder[S]) At(s *Snapshot, p Position) S {
	c := s.conv(f.Conv)
	if c == nil {
		return f.Fold.Zero()
	}
	l, n := &c.moments, c.nmoments.Load()
	if !s.b.opt.Lab {
		l, n = &c.packets, c.npackets.Load()
	}
	if !f.begun {
		f.begun, f.every = true, markEvery
		f.next, f.state = l.first(), f.Fold.Zero()
		f.marks = append(f.marks, mark[S]{f.next, f.Fold.Clone(f.state)})
	}
	p = min(p, s.End())
	want := l.search(l.first(), n, func(v *uint32) bool { return Position(*v) >= p })
	i := sort.Search(len(f.marks), func(i int) bool { return f.marks[i].next > want }) - 1
	if m := f.marks[max(i, 0)]; want < f.next || m.next > f.next {
		f.next, f.state = m.next, f.Fold.Clone(m.state)
	}
	f.next = max(f.next, min(l.first(), want)) // what has been evicted was folded, or never will be
	for f.next < want {
		if v := l.at(f.next); v != nil {
			f.step(s, c, *v)
		}
		f.next++
		f.mark()
	}
	return f.state
}

func (f *Folder[S]) step(s *Snapshot, c *conv, moment uint32) {
	m := s.Moment(Position(moment))
	row := s.Packet(m.Packet)
	o := Occurrence{At: m.At, Pos: Position(moment) + 1, Packet: m.Packet, Row: row, Received: m.Kind == Arrives}
	sender := AtA
	if row.Dir == decoders.BtoA {
		sender = AtB
	}
	if s.b.opt.Lab {
		switch {
		case f.End == OnWire && o.Received,
			f.End != OnWire && (f.End == sender) == o.Received:
			return
		}
	} else if f.End != OnWire {
		o.Received = f.End != sender
	}
	if o.Received || f.End == OnWire || !s.b.opt.Lab {
		o.Opened, o.Closed = f.causedBy(s, m.Packet)
	}
	f.state = f.Fold.Apply(f.state, s, o)
}

func (f *Folder[S]) mark() {
	if last := f.marks[len(f.marks)-1].next; f.next < last+f.every {
		return
	}
	f.marks = append(f.marks, mark[S]{f.next, f.Fold.Clone(f.state)})
	if len(f.marks) < maxMarks {
		return
	}
	f.every *= 2
	kept := f.marks[:1]
	for i := 2; i < len(f.marks); i += 2 {
		kept = append(kept, f.marks[i])
	}
	f.marks = kept
}

// causedBy are the messages that a packet opened and completed. Going forwards
// it looks from where it found the last ones.
func (f *Folder[S]) causedBy(s *Snapshot, id capture.PacketID) (opened, closed []MessageID) {
	pos := s.ArrivalPosition(id)
	log := &s.b.events
	from := max(f.event, s.kept.events)
	if e := log.at(from); from >= s.events || e == nil || Position(e.pos) >= pos {
		from = log.search(s.kept.events, min(from, s.events), func(e *eventRow) bool { return Position(e.pos) >= pos })
	}
	i := log.searchFrom(from, s.events, func(e *eventRow) bool { return Position(e.pos) >= pos })
	f.event = i
	for ; i < s.events; i++ {
		e := log.at(i)
		if e == nil || Position(e.pos) != pos {
			break
		}
		if e.has(closing) {
			closed = append(closed, e.msg())
		} else {
			opened = append(opened, e.msg())
		}
	}
	return opened, closed
}
