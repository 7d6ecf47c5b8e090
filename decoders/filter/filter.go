// Package filter is the display filter: Wireshark's grammar over the fields
// that messages carry, and a few of the packets and conversations below them.
// It knows no protocol; fields are found by name.
package filter

import (
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Filter is a parsed display filter.
type Filter struct {
	root node
	text string
}

// String is the filter as it was written.
func (f *Filter) String() string { return f.text }

// Match reports whether a message passes.
func (f *Filter) Match(s *timeline.Snapshot, id timeline.MessageID) bool {
	m := s.Message(id)
	if m.ID == timeline.NoMessage {
		return false
	}
	c := s.Conversation(m.Conv)
	c.A, c.B = s.PacketEnds(&c, m.First) // it may have moved
	return f.root.match(&subject{m: m, c: c})
}

// subject is the message that is matched.
type subject struct {
	m timeline.Message
	c timeline.Conversation
}

type node interface{ match(s *subject) bool }

type (
	and     struct{ l, r node }
	or      struct{ l, r node }
	not     struct{ n node }
	present struct{ name string }
	compare struct {
		name string
		op   string
		vals []value // more than one: any of them (in {…})
	}
)

func (n and) match(s *subject) bool     { return n.l.match(s) && n.r.match(s) }
func (n or) match(s *subject) bool      { return n.l.match(s) || n.r.match(s) }
func (n not) match(s *subject) bool     { return !n.n.match(s) }
func (n present) match(s *subject) bool { return s.is(n.name) || len(s.fields(n.name)) > 0 }

// match follows Wireshark 4: == holds if any value of the field does, != only
// if all differ (and there is one).
func (n compare) match(s *subject) bool {
	kvs := s.fields(n.name)
	if n.op == "!=" {
		for _, kv := range kvs {
			if n.vals[0].holds(kv, "==") {
				return false
			}
		}
		return len(kvs) > 0
	}
	for _, kv := range kvs {
		for _, v := range n.vals {
			if v.holds(kv, n.op) {
				return true
			}
		}
	}
	return false
}

// is reports whether name is the message's protocol or its transport:
// "http" is HTTP/1.0, HTTP/1.1 and so on.
func (s *subject) is(name string) bool {
	proto := strings.ToLower(s.m.Proto)
	base, _, _ := strings.Cut(proto, "/")
	base, _, _ = strings.Cut(base, " ")
	switch name {
	case strings.ToLower(s.c.Transport.String()):
		return true
	case "ip":
		return s.c.A.Addr().Unmap().Is4()
	case "ipv6":
		return s.c.A.Addr().Is6() && !s.c.A.Addr().Is4In6()
	case "http2", "http3":
		return proto == "http/"+name[4:]
	}
	return name == base && name != "tcp" && name != "udp"
}

// fields are the message's values of a field, and those of its conversation.
func (s *subject) fields(name string) []decoders.KV {
	var out []decoders.KV
	for _, kv := range s.m.Fields {
		if kv.Name == name {
			out = append(out, kv)
		}
	}
	if len(out) > 0 {
		return out
	}
	src, dst := s.c.A, s.c.B
	if s.m.Dir == decoders.BtoA {
		src, dst = dst, src
	}
	layer, field, ok := strings.Cut(name, ".")
	if !ok {
		return nil
	}
	switch layer {
	case "ip", "ipv6":
		if (layer == "ip") != src.Addr().Unmap().Is4() {
			return nil
		}
		return pick(field, "src", "dst", "addr", decoders.S(name, src.Addr().String()), decoders.S(name, dst.Addr().String()))
	case "tcp", "udp":
		if !strings.EqualFold(layer, s.c.Transport.String()) {
			return nil
		}
		if field == "stream" {
			return []decoders.KV{decoders.I(name, int64(s.c.ID))}
		}
		return pick(field, "srcport", "dstport", "port", decoders.I(name, int64(src.Port())), decoders.I(name, int64(dst.Port())))
	case "frame":
		switch field {
		case "number":
			return []decoders.KV{decoders.I(name, int64(s.m.First)+1), decoders.I(name, int64(s.m.Last)+1)}
		case "protocols":
			return []decoders.KV{decoders.S(name, strings.ToLower(s.m.Proto))}
		}
	case "_ws":
		if field == "expert" && s.m.Err != "" || field == "malformed" && s.m.Err != "" {
			return []decoders.KV{decoders.S(name, s.m.Err)}
		}
	}
	return nil
}

func pick(field, src, dst, both string, a, b decoders.KV) []decoders.KV {
	switch field {
	case src:
		return []decoders.KV{a}
	case dst:
		return []decoders.KV{b}
	case both:
		return []decoders.KV{a, b}
	}
	return nil
}
