package quic

import (
	"encoding/hex"

	"netscope/decoders"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// fields are what a header says.
func (h *header) fields() []decoders.KV {
	kvs := make([]decoders.KV, 0, 16)
	kvs = append(kvs, decoders.B("quic.header_form", h.long))
	if h.long {
		kvs = append(kvs, decoders.I("quic.version", int64(h.version)))
		if h.known && h.kind != negotiation {
			kvs = append(kvs, decoders.I("quic.long.packet_type", int64(h.kind)))
		}
	}
	if h.long || len(h.dcid) > 0 {
		kvs = append(kvs, decoders.S("quic.dcid", hexOf(h.dcid)))
	}
	if h.long {
		kvs = append(kvs, decoders.S("quic.scid", hexOf(h.scid)))
	}
	if h.kind == initial && h.known && h.long {
		kvs = append(kvs, decoders.I("quic.token_length", int64(len(h.token))))
		if len(h.token) > 0 {
			kvs = append(kvs, decoders.S("quic.token", hexOf(h.token)))
		}
	}
	if h.pnOff > 0 && h.long {
		kvs = append(kvs, decoders.I("quic.length", int64(h.length)))
	}
	for _, v := range h.supported {
		if len(kvs) < 256 {
			kvs = append(kvs, decoders.KV{Name: "quic.supported_version", Int: int64(v), Kind: decoders.IntValue, Many: true})
		}
	}
	return kvs
}
