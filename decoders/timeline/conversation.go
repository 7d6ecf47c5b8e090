package timeline

import "netscope/capture"

// Conversations is the number of conversations so far.
func (s *Snapshot) Conversations() int { return int(s.convs) }

func (s *Snapshot) conv(id ConvID) *conv {
	if id >= plainBase {
		if uint64(id-plainBase) >= s.plain {
			return nil
		}
	} else if uint64(id) >= s.convs {
		return nil
	}
	return s.b.conv(id)
}

// Conversation is a conversation, with totals as of now.
func (s *Snapshot) Conversation(id ConvID) Conversation {
	c := s.conv(id)
	if c == nil {
		return Conversation{ID: id, Parent: NoConv}
	}
	h := Conversation{ID: id, Transport: c.transport, A: c.a, B: c.b, Midway: c.midway, First: capture.PacketID(c.first),
		Last: capture.PacketID(c.last.Load()), Start: c.start, End: Time(c.end.Load()), RTT: Time(c.rtt.Load()),
		State: ConvState(c.state.Load()), Messages: c.messages.Load(), Proto: s.str(uint64(c.proto.Load()))}
	h.Parent = NoConv
	if c.nested {
		h.Parent = c.parent
	}
	for d := range c.dirs {
		h.Packets[d] = c.dirs[d].packets.Load()
		h.Bytes[d] = c.dirs[d].bytes.Load()
	}
	return h
}

// ConvPackets are the packets of a conversation in order.
func (s *Snapshot) ConvPackets(id ConvID) []capture.PacketID {
	return s.ConvPacketRange(id, 0, maxInt)
}

// ConvPacketRange are the first max packets of a conversation from packet from
// on. Its cost depends on max, not on the length of the conversation.
func (s *Snapshot) ConvPacketRange(id ConvID, from capture.PacketID, max int) []capture.PacketID {
	c := s.conv(s.outer(id))
	if c == nil {
		return nil
	}
	n := c.npackets.Load()
	i := c.packets.search(c.packets.first(), n, func(v *uint32) bool { return uint64(*v) >= uint64(from) })
	var ids []capture.PacketID
	for ; i < n && len(ids) < max; i++ {
		v := c.packets.at(i)
		if v == nil || uint64(*v) >= s.packets {
			break
		}
		ids = append(ids, capture.PacketID(*v))
	}
	return ids
}

const maxInt = int(^uint(0) >> 1)
