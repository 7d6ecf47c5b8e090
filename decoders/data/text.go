package data

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"netscope/decoders"
)

// maxPreview is how much of a message its summary may show, in bytes.
const maxPreview = 60

// summary is the length and the beginning, as text if it is text.
func (r *run) summary() string {
	s := make([]byte, 0, 2*maxPreview)
	s = strconv.AppendInt(s, r.n, 10)
	if s = append(s, " bytes"...); r.n == 1 {
		s = s[:len(s)-1]
	}
	if len(r.preview) > 0 {
		s = appendPreview(append(s, "  "...), r.preview, r.n > int64(len(r.preview)))
	}
	return string(s)
}

// preview is appendPreview as a string.
func preview(b []byte, more bool) string { return string(appendPreview(nil, b, more)) }

// appendPreview shows bytes on one line: text as it is, with control characters
// escaped, anything else in hexadecimal.
func appendPreview(to, b []byte, more bool) []byte {
	if more {
		b = wholeRunes(b)
	}
	if isText(b) {
		to = appendEscaped(to, b)
	} else {
		n := min(len(b), 16)
		more = more || n < len(b)
		for i, c := range b[:n] {
			if i > 0 {
				to = append(to, ' ')
			}
			const digits = "0123456789abcdef"
			to = append(to, digits[c>>4], digits[c&15])
		}
	}
	if more {
		to = append(to, "…"...)
	}
	return to
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
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		b = b[n:]
		if !unicode.IsPrint(r) && r != '\r' && r != '\n' && r != '\t' {
			return false
		}
	}
	return true
}

// appendEscaped makes line ends and tabs visible.
func appendEscaped(to, b []byte) []byte {
	for _, c := range b {
		switch c {
		case '\r':
			to = append(to, `\r`...)
		case '\n':
			to = append(to, `\n`...)
		case '\t':
			to = append(to, `\t`...)
		default:
			to = append(to, c)
		}
	}
	return to
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
		root.Children = append(root.Children, decoders.Field{Name: "data.text", Label: "Text", Value: string(appendEscaped(nil, raw[off:off+n])), Off: off, Len: n})
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
