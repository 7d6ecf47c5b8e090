package layers

import "fmt"

func renderUDP(s, net step) Node {
	x := s.box()
	b := s.b
	x.putf("udp.srcport", "Source Port", 0, 2, "%d", be16(b, 0))
	x.putf("udp.dstport", "Destination Port", 2, 2, "%d", be16(b, 2))
	length := int(be16(b, 4))
	n := x.putf("udp.length", "Length", 4, 2, "%d", length)
	switch {
	case length > 0 && length < 8:
		n.Value, n.Bad = fmt.Sprintf("%d [shorter than the header]", length), true
	case length > s.wire:
		n.Value, n.Bad = fmt.Sprintf("%d [longer than the %s there are]", length, byteCount(s.wire)), true
	}
	if n.Bad {
		x.putf("udp.checksum", "Checksum", 6, 2, "0x%04x [unverified: bad length]", be16(b, 6))
	} else {
		transportChecksum(s, net, 17, 6).put(x, "udp.checksum", "Checksum", 6)
	}
	return x.node(s, "User Datagram Protocol", fmt.Sprintf("%d → %d", be16(b, 0), be16(b, 2)))
}

// udpInfo is a datagram's line in a list.
func udpInfo(s step) string {
	b := s.b
	n := int(be16(b, 4)) - 8
	switch {
	case len(b) < 8:
		return fmt.Sprintf("%d → %d", be16(b, 0), be16(b, 2))
	case be16(b, 4) == 0:
		n = s.wire - 8
	case n < 0:
		return fmt.Sprintf("%d → %d [bad length %d]", be16(b, 0), be16(b, 2), be16(b, 4))
	}
	return fmt.Sprintf("%d → %d Len=%d", be16(b, 0), be16(b, 2), n)
}
