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
func (s *Snapshot) closing(m *msgRow) *closeRow {
	if i := m.closed.Load(); i != 0 && uint64(i-1) < s.closes {
		return s.b.closes.at(uint64(i - 1))
	}
	return nil
}

// Message is a message or unit, decoded; a zero one with ID NoMessage if it is
// not there.
func (s *Snapshot) Message(id MessageID) Message {
	row := s.row(id)
	if row == nil {
		return Message{ID: NoMessage, PartOf: NoMessage, ReplyTo: NoMessage, Reply: NoMessage, Exchange: NoMessage, Conv: NoConv}
	}
	m := Message{ID: id, Level: row.level, Kind: row.kind, Conv: ConvID(row.conv), Dir: row.dir, Stream: row.stream,
		First: capture.PacketID(row.first), Head: capture.PacketID(row.head), Off: row.off, HeadLen: row.headLen,
		PartOf: MessageID(row.partOf), ReplyTo: MessageID(row.replyTo), Reply: NoMessage, Exchange: NoMessage}
	if r := row.reply.Load(); r != 0 && uint64(r-1) < s.messages {
		m.Reply = MessageID(r - 1)
	}
	switch m.Kind {
	case decoders.Request:
		m.Exchange = id
	case decoders.Response:
		m.Exchange = m.ReplyTo
	}
	s.details(row, &m)
	m.Start = s.Packet(m.First).At
	m.HeadAt = s.arrival(m.Head)
	if c := s.closing(row); c != nil {
		m.Closed, m.Last, m.Len = true, capture.PacketID(c.last), c.length
		m.Total = c.end - row.off
		m.End = max(s.arrival(m.Last), m.Start)
		if c.errLen > 0 {
			m.Err = string(s.detail(c.errRef, c.errLen))
		}
	} else if c := s.conv(m.Conv); c != nil {
		m.Total = max(c.dirs[m.Dir].bytes.Load()-row.off, 0)
	}
	return m
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

func (s *Snapshot) details(row *msgRow, m *Message) {
	d := blob{b: s.detail(row.ref, row.refLen), str: s.str}
	m.Proto = s.str(d.uvarint())
	m.Name = d.string()
	m.Summary = d.string()
	m.Fields = d.fields(nil)
	var chain []uint32
	for u := row.update.Load(); u != 0 && len(chain) < 64; {
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
	closed = s.End() + 1
	if c := s.closing(row); c != nil {
		closed = s.ArrivalPosition(capture.PacketID(c.last))
	}
	return begun, open, closed
}

// ConvMessages are the messages and units of a conversation in order.
func (s *Snapshot) ConvMessages(id ConvID) []MessageID {
	c := s.conv(id)
	if c == nil {
		return nil
	}
	var out []MessageID
	var i, n [2]uint64
	for d := range c.dirs {
		i[d], n[d] = c.dirs[d].msgs.first(), c.dirs[d].nmsgs.Load()
	}
	next := func(d int) uint64 {
		for i[d] < n[d] {
			v := c.dirs[d].msgs.at(i[d])
			if v != nil && uint64(*v) >= s.messages {
				break
			}
			if v != nil && uint64(*v) >= s.kept.messages {
				return uint64(*v)
			}
			i[d]++
		}
		return ^uint64(0)
	}
	for {
		a, b := next(0), next(1)
		if a == b {
			return out
		}
		d := 0
		if b < a {
			a, d = b, 1
		}
		i[d]++
		out = append(out, MessageID(a))
	}
}

// PacketMessages are the messages and units that have bytes in a packet, outer
// before inner.
func (s *Snapshot) PacketMessages(id capture.PacketID) []MessageID {
	p := s.Packet(id)
	c := s.conv(p.Conv)
	if c == nil || p.Payload == 0 {
		return nil
	}
	dir := &c.dirs[p.Dir]
	lo, hi, ok := s.carries(dir, uint32(id))
	if !ok {
		return nil
	}
	first, n := dir.msgs.first(), dir.nmsgs.Load()
	end := dir.msgs.search(first, n, func(v *uint32) bool {
		m := s.row(MessageID(*v))
		return m == nil || m.off >= hi
	})
	var out []MessageID
	seen := map[MessageID]bool{}
	add := func(id MessageID, m *msgRow) {
		if c := s.closing(m); m.off < hi && (c == nil || c.end > lo) && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	for i := end; i > first && end-i < maxPerPacket; i-- {
		v := dir.msgs.at(i - 1)
		if v == nil {
			break
		}
		m := s.row(MessageID(*v))
		if m == nil {
			break
		}
		add(MessageID(*v), m)
		if outer := s.row(MessageID(m.partOf)); outer != nil {
			add(MessageID(m.partOf), outer)
		}
		if c := s.closing(m); c != nil && c.end <= lo && m.partOf == uint32(NoMessage) {
			break // what comes before ended even earlier
		}
	}
	sortMessages(out)
	return out
}

// maxPerPacket bounds how many messages of one packet are looked for.
const maxPerPacket = 4096

func sortMessages(ids []MessageID) {
	for i := 1; i < len(ids); i++ {
		for j := i; j > 0 && ids[j] < ids[j-1]; j-- {
			ids[j], ids[j-1] = ids[j-1], ids[j]
		}
	}
}
