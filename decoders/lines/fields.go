package lines

import (
	"strconv"
	"unicode/utf8"

	"netscope/decoders"
)

// fields writes field values as an object in their order; those that can repeat
// are always arrays.
type fields []decoders.KV

func (f fields) MarshalJSON() ([]byte, error) {
	buf := []byte{'{'}
	done := map[string]bool{}
	for i, kv := range f {
		if done[kv.Name] {
			continue
		}
		done[kv.Name] = true
		if len(buf) > 1 {
			buf = append(buf, ',')
		}
		buf = appendJSON(buf, kv.Name)
		buf = append(buf, ':')
		if !kv.Many {
			buf = appendValue(buf, kv)
			continue
		}
		sep := byte('[')
		for _, other := range f[i:] {
			if other.Name == kv.Name {
				buf = appendValue(append(buf, sep), other)
				sep = ','
			}
		}
		buf = append(buf, ']')
	}
	return append(buf, '}'), nil
}

func appendValue(buf []byte, kv decoders.KV) []byte {
	switch kv.Kind {
	case decoders.IntValue:
		return strconv.AppendInt(buf, kv.Int, 10)
	case decoders.BoolValue:
		return strconv.AppendBool(buf, kv.Int != 0)
	}
	return appendJSON(buf, kv.Str)
}

// appendJSON writes a string; what is not UTF-8 becomes the replacement
// character. JSON needs nothing else escaped (RFC 8259 §7).
func appendJSON(buf []byte, s string) []byte {
	const hex = "0123456789abcdef"
	buf = append(buf, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			buf = utf8.AppendRune(buf, r)
			i += n
			continue
		}
		i++
		switch {
		case c == '"' || c == '\\':
			buf = append(buf, '\\', c)
		case c == '\n':
			buf = append(buf, `\n`...)
		case c == '\r':
			buf = append(buf, `\r`...)
		case c == '\t':
			buf = append(buf, `\t`...)
		case c < ' ':
			buf = append(buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			buf = append(buf, c)
		}
	}
	return append(buf, '"')
}
