package quic

import (
	"fmt"

	"netscope/decoders"
)

// paramNames are the transport parameters by number (RFC 9000 §18.2, RFC 9221,
// RFC 9287, RFC 9368).
var paramNames = map[uint64]string{
	0x00: "original_destination_connection_id", 0x01: "max_idle_timeout", 0x02: "stateless_reset_token",
	0x03: "max_udp_payload_size", 0x04: "initial_max_data", 0x05: "initial_max_stream_data_bidi_local",
	0x06: "initial_max_stream_data_bidi_remote", 0x07: "initial_max_stream_data_uni", 0x08: "initial_max_streams_bidi",
	0x09: "initial_max_streams_uni", 0x0a: "ack_delay_exponent", 0x0b: "max_ack_delay", 0x0c: "disable_active_migration",
	0x0d: "preferred_address", 0x0e: "active_connection_id_limit", 0x0f: "initial_source_connection_id",
	0x10: "retry_source_connection_id", 0x11: "version_information", 0x20: "max_datagram_frame_size", 0x2ab2: "grease_quic_bit",
}

// paramPrefix is put before the names of transport parameters.
const paramPrefix = "tls.quic.parameter."

// parseParams reads transport parameters (RFC 9000 §18).
func parseParams(b []byte) (out []decoders.KV) {
	r := &reader{b: b}
	for r.left() > 0 && len(out) < 128 {
		id := r.varint()
		v := r.take(r.varint())
		if r.short {
			break
		}
		name, ok := paramNames[id]
		if !ok {
			out = append(out, decoders.KV{Name: paramPrefix + "unknown", Str: fmt.Sprintf("0x%x: %x", id, v), Many: true})
			continue
		}
		switch id {
		case 0x00, 0x02, 0x0d, 0x0f, 0x10, 0x11:
			out = append(out, decoders.S(paramPrefix+name, fmt.Sprintf("%x", v)))
		case 0x0c, 0x2ab2:
			out = append(out, decoders.B(paramPrefix+name, true))
		default:
			n := &reader{b: v}
			out = append(out, decoders.I(paramPrefix+name, int64(n.varint())))
		}
	}
	return out
}
