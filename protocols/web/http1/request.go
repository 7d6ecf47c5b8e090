package http1

import (
	"bufio"
	"errors"
	"io"
	"net/url"
	"strings"
)

// Request is the head of a request.
type Request struct {
	Method string
	Target string // as on the request line
	Proto  string // HTTP10 or HTTP11
	Header Header
}

// Append appends the request as it goes on the wire.
func (r *Request) Append(b []byte) []byte {
	b = append(b, r.Method...)
	b = append(b, ' ')
	b = append(b, r.Target...)
	b = append(b, ' ')
	b = append(b, r.Proto...)
	b = append(b, "\r\n"...)
	return r.Header.append(b)
}

// Persists reports whether the client wants to go on using the connection.
func (r *Request) Persists() bool { return persists(r.Proto, r.Header) }

// Path is the decoded path of the target, whichever form it has (RFC 9112
// §3.2); "" if it has none.
func (r *Request) Path() string {
	u, err := url.ParseRequestURI(r.Target)
	if err != nil {
		return ""
	}
	return u.Path
}

// ReadRequest reads the head of a request. The error is io.EOF if the peer
// closed before the first byte, a [*BadMessage] if a rule is broken, and the
// connection's own otherwise; the request holds what had been understood.
func ReadRequest(br *bufio.Reader, lim Limits) (*Request, error) {
	r := &Request{}
	h, err := readHead(br, lim, 4, r.parseLine)
	if err != nil {
		return r, err
	}
	r.Header = h
	// RFC 9112 §3.2: exactly one Host, from HTTP/1.1 on.
	hosts := h.Values("Host")
	if len(hosts) > 1 || len(hosts) == 0 && r.Proto != HTTP10 {
		return r, bad(400, "a request of HTTP/1.1 carries exactly one Host field, this has %d (RFC 9112 §3.2)", len(hosts))
	}
	return r, nil
}

func (r *Request) parseLine(line string) error {
	parts := strings.Split(line, " ")
	if len(parts) != 3 || !isToken(parts[0]) || parts[1] == "" {
		return bad(400, "%.40q is not a request line: method, target and version with one space between (RFC 9112 §3)", line)
	}
	r.Method, r.Target = parts[0], parts[1]
	var err error
	r.Proto, err = parseVersion(parts[2])
	if err != nil {
		return err
	}
	for i := 0; i < len(r.Target); i++ {
		if c := r.Target[i]; c <= ' ' || c >= 0x7f {
			return bad(400, "the target contains a byte that must be percent-encoded (RFC 9112 §3.2)")
		}
	}
	return nil
}

// parseVersion gives the version this package treats the message as: any
// HTTP/1.x above 1.0 is spoken to as 1.1 (RFC 9110 §2.5).
func parseVersion(s string) (string, error) {
	if len(s) != 8 || s[:5] != "HTTP/" || s[5] < '0' || s[5] > '9' || s[6] != '.' || s[7] < '0' || s[7] > '9' {
		return "", bad(400, "%.20q is not a version (RFC 9112 §2.3)", s)
	}
	switch {
	case s[5] != '1':
		return "", bad(505, "this speaks HTTP/1.0 and HTTP/1.1, not %s", s)
	case s[7] == '0':
		return HTTP10, nil
	}
	return HTTP11, nil
}

// isClosed says that a peer ended the connection between messages, which is
// its right (RFC 9112 §9.5).
func isClosed(err error) bool { return errors.Is(err, io.EOF) }
