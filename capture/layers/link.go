package layers

import (
	"encoding/binary"
	"fmt"

	"netscope/capture"
)

// null decodes the four bytes of BSD's loopback: an address family in the
// capturing host's order (null) or in network order (loop).
func (w *walk) null() proto {
	b := w.rest()
	if len(b) < 4 {
		return w.stop(pNull, "the loopback header is shorter than four bytes", true)
	}
	w.push(pNull, 4, nil)
	switch family(w.link, b) {
	case 2:
		return pIPv4
	case 10, 24, 28, 30:
		return pIPv6
	}
	// Some systems put an EtherType into the second half.
	return protoOfEther(max(be16(b, 2), 1))
}

// family reads the address family of a loopback header. A family is below
// 65,536, which tells the byte order of the host that captured.
func family(link capture.LinkType, b []byte) uint32 {
	f := be32(b, 0)
	if link == capture.LinkNull && f >= 1<<16 && len(b) >= 4 {
		return binary.LittleEndian.Uint32(b)
	}
	return f
}

func renderNull(s step, link capture.LinkType) Node {
	x := s.box()
	f := family(link, s.b)
	name := map[uint32]string{2: "IP", 10: "IPv6", 24: "IPv6", 28: "IPv6", 30: "IPv6"}[f]
	if name == "" {
		name = "unknown"
		if t := be16(s.b, 2); t >= 0x0600 {
			name = etherTypeName(t)
		}
	}
	x.putf("null.family", "Family", 0, 4, "%s (%d)", name, f)
	return x.node(s, "Null/Loopback", "Family: "+name)
}

// ppp decodes PPP with or without the HDLC address and control bytes, and with
// the protocol field compressed to one byte (RFC 1661 §6.5) or not.
func (w *walk) ppp() proto {
	b := w.rest()
	n := 0
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		n = 2
	} else if w.link == capture.LinkPPPHDLC && len(b) >= 4 && (b[0] == 0x0f || b[0] == 0x8f) {
		w.push(pPPP, 4, nil) // Cisco HDLC: address, control, EtherType
		return protoOfEther(be16(b, 2))
	}
	if n >= len(b) || (b[n]&1 == 0 && n+1 >= len(b)) {
		return w.stop(pPPP, "the PPP header is cut short", true)
	}
	p := uint16(b[n])
	if b[n]&1 == 0 {
		p = be16(b, n)
		n++
	}
	w.push(pPPP, n+1, nil)
	switch p {
	case 0x0021:
		return pIPv4
	case 0x0057:
		return pIPv6
	case 0x0281, 0x0283:
		return pMPLS
	}
	return pNone
}

func renderPPP(s step) Node {
	x := s.box()
	b := s.b
	n := 0
	if be8(b, 0) == 0xff && be8(b, 1) == 0x03 || be8(b, 0) == 0x0f || be8(b, 0) == 0x8f {
		x.putf("ppp.address", "Address", 0, 1, "0x%02x", be8(b, 0))
		x.putf("ppp.control", "Control", 1, 1, "0x%02x", be8(b, 1))
		n = 2
	}
	if be8(b, 0) == 0x0f || be8(b, 0) == 0x8f {
		x.put("chdlc.protocol", "Protocol", etherTypeName(be16(b, 2)), 2, 2)
		return x.node(s, "Cisco HDLC", "")
	}
	size := s.head - n
	p := uint16(be8(b, n))
	if size == 2 {
		p = be16(b, n)
	}
	x.put("ppp.protocol", "Protocol", pppName(p), n, size)
	return x.node(s, "Point-to-Point Protocol", pppName(p))
}

func pppName(p uint16) string {
	name := "Unknown"
	switch p {
	case 0x0021:
		name = "Internet Protocol version 4"
	case 0x0057:
		name = "Internet Protocol version 6"
	case 0x0281:
		name = "MPLS Unicast"
	case 0x0283:
		name = "MPLS Multicast"
	case 0x8021:
		name = "Internet Protocol Control Protocol"
	case 0x8057:
		name = "IPv6 Control Protocol"
	case 0xc021:
		name = "Link Control Protocol"
	case 0xc023:
		name = "Password Authentication Protocol"
	case 0xc223:
		name = "Challenge Handshake Authentication Protocol"
	case 0x80fd:
		name = "Compression Control Protocol"
	}
	return fmt.Sprintf("%s (0x%04x)", name, p)
}

// pppoe decodes a PPPoE header (RFC 2516 §4). gopacket panics when the stated
// length exceeds what was captured, so this is done here.
func (w *walk) pppoe() proto {
	b := w.rest()
	if len(b) < 6 {
		return w.stop(pPPPoE, "the PPPoE header is shorter than six bytes", true)
	}
	s := w.push(pPPPoE, 6, nil)
	w.bound(s, 6+int(be16(b, 4)))
	if b[1] != 0 {
		return pNone // discovery: tags, no PPP
	}
	return pPPP
}

func renderPPPoE(s step) Node {
	x := s.box()
	b := s.b
	v := uint64(be8(b, 0))
	n := x.putf("", "Version and type", 0, 1, "0x%02x", v)
	n.bits("pppoe.version", "Version", fmt.Sprint(v>>4), v, 0xf0, 8)
	n.bits("pppoe.type", "Type", fmt.Sprint(v&15), v, 0x0f, 8)
	x.putf("pppoe.code", "Code", 1, 1, "%s (0x%02x)", pppoeCode(be8(b, 1)), be8(b, 1))
	x.putf("pppoe.session_id", "Session ID", 2, 2, "0x%04x", be16(b, 2))
	x.putf("pppoe.payload_length", "Payload Length", 4, 2, "%d", be16(b, 4))
	label := "PPP-over-Ethernet Session"
	if be8(b, 1) != 0 {
		label = "PPP-over-Ethernet Discovery"
	}
	return x.node(s, label, fmt.Sprintf("Session: 0x%04x", be16(b, 2)))
}

func pppoeCode(c uint8) string {
	switch c {
	case 0x00:
		return "Session Data"
	case 0x07:
		return "Active Discovery Offer (PADO)"
	case 0x09:
		return "Active Discovery Initiation (PADI)"
	case 0x19:
		return "Active Discovery Request (PADR)"
	case 0x65:
		return "Active Discovery Session-confirmation (PADS)"
	case 0xa7:
		return "Active Discovery Terminate (PADT)"
	}
	return "Unknown"
}
