package tls

// reader reads the fields of a message one after another. A length that goes
// beyond the end sets bad and gives what is there.
type reader struct {
	b   []byte
	off int // how much has been read
	bad bool
}

func (r *reader) left() int { return len(r.b) - r.off }

// take reads n bytes.
func (r *reader) take(n int) []byte {
	if n > r.left() {
		r.bad = true
		n = r.left()
	}
	b := r.b[r.off : r.off+n : r.off+n]
	r.off += n
	return b
}

// num reads a number of n bytes.
func (r *reader) num(n int) int {
	v := 0
	for _, c := range r.take(n) {
		v = v<<8 | int(c)
	}
	return v
}

// vec reads a vector whose length stands before it in n bytes.
func (r *reader) vec(n int) []byte { return r.take(r.num(n)) }

// numbers splits b into numbers of two bytes.
func numbers(b []byte) []uint16 {
	out := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		out = append(out, uint16(be16(b)))
	}
	return out
}
