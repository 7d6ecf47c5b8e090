package http2

import (
	"encoding/binary"
	"strconv"
	"strings"

	"netscope/decoders"
)

// dependency is what PRIORITY and HEADERS say of a stream's place in the tree
// (RFC 7540 §5.3).
type dependency struct {
	exclusive bool
	parent    uint32
	weight    int // 1 to 256
}

func parseDependency(b []byte) dependency {
	v := binary.BigEndian.Uint32(b)
	return dependency{exclusive: v>>31 != 0, parent: v & maxWindow, weight: int(b[4]) + 1}
}

func (c *Conn) priorityFrame(d decoders.Dir, f Frame, e *Effect) {
	if len(f.Payload) != 5 || f.Stream == 0 {
		return
	}
	s := c.Streams[f.Stream]
	if s == nil {
		if c.past(f.Stream) || c.live >= maxIdle {
			return
		}
		s = c.open(f.Stream, d) // stays idle: some clients group streams this way
	}
	c.depend(s, parseDependency(f.Payload), e)
}

// depend moves a stream in the tree (RFC 7540 §5.3.3).
func (c *Conn) depend(s *Stream, dep dependency, e *Effect) {
	if dep.parent == s.ID {
		e.Bad.add("a stream depends on itself (RFC 7540 §5.3.1)")
		return
	}
	// A stream that is to depend on one of its own descendants: that one takes
	// its place first.
	steps := 0
	for p := c.Streams[dep.parent]; p != nil && steps <= len(c.Streams); p = c.Streams[p.Parent] {
		if p.Parent == s.ID {
			c.Streams[dep.parent].Parent = s.Parent
			break
		}
		steps++
	}
	if dep.exclusive {
		for _, other := range c.Streams {
			if other != s && other.Parent == dep.parent && other.ID != dep.parent {
				other.Parent = s.ID
			}
		}
	}
	s.Parent, s.Weight = dep.parent, dep.weight
}

// priorityUpdate applies PRIORITY_UPDATE (RFC 9218 §7.1).
func (c *Conn) priorityUpdate(d decoders.Dir, f Frame, e *Effect) {
	if len(f.Payload) < 4 {
		return
	}
	if c.Known && d != c.Client {
		e.Bad.add("only a client sends PRIORITY_UPDATE (RFC 9218 §7.1)")
	}
	id := binary.BigEndian.Uint32(f.Payload) & maxWindow
	if id == 0 {
		e.Bad.add("PRIORITY_UPDATE for stream 0 (RFC 9218 §7.1)")
		return
	}
	s := c.Streams[id]
	if s == nil {
		if c.past(id) || c.live >= maxIdle {
			return
		}
		s = c.open(id, c.opener(id))
	}
	s.Urgency, s.Increment = parsePriority(string(f.Payload[4:]))
}

// parsePriority reads a Priority field value: "u=1, i" (RFC 9218 §4). What it
// does not say has its default.
func parsePriority(v string) (urgency int, incremental bool) {
	urgency = 3
	for item := range strings.SplitSeq(v, ",") {
		item, _, _ = strings.Cut(item, ";")
		key, value, has := strings.Cut(strings.TrimSpace(item), "=")
		switch key {
		case "u":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 && n <= 7 {
				urgency = n
			}
		case "i":
			incremental = !has || value == "?1"
		}
	}
	return urgency, incremental
}
