package tls

import (
	"fmt"

	"netscope/decoders"
)

// Carried is a handshake message that something else than records carries:
// CRYPTO frames of QUIC (RFC 9001 §4), which always speak TLS 1.3.
type Carried struct {
	Name    string
	Summary string // one line for people
	Fields  []decoders.KV
	Bad     string // the rule that it breaks, "" if none
	Suite   uint16 // of a ServerHello: what it has chosen
	ALPN    []string
}

// Carry reads a whole handshake message, with its header.
func Carry(msg []byte) Carried {
	if len(msg) < hsHeaderLen {
		return Carried{Name: "Handshake", Summary: "Handshake", Bad: badHello}
	}
	h := handshakes{buf: msg}
	name := h.name()
	if name == "" {
		name = fmt.Sprintf("Handshake message %d", msg[0])
	}
	p := &parser{conn: connection{version: tls13}}
	d := p.describe(msg, name)
	c := Carried{Name: name, Summary: d.summary, Bad: d.bad}
	c.Fields = append([]decoders.KV{{Name: "tls.handshake.type", Int: int64(msg[0]), Kind: decoders.IntValue, Many: true},
		decoders.I("tls.handshake.length", int64(len(msg)-hsHeaderLen))}, d.fields...)
	for i := range c.Fields {
		kv := &c.Fields[i]
		switch {
		case kv.Name == "tls.handshake.extensions_alpn_str":
			c.ALPN = append(c.ALPN, kv.Str)
		case kv.Name == "tls.handshake.ciphersuite" && msg[0] == hsServerHello:
			c.Suite = uint16(kv.Int)
		case kv.Name == "tls.handshake.ja4" && len(kv.Str) > 0:
			kv.Str = "q" + kv.Str[1:] // the first letter names the transport
		}
	}
	return c
}

// CarriedExtension is the content of an extension of a ClientHello, ServerHello
// or EncryptedExtensions; nil if there is none.
func CarriedExtension(msg []byte, types ...uint16) []byte {
	if len(msg) < hsHeaderLen {
		return nil
	}
	var exts []extension
	switch body := msg[hsHeaderLen:]; msg[0] {
	case hsClientHello:
		exts = parseClientHello(body).exts
	case hsServerHello:
		exts = parseServerHello(body).exts
	case hsEncryptedExtensions:
		exts = parseExtensions(&reader{b: body})
	}
	for _, want := range types {
		for _, e := range exts {
			if e.typ == want {
				return e.data
			}
		}
	}
	return nil
}

// ExplainCarried is the field tree of such a message. Without its plaintext the
// fields have no spans.
func ExplainCarried(m decoders.Exposed) decoders.Field {
	m.Proto = versionName(tls13)
	total := int(max(m.Total, int64(len(m.Raw))))
	root := decoders.Field{Name: "tls.handshake", Label: m.Proto + " " + m.Name, Doc: handshakeDoc(m), Len: total}
	if !m.Plain || len(m.Raw) < hsHeaderLen {
		root.Len, root.Children = 0, generated(m.Fields)
		inherit(&root)
		return root
	}
	m.HeadLen = hsHeaderLen
	explainHandshake(&root, m, total)
	inherit(&root)
	return root
}
