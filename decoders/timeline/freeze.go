package timeline

import (
	"encoding/binary"
	"net/netip"
	"sync/atomic"

	"netscope/decoders"
)

// A conversation that is over never changes. If it is small, and most are, its
// record goes to the details store, some 100 bytes there and 24 in memory, and
// is made again when somebody asks for it.

// maxFrozen is how many packets a conversation may have to be frozen: making
// its record again must take no visible time.
const maxFrozen = 4096

// thawed keeps some conversations that have been made again.
type thawed [64]atomic.Pointer[conv]

// freeze moves the record of a conversation that is over to the store.
func (b *Builder) freeze(c *conv) {
	if !b.archive || c.packets.n+c.dirs[0].msgs.n+c.dirs[1].msgs.n > maxFrozen {
		return
	}
	b.scratch = c.encode(b.scratch[:0])
	ref, err := b.opt.Details.Put(b.scratch)
	if err != nil {
		return
	}
	slot := b.slot(c.id)
	slot.ref.Store(ref)
	slot.n.Store(uint32(len(b.scratch)))
	slot.live.Store(nil)
}

// thaw makes a conversation again, for any goroutine; nil if it is not there.
func (b *Builder) thaw(id ConvID, slot *convSlot) *conv {
	n := slot.n.Load()
	if n == 0 {
		return nil
	}
	kept := &b.thawed[id%ConvID(len(b.thawed))]
	if c := kept.Load(); c != nil && c.id == id {
		return c
	}
	buf := make([]byte, n)
	if b.opt.Details.ReadAt(buf, slot.ref.Load()) != nil {
		return nil
	}
	c := decodeConv(id, buf)
	kept.Store(c)
	return c
}

// encode appends the record to buf. It mirrors decodeConv.
func (c *conv) encode(buf []byte) []byte {
	put := func(v uint64) { buf = binary.AppendUvarint(buf, v) }
	buf = append(buf, byte(c.transport), flag(c.midway))
	for _, a := range []netip.AddrPort{c.a, c.b} {
		raw := a.Addr().AsSlice()
		buf = append(append(buf, byte(len(raw))), raw...)
		put(uint64(a.Port()))
	}
	put(uint64(c.first))
	buf = binary.AppendVarint(buf, int64(c.start))
	put(uint64(c.last.Load()))
	buf = binary.AppendVarint(buf, c.end.Load()-int64(c.start))
	put(uint64(c.rtt.Load()))
	put(uint64(c.state.Load()))
	put(uint64(c.proto.Load()))
	put(uint64(c.messages.Load()))
	buf = append(buf, flag(c.nested))
	put(uint64(c.parent))
	buf = encodeIDs(buf, &c.inner)
	buf = encodeIDs(buf, &c.packets)
	for d := range c.dirs {
		dir := &c.dirs[d]
		put(uint64(dir.packets.Load()))
		put(uint64(dir.bytes.Load()))
		buf = encodeIDs(buf, &dir.msgs)
		put(dir.segs.n)
		var prev segRow
		for i := range dir.segs.n {
			s := dir.segs.at(i)
			put(uint64(s.off() - prev.end()))
			put(uint64(s.end() - s.off()))
			buf = binary.AppendVarint(buf, int64(s.packet)-int64(prev.packet))
			put(uint64(s.pktOff))
			put(uint64(s.later))
			prev = *s
		}
	}
	return buf
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// encodeIDs appends ascending numbers.
func encodeIDs(buf []byte, l *log[uint32]) []byte {
	buf = binary.AppendUvarint(buf, l.n)
	prev := uint32(0)
	for i := range l.n {
		v := *l.at(i)
		buf = binary.AppendUvarint(buf, uint64(v-prev))
		prev = v
	}
	return buf
}

// decodeConv mirrors encode.
func decodeConv(id ConvID, buf []byte) *conv {
	d := blob{b: buf}
	c := &conv{id: id, ended: true, transport: decoders.Transport(d.byte()), midway: d.byte() != 0}
	for _, p := range []*netip.AddrPort{&c.a, &c.b} {
		a, _ := netip.AddrFromSlice(d.take(uint64(d.byte())))
		*p = netip.AddrPortFrom(a, uint16(d.uvarint()))
	}
	c.first = uint32(d.uvarint())
	c.start = Time(d.varint())
	c.last.Store(uint32(d.uvarint()))
	c.end.Store(int64(c.start) + d.varint())
	c.rtt.Store(int64(d.uvarint()))
	c.state.Store(uint32(d.uvarint()))
	c.proto.Store(uint32(d.uvarint()))
	c.messages.Store(uint32(d.uvarint()))
	c.nested = d.byte() != 0
	c.parent = ConvID(d.uvarint())
	d.ids(&c.inner)
	c.ninner.Store(c.inner.n)
	d.ids(&c.packets)
	c.npackets.Store(c.packets.n)
	for i := range c.dirs {
		dir := &c.dirs[i]
		dir.packets.Store(uint32(d.uvarint()))
		dir.bytes.Store(int64(d.uvarint()))
		d.ids(&dir.msgs)
		dir.nmsgs.Store(dir.msgs.n)
		n := d.uvarint()
		var prev segRow
		for ; n > 0 && len(d.b) > 0; n-- {
			off := prev.end() + int64(d.uvarint())
			s := segRow{at: uint64(off)<<segLenBits | d.uvarint()}
			s.packet = uint32(int64(prev.packet) + d.varint())
			s.pktOff, s.later = uint16(d.uvarint()), uint16(d.uvarint())
			dir.segs.append(s)
			prev = s
		}
		dir.nsegs.Store(dir.segs.n)
	}
	return c
}

// ids reads what encodeIDs has written.
func (d *blob) ids(l *log[uint32]) {
	prev := uint32(0)
	for n := d.uvarint(); n > 0 && len(d.b) > 0; n-- {
		prev += uint32(d.uvarint())
		l.append(prev)
	}
}
