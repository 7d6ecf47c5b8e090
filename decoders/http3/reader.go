package http3

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reader takes fields off the front of some bytes.
type reader struct {
	b     []byte
	off   int
	short bool
}

func (r *reader) left() int { return len(r.b) - r.off }

// varint reads a variable-length integer (RFC 9000 §16).
func (r *reader) varint() uint64 {
	if r.short || r.left() == 0 || r.left() < 1<<(r.b[r.off]>>6) {
		r.short = true
		return 0
	}
	n := 1 << (r.b[r.off] >> 6)
	v := uint64(r.b[r.off] & 0x3f)
	for _, c := range r.b[r.off+1 : r.off+n] {
		v = v<<8 | uint64(c)
	}
	r.off += n
	return v
}

// clean makes text from the wire fit for the screen: one line, no control
// characters.
func clean(s string) string {
	for _, r := range s {
		if r < ' ' || r == utf8.RuneError || !unicode.IsPrint(r) {
			q := strconv.Quote(s)
			return q[1 : len(q)-1]
		}
	}
	return s
}

// clip shortens text from the wire.
func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// thousands writes a number with commas: 15,961.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// reserved reports a type of streams, frames or settings that only exercises
// that unknown ones are ignored (RFC 9114 §7.2.8).
func reserved(t uint64) bool { return t >= 0x21 && (t-0x21)%0x1f == 0 }
