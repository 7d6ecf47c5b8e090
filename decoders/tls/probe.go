package tls

import (
	"encoding/binary"

	"netscope/decoders"
)

// Probe accepts a direction that starts with a ClientHello, a ServerHello or a
// plain alert. Of a conversation that the capture enters midway it accepts one
// that starts with the header of a record, or any bytes on a port that belongs
// to TLS.
func (Decoder) Probe(h decoders.Hint, _ decoders.Dir, b []byte, end bool) decoders.Verdict {
	if h.Transport == decoders.UDP || len(b) == 0 {
		if h.Transport == decoders.UDP || end {
			return decoders.Reject // DTLS has another header
		}
		return decoders.NeedMore
	}
	v := probeStart(b)
	if h.Midway && v == decoders.Reject {
		v = probeMidway(h, b)
	}
	if v == decoders.NeedMore && end {
		return decoders.Reject
	}
	return v
}

// probeStart judges the beginning of a connection.
func probeStart(b []byte) decoders.Verdict {
	if b[0]&0x80 != 0 {
		return probeV2(b)
	}
	if !headerStart(b) || b[0] != typeHandshake && b[0] != typeAlert {
		return decoders.Reject
	}
	if len(b) < headerLen {
		return decoders.NeedMore
	}
	n := recordLen(b)
	if n == 0 || b[0] == typeAlert && n != headerLen+2 {
		return decoders.Reject
	}
	if len(b) == headerLen {
		return decoders.NeedMore
	}
	t := b[headerLen]
	if b[0] == typeAlert {
		if t == 1 || t == 2 {
			return decoders.Accept
		}
		return decoders.Reject
	}
	if t == hsClientHello || t == hsServerHello {
		return decoders.Accept
	}
	return decoders.Reject
}

// probeV2 judges what may be an SSL 2.0 compatible ClientHello.
func probeV2(b []byte) decoders.Verdict {
	if len(b) < 11 {
		if len(b) >= 3 && b[2] != hsClientHello || len(b) >= headerLen && v2HelloLen(b) == 0 {
			return decoders.Reject
		}
		return decoders.NeedMore
	}
	n := v2HelloLen(b)
	suites, session, challenge := be16(b[5:]), be16(b[7:]), be16(b[9:])
	if n == 0 || suites == 0 || suites%3 != 0 || challenge < 16 || challenge > 32 || 11+suites+session+challenge != n {
		return decoders.Reject
	}
	return decoders.Accept
}

// probeMidway judges a conversation whose beginning is not in the capture.
func probeMidway(h decoders.Hint, b []byte) decoders.Verdict {
	const enough = 8
	if len(b) < enough {
		return decoders.NeedMore
	}
	if recordLen(b) > headerLen && b[2] >= 1 {
		return decoders.Accept
	}
	if !isPort(h.A.Port()) && !isPort(h.B.Port()) {
		return decoders.Reject
	}
	for _, c := range b[:enough] {
		if c < ' ' && c != '\r' && c != '\n' && c != '\t' || c > '~' {
			return decoders.Accept // the middle of a record
		}
	}
	return decoders.Reject // text: some other protocol on this port
}

// isPort says whether a port is one where TLS starts with the first byte.
func isPort(p uint16) bool {
	switch p {
	case 443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 5061, 5223, 6697, 8443, 8883:
		return true
	}
	return false
}

func be16(b []byte) int { return int(binary.BigEndian.Uint16(b)) }
func be24(b []byte) int { return int(b[0])<<16 | int(b[1])<<8 | int(b[2]) }
