package qlogout

import (
	"encoding/json"
	"strings"
	"time"

	"netscope/decoders"
)

// packetTypes are qlog's names of packet types.
var packetTypes = map[string]string{
	"Initial": "initial", "0-RTT": "0RTT", "Handshake": "handshake", "1-RTT": "1RTT", "Retry": "retry",
	"Version Negotiation": "version_negotiation", "Stateless Reset": "stateless_reset", "packet of an unknown version": "unknown",
}

// members are the numbers of a frame that have one name in qlog.
var members = []struct{ field, member string }{
	{"quic.stream.stream_id", "stream_id"}, {"quic.rsts.stream_id", "stream_id"}, {"quic.ss.stream_id", "stream_id"},
	{"quic.msd.stream_id", "stream_id"}, {"quic.sdb.stream_id", "stream_id"},
	{"quic.stream.offset", "offset"}, {"quic.crypto.offset", "offset"},
	{"quic.rsts.application_error_code", "error_code"}, {"quic.ss.application_error_code", "error_code"},
	{"quic.rsts.final_size", "final_size"}, {"quic.rsts.reliable_size", "reliable_size"},
	{"quic.md.maximum_data", "maximum"}, {"quic.msd.maximum_stream_data", "maximum"}, {"quic.ms.max_streams", "maximum"},
	{"quic.sb.stream_data_limit", "limit"}, {"quic.sib.stream_limit", "limit"},
	{"quic.nci.sequence", "sequence_number"}, {"quic.nci.retire_prior_to", "retire_prior_to"},
	{"quic.nci.connection_id.length", "connection_id_length"}, {"quic.rci.sequence", "sequence_number"},
	{"quic.af.sequence_number", "sequence_number"}, {"quic.af.ack_eliciting_threshold", "ack_eliciting_threshold"},
	{"quic.af.request_max_ack_delay", "request_max_ack_delay"}, {"quic.af.reordering_threshold", "reordering_threshold"},
	{"quic.ack.ect0_count", "ect0"}, {"quic.ack.ect1_count", "ect1"}, {"quic.ack.ecn_ce_count", "ce"},
	{"quic.cc.error_code", "error_code"}, {"quic.cc.error_code.app", "error_code"}, {"quic.cc.frame_type", "trigger_frame_type"},
}

var texts = []struct{ field, member string }{
	{"quic.nci.connection_id", "connection_id"}, {"quic.nci.stateless_reset_token", "stateless_reset_token"},
	{"quic.path_challenge.data", "data"}, {"quic.path_response.data", "data"}, {"quic.cc.reason_phrase", "reason"},
	{"quic.nt.token", "token"},
}

// frameOf writes a frame.
func frameOf(f *frame, old bool) object {
	typ, _ := num(f.fields, "quic.frame_type")
	o := object{"frame_type": strings.ToLower(f.name)}
	for _, m := range members {
		if n, ok := num(f.fields, m.field); ok {
			o[m.member] = n
		}
	}
	for _, m := range texts {
		if s := str(f.fields, m.field); s != "" {
			o[m.member] = s
		}
	}
	length := func(n int64) {
		if old {
			o["length"] = n
		} else {
			o["raw"] = object{"payload_length": n}
		}
	}
	switch {
	case f.name == "ACK":
		o["acked_ranges"] = ackRanges(f.fields)
		if us, ok := ackDelay(f.fields); ok {
			o["ack_delay"] = json.RawMessage(millis(us))
		}
	case f.name == "STREAM":
		length(f.length)
		fin, _ := num(f.fields, "quic.stream.fin")
		o["fin"] = fin != 0
	case f.name == "CRYPTO", f.name == "DATAGRAM", f.name == "NEW_TOKEN":
		length(f.length)
		if f.name == "NEW_TOKEN" {
			if token, ok := o["token"]; ok {
				o["token"] = object{"type": "resumption", "raw": object{"data": token}}
			}
		}
	case f.name == "PADDING":
		n, _ := num(f.fields, "quic.padding_length")
		length(n)
	case f.name == "MAX_STREAMS", f.name == "STREAMS_BLOCKED":
		o["stream_type"] = [...]string{"bidirectional", "unidirectional"}[typ&1]
	case f.name == "CONNECTION_CLOSE":
		o["error_space"] = [...]string{"transport", "application"}[typ&1]
	case strings.HasPrefix(f.name, "frame"): // of an unknown type
		o["frame_type"] = "unknown"
		o["frame_type_bytes"] = typ
		if old {
			delete(o, "frame_type_bytes")
			o["raw_frame_type"] = typ
		}
	}
	return o
}

// ackRanges are the packet numbers that an ACK names, as pairs, lowest first
// (RFC 9000 §19.3.1).
func ackRanges(kvs []decoders.KV) [][2]int64 {
	hi, _ := num(kvs, "quic.ack.largest_acknowledged")
	first, _ := num(kvs, "quic.ack.first_ack_range")
	lo := hi - first
	out := [][2]int64{{lo, hi}}
	gap := int64(0)
	for _, kv := range kvs {
		switch kv.Name {
		case "quic.ack.gap":
			gap = kv.Int
		case "quic.ack.ack_range":
			hi = lo - gap - 2
			lo = hi - kv.Int
			out = append(out, [2]int64{lo, hi})
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// ackDelay is how long the sender says it has waited with an ACK. In the
// handshake the exponent is not used, or not known yet: it is 3 then.
func ackDelay(kvs []decoders.KV) (time.Duration, bool) {
	if us, ok := num(kvs, "quic.ack.ack_delay_us"); ok {
		return time.Duration(us) * time.Microsecond, true
	}
	n, ok := num(kvs, "quic.ack.ack_delay")
	if n < 0 || n > 1<<40 {
		return 0, false
	}
	return time.Duration(n) << 3 * time.Microsecond, ok
}
