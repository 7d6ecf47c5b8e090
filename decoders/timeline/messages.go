package timeline

import (
	"netscope/capture"
	"netscope/decoders"
)

// MessageRange is the half-open range of messages and units that are kept.
func (s *Snapshot) MessageRange() (first, end MessageID) {
	return MessageID(s.kept.messages), MessageID(s.messages)
}

func (s *Snapshot) row(id MessageID) *msgRow {
	if uint64(id) >= s.messages {
		return nil
	}
	return s.b.messages.at(uint64(id))
}

// closing is the end of a message if the snapshot has it.
func (s *Snapshot) closing(id MessageID) *closeRow {
	st := s.b.states.at(uint64(id))
	if st == nil {
		return nil
	}
	if i := st.closed.Load(); i != 0 && uint64(i-1) < s.closes {
		return s.b.closes.at(uint64(i - 1))
	}
	return nil
}

// Message is a message or unit, decoded; a zero one with ID NoMessage if it is
// not there.
func (s *Snapshot) Message(id MessageID) Message {
	m := s.WireMessage(id)
	s.settle(&m)
	return m
}

// WireMessage is Message with Source, Off and Total as on the wire, also where
// plaintext has been kept beside (see [Message].Plain).
func (s *Snapshot) WireMessage(id MessageID) Message {
	row, st := s.row(id), s.b.states.at(uint64(id))
	if row == nil || st == nil {
		return Message{ID: NoMessage, PartOf: NoMessage, ReplyTo: NoMessage, Reply: NoMessage, Exchange: NoMessage, Conv: NoConv, Source: NoConv}
	}
	m := Message{ID: id, Level: row.level, Kind: row.kind, Conv: ConvID(row.conv), Source: ConvID(row.conv), Dir: row.dir(), Stream: row.stream,
		First: capture.PacketID(row.first), Head: capture.PacketID(row.head), Off: row.off, HeadLen: int64(row.headLen),
		PartOf: MessageID(row.partOf), ReplyTo: MessageID(row.replyTo), Reply: NoMessage, Exchange: NoMessage}
	if r := st.reply.Load(); r != 0 && uint64(r-1) < s.messages {
		m.Reply = MessageID(r - 1)
	}
	if row.nested() {
		m.Conv = s.outer(m.Source)
	}
	switch m.Kind {
	case decoders.Request:
		m.Exchange = id
	case decoders.Response:
		m.Exchange = m.ReplyTo
	}
	s.details(row, st, &m)
	m.unplace()
	m.Start = s.Packet(m.First).At
	m.HeadAt = s.arrival(m.Head)
	if c := s.closing(id); c != nil {
		m.Closed, m.Last, m.Len = true, capture.PacketID(c.last), c.length
		m.Total = c.end - row.off
		m.End = max(s.arrival(m.Last), m.Start)
		if c.errLen > 0 {
			m.Err = string(s.detail(c.errRef, c.errLen))
		}
	} else if c := s.conv(m.Source); c != nil {
		m.Total = max(c.dirs[m.Dir].bytes.Load()-row.off, 0)
	}
	return m
}

// MessageEnd is when the last byte of a message arrived, or when its first left
// if that is later or it is not complete. It costs less than Message.
func (s *Snapshot) MessageEnd(id MessageID) Time {
	row := s.row(id)
	if row == nil {
		return 0
	}
	end := s.Packet(capture.PacketID(row.first)).At
	if c := s.closing(id); c != nil {
		end = max(end, s.arrival(capture.PacketID(c.last)))
	}
	return end
}

// arrival is when a packet arrived, or when it left if it never did.
func (s *Snapshot) arrival(id capture.PacketID) Time {
	p := s.Packet(id)
	return max(p.At, p.Arrived)
}

func (s *Snapshot) detail(ref int64, n uint32) []byte {
	buf := make([]byte, n)
	if n == 0 || s.b.opt.Details.ReadAt(buf, ref) != nil {
		return nil
	}
	return buf
}

func (s *Snapshot) details(row *msgRow, st *msgState, m *Message) {
	d := blob{b: s.detail(row.ref, row.refLen), str: s.str}
	m.Proto = s.str(d.uvarint())
	m.Name = d.string()
	m.Summary = d.string()
	m.Fields = d.fields(nil)
	var chain []uint32
	for u := st.update.Load(); u != 0 && len(chain) < 64; {
		if uint64(u-1) < s.updates {
			chain = append(chain, u-1)
		}
		up := s.b.updates.at(uint64(u - 1))
		if up == nil {
			break
		}
		u = up.prev
	}
	for i := len(chain) - 1; i >= 0; i-- {
		up := s.b.updates.at(uint64(chain[i]))
		if up == nil {
			continue
		}
		d := blob{b: s.detail(up.ref, up.refLen), str: s.str}
		if sum := d.string(); sum != "" {
			m.Summary = sum
		}
		m.Fields = d.fields(m.Fields)
	}
}

// MessagePosition gives the first positions at which the message has begun
// (its first packet has left), is open (its head has arrived) and is complete.
// closed is beyond End if it is not complete yet.
func (s *Snapshot) MessagePosition(id MessageID) (begun, open, closed Position) {
	row := s.row(id)
	if row == nil {
		return s.End() + 1, s.End() + 1, s.End() + 1
	}
	begun = s.DeparturePosition(capture.PacketID(row.first))
	open = s.ArrivalPosition(capture.PacketID(row.head))
	begun = min(begun, open) // where the bytes were lost, and yet acknowledged, others stand for them
	closed = s.End() + 1
	if c := s.closing(id); c != nil {
		closed = s.ArrivalPosition(capture.PacketID(c.last))
	}
	return begun, open, closed
}
