package http1

import "strings"

// Problem texts: what is wrong and the rule that it breaks.
const (
	badStartLine   = "the line is neither a request line nor a status line (RFC 9112 §2.1)"
	badMethod      = "the method is not a token (RFC 9110 §9.1)"
	badTarget      = "whitespace in the request target (RFC 9112 §3.2)"
	badNoTarget    = "the request line has no target (RFC 9112 §3)"
	badNoVersion   = "the request line has no HTTP version (RFC 9112 §3)"
	badVersion     = "the HTTP version is not HTTP/digit.digit (RFC 9112 §2.3)"
	badMajor       = "only HTTP/1.x has this message format (RFC 9112 §2.3)"
	badStatus      = "the status code is not three digits (RFC 9112 §4)"
	badStatusRange = "the status code is outside 100 to 599 (RFC 9110 §15)"
	badFieldLine   = "a header line has no colon (RFC 9112 §5)"
	badFieldName   = "a field name is not a token (RFC 9110 §5.1)"
	badFieldSpace  = "whitespace between a field name and the colon (RFC 9112 §5.1)"
	badFieldValue  = "a control character in a field value (RFC 9110 §5.5)"
	badFirstFold   = "whitespace between the start line and the first field (RFC 9112 §2.2)"
	badNoHost      = "no Host field (RFC 9112 §3.2)"
	badManyHosts   = "more than one Host field (RFC 9112 §3.2)"
	badHost        = "the Host field is not a host and optional port (RFC 9112 §3.2)"
	badLength      = "Content-Length is not a number (RFC 9110 §8.6)"
	badLengths     = "Content-Length fields contradict each other (RFC 9112 §6.3)"
	badTEAndCL     = "both Transfer-Encoding and Content-Length (RFC 9112 §6.3)"
	badTE10        = "Transfer-Encoding in an HTTP/1.0 message (RFC 9112 §6.1)"
	badTEChunked   = "chunked is not the last transfer coding, or not once (RFC 9112 §6.1)"
	badTEForbidden = "Transfer-Encoding in a response that cannot have content (RFC 9112 §6.1)"
	badHeadLong    = "the head is longer than 64 KiB"
	badChunkSize   = "a chunk size is not a hexadecimal number (RFC 9112 §7.1)"
	badChunkLong   = "a chunk header is longer than 16 KiB (RFC 9112 §7.1.1)"
	badChunkEnd    = "chunk data is not followed by CR LF (RFC 9112 §7.1)"
	badTrailers    = "the trailer section is longer than 64 KiB"
	badAfter09     = "bytes after an HTTP/0.9 request (RFC 1945 §4.1)"
	endInHead      = "the stream ends within the head (RFC 9112 §8)"
	endInChunks    = "the stream ends before the last chunk (RFC 9112 §8)"
	endInTrailers  = "the stream ends within the trailer section (RFC 9112 §8)"
)

// maxProblems is how many different problems of one message are reported.
const maxProblems = 4

// problems collects what is wrong with a message, each thing once.
type problems struct{ list []string }

func (p *problems) add(text string) {
	if text == "" || len(p.list) >= maxProblems {
		return
	}
	for _, t := range p.list {
		if t == text {
			return
		}
	}
	p.list = append(p.list, text)
}

func (p *problems) String() string { return strings.Join(p.list, "; ") }
