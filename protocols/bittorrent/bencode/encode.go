package bencode

import (
	"bytes"
	"strconv"
)

// Encode gives the one canonical encoding: keys sorted as raw bytes, of equal
// keys only the first, numbers without leading zeros.
func Encode(v Value) []byte { return Append(nil, v) }

// Append appends the canonical encoding of v to dst. A value of no kind is left
// out of a list or dictionary, and is nothing by itself.
func Append(dst []byte, v Value) []byte {
	switch v.Kind {
	case Integer:
		dst = append(dst, 'i')
		dst = strconv.AppendInt(dst, v.Int, 10)
		return append(dst, 'e')
	case String:
		return appendString(dst, v.Str)
	case List:
		dst = append(dst, 'l')
		for _, e := range v.List {
			dst = Append(dst, e)
		}
		return append(dst, 'e')
	case Dict:
		dst = append(dst, 'd')
		var last []byte
		first := true
		for _, e := range v.sortedEntries() {
			if e.Value.Kind == Invalid || !first && bytes.Equal(last, e.Key) {
				continue
			}
			first, last = false, e.Key
			dst = appendString(dst, e.Key)
			dst = Append(dst, e.Value)
		}
		return append(dst, 'e')
	}
	return dst
}

func appendString(dst, s []byte) []byte {
	dst = strconv.AppendInt(dst, int64(len(s)), 10)
	dst = append(dst, ':')
	return append(dst, s...)
}
