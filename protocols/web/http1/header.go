package http1

import (
	"strconv"
	"strings"
)

// Field is one header field line.
type Field struct{ Name, Value string }

// Header is the fields of a message in the order in which they stand on the
// wire.
type Header []Field

// Get is the value of the first field with this name, "" if there is none.
// Names are compared without regard to case (RFC 9110 §5.1).
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Values are the values of all fields with this name.
func (h Header) Values(name string) []string {
	var vs []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			vs = append(vs, f.Value)
		}
	}
	return vs
}

// Tokens are the members of a comma-separated list field, in lower case, over
// all its lines (RFC 9110 §5.6.1).
func (h Header) Tokens(name string) []string {
	var ts []string
	for _, v := range h.Values(name) {
		for _, t := range strings.Split(v, ",") {
			if t = strings.ToLower(strings.TrimSpace(t)); t != "" {
				ts = append(ts, t)
			}
		}
	}
	return ts
}

// HasToken reports whether a list field has this member.
func (h Header) HasToken(name, token string) bool {
	for _, t := range h.Tokens(name) {
		if t == strings.ToLower(token) {
			return true
		}
	}
	return false
}

func (h Header) append(b []byte) []byte {
	for _, f := range h {
		b = append(b, f.Name...)
		b = append(b, ": "...)
		b = append(b, f.Value...)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...)
}

// persists reports whether the connection stays open after a message of this
// version with these fields (RFC 9112 §9.3).
func persists(proto string, h Header) bool {
	switch {
	case h.HasToken("Connection", "close"):
		return false
	case proto == HTTP10:
		return h.HasToken("Connection", "keep-alive")
	}
	return true
}

// contentLength is the value of Content-Length, or -1 if there is none.
// Differing values are an error that must not be guessed at (RFC 9112 §6.3).
func contentLength(h Header) (int64, error) {
	n := int64(-1)
	for _, t := range h.Tokens("Content-Length") {
		for _, c := range t {
			if c < '0' || c > '9' {
				return 0, bad(400, "Content-Length %q is not a number (RFC 9110 §8.6)", t)
			}
		}
		v, err := strconv.ParseInt(t, 10, 64)
		if err != nil {
			return 0, bad(400, "Content-Length %q is too large (RFC 9110 §8.6)", t)
		}
		if n >= 0 && v != n {
			return 0, bad(400, "two values of Content-Length differ (RFC 9112 §6.3)")
		}
		n = v
	}
	return n, nil
}

// isToken reports whether s is a token of RFC 9110 §5.6.2.
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
