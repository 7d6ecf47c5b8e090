package http1

import (
	"bytes"
	"strings"

	"netscope/decoders"
)

// maxProbe is how far Probe looks, in bytes.
const maxProbe = 4 << 10

// Probe accepts a direction that starts with a request line or a status line,
// whichever side opened the conversation. A conversation that the capture
// enters midway is accepted for a start line further on. On the ports that
// belong to HTTP any text is accepted, so that a request typed wrongly is
// shown with the answer that it got.
func (Decoder) Probe(h decoders.Hint, _ decoders.Dir, prefix []byte, end bool) decoders.Verdict {
	if h.Transport == decoders.UDP {
		return decoders.Reject // HTTP over datagrams is another protocol (UPnP)
	}
	if len(prefix) > maxProbe {
		prefix = prefix[:maxProbe]
	}
	end = end || len(prefix) == maxProbe
	port := isPort(h.A.Port()) || isPort(h.B.Port())
	if h.Midway {
		return probeMidway(prefix, end, port)
	}
	prefix = bytes.TrimLeft(prefix, "\r\n") // RFC 9112 §2.2: empty lines before a request are ignored
	v := probeLine(prefix, end, port)
	if v == decoders.NeedMore && end {
		return decoders.Reject
	}
	return v
}

// isPort says whether a port belongs to HTTP (RFC 9110 §4.2.1 and the registry
// of service names).
func isPort(p uint16) bool { return p == 80 || p == 8080 }

// probeLine judges the first line of a direction. Rules that reject look at a
// prefix that never changes as the line grows, so that the verdict does not
// depend on how the stream was cut.
func probeLine(b []byte, end, port bool) decoders.Verdict {
	line, rest, whole := bytes.Cut(b, []byte("\n"))
	text := string(cutEOL(line))
	if strings.HasPrefix(text, "HTTP/") {
		return decoders.Accept
	}
	method, target, spaced := strings.Cut(text, " ")
	if spaced && isMethod(method) && strings.HasPrefix(target, "/") {
		return decoders.Accept // no other protocol's target starts with a slash
	}
	for _, c := range line {
		if c < ' ' && c != '\t' && c != '\r' || c == 0x7f {
			return decoders.Reject
		}
	}
	if whole {
		return probeWhole(text, rest, end, port)
	}
	if port || end {
		return decoders.NeedMore
	}
	for i := 0; i < len(method); i++ {
		if c := method[i]; c >= 'a' && c <= 'z' {
			return decoders.Reject // no method is written in lower case: let plain text pass at once
		}
	}
	if spaced && !isMethod(method) && target != "" && target[0] != '/' && target[0] != '*' && target[0] != 'h' && target[0] != 'H' {
		return decoders.Reject
	}
	return decoders.NeedMore
}

// probeWhole judges a first line that is all there.
func probeWhole(text string, rest []byte, end, port bool) decoders.Verdict {
	if port {
		if classify(text) == preface2 {
			return decoders.Reject
		}
		return decoders.Accept
	}
	method, target, spaced := strings.Cut(text, " ")
	for i := 0; i < len(method); i++ {
		if c := method[i]; c >= 'a' && c <= 'z' {
			return decoders.Reject
		}
	}
	switch classify(text) {
	case request09:
		return decoders.Accept
	case requestLine:
		if strings.Contains(text, "HTTP/") {
			if spaced && !isMethod(method) && target != "" && target[0] != '/' && target[0] != '*' && target[0] != 'h' && target[0] != 'H' {
				return decoders.Reject
			}
			return decoders.Accept
		}
		// A method alone could be any protocol's command: look for Host.
		const host = "host:"
		n := min(len(rest), len(host))
		if !spaced && strings.EqualFold(string(rest[:n]), host[:n]) {
			if n == len(host) {
				return decoders.Accept
			}
			if !end {
				return decoders.NeedMore
			}
		}
	}
	return decoders.Reject
}

// probeMidway looks for a start line anywhere.
func probeMidway(b []byte, end, port bool) decoders.Verdict {
	if port && len(b) > 0 {
		return decoders.Accept
	}
	for {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		if startIn(string(cutEOL(line))) >= 0 && (whole || end) {
			return decoders.Accept
		}
		if !whole {
			break
		}
		b = rest
	}
	if end {
		return decoders.Reject
	}
	return decoders.NeedMore
}
