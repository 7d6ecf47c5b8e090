// Package quic decodes QUIC versions 1 and 2 and the last drafts (RFC 9000, RFC
// 9001, RFC 9002, RFC 9369): packets, the frames in them, the TLS handshake they
// carry, and streams put in order.
//
// Initial packets are decrypted without keys, as anybody on the path can; the
// rest with the secrets of a key log. What cannot be decrypted is shown with the
// reason. All fields of a frame are kept with it, because its bytes cannot be
// read again from the packets on the wire.
//
// It must not know of UDP's packets beyond the datagram that it is given, nor of
// what streams mean: that is for an application protocol, which it drives in
// process (decoders/http3).
package quic

import "netscope/decoders"

// Decoder decodes QUIC. Its zero value is ready for use.
type Decoder struct{}

var _ decoders.Decoder = Decoder{}

// Name is "quic".
func (Decoder) Name() string { return "quic" }

// proto is the protocol of packets and frames.
const proto = "QUIC"

// port is where servers of HTTP/3 listen by default.
const port = 443

// NewParser starts parsing one conversation.
func (Decoder) NewParser(h decoders.Hint, e decoders.Env) decoders.Parser {
	return &parser{hint: h, secrets: e.Secrets}
}

// Probe accepts datagrams that begin with a long header of a known version
// whose lengths fit, version negotiation, and on port 443 anything with the
// fixed bit set.
func (Decoder) Probe(h decoders.Hint, _ decoders.Dir, b []byte, end bool) decoders.Verdict {
	if h.Transport != decoders.UDP || len(b) == 0 {
		if h.Transport == decoders.UDP && !end {
			return decoders.NeedMore
		}
		return decoders.Reject
	}
	https := h.A.Port() == port || h.B.Port() == port
	if !isLong(b) {
		if !https || b[0]&0x40 == 0 {
			return decoders.Reject
		}
		switch {
		case len(b) >= minShort:
			return decoders.Accept
		case end:
			return decoders.Reject
		}
		return decoders.NeedMore
	}
	need := decoders.NeedMore
	if end {
		need = decoders.Reject
	}
	if len(b) < 6 {
		return need
	}
	v, known := lookup(versionOf(b))
	switch {
	case versionOf(b) == 0: // version negotiation: the fixed bit is not used
	case known && b[0]&0x40 == 0, !known && !https:
		return decoders.Reject
	}
	dcid := int(b[5])
	if dcid > maxCID {
		return decoders.Reject
	}
	if len(b) < 7+dcid {
		return need
	}
	scid := int(b[6+dcid])
	switch {
	case scid > maxCID:
		return decoders.Reject
	case versionOf(b) == 0:
		return negotiated(b[7+dcid:], scid, end)
	case !known:
		return decoders.Accept
	case len(b) < 7+dcid+scid+2+sampleLen:
		return need
	}
	if v.kind(b[0]>>4&3) != initial {
		return decoders.Accept
	}
	r := &reader{b: b, off: 7 + dcid + scid}
	token := r.varint()
	if token > 4096 {
		return decoders.Reject
	}
	return decoders.Accept
}

// minShort is the least size of a packet with a short header: a sample must fit
// in (RFC 9001 §5.4.2).
const minShort = 1 + 4 + sampleLen

// negotiated checks the list of versions after the connection IDs.
func negotiated(b []byte, scid int, end bool) decoders.Verdict {
	if len(b) < scid+4 {
		if end {
			return decoders.Reject
		}
		return decoders.NeedMore
	}
	r := &reader{b: b, off: scid}
	first := uint32(r.uint(4))
	if _, ok := lookup(first); !ok && first&0x0f0f0f0f != 0x0a0a0a0a && first>>8 != 0xff0000 {
		return decoders.Reject
	}
	return decoders.Accept
}
