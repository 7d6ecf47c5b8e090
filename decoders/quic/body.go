package quic

import (
	"io"
	"strings"

	"netscope/decoders"
	"netscope/decoders/http3"
)

var _ decoders.Bodier = Decoder{}

// Body is the content of a message: of HTTP/3 that of the DATA frames, content
// codings taken off; of a stream that netscope does not decode its bytes. What is
// encrypted on the wire and has not been kept has none.
func (Decoder) Body(m decoders.Exposed, raw io.Reader) (io.Reader, error) {
	_, packet := decoders.Lookup(m.Fields, "quic.header_form")
	switch {
	case m.Plain && strings.HasPrefix(m.Proto, "HTTP/"):
		return http3.Body(m, raw)
	case m.Plain && m.HeadLen > 0:
		if _, err := io.CopyN(io.Discard, raw, m.HeadLen); err != nil {
			return strings.NewReader(""), nil
		}
		return raw, nil
	case m.Plain, packet:
		return raw, nil
	}
	return strings.NewReader(""), nil
}
