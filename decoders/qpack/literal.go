package qpack

import (
	"errors"

	"golang.org/x/net/http2/hpack"
)

// Errors of instructions and field sections. ErrShort of an instruction means
// that the rest has not come yet.
var (
	ErrShort     = errors.New("it ends within a field or an instruction (RFC 9204 §4.1)")
	ErrInteger   = errors.New("an integer is longer than 62 bits (RFC 9204 §4.1.1)")
	ErrHuffman   = errors.New("a Huffman-coded string is not valid (RFC 9204 §4.1.2)")
	ErrLong      = errors.New("a string is longer than netscope decodes")
	ErrIndex     = errors.New("an index that names no entry of the static table (RFC 9204 §3.1)")
	ErrGone      = errors.New("an index that names no entry of the dynamic table (RFC 9204 §3.2.4)")
	ErrCapacity  = errors.New("a capacity beyond what the decoder allows (RFC 9204 §3.2.3)")
	ErrNoRoom    = errors.New("an entry that is larger than the table (RFC 9204 §3.2.2)")
	ErrCount     = errors.New("an insert count that cannot be (RFC 9204 §4.5.1.1)")
	ErrBase      = errors.New("a base below zero (RFC 9204 §4.5.1.2)")
	ErrBlocked   = errors.New("it refers to entries that have not come yet: the stream waits (RFC 9204 §2.2.1)")
	ErrMissed    = errors.New("some fields cannot be decoded: the capture lacks instructions for the dynamic table (RFC 9204 §3.2)")
	ErrList      = errors.New("the field section is longer than netscope decodes")
	ErrReference = errors.New("an entry is used that is not among those that the section says it needs (RFC 9204 §2.2.1)")
	ErrIncrement = errors.New("an increment of 0, or beyond what has been inserted (RFC 9204 §4.4.3)")
	ErrNoSection = errors.New("an acknowledgement of a stream that has no section with dynamic entries (RFC 9204 §4.4.1)")
)

// maxString is the longest string that is decoded.
const maxString = 1 << 20

// integer reads an integer with a prefix of so many bits (RFC 9204 §4.1.1).
func integer(b []byte, off int, bits uint) (n uint64, next int, err error) {
	if off >= len(b) {
		return 0, off, ErrShort
	}
	most := uint64(1)<<bits - 1
	n = uint64(b[off]) & most
	off++
	if n < most {
		return n, off, nil
	}
	for shift := uint(0); ; shift += 7 {
		switch {
		case shift > 56:
			return 0, off, ErrInteger
		case off >= len(b):
			return 0, off, ErrShort
		}
		c := b[off]
		off++
		n += uint64(c&0x7f) << shift
		if n >= 1<<62 {
			return 0, off, ErrInteger
		}
		if c&0x80 == 0 {
			return n, off, nil
		}
	}
}

// text reads a string whose length has a prefix of so many bits, with the
// Huffman flag just above them (RFC 9204 §4.1.2).
func text(b []byte, off int, bits uint) (s string, next int, err error) {
	if off >= len(b) {
		return "", off, ErrShort
	}
	huffman := b[off]>>bits&1 != 0
	n, at, err := integer(b, off, bits)
	switch {
	case err != nil:
		return "", off, err
	case n > maxString:
		return "", off, ErrLong
	case n > uint64(len(b)-at):
		return "", off, ErrShort
	}
	next = at + int(n)
	if !huffman {
		return string(b[at:next]), next, nil
	}
	if s, err = hpack.HuffmanDecodeToString(b[at:next]); err != nil {
		return "", off, ErrHuffman
	}
	return s, next, nil
}
