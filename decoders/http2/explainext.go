package http2

import (
	"fmt"

	"netscope/decoders"
)

// Frames that extensions define: ALTSVC, ORIGIN and PRIORITY_UPDATE.

func (p *part) explainAltSvc() []decoders.Field {
	n, at, ok := p.number(2)
	if !ok {
		return p.rest("", "Payload", "Too short.")
	}
	out := []decoders.Field{field("http2.altsvc.origin.len", "Origin length", fmt.Sprint(n), at, 2, "0 if the frame is on the stream of the origin that it is about (RFC 7838 §4).")}
	s, at, k := p.text(int(n))
	out = append(out, field("http2.altsvc.origin", "Origin", s, at, k, "The origin that can be had elsewhere (RFC 7838 §4)."))
	s, at, k = p.text(p.end - p.off)
	return append(out, field("http2.altsvc.field_value", "Alternatives", s, at, k, "Protocols and addresses, as in the header field Alt-Svc (RFC 7838 §3)."))
}

func (p *part) explainOrigin() []decoders.Field {
	var out []decoders.Field
	for len(out) < maxNodes {
		n, at, ok := p.number(2)
		if !ok {
			break
		}
		s, _, k := p.text(int(n))
		out = append(out, field("http2.origin.origin", "Origin", s, at, 2+k, "The client may send requests for this origin on this connection, if the certificate covers it (RFC 8336 §2.1)."))
	}
	return out
}

func (p *part) explainPriorityUpdate() []decoders.Field {
	v, at, ok := p.number(4)
	if !ok {
		return p.rest("", "Payload", "Too short.")
	}
	out := []decoders.Field{field("http2.priority_update_stream_id", "Prioritised stream", fmt.Sprint(v&maxWindow), at, 4, "The stream whose response becomes more or less urgent (RFC 9218 §7.1).")}
	s, at, n := p.text(p.end - p.off)
	u, i := parsePriority(s)
	doc := fmt.Sprintf("Urgency %d of 0, the most urgent, to 7", u)
	if i {
		doc += "; useful piece by piece, so that it may share the connection with others"
	}
	return append(out, field("http2.priority_update_field_value", "Priority", s, at, n, doc+" (RFC 9218 §4)."))
}
