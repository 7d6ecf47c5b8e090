package http3

import (
	"strings"

	"netscope/decoders"
	"netscope/decoders/qpack"
)

// spans says where the fields of a frame or message stand in its bytes.
type spans struct {
	typ, length span
	lines       []span          // field lines of a header section, in order
	pseudo      map[string]span // … those whose name stands there or in the static table
	settings    []span
	rest        span // what a frame carries beside, if it is one thing
}

type span struct{ off, n int }

// locate reads the frame that raw begins with. Field lines are found without the
// dynamic table: how long they are does not depend on it.
func locate(raw []byte) (s spans, ok bool) {
	r := &reader{b: raw}
	t := r.varint()
	s.typ = span{0, r.off}
	size := r.varint()
	if r.short {
		return s, false
	}
	s.length = span{s.typ.n, r.off - s.typ.n}
	body := raw[r.off:]
	if uint64(len(body)) > size {
		body = body[:size]
	}
	from := r.off
	switch t {
	case framePushPromise, frameHeaders:
		if t == framePushPromise {
			id := &reader{b: body}
			id.varint()
			s.rest = span{from, id.off}
			body, from = body[id.off:], from+id.off
		}
		s.section(body, from)
	case frameSettings:
		for set := (&reader{b: body}); set.left() > 0; {
			at := set.off
			set.varint()
			set.varint()
			if set.short {
				break
			}
			s.settings = append(s.settings, span{from + at, set.off - at})
		}
	default:
		s.rest = span{from, len(body)}
	}
	return s, true
}

// section finds the field lines of a section that stands at an offset.
func (s *spans) section(b []byte, from int) {
	var t qpack.Table
	t.Lose()
	sec, _ := t.Decode(b, qpack.Limits{})
	s.pseudo = map[string]span{}
	for _, it := range sec.Items {
		at := span{from + it.Off, it.Len}
		s.lines = append(s.lines, at)
		if n := it.Field.Name; !it.Field.NoName && strings.HasPrefix(n, ":") {
			s.pseudo[n] = at
		}
	}
}

// pseudoFields are the fields of a message that pseudo-header fields give.
var pseudoFields = map[string]string{
	"http.request.method": ":method", "http.request.uri": ":path", "http.host": ":authority", "http.response.code": ":status",
	"http3.headers.method": ":method", "http3.headers.path": ":path", "http3.headers.authority": ":authority",
	"http3.headers.status": ":status", "http3.headers.scheme": ":scheme", "http3.headers.protocol": ":protocol",
}

// place gives the fields of a tree their places, in the order in which they were
// sent. regular is how many of the section's lines are no pseudo-header fields.
func (s *spans) place(fields []decoders.Field) {
	headers, settings := 0, 0
	regular := 0
	for i := range fields {
		if strings.HasSuffix(fields[i].Name, ".line") {
			regular++
		}
	}
	line := max(0, len(s.lines)-regular)
	next := func(list []span, i *int) span {
		if *i >= len(list) {
			return span{}
		}
		*i++
		return list[*i-1]
	}
	for i := range fields {
		var at span
		switch f := &fields[i]; {
		case f.Name == "http3.frame_type":
			at = s.typ
		case f.Name == "http3.frame_length":
			at = s.length
		case f.Name == "http3.header.name":
			at = next(s.lines, &headers)
		case f.Name == "http3.settings.id":
			at = next(s.settings, &settings)
		case strings.HasSuffix(f.Name, ".line"):
			at = next(s.lines, &line)
		case pseudoFields[f.Name] != "":
			at = s.pseudo[pseudoFields[f.Name]]
		case strings.HasPrefix(f.Name, "http3.") && !strings.HasPrefix(f.Name, "http3.headers.") && !strings.HasPrefix(f.Name, "http3.qpack"):
			at = s.rest
		}
		fields[i].Off, fields[i].Len = at.off, at.n
	}
}
