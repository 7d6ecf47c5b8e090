// Package http2 decodes HTTP/2 (RFC 9113): every frame is a unit, and requests,
// responses and pushes are messages made of them. It reads connections that
// begin with the preface, that were upgraded from HTTP/1.1, that run inside
// TLS, and those of which the capture lacks the beginning.
//
// The state of a connection, as both ends have it, is [Conn]: plain data with
// streams, windows, settings and the dynamic tables of both directions. The
// parser uses it, and a view can fold it over the same frames. Content is not
// kept: [Decoder.Body] picks it out of the stream again.
//
// It must not know of packets, of reassembly, or of what the content means.
package http2

import "netscope/decoders"

// Decoder decodes HTTP/2. Its zero value is ready for use.
type Decoder struct{}

var (
	_ decoders.Decoder = Decoder{}
	_ decoders.Bodier  = Decoder{}
)

// Name is "http2".
func (Decoder) Name() string { return "http2" }

// NewParser starts parsing one conversation.
func (Decoder) NewParser(h decoders.Hint, e decoders.Env) decoders.Parser {
	return newParser(h, e)
}

// Protocols and names of messages.
const (
	proto     = "HTTP/2"
	protoGRPC = "gRPC"

	nameMagic    = "MAGIC"    // the connection preface, as Wireshark calls it
	nameData     = "data"     // bytes that are no frame
	nameHeadless = "headless" // a message whose HEADERS the capture lacks
	nameGRPC     = "message"  // a length-prefixed message of gRPC
)

// preface is what a client sends first (RFC 9113 §3.4): a request that makes an
// HTTP/1 server hang up.
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
