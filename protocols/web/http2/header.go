package http2

import (
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"netscope/protocols/web/http1"
)

// Request is what a client asks for: a GET, or what a server promises to answer.
type Request struct {
	Target   string
	Priority *Priority // nil: the request says nothing of priority
}

// Fields are the header list of a request, in the order in which it is sent.
func (r Request) Fields() []hpack.HeaderField {
	fs := []hpack.HeaderField{
		{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "http"},
		{Name: ":authority", Value: "server"}, {Name: ":path", Value: r.Target},
		{Name: "user-agent", Value: "netscope"}, {Name: "accept", Value: "*/*"},
	}
	if r.Priority != nil {
		fs = append(fs, hpack.HeaderField{Name: "priority", Value: r.Priority.String()})
	}
	return fs
}

// ResponseFields are the header list of a response; date may be empty. It is
// exported so that predictions know its size.
func ResponseFields(r http1.Reply, date string) []hpack.HeaderField {
	fs := []hpack.HeaderField{{Name: ":status", Value: strconv.Itoa(r.Status)}}
	if date != "" {
		fs = append(fs, hpack.HeaderField{Name: "date", Value: date})
	}
	fs = append(fs, hpack.HeaderField{Name: "server", Value: "netscope"})
	for _, f := range r.Header {
		fs = append(fs, hpack.HeaderField{Name: strings.ToLower(f.Name), Value: f.Value})
	}
	return append(fs, hpack.HeaderField{Name: "content-length", Value: strconv.FormatInt(r.Size, 10)})
}

// head is a request as it was received.
type head struct {
	req       http1.Request
	scheme    string
	authority string
	priority  Priority
	size      int  // as RFC 9113 §6.5.2 counts
	regular   bool // a regular field has come
	bad       string
}

// add takes a field of a request (RFC 9113 §8.2, §8.3.1). What follows the
// first mistake, or the limit, is only counted.
func (h *head) add(f hpack.HeaderField) {
	h.size += int(f.Size())
	if h.bad != "" || h.size > MaxHeaderList {
		return
	}
	switch {
	case f.IsPseudo():
		h.pseudo(f)
	case !httpguts.ValidHeaderFieldName(f.Name) || strings.ToLower(f.Name) != f.Name:
		h.bad = "a field name is not a token in lower case (RFC 9113 §8.2.1)"
	case !httpguts.ValidHeaderFieldValue(f.Value):
		h.bad = "a field value has characters that it must not have (RFC 9113 §8.2.1)"
	case f.Name == "connection" || f.Name == "keep-alive" || f.Name == "proxy-connection" ||
		f.Name == "transfer-encoding" || f.Name == "upgrade" || f.Name == "te" && f.Value != "trailers":
		h.bad = "a field speaks of the connection (RFC 9113 §8.2.2)"
	default:
		h.regular = true
		if f.Name == "priority" {
			h.priority = ParsePriority(f.Value)
		}
		h.req.Header = append(h.req.Header, http1.Field{Name: f.Name, Value: f.Value})
	}
}

func (h *head) pseudo(f hpack.HeaderField) {
	if h.regular {
		h.bad = "a pseudo-header field follows a regular one (RFC 9113 §8.3)"
		return
	}
	var at *string
	switch f.Name {
	case ":method":
		at = &h.req.Method
	case ":path":
		at = &h.req.Target
	case ":scheme":
		at = &h.scheme
	case ":authority":
		at = &h.authority
	default:
		h.bad = "a request has no " + f.Name + " (RFC 9113 §8.3)"
		return
	}
	if *at != "" {
		h.bad = f.Name + " comes twice (RFC 9113 §8.3)"
		return
	}
	*at = f.Value
}

// check completes the head.
func (h *head) check() {
	if h.bad == "" && h.size <= MaxHeaderList &&
		(h.req.Method == "" || h.req.Method != "CONNECT" && (h.req.Target == "" || h.scheme == "")) {
		h.bad = "a request needs :method, :scheme and :path (RFC 9113 §8.3.1)"
	}
	h.req.Proto = "HTTP/2"
	if h.authority != "" {
		h.req.Header = append(h.req.Header, http1.Field{Name: "host", Value: h.authority})
	}
}

// writeBlock writes a header block as HEADERS and as many CONTINUATION frames as
// the peer's largest frame makes necessary.
func writeBlock(f *http2.Framer, id uint32, block []byte, end bool, most int) error {
	n := min(len(block), most)
	err := f.WriteHeaders(http2.HeadersFrameParam{
		StreamID: id, BlockFragment: block[:n], EndStream: end, EndHeaders: n == len(block),
	})
	for block = block[n:]; err == nil && len(block) > 0; block = block[n:] {
		n = min(len(block), most)
		err = f.WriteContinuation(id, n == len(block), block[:n])
	}
	return err
}
