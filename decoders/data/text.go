package data

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

	"netscope/decoders"
)

// maxPreview is how much of a message its summary may show, in bytes.
const maxPreview = 60

// summary is the length and the beginning, as text if it is text.
func (r *run) summary() string {
	s := fmt.Sprintf("%d bytes", r.n)
	if r.n == 1 {
		s = "1 byte"
	}
	if p := preview(r.preview, r.n > int64(len(r.preview))); p != "" {
		s += "  " + p
	}
	return s
}

// preview shows bytes on one line: text as it is, with control characters
// escaped, anything else in hexadecimal.
func preview(b []byte, more bool) string {
	dots := ""
	if more {
		b = wholeRunes(b)
		dots = "…"
	}
	if !isText(b) {
		n := min(len(b), 16)
		if n < len(b) {
			dots = "…"
		}
		return fmt.Sprintf("% x", b[:n]) + dots
	}
	return escape(string(b)) + dots
}

// wholeRunes drops a rune that is cut in two at the end.
func wholeRunes(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if tail := b[len(b)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// isText says whether b is UTF-8 that a person can read.
func isText(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if !unicode.IsPrint(r) && r != '\r' && r != '\n' && r != '\t' {
			return false
		}
	}
	return true
}

// escape makes line ends and tabs visible.
func escape(s string) string {
	var b bytes.Buffer
	for _, r := range s {
		switch r {
		case '\r':
			b.WriteString(`\r`)
		case '\n':
			b.WriteString(`\n`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// maxLines is how many lines of text Explain lists.
const maxLines = 500

// Explain shows text line by line, anything else as one field.
func (Decoder) Explain(m decoders.Exposed) decoders.Field {
	total := int(max(m.Total, int64(len(m.Raw))))
	root := decoders.Field{Name: "data", Label: "Data", Value: fmt.Sprintf("%d bytes", total), Len: total,
		Doc: "Bytes that no decoder claims: what they mean is between the two programs. " + runDoc(m.Hint.Transport)}
	raw := m.Raw
	if len(raw) < total {
		raw = wholeRunes(raw)
	}
	if !isText(raw) {
		root.Children = []decoders.Field{{Name: "data.data", Label: "Bytes", Value: preview(raw, len(m.Raw) < total), Len: total}}
		return root
	}
	for off := 0; off < len(raw) && len(root.Children) < maxLines; {
		n := bytes.IndexByte(raw[off:], '\n') + 1
		if n == 0 {
			n = len(raw) - off
		}
		root.Children = append(root.Children, decoders.Field{Name: "data.text", Label: "Text", Value: escape(string(raw[off : off+n])), Off: off, Len: n})
		off += n
	}
	return root
}

func runDoc(t decoders.Transport) string {
	if t == decoders.UDP {
		return "One datagram is one message: UDP keeps their boundaries (RFC 768)."
	}
	return "TCP keeps no message boundaries; shown is what one side sent until the other spoke (RFC 9293 §2.2)."
}
