package quic

import (
	"fmt"
	"strings"

	"netscope/decoders"
)

// Handshake message types (RFC 8446 §4).
const (
	clientHello         = 1
	serverHello         = 2
	encryptedExtensions = 8
)

// Extensions that matter to QUIC (RFC 8446 §4.2, RFC 7301, RFC 9001 §8.2).
const (
	extSNI         = 0
	extALPN        = 16
	extVersions    = 43
	extParams      = 57
	extParamsDraft = 0xffa5
)

// hello is what QUIC must know of a handshake message.
type hello struct {
	typ    byte
	random [32]byte
	retry  bool // a ServerHello that is a HelloRetryRequest
	suite  suite
	suites []uint16 // offered
	exts   []uint16
	vers   []uint16 // of supported_versions
	legacy uint16
	sni    string
	alpn   []string
	params []decoders.KV
}

// helloRetry is the random of a HelloRetryRequest (RFC 8446 §4.1.3).
const helloRetry = "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"

// parseHello reads the body of a handshake message.
func parseHello(typ byte, body []byte) (h hello, ok bool) {
	h.typ = typ
	r := &reader{b: body}
	switch typ {
	case clientHello, serverHello:
		h.legacy = uint16(r.uint(2))
		copy(h.random[:], r.take(32))
		r.take(r.uint(1)) // session ID
		if typ == clientHello {
			h.suites = numbers(r.take(r.uint(2)))
			r.take(r.uint(1)) // compression methods
		} else {
			h.retry = string(h.random[:]) == helloRetry
			h.suite = suite(r.uint(2))
			r.take(1)
		}
	case encryptedExtensions:
	default:
		return h, true
	}
	ext := &reader{b: r.take(r.uint(2))}
	for ext.left() > 0 && !ext.short {
		t := ext.uint(2)
		if len(h.exts) < 256 {
			h.exts = append(h.exts, uint16(t))
		}
		h.extension(t, ext.take(ext.uint(2)))
	}
	return h, !r.short && !ext.short
}

func (h *hello) extension(t uint64, b []byte) {
	r := &reader{b: b}
	switch t {
	case extSNI:
		list := &reader{b: r.take(r.uint(2))}
		if kind := list.uint(1); kind == 0 {
			h.sni = string(list.take(list.uint(2)))
		}
	case extALPN:
		list := &reader{b: r.take(r.uint(2))}
		for list.left() > 0 && !list.short && len(h.alpn) < 64 {
			h.alpn = append(h.alpn, string(list.take(list.uint(1))))
		}
	case extVersions:
		if h.typ == clientHello {
			b = r.take(r.uint(1))
		}
		h.vers = numbers(b)
	case extParams, extParamsDraft:
		h.params = parseParams(b)
	}
}

// numbers are 16-bit numbers one after the other.
func numbers(b []byte) (out []uint16) {
	for ; len(b) >= 2 && len(out) < 256; b = b[2:] {
		out = append(out, uint16(b[0])<<8|uint16(b[1]))
	}
	return out
}

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

// handshakeName is the name of a handshake message (RFC 8446 app. B.3).
func handshakeName(typ byte) string {
	switch typ {
	case clientHello:
		return "ClientHello"
	case serverHello:
		return "ServerHello"
	case 4:
		return "NewSessionTicket"
	case 5:
		return "EndOfEarlyData"
	case encryptedExtensions:
		return "EncryptedExtensions"
	case 11:
		return "Certificate"
	case 13:
		return "CertificateRequest"
	case 15:
		return "CertificateVerify"
	case 20:
		return "Finished"
	case 24:
		return "KeyUpdate"
	case 25:
		return "CompressedCertificate"
	}
	return fmt.Sprintf("handshake message %d", typ)
}

// summary is one line for people, and the fields.
func (h *hello) describe(size int) (summary string, kvs []decoders.KV) {
	kvs = append(kvs, decoders.KV{Name: "tls.handshake.type", Int: int64(h.typ), Kind: decoders.IntValue, Many: true}, decoders.I("tls.handshake.length", int64(size)))
	summary = handshakeName(h.typ)
	if h.retry {
		summary = "HelloRetryRequest"
	}
	if h.typ == clientHello || h.typ == serverHello {
		kvs = append(kvs, decoders.I("tls.handshake.version", int64(h.legacy)), decoders.S("tls.handshake.random", fmt.Sprintf("%x", h.random)))
	}
	kvs = many(kvs, "tls.handshake.ciphersuite", h.suites)
	kvs = many(kvs, "tls.handshake.extensions.supported_version", h.vers)
	kvs = many(kvs, "tls.handshake.extension.type", h.exts)
	if h.suite != 0 {
		kvs = many(kvs, "tls.handshake.ciphersuite", []uint16{uint16(h.suite)})
		summary += " " + h.suite.String()
	}
	if h.sni != "" {
		kvs = append(kvs, decoders.S("tls.handshake.extensions_server_name", h.sni))
		summary += " " + printable(h.sni)
	}
	for _, a := range h.alpn {
		kvs = append(kvs, decoders.KV{Name: "tls.handshake.extensions_alpn_str", Str: a, Many: true})
	}
	if len(h.alpn) > 0 {
		summary += " ALPN " + printable(strings.Join(h.alpn, ", "))
	}
	return summary, append(kvs, h.params...)
}

// many adds numbers that can repeat.
func many(kvs []decoders.KV, name string, list []uint16) []decoders.KV {
	for _, v := range list {
		kvs = append(kvs, decoders.KV{Name: name, Int: int64(v), Kind: decoders.IntValue, Many: true})
	}
	return kvs
}
