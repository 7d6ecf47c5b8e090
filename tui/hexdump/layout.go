// Package hexdump shows bytes: of the packet, of the stream, or of a
// message's decoded content. The selected field's bytes are lit, and a cursor
// that moves over bytes selects the smallest field that covers them.
//
// It knows fields by their spans only.
package hexdump

import "netscope/tui/view"

// Shape is how bytes are laid out in a width.
type Shape struct {
	PerRow int // 4, 8, 16 or 32
	Digits int // of the offset, 0: none
	Hex    int // column of the first byte
	Text   int // column of the first character, 0: no text column
}

// Fit finds the widest shape that fits into w cells for offsets up to end.
func Fit(w int, end int64) Shape {
	digits := 4
	for x := end; x > 0xffff && digits < 16; x >>= 4 {
		digits++
	}
	for _, n := range []int{32, 16, 8, 4} {
		hex := digits + 2
		if w < 42 {
			hex = digits + 1
		}
		text := hex + hexWidth(n) + 2
		if w < 42 {
			text = hex + hexWidth(n) + 1
		}
		if text+n <= w {
			return Shape{n, digits, hex, text}
		}
	}
	if w >= digits+1+hexWidth(4) {
		return Shape{4, digits, digits + 1, 0}
	}
	return Shape{PerRow: max(1, (w+1)/3), Hex: 0}
}

// hexWidth is how many cells n bytes take: three each, one more between groups
// of eight, none at the end.
func hexWidth(n int) int { return 3*n - 1 + (n-1)/8 }

// Col is the column of byte i of a row.
func (s Shape) Col(i int) int { return s.Hex + 3*i + i/8 }

// ByteAt is the byte of a row at a column, in the hex or the text part, or -1.
func (s Shape) ByteAt(x int) int {
	if s.Text > 0 && x >= s.Text && x < s.Text+s.PerRow {
		return x - s.Text
	}
	for i := range s.PerRow {
		if c := s.Col(i); x >= c && x < c+2 {
			return i
		}
	}
	return -1
}

// Range is a half-open range of offsets.
type Range struct{ From, To int64 }

// Has reports that off is inside.
func (r Range) Has(off int64) bool { return off >= r.From && off < r.To }

const digits = "0123456789abcdef"

// hexOf is the two digits of a byte, as parts of one string.
func hexOf(b byte) (hi, lo string) {
	h, l := b>>4, b&15
	return digits[h : h+1], digits[l : l+1]
}

const printable = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// char is how a byte looks in the text column.
func char(b byte, t *view.Theme) (string, view.Style) {
	if b >= ' ' && b < 0x7f {
		return printable[b-' ' : b-' '+1], t.Text
	}
	return "·", t.Faint
}
