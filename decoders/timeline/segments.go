package timeline

// seg says where a run of stream bytes is. Those of a direction are ordered by
// off and by the time at which they were delivered.
type seg struct {
	off    int64
	n      uint32
	packet uint32 // contains the bytes
	pktOff int32  // where in the packet; < 0: ^index of a copy in the store
	by     uint32 // its arrival delivered them (a later packet, if these waited behind a hole)
}

// segRow is how a seg is kept: 16 bytes, as there is one for each packet with
// data. Those that do not fit, a few, are in the log of odd ones.
type segRow struct {
	at     uint64 // off<<segLenBits | n
	packet uint32 // or index of the odd one
	pktOff uint16 // or segOdd
	later  uint16 // by - packet
}

const (
	segLenBits = 24
	maxStream  = 1 << (64 - segLenBits) // bytes of a direction that can be told apart
	segOdd     = 1<<16 - 1
)

func (r *segRow) off() int64 { return int64(r.at >> segLenBits) }
func (r *segRow) end() int64 { return r.off() + int64(r.at&(1<<segLenBits-1)) }

// pack makes a row; ok is false if it cannot be kept at all.
func (b *Builder) pack(g seg) (r segRow, ok bool) {
	if g.n >= 1<<segLenBits || g.off < 0 || g.off >= maxStream-1<<segLenBits {
		return r, false
	}
	r.at = uint64(g.off)<<segLenBits | uint64(g.n)
	if later := int64(g.by) - int64(g.packet); g.pktOff >= 0 && g.pktOff < segOdd && later >= 0 && later < 1<<16 {
		r.packet, r.pktOff, r.later = g.packet, uint16(g.pktOff), uint16(later)
		return r, true
	}
	r.packet, r.pktOff = uint32(b.odd.append(g)), segOdd
	return r, true
}

// by is the packet whose arrival delivered a segment. An odd one that has been
// evicted was long ago.
func (b *Builder) by(r *segRow) uint32 {
	if r.pktOff == segOdd {
		if g := b.odd.at(uint64(r.packet)); g != nil {
			return g.by
		}
		return 0
	}
	return r.packet + uint32(r.later)
}

// unpack is the inverse of pack; ok is false if an odd one has been evicted.
func (b *Builder) unpack(r *segRow) (g seg, ok bool) {
	if r.pktOff == segOdd {
		o := b.odd.at(uint64(r.packet))
		if o == nil {
			return g, false
		}
		return *o, true
	}
	return seg{off: r.off(), n: uint32(r.end() - r.off()), packet: r.packet, pktOff: int32(r.pktOff), by: b.by(r)}, true
}
