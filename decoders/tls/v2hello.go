package tls

import (
	"netscope/decoders"
)

// v2Hello deals with an SSL 2.0 compatible ClientHello (RFC 5246 appendix E.2).
// It has a record header of its own, of two bytes.
func (p *parser) v2Hello(s *side, raw []byte, st *decoders.Step) {
	h := parseV2Hello(raw[2:])
	p.hello(s, h)
	d := description{summary: handshakeName(hsClientHello)}
	d.num("tls.handshake.type", hsClientHello)
	d.num("tls.handshake.version", int(h.version))
	d.num(fieldV2, len(h.suites))
	d.nums("tls.handshake.ciphersuite", h.suites)
	d.str("tls.handshake.random", hexString(h.random[:]))
	d.say(versionName(h.version), "in the form of SSL 2.0")
	if h.bad {
		d.bad = badHello
	}
	key := p.nextKey()
	p.conn.helloKey = key
	end := s.off + int64(len(raw))
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Open, Key: key, Dir: s.dir, Kind: decoders.Request, Proto: "SSL 2.0", Name: handshakeName(hsClientHello),
		Summary: d.summary, Stream: -1, Off: s.off, HeadLen: 2, Fields: d.fields,
	}, decoders.Event{Op: decoders.Close, Key: key, Dir: s.dir, End: end, Len: int64(len(raw) - 2), Err: d.bad})
}

// fieldV2 marks a ClientHello in the form of SSL 2.0.
const fieldV2 = "tls.handshake.cipher_spec_count"
