package http3

import (
	"fmt"
	"math"
	"strings"

	"netscope/decoders"
	"netscope/decoders/qpack"
)

// Settings (RFC 9114 §7.2.4.1, RFC 9204 §5, RFC 9220, RFC 9297).
const (
	settingTableCapacity = 0x01
	settingMaxSection    = 0x06
	settingBlocked       = 0x07
	settingConnect       = 0x08
	settingDatagram      = 0x33
)

// settingName is the name of a setting, and Wireshark's field if it has one.
func settingName(id uint64) (name, field string) {
	switch id {
	case settingTableCapacity:
		return "QPACK_MAX_TABLE_CAPACITY", "http3.settings.qpack.max_table_capacity"
	case settingMaxSection:
		return "MAX_FIELD_SECTION_SIZE", "http3.settings.max_field_section_size"
	case settingBlocked:
		return "QPACK_BLOCKED_STREAMS", "http3.settings.qpack.blocked_streams"
	case settingConnect:
		return "ENABLE_CONNECT_PROTOCOL", "http3.settings.extended_connect"
	case settingDatagram:
		return "H3_DATAGRAM", "http3.settings.h3_datagram"
	}
	if reserved(id) {
		return fmt.Sprintf("reserved 0x%x", id), ""
	}
	return fmt.Sprintf("0x%x", id), ""
}

// applySettings reads SETTINGS (RFC 9114 §7.2.4).
func (c *Conn) applySettings(h *half, r *reader) (summary string, kvs []decoders.KV, problem string) {
	var said []string
	if c.settings[h.d] != nil {
		problem = "SETTINGS comes twice (RFC 9114 §7.2.4)"
	}
	set := map[uint64]uint64{}
	for r.left() > 0 && !r.short {
		id, v := r.varint(), r.varint()
		if r.short {
			break
		}
		name, field := settingName(id)
		if len(set) < 256 {
			kvs = append(kvs, decoders.KV{Name: "http3.settings.id", Int: int64(id), Kind: decoders.IntValue, Many: true},
				decoders.KV{Name: "http3.settings.value", Int: int64(v), Kind: decoders.IntValue, Many: true})
			if field != "" {
				kvs = append(kvs, decoders.I(field, int64(v)))
			}
			if !reserved(id) {
				said = append(said, fmt.Sprintf("%s=%d", name, v))
			}
		}
		if _, twice := set[id]; twice {
			problem = "a setting comes twice (RFC 9114 §7.2.4)"
		}
		if id == 0 || id >= 2 && id <= 5 {
			problem = "a setting of HTTP/2 that HTTP/3 does not have (RFC 9114 §7.2.4.1)"
		}
		set[id] = v
	}
	c.settings[h.d] = set
	limit(&c.Tables[h.d.Other()], set)
	return strings.TrimSpace("SETTINGS " + strings.Join(said, " ")), kvs, problem
}

// limit tells an encoder's table what the other side can decode.
func limit(t *qpack.Table, set map[uint64]uint64) {
	t.Limit, t.LimitKnown = int(min(set[settingTableCapacity], math.MaxInt32)), true
}

// ErrorName is the name of an error code (RFC 9114 §8.1, RFC 9204 §6).
func ErrorName(code uint64) string {
	names := [...]string{"H3_NO_ERROR", "H3_GENERAL_PROTOCOL_ERROR", "H3_INTERNAL_ERROR", "H3_STREAM_CREATION_ERROR",
		"H3_CLOSED_CRITICAL_STREAM", "H3_FRAME_UNEXPECTED", "H3_FRAME_ERROR", "H3_EXCESSIVE_LOAD", "H3_ID_ERROR",
		"H3_SETTINGS_ERROR", "H3_MISSING_SETTINGS", "H3_REQUEST_REJECTED", "H3_REQUEST_CANCELLED", "H3_REQUEST_INCOMPLETE",
		"H3_MESSAGE_ERROR", "H3_CONNECT_ERROR", "H3_VERSION_FALLBACK"}
	switch {
	case code >= 0x100 && code < 0x100+uint64(len(names)):
		return names[code-0x100]
	case code == 0x200:
		return "QPACK_DECOMPRESSION_FAILED"
	case code == 0x201:
		return "QPACK_ENCODER_STREAM_ERROR"
	case code == 0x202:
		return "QPACK_DECODER_STREAM_ERROR"
	}
	return fmt.Sprintf("error 0x%x", code)
}
