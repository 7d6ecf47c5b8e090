package qlog

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number is a JSON number, or a string of digits as some implementations write
// large ones. What is no number counts as 0.
type number int64

// UnmarshalJSON implements json.Unmarshaler. It never fails: one odd value must
// not spoil a whole event.
func (n *number) UnmarshalJSON(b []byte) error {
	*n = 0
	s := strings.Trim(string(b), `"`)
	if x, err := strconv.ParseInt(s, 10, 64); err == nil {
		*n = number(x)
	} else if f, err := strconv.ParseFloat(s, 64); err == nil && f > -1e18 && f < 1e18 {
		*n = number(f)
	}
	return nil
}

// text is a JSON string; a number or boolean is taken as it is written, and an
// object or array is no text.
type text string

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (t *text) UnmarshalJSON(b []byte) error {
	*t = ""
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return nil
	}
	switch b[0] {
	case '"':
		var s string
		if json.Unmarshal(b, &s) == nil {
			*t = text(short(s))
		}
	case '{', '[', 'n':
	default:
		*t = text(short(string(b)))
	}
	return nil
}

// short cuts a text that is too long to be shown.
func short(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// object is a JSON object whose members are looked up one by one, since drafts
// and implementations differ in them. A nil object has none.
type object map[string]json.RawMessage

func objectOf(b json.RawMessage) object {
	var o object
	if json.Unmarshal(b, &o) != nil {
		return nil
	}
	return o
}

// num is the first of these members that is there.
func (o object) num(names ...string) (int64, bool) {
	for _, name := range names {
		if b, ok := o[name]; ok {
			var n number
			_ = n.UnmarshalJSON(b)
			return int64(n), true
		}
	}
	return 0, false
}

// text is the first of these members that is there and is no object.
func (o object) text(names ...string) string {
	for _, name := range names {
		var t text
		if b, ok := o[name]; ok && t.UnmarshalJSON(b) == nil && t != "" {
			return string(t)
		}
	}
	return ""
}
