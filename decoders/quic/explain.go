package quic

import (
	"netscope/decoders"
)

// Explain gives the field tree of a packet, frame or message.
func (Decoder) Explain(m decoders.Exposed) decoders.Field {
	return decoders.Field{Label: m.Name, Len: len(m.Raw)}
}
