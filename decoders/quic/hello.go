package quic

import (
	"strings"

	"netscope/decoders"
	"netscope/decoders/tls"
)

// Handshake message types (RFC 8446 §4).
const (
	clientHello         = 1
	serverHello         = 2
	encryptedExtensions = 8
)

// Extensions that hold transport parameters (RFC 9001 §8.2).
const (
	extParams      = 57
	extParamsDraft = 0xffa5
)

// hello is what QUIC must know of a handshake message. The message itself is
// TLS's business.
type hello struct {
	tls.Carried
	params []decoders.KV
}

// readHello reads a whole handshake message.
func readHello(raw []byte) hello {
	h := hello{Carried: tls.Carry(raw)}
	if raw[0] == clientHello || raw[0] == encryptedExtensions {
		h.params = parseParams(tls.CarriedExtension(raw, extParams, extParamsDraft))
	}
	return h
}

// sni is the server name of a ClientHello, "" if there is none.
func (h *hello) sni() string {
	kv, _ := decoders.Lookup(h.Fields, "tls.handshake.extensions_server_name")
	return kv.Str
}

// learn takes from a handshake message what the connection depends on.
func (c *conn) learn(d decoders.Dir, typ byte, h *hello) {
	e := &c.ends[d]
	for _, kv := range h.params {
		switch strings.TrimPrefix(kv.Name, paramPrefix) {
		case "stateless_reset_token":
			e.addToken(unhex(kv.Str))
		case "ack_delay_exponent":
			e.exp = uint(min(max(kv.Int, 0), 20))
		}
	}
	switch typ {
	case clientHello:
		c.sni, c.offered = h.sni(), h.ALPN
	case serverHello:
		c.suite = suite(h.Suite)
	case encryptedExtensions:
		if len(h.ALPN) > 0 {
			c.alpn = h.ALPN[0]
		}
	}
}
