package http2

import (
	"fmt"

	"netscope/decoders"
)

// The control frames: PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY and
// WINDOW_UPDATE.

func (p *part) explainDependency() []decoders.Field {
	v, at, ok := p.number(4)
	if !ok {
		return p.rest("", "Payload", "Too short.")
	}
	out := []decoders.Field{
		field("http2.exclusive", "Exclusive", fmt.Sprint(v>>31 != 0), at, 1, "Whether the stream puts itself between its parent and the parent's other children (RFC 7540 §5.3.1)."),
		field("http2.stream_dependency", "Depends on", fmt.Sprint(v&maxWindow), at, 4, "The stream that goes first; 0 is the root of the tree. This scheme is deprecated (RFC 9113 §5.3.2)."),
	}
	if w, at, ok := p.number(1); ok {
		out = append(out, field("http2.headers.weight", "Weight", fmt.Sprint(w+1), at, 1, "The stream's share among its siblings, 1 to 256; one less is sent (RFC 7540 §5.3.2)."))
	}
	return out
}

func (p *part) explainReset() []decoders.Field {
	v, at, ok := p.number(4)
	if !ok {
		return p.rest("", "Payload", "Too short.")
	}
	return []decoders.Field{field("http2.rst_stream.error", "Error code", fmt.Sprintf("%s (%d)", ErrorCode(v), v), at, 4, ErrorCode(v).doc())}
}

func (p *part) explainSettings() []decoders.Field {
	var out []decoders.Field
	for len(out) < maxNodes {
		id, at, ok := p.number(2)
		if !ok {
			break
		}
		s, _ := settingByID(uint16(id))
		f := field("http2.settings", s.name, "", at, 2, s.doc, field("http2.settings.id", "Identifier", fmt.Sprint(id), at, 2, "Which parameter (RFC 9113 §6.5.1)."))
		if v, at, ok := p.number(4); ok {
			f.Value, f.Len = thousands(int64(v)), 6
			f.Children = append(f.Children, field(s.field, "Value", thousands(int64(v)), at, 4, "What the sender of this frame asks of the other side (RFC 9113 §6.5.1)."))
			if bad := (setting{uint16(id), v}).check(false); bad != "" {
				f.Bad, f.Doc = true, "Bad: "+bad+"."
			}
		}
		out = append(out, f)
	}
	return out
}

func (p *part) explainPing() []decoders.Field {
	name, doc := "http2.ping", "8 bytes of the sender's choice, which come back in the answer (RFC 9113 §6.7)."
	if p.h.Flags.Has(Ack) {
		name, doc = "http2.pong", "The same 8 bytes as in the PING that this answers (RFC 9113 §6.7)."
	}
	b := p.bytes()
	return []decoders.Field{field(name, "Opaque data", fmt.Sprintf("%x", b[:min(len(b), 8, p.end-p.off)]), p.off, p.end-p.off, doc)}
}

func (p *part) explainGoAway() []decoders.Field {
	var out []decoders.Field
	if v, at, ok := p.number(4); ok {
		out = append(out, field("http2.goaway.last_stream_id", "Last stream", fmt.Sprint(v&maxWindow), at, 4,
			"The highest stream that the sender may have worked on. Later ones were not touched and can be tried again elsewhere (RFC 9113 §6.8)."))
	}
	if v, at, ok := p.number(4); ok {
		out = append(out, field("http2.goaway.error", "Error code", fmt.Sprintf("%s (%d)", ErrorCode(v), v), at, 4, ErrorCode(v).doc()))
	}
	if p.off < p.end {
		s, at, n := p.text(p.end - p.off)
		out = append(out, field("http2.goaway.addata", "Debug data", s, at, n, "For people; it has no meaning (RFC 9113 §6.8)."))
	}
	return out
}

func (p *part) explainWindow() []decoders.Field {
	v, at, ok := p.number(4)
	if !ok {
		return p.rest("", "Payload", "Too short.")
	}
	f := field("http2.window_update.window_size_increment", "Increment", thousands(int64(v&maxWindow))+" bytes", at, 4,
		"So many bytes more may be sent: on this stream, or on stream 0 in all (RFC 9113 §6.9).")
	f.Bad = v&maxWindow == 0
	return []decoders.Field{f}
}
