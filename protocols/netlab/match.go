package netlab

import (
	"encoding/binary"
	"net/netip"

	"netscope/protocols/lab"
)

// IP protocol numbers that a chosen drop can name.
const (
	protoTCP = 6
	protoUDP = 17
)

// matches reports whether a drop's conditions hold for an IP packet.
func matches(d lab.Drop, ip []byte) bool {
	if len(ip) < d.MinLen {
		return false
	}
	proto, transport := split(ip)
	switch d.Proto {
	case "":
	case "tcp":
		if proto != protoTCP {
			return false
		}
	case "udp":
		if proto != protoUDP {
			return false
		}
	default:
		return false
	}
	return !d.Carries || carries(proto, transport)
}

// carries reports whether a transport segment has payload. A protocol other
// than TCP and UDP carries whatever follows the IP header.
func carries(proto byte, seg []byte) bool {
	switch proto {
	case protoTCP:
		return len(seg) >= 13 && len(seg) > int(seg[12]>>4)*4
	case protoUDP:
		return len(seg) > 8
	}
	return len(seg) > 0
}

// split gives the transport protocol and the bytes after the IP header. IPv6
// extension headers are not followed: they are the transport then.
func split(ip []byte) (proto byte, transport []byte) {
	switch {
	case len(ip) >= 20 && ip[0]>>4 == 4:
		hl, total := int(ip[0]&15)*4, int(binary.BigEndian.Uint16(ip[2:]))
		if hl < 20 || hl > len(ip) || total < hl || total > len(ip) {
			return 0, nil
		}
		return ip[9], ip[hl:total]
	case len(ip) >= 40 && ip[0]>>4 == 6:
		return ip[6], ip[40:]
	}
	return 0, nil
}

// source is a packet's source address; invalid if it is not an IP packet.
func source(ip []byte) netip.Addr { return addrAt(ip, 12, 8) }

// destination is a packet's destination address; invalid if it is not an IP
// packet.
func destination(ip []byte) netip.Addr { return addrAt(ip, 16, 24) }

func addrAt(ip []byte, off4, off6 int) netip.Addr {
	switch {
	case len(ip) >= 20 && ip[0]>>4 == 4:
		return netip.AddrFrom4([4]byte(ip[off4 : off4+4]))
	case len(ip) >= 40 && ip[0]>>4 == 6:
		return netip.AddrFrom16([16]byte(ip[off6 : off6+16]))
	}
	return netip.Addr{}
}
