package timeline

import (
	"slices"

	"netscope/capture"
	"netscope/decoders"
)

// ConvMessages are the messages and units of a conversation in order.
func (s *Snapshot) ConvMessages(id ConvID) []MessageID {
	return s.ConvMessageRange(id, 0, maxInt)
}

// ConvMessageRange are the first max messages and units of a conversation from
// message from on. Its cost depends on max, not on their number.
func (s *Snapshot) ConvMessageRange(id ConvID, from MessageID, max int) []MessageID {
	c := s.conv(id)
	if c == nil {
		return nil
	}
	if f := MessageID(s.kept.messages); from < f {
		from = f
	}
	out := s.ownMessages(c, from, max)
	for _, x := range s.inside(c) {
		out = append(out, s.ConvMessageRange(x, from, max)...)
	}
	if c.ninner.Load() > 0 {
		slices.Sort(out)
		out = out[:min(len(out), max)]
	}
	return out
}

// ownMessages are those of a conversation without what is inside it.
func (s *Snapshot) ownMessages(c *conv, from MessageID, max int) []MessageID {
	var i, n [2]uint64
	for d := range c.dirs {
		l := &c.dirs[d].msgs
		n[d] = c.dirs[d].nmsgs.Load()
		i[d] = l.search(l.first(), n[d], func(v *uint32) bool { return *v >= uint32(from) })
	}
	next := func(d int) MessageID {
		if v := c.dirs[d].msgs.at(i[d]); i[d] < n[d] && v != nil && uint64(*v) < s.messages {
			return MessageID(*v)
		}
		return NoMessage
	}
	var out []MessageID
	for len(out) < max {
		d, m := 0, next(0)
		if b := next(1); b < m { // NoMessage is beyond all
			d, m = 1, b
		}
		if m == NoMessage {
			break
		}
		i[d]++
		out = append(out, m)
	}
	return out
}

// maxPerPacket bounds how many messages of one packet are looked for.
const maxPerPacket = 4096

// PacketMessages are the messages and units that have bytes in a packet, outer
// before inner. Its cost depends on their number only.
func (s *Snapshot) PacketMessages(id capture.PacketID) []MessageID {
	p := s.b.packets.at(uint64(id))
	if uint64(id) >= s.packets || p == nil || p.payload == 0 {
		return nil
	}
	c := s.conv(p.conv)
	if c == nil {
		return nil
	}
	out := s.carried(c, id, p.dir)
	for _, x := range s.inside(c) {
		if in := s.conv(x); in != nil {
			out = append(out, s.carried(in, id, p.dir)...)
		}
	}
	return out
}

// carried are the messages of one conversation that have bytes in a packet.
func (s *Snapshot) carried(c *conv, id capture.PacketID, d decoders.Dir) []MessageID {
	dir := &c.dirs[d&1]
	lo, hi, ok := s.carries(dir, uint32(id))
	if !ok {
		return nil
	}
	first, n := dir.msgs.first(), dir.nmsgs.Load()
	end := dir.msgs.search(first, n, func(v *uint32) bool {
		m := s.row(MessageID(*v))
		return m == nil || m.off >= hi
	})
	var out []MessageID // from the last to the first
	for i := end; i > first && end-i < maxPerPacket; i-- {
		v := dir.msgs.at(i - 1)
		if v == nil {
			break
		}
		id := MessageID(*v)
		m := s.row(id)
		if m == nil {
			break
		}
		out = s.within(out, id, m, lo, hi)
		if outer := s.row(MessageID(m.partOf)); outer != nil {
			out = s.within(out, MessageID(m.partOf), outer, lo, hi)
		}
		if c := s.closing(id); c != nil && c.end <= lo && m.partOf == uint32(NoMessage) {
			break // what comes before ended even earlier
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// within appends a message if it has bytes from lo up to hi.
func (s *Snapshot) within(out []MessageID, id MessageID, m *msgRow, lo, hi int64) []MessageID {
	if n := len(out); m.off >= hi || n > 0 && out[n-1] == id {
		return out
	}
	if c := s.closing(id); c != nil && c.end <= lo {
		return out
	}
	return append(out, id)
}
