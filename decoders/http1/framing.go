package http1

import (
	"strconv"
	"strings"

	"netscope/decoders"
)

// framing says how the end of a message is found (RFC 9112 §6.3).
type framing uint8

const (
	noBody     framing = iota
	byLength           // Content-Length
	chunked            // chunked transfer coding
	untilClose         // response without length: until the connection closes
	unknownEnd         // the framing is broken: until the next start line
	tunnel             // 2xx to CONNECT, or 101: the connection is no longer HTTP
)

// frame decides how a message is framed. method is that of the request that a
// response answers, "" if unknown. It adds what is wrong to h.bad.
func (h *head) frame(method string) (f framing, length int64) {
	if h.start.class == request09 {
		return noBody, 0
	}
	te, nTE := h.get("transfer-encoding")
	cl, nCL := h.get("content-length")
	if h.kind() == decoders.Response {
		switch st := h.start.status; {
		case st == 101, method == "CONNECT" && st/100 == 2:
			if nTE > 0 {
				h.bad.add(badTEForbidden)
			}
			return tunnel, 0
		case st/100 == 1, st == 204:
			if nTE > 0 {
				h.bad.add(badTEForbidden)
			}
			return noBody, 0
		case st == 304, method == "HEAD":
			return noBody, 0
		}
	}
	if nTE > 0 {
		return h.frameTE(te, nCL > 0), 0
	}
	if nCL > 0 {
		n, conflict, ok := parseLength(cl)
		switch {
		case !ok:
			h.bad.add(badLength)
			return unknownEnd, 0
		case conflict:
			h.bad.add(badLengths)
		}
		return byLength, n
	}
	switch h.kind() {
	case decoders.Response:
		return untilClose, 0
	case decoders.EventKind:
		if strings.HasPrefix(h.start.line.of(h.raw), "HTTP/") {
			return unknownEnd, 0
		}
	}
	return noBody, 0
}

// frameTE is the framing by Transfer-Encoding.
func (h *head) frameTE(te string, withLength bool) framing {
	if withLength {
		h.bad.add(badTEAndCL)
	}
	if h.proto() == "HTTP/1.0" {
		h.bad.add(badTE10)
	}
	last, count := "", 0
	eachListItem(te, func(item string) {
		last = codingName(item)
		if last == "chunked" {
			count++
		}
	})
	switch {
	case last == "chunked":
		if count > 1 {
			h.bad.add(badTEChunked)
		}
		return chunked
	case h.kind() == decoders.Response && count == 0:
		return untilClose
	}
	h.bad.add(badTEChunked)
	if h.kind() == decoders.Response {
		return untilClose
	}
	return unknownEnd
}

// codingName is the name of a coding without its parameters, in lower case.
func codingName(item string) string {
	name, _, _ := strings.Cut(item, ";")
	return strings.ToLower(strings.TrimSpace(name))
}

// parseLength parses a Content-Length that may hold several values: equal ones
// are one, of contradicting ones the first is taken (RFC 9112 §6.3).
func parseLength(s string) (n int64, conflict, ok bool) {
	first := true
	ok = true
	items := 0
	eachListItem(s, func(item string) {
		items++
		v, good := parseDigits(item)
		switch {
		case !good:
			ok = false
		case first:
			n, first = v, false
		case v != n:
			conflict = true
		}
	})
	return n, conflict, ok && items > 0
}

// parseDigits parses 1*DIGIT: no sign, no space, no overflow.
func parseDigits(s string) (int64, bool) {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n < 1<<62
}

// checkHost checks the Host field of a request (RFC 9112 §3.2).
func (h *head) checkHost() {
	if h.kind() != decoders.Request || h.start.class == request09 {
		return
	}
	host, n := h.get("host")
	switch {
	case n > 1:
		h.bad.add(badManyHosts)
	case n == 0 && h.whole && h.start.version.of(h.raw) == "HTTP/1.1":
		h.bad.add(badNoHost)
	case strings.ContainsAny(host, " \t/@?#,"):
		h.bad.add(badHost)
	}
}
