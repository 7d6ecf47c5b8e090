package filter

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"netscope/decoders"
)

// value is the right side of a comparison.
type value struct {
	text  string
	num   int64
	isNum bool
	high  int64 // with isRange: num…high
	rng   bool
	re    *regexp.Regexp
	net   netip.Prefix
}

func parseValue(text string, quoted bool) value {
	v := value{text: text}
	if quoted {
		return v
	}
	if lo, hi, ok := strings.Cut(text, ".."); ok {
		a, err1 := strconv.ParseInt(lo, 0, 64)
		b, err2 := strconv.ParseInt(hi, 0, 64)
		if err1 == nil && err2 == nil {
			v.num, v.high, v.rng = a, b, true
			return v
		}
	}
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		v.num, v.isNum = n, true
	}
	switch strings.ToLower(text) {
	case "true":
		v.num, v.isNum = 1, true
	case "false":
		v.num, v.isNum = 0, true
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		v.net = p
	}
	return v
}

// holds compares a field with the value.
func (v value) holds(kv decoders.KV, op string) bool {
	str := kv.Str
	if kv.Kind != decoders.StrValue {
		str = strconv.FormatInt(kv.Int, 10)
	}
	switch op {
	case "contains":
		return strings.Contains(str, v.text)
	case "matches":
		return v.re != nil && v.re.MatchString(str)
	}
	if kv.Kind != decoders.StrValue && (v.isNum || v.rng) {
		if v.rng {
			return op == "==" && kv.Int >= v.num && kv.Int <= v.high
		}
		return ordered(op, cmp(kv.Int, v.num))
	}
	if v.net.IsValid() && op == "==" {
		if a, err := netip.ParseAddr(str); err == nil {
			return v.net.Contains(a.Unmap())
		}
	}
	return ordered(op, strings.Compare(str, v.text))
}

func cmp(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func ordered(op string, c int) bool {
	switch op {
	case "==":
		return c == 0
	case "<":
		return c < 0
	case ">":
		return c > 0
	case "<=":
		return c <= 0
	case ">=":
		return c >= 0
	}
	return false
}
