// Package http1 is HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112) as a server and
// a client speak it over any net.Conn: persistent connections or not, requests
// pipelined or not.
//
// The standard library neither pipelines nor speaks HTTP/1.0 as a client, and
// the labs need exact control of which bytes leave when: one message is one
// write, nothing is buffered behind the caller's back, no header field is added
// that the caller did not ask for. The package must not know of labs, of the
// emulated network or of what the pages contain.
//
// Everything that comes from a peer is bounded: heads by [Limits], bodies of
// requests by the server, and the time a peer may take by deadlines.
package http1

import "fmt"

// The versions, as they stand on the wire.
const (
	HTTP10 = "HTTP/1.0"
	HTTP11 = "HTTP/1.1"
)

// Limits bound what a peer can make the reader keep in memory. The zero value
// means the defaults.
type Limits struct {
	Line int // bytes of the start line; 8 KiB if 0 (RFC 9112 §3 asks for at least 8000)
	Head int // bytes of the start line and all fields together; 64 KiB if 0
}

func (l Limits) line() int {
	if l.Line > 0 {
		return l.Line
	}
	return 8 << 10
}

func (l Limits) head() int {
	if l.Head > 0 {
		return l.Head
	}
	return 64 << 10
}

// BadMessage says that a peer's message breaks a rule. Status is what a server
// answers to it.
type BadMessage struct {
	Status int
	Reason string // one sentence, with the section of the RFC
}

// Error gives the reason and, for a request, the status it deserves.
func (e *BadMessage) Error() string {
	return fmt.Sprintf("bad HTTP message: %s (status %d)", e.Reason, e.Status)
}

func bad(status int, format string, args ...any) error {
	return &BadMessage{Status: status, Reason: fmt.Sprintf(format, args...)}
}
