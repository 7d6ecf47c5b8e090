package timeline

import (
	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/stream"
)

// A protocol that encrypts several streams in one conversation (QUIC) decodes
// them itself, because they depend on each other. What it has decrypted is kept
// as conversations without messages of their own, so that its messages, which
// lie on the wire in packets that cannot be read, can be shown with their bytes.
//
// They have numbers of their own, so that nobody who counts or lists
// conversations meets them.
//
// Where a message lies there is kept with its fields, under a name that no field
// has: the conversation, where it begins, and when it is complete, where it ends.

// plainBase is the number of the first kept stream.
const plainBase = ConvID(1 << 31)

// placeName is the name under which a message's place is kept with its fields.
const placeName = "\x00"

// slot is where a conversation is to be found; nil if it is not there any more.
func (b *Builder) slot(id ConvID) *convSlot {
	if id >= plainBase {
		return b.plain.at(uint64(id - plainBase))
	}
	return b.convs.at(uint64(id))
}

// maxKept is how many kept streams one conversation may have.
const maxKept = 8192

// keptStream finds or makes the place of a kept stream; nil if there are too
// many.
func (l *live) keptStream(n int64, d decoders.Dir) *live {
	if x := l.kept[n]; x != nil {
		return x
	}
	if len(l.kept) >= maxKept || l.b.plain.n >= uint64(NoConv-plainBase) || l.depth >= maxNesting {
		return nil
	}
	b := l.b
	c := &conv{id: plainBase + ConvID(b.plain.n), parent: l.c.id, nested: true, transport: l.c.transport, midway: l.c.midway,
		a: l.c.a, b: l.c.b, first: l.by[d], start: l.byAt[d]}
	b.plain.grow().live.Store(c)
	if l.kept == nil {
		l.kept = map[int64]*live{}
	}
	x := &live{b: b, c: c, depth: l.depth + 1}
	l.kept[n] = x
	return x
}

// keep keeps bytes of a stream.
func (l *live) keep(in *decoders.Inner) {
	d := in.Dir & 1
	x := l.keptStream(in.Stream, d)
	if x == nil {
		return
	}
	x.by[d], x.byAt[d], x.cur[d] = l.by[d], l.byAt[d], l.cur[d]
	x.off[d] += max(in.Gap, 0)
	if len(in.Data) == 0 {
		return
	}
	x.segment(&stream.Delivery{Dir: d, Off: x.off[d], Data: in.Data, Packet: capture.PacketID(l.cur[d]), PacketOff: -1})
	x.off[d] += int64(len(in.Data))
	x.c.last.Store(l.by[d])
	x.c.end.Store(int64(l.byAt[d]))
}

// place are the fields that say where a message that opens lies.
func (l *live) place(ev *decoders.Event) []decoders.KV {
	if ev.Inner == 0 {
		return nil
	}
	x := l.keptStream(ev.Inner, ev.Dir&1)
	if x == nil {
		return nil
	}
	return []decoders.KV{decoders.I(placeName, int64(x.c.id)), decoders.I(placeName, ev.InnerOff)}
}

// settle moves a message to where it lies in a kept stream, if it lies in one.
func (s *Snapshot) settle(m *Message) {
	if len(m.at) < 2 {
		return
	}
	m.Source, m.Off, m.Total, m.Plain = ConvID(m.at[0]), m.at[1], 0, true
	if len(m.at) > 2 {
		m.Total = max(m.at[2]-m.Off, 0)
	} else if c := s.conv(m.Source); c != nil {
		m.Total = max(c.dirs[m.Dir].bytes.Load()-m.Off, 0)
	}
}

// unplace takes the fields that say where a message lies out of the others.
func (m *Message) unplace() {
	kept := m.Fields[:0]
	for _, kv := range m.Fields {
		if kv.Name == placeName {
			m.at = append(m.at, kv.Int)
		} else {
			kept = append(kept, kv)
		}
	}
	m.Fields = kept
}
