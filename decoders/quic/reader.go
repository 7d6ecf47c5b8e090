package quic

// reader takes fields off the front of some bytes. Once something is missing,
// short is set and everything further reads as zero.
type reader struct {
	b     []byte
	off   int
	short bool
}

func (r *reader) left() int { return len(r.b) - r.off }

func (r *reader) take(n uint64) []byte {
	if r.short || n > uint64(r.left()) {
		r.short = true
		return nil
	}
	b := r.b[r.off : r.off+int(n) : r.off+int(n)]
	r.off += int(n)
	return b
}

// uint reads an integer of n bytes, the most significant first.
func (r *reader) uint(n uint64) uint64 {
	var v uint64
	for _, c := range r.take(n) {
		v = v<<8 | uint64(c)
	}
	return v
}

// varint reads a variable-length integer (RFC 9000 §16).
func (r *reader) varint() uint64 {
	if r.left() == 0 {
		r.short = true
	}
	if r.short {
		return 0
	}
	n := uint64(1) << (r.b[r.off] >> 6)
	return r.uint(n) & (1<<(8*n-2) - 1)
}
