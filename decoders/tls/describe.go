package tls

import (
	"fmt"
	"strings"
	"unicode"

	"netscope/decoders"
)

// description is what a handshake message says.
type description struct {
	summary string
	fields  []decoders.KV
	bad     string
}

func (d *description) num(name string, v int) {
	d.fields = append(d.fields, decoders.I(name, int64(v)))
}
func (d *description) str(name, v string) { d.fields = append(d.fields, decoders.S(name, v)) }
func (d *description) nums(name string, list []uint16) {
	for _, v := range list {
		kv := decoders.I(name, int64(v))
		kv.Many = true
		d.fields = append(d.fields, kv)
	}
}

func (d *description) strs(name string, list []string) {
	for _, v := range list {
		kv := decoders.S(name, v)
		kv.Many = true
		d.fields = append(d.fields, kv)
	}
}

// say adds to the summary.
func (d *description) say(parts ...string) {
	for _, s := range parts {
		if s != "" {
			d.summary += "  " + clean(s)
		}
	}
}

// describe gives the fields and summary of a whole handshake message.
func (p *parser) describe(msg []byte, name string) description {
	d := description{summary: name}
	body := msg[hsHeaderLen:]
	r := reader{b: body}
	v13 := p.conn.version == tls13
	switch msg[0] {
	case hsClientHello:
		h := parseClientHello(body)
		d.clientHello(&h)
	case hsServerHello:
		h := parseServerHello(body)
		d.serverHello(&h)
	case hsEncryptedExtensions:
		exts := parseExtensions(&r)
		d.nums("tls.handshake.extension.type", extensionTypes(exts))
		for _, e := range exts {
			if e.typ == extALPN {
				names := parseALPN(&reader{b: e.data})
				d.strs("tls.handshake.extensions_alpn_str", names)
				d.say(names...)
			}
		}
	case hsCertificate:
		d.certificates(&r, v13)
	case hsCompressedCert:
		d.compressed(&r)
	case hsCertificateVerify:
		if v13 || p.conn.version == tls12 {
			d.signature(&r)
		}
	case hsServerKeyExchange:
		d.serverKeyExchange(&r, p.conn.version, p.conn.suite)
	case hsNewSessionTicket:
		d.ticket(&r, v13)
	case hsKeyUpdate:
		v := r.num(1)
		d.num("tls.handshake.key_update.request_update", v)
		if v == 1 {
			d.say("the other side is to do the same")
		}
	case hsFinished:
		d.str("tls.handshake.verify_data", hexString(body))
		return d
	}
	if r.bad && d.bad == "" {
		d.bad = badHello
	}
	return d
}

func (d *description) clientHello(h *clientHello) {
	d.num("tls.handshake.version", int(h.version))
	d.str("tls.handshake.random", hexString(h.random[:]))
	if len(h.session) > 0 {
		d.str("tls.handshake.session_id", hexString(h.session))
	}
	d.nums("tls.handshake.ciphersuite", h.suites)
	d.nums("tls.handshake.extension.type", extensionTypes(h.exts))
	if h.sni != "" {
		d.str("tls.handshake.extensions_server_name", h.sni)
	}
	d.strs("tls.handshake.extensions_alpn_str", h.alpn)
	d.nums("tls.handshake.extensions.supported_version", h.versions)
	d.nums("tls.handshake.extensions_supported_group", h.groups)
	d.nums("tls.handshake.extensions_key_share_group", h.shares)
	d.nums("tls.handshake.sig_hash_alg", h.sigs)
	d.str("tls.handshake.ja3", h.ja3())
	d.str("tls.handshake.ja4", h.ja4('t'))
	d.say(h.sni, versionsText(h), strings.Join(h.alpn, ", "))
	if h.early {
		d.say("0-RTT")
	}
	if h.bad {
		d.bad = badHello
	}
}

// versionsText is the range of versions offered: "TLS 1.0 to 1.3".
func versionsText(h *clientHello) string {
	low, high := uint16(0xffff), uint16(0)
	for _, v := range h.versions {
		if v <= tls13 { // neither GREASE nor a draft
			low, high = min(low, v), max(high, v)
		}
	}
	if high == 0 {
		high = h.best()
	}
	if low >= high || low < ssl3 || high > tls13 {
		return versionName(high)
	}
	return versionName(low) + " to " + strings.TrimPrefix(versionName(high), "TLS ")
}

func (d *description) serverHello(h *serverHello) {
	d.num("tls.handshake.version", int(h.version))
	d.str("tls.handshake.random", hexString(h.random[:]))
	if len(h.session) > 0 {
		d.str("tls.handshake.session_id", hexString(h.session))
	}
	d.num("tls.handshake.ciphersuite", int(h.suite))
	d.nums("tls.handshake.extension.type", extensionTypes(h.exts))
	if h.alpn != "" {
		d.strs("tls.handshake.extensions_alpn_str", []string{h.alpn})
	}
	for _, e := range h.exts {
		if e.typ == extVersions && len(e.data) == 2 {
			d.nums("tls.handshake.extensions.supported_version", numbers(e.data))
		}
	}
	group := ""
	if h.share != 0 {
		name := "tls.handshake.extensions_key_share_group"
		if h.retry {
			name = "tls.handshake.extensions_key_share_selected_group"
		}
		d.nums(name, []uint16{h.share})
		group = groupName(h.share)
	}
	d.str("tls.handshake.ja3s", h.ja3s())
	d.say(versionName(h.chosen), suiteName(h.suite), group, h.alpn)
	if h.bad {
		d.bad = badHello
	}
}

// signature is the first field of a CertificateVerify (RFC 8446 §4.4.3).
func (d *description) signature(r *reader) {
	v := r.num(2)
	r.vec(2)
	d.nums("tls.handshake.sig_hash_alg", []uint16{uint16(v)})
	d.say(signatureName(uint16(v)))
}

// serverKeyExchange reads the parameters of an elliptic curve exchange
// (RFC 8422 §5.4); others are as many forms as there are exchanges.
func (d *description) serverKeyExchange(r *reader, version uint16, s *suite) {
	const namedCurve = 3
	if s == nil || !strings.HasPrefix(s.name, "TLS_ECDHE_") || strings.HasPrefix(s.name, "TLS_ECDHE_PSK") {
		return
	}
	typ := r.num(1)
	d.num("tls.handshake.server_curve_type", typ)
	if typ != namedCurve {
		return
	}
	group := r.num(2)
	d.num("tls.handshake.server_named_curve", group)
	r.vec(1)
	d.say(groupName(uint16(group)))
	if version >= tls12 {
		d.signature(r)
	}
}

// ticket reads a NewSessionTicket (RFC 8446 §4.6.1, RFC 5077 §3.3).
func (d *description) ticket(r *reader, v13 bool) {
	life := r.num(4)
	d.num("tls.handshake.session_ticket_lifetime_hint", life)
	if v13 {
		d.num("tls.handshake.session_ticket_age_add", r.num(4))
		r.vec(1)
	}
	d.num("tls.handshake.session_ticket_length", len(r.vec(2)))
	if v13 {
		d.nums("tls.handshake.extension.type", extensionTypes(parseExtensions(r)))
	}
	d.say(fmt.Sprintf("for %s s", thousands(int64(life))))
}

// clean makes text of the wire fit for one line of a screen.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(s, "·"))
}
