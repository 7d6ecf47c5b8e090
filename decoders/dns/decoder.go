// Package dns decodes DNS to the bit (RFC 1035 and what came after it): over
// UDP and over TCP, inside TLS, as the content of HTTP, and its relatives mDNS
// (RFC 6762) and LLMNR (RFC 4795).
//
// [Parse] reads a message into sections; what a record's data means is a table
// of formats (shapes.go) that gives fields for the message and, for the one that
// is selected, spans to the bit. A parser pairs answers with queries and marks
// those that answer nothing that was asked.
//
// It must not know of packets, of caches, or of who is right: a forged answer
// that fits is an answer.
package dns

import "netscope/decoders"

// Decoder decodes DNS. Its zero value is ready for use.
type Decoder struct{}

var _ decoders.Decoder = Decoder{}

// Name is "dns".
func (Decoder) Name() string { return "dns" }

// Ports at which DNS and its relatives listen.
const (
	portDNS   = 53
	portDoT   = 853  // RFC 7858
	portMDNS  = 5353 // RFC 6762
	portLLMNR = 5355 // RFC 4795
)

// prefixLen is the length of the length that stands before each message on a
// byte stream (RFC 1035 §4.2.2).
const prefixLen = 2

// flavour is which relative of DNS a conversation speaks.
func flavour(h decoders.Hint) string {
	switch {
	case has(h, portMDNS):
		return "mDNS"
	case has(h, portLLMNR):
		return "LLMNR"
	}
	return "DNS"
}

func has(h decoders.Hint, port uint16) bool { return h.A.Port() == port || h.B.Port() == port }

// stream reports whether messages have a length before them. The content of an
// HTTP message has no transport of its own, and none.
func streamed(h decoders.Hint) bool { return h.Transport == decoders.TCP }

// NewParser starts parsing one conversation.
func (Decoder) NewParser(h decoders.Hint, e decoders.Env) decoders.Parser {
	return &parser{hint: h, proto: flavour(h), mdns: has(h, portMDNS)}
}
