package http2

import (
	"strconv"
	"strings"
)

// Priority is what a client asks for a response (RFC 9218 §4).
type Priority struct {
	Urgency     int  // 0 (most urgent) to 7
	Incremental bool // a part of it is already of use
}

// DefaultPriority is that of a request that asks for none.
func DefaultPriority() Priority { return Priority{Urgency: 3} }

// ParsePriority reads a Priority field value ("u=5, i"). What it does not
// understand it ignores, as RFC 9218 §4 demands.
func ParsePriority(s string) Priority {
	p := DefaultPriority()
	for _, item := range strings.Split(s, ",") {
		item, _, _ = strings.Cut(item, ";") // parameters mean nothing here
		key, value, has := strings.Cut(strings.TrimSpace(item), "=")
		switch key {
		case "u":
			if u, err := strconv.Atoi(value); err == nil && u >= 0 && u <= 7 {
				p.Urgency = u
			}
		case "i":
			switch {
			case !has, value == "?1":
				p.Incremental = true
			case value == "?0":
				p.Incremental = false
			}
		}
	}
	return p
}

// String is the field value.
func (p Priority) String() string {
	s := "u=" + strconv.Itoa(p.Urgency)
	if p.Incremental {
		s += ", i"
	}
	return s
}
