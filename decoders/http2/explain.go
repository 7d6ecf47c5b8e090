package http2

import (
	"io"
	"netscope/decoders"
)

func (Decoder) Explain(m decoders.Exposed) decoders.Field                 { return decoders.Field{} }
func (Decoder) Body(m decoders.Exposed, raw io.Reader) (io.Reader, error) { return raw, nil }
