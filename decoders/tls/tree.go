package tls

import (
	"fmt"
	"strings"

	"netscope/decoders"
)

// maxNodes is how many entries of one list are shown.
const maxNodes = 256

// tree builds the field tree of bytes that may lie in pieces: at maps an offset
// among them to one in the message. It stops in silence where only a beginning
// is there, and marks what goes beyond its frame.
type tree struct {
	b    []byte
	off  int
	size int // how long b would be if all of it were there
	at   func(int) int
	out  []decoders.Field
	bad  bool
}

func (t *tree) left() int { return t.size - t.off }

// span gives a field its place.
func (t *tree) span(f decoders.Field, from, to int) decoders.Field {
	f.Off = t.at(from)
	f.Len = 0
	if to > from {
		f.Len = t.at(to-1) + 1 - f.Off
	}
	return f
}

// take reads n bytes for a field; ok is false if they are not there.
func (t *tree) take(n int, f decoders.Field) (b []byte, ok bool) {
	if t.bad {
		return nil, false
	}
	if n > t.left() {
		t.bad = true
		f.Value, f.Bad = fmt.Sprintf("%d bytes, %d are left", n, t.left()), true
		f.Doc = "Bad: " + badHello + "."
		t.out = append(t.out, t.span(f, t.off, min(t.size, len(t.b))))
		return nil, false
	}
	if t.off+n > len(t.b) {
		t.bad = true
		return nil, false
	}
	b = t.b[t.off : t.off+n : t.off+n]
	t.off += n
	return b, true
}

// num adds a number of n bytes; show makes its text, nil for decimal.
func (t *tree) num(n int, name, label, doc string, show func(int) string) int {
	f := decoders.Field{Name: name, Label: label, Doc: doc}
	b, ok := t.take(n, f)
	if !ok {
		return 0
	}
	v := 0
	for _, c := range b {
		v = v<<8 | int(c)
	}
	f.Value = fmt.Sprint(v)
	if show != nil {
		f.Value = show(v)
	}
	t.out = append(t.out, t.span(f, t.off-n, t.off))
	return v
}

// bytes adds n bytes in hexadecimal.
func (t *tree) bytes(n int, name, label, doc string) []byte {
	f := decoders.Field{Name: name, Label: label, Doc: doc}
	b, ok := t.take(n, f)
	if !ok {
		return nil
	}
	f.Value = hexText(b)
	t.out = append(t.out, t.span(f, t.off-n, t.off))
	return b
}

// text adds n bytes of text.
func (t *tree) text(n int, name, label, doc string) string {
	f := decoders.Field{Name: name, Label: label, Doc: doc}
	b, ok := t.take(n, f)
	if !ok {
		return ""
	}
	f.Value = clean(string(b))
	t.out = append(t.out, t.span(f, t.off-n, t.off))
	return string(b)
}

// group adds a field of n bytes whose children fill reads. What is not there
// yet is left out.
func (t *tree) group(n int, f decoders.Field, fill func(*tree)) {
	if t.bad {
		return
	}
	if n > t.left() {
		t.take(n, f)
		return
	}
	from := t.off
	sub := &tree{b: t.b[:min(from+n, len(t.b))], off: from, size: from + n, at: t.at}
	fill(sub)
	if f.Value == "" {
		f.Value = size(int64(n))
	}
	f = t.span(f, from, min(from+n, len(t.b)))
	f.Children = sub.out
	t.off = from + n
	if t.off > len(t.b) {
		t.bad = true
	}
	t.out = append(t.out, f)
}

// vector adds a length of width bytes and what it is the length of.
func (t *tree) vector(width int, f decoders.Field, fill func(*tree)) {
	n := t.num(width, "", "Length of "+strings.ToLower(f.Label[:1])+f.Label[1:], "In bytes.", nil)
	if !t.bad {
		t.group(n, f, fill)
	}
}

// hexText shows bytes in hexadecimal, long ones cut.
func hexText(b []byte) string {
	const most = 48
	if len(b) > most {
		return hexString(b[:most]) + "…"
	}
	return hexString(b)
}

// code shows a code point with its name.
func code(name func(uint16) string) func(int) string {
	return func(v int) string { return fmt.Sprintf("%s (%#04x)", name(uint16(v)), v) }
}

// list16 reads a list of code points.
func list16(name, label, doc string, show func(uint16) string) func(*tree) {
	return func(t *tree) {
		for i := 0; t.left() >= 2 && !t.bad && i < maxNodes; i++ {
			t.num(2, name, label, doc, code(show))
		}
	}
}
