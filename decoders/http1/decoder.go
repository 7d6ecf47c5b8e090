// Package http1 decodes HTTP/0.9, HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112,
// RFC 1945): requests and responses in either direction of a conversation,
// their framing, and which response answers which request.
//
// The parser keeps the head of the message that is being read and a bounded
// queue of unanswered requests, never a body: content is derived again from
// the stream by [Decoder.Body] when somebody wants to see it. What breaks a
// rule becomes a message whose error names the rule, and decoding goes on.
//
// It must not know of packets, of reassembly, or of what the content means.
package http1

import "netscope/decoders"

// Decoder decodes HTTP/1. Its zero value is ready for use.
type Decoder struct{}

var (
	_ decoders.Decoder = Decoder{}
	_ decoders.Bodier  = Decoder{}
)

// Name is "http1".
func (Decoder) Name() string { return "http1" }

// NewParser starts parsing one conversation.
func (Decoder) NewParser(h decoders.Hint, e decoders.Env) decoders.Parser {
	return newParser(h, e)
}

// Names of messages that are neither a request nor a response by the grammar.
const (
	nameData      = "data"      // bytes that belong to no message
	nameMalformed = "malformed" // a start line without a method or status code
	nameChunk     = "chunk"     // a chunk of a chunked body
	nameBody09    = "body"      // an HTTP/0.9 response, which has no status
)

// protoUnknown is the protocol of what has no valid version.
const protoUnknown = "HTTP/1.x"

// form says how the bytes of a message are to be read.
type form uint8

const (
	headAndBody form = iota
	strayBytes
	oneChunk
	content09
)

// formOf tells the forms apart. A name alone does not: any token is a method.
func formOf(m decoders.Exposed) form {
	switch {
	case m.Kind == decoders.EventKind && m.Name == nameData:
		return strayBytes
	case m.Kind == decoders.Response && m.Name == nameBody09:
		return content09
	case m.Name == nameChunk:
		if _, ok := decoders.Lookup(m.Fields, "http.chunk_size"); ok {
			return oneChunk
		}
	}
	return headAndBody
}
