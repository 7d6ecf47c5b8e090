package hpack

import "golang.org/x/net/http2/hpack"

// integer reads an integer with a prefix of so many bits (RFC 7541 §5.1). next
// is the offset after it.
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
		case shift >= 63: // as far as other decoders go; no index or length needs it
			return 0, off, ErrInteger
		case off >= len(b):
			return 0, off, ErrShort
		}
		c := b[off]
		off++
		n += uint64(c&0x7f) << shift
		if c&0x80 == 0 {
			return n, off, nil
		}
	}
}

// text reads a string literal (RFC 7541 §5.2). next is the offset after it. A
// Huffman-coded string grows to at most 8/5 of its length, so that the block
// bounds it.
func text(b []byte, off int) (s string, t Text, next int, err error) {
	t.Off = off
	if off >= len(b) {
		return "", t, off, ErrShort
	}
	t.Huffman = b[off]&0x80 != 0
	n, at, err := integer(b, off, 7)
	if err != nil {
		return "", t, off, err
	}
	if n > uint64(len(b)-at) {
		return "", t, off, ErrShort
	}
	t.At, t.Len = at, int(n)
	next = at + t.Len
	raw := b[at:next]
	if !t.Huffman {
		return string(raw), t, next, nil
	}
	if s, err = hpack.HuffmanDecodeToString(raw); err != nil {
		return "", t, off, ErrHuffman
	}
	return s, t, next, nil
}
