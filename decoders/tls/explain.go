package tls

import "netscope/decoders"

// Explain is to come.
func (Decoder) Explain(m decoders.Exposed) decoders.Field {
	return decoders.Field{Name: "tls", Label: m.Name, Len: int(max(m.Total, int64(len(m.Raw))))}
}
