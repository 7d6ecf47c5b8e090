package netlab

import "encoding/binary"

const (
	icmp6Header   = 40 // where ICMPv6 starts, without extension headers
	icmp6Proto    = 58
	packetTooBig  = 2
	quotedPacket  = icmp6Header + 8
	checksumField = icmp6Header + 2
	mtuField      = icmp6Header + 4
)

// completeTooBig fills in the MTU of an ICMPv6 "packet too big" (RFC 4443
// §3.2) that the host's stack sends with an MTU of 0, at which the sender would
// go on with segments of one byte. Driver goroutine only.
func (h *host) completeTooBig(ip []byte) {
	if len(ip) < quotedPacket+40 || ip[0]>>4 != 6 || ip[6] != icmp6Proto || ip[icmp6Header] != packetTooBig {
		return
	}
	if binary.BigEndian.Uint32(ip[mtuField:]) != 0 {
		return
	}
	dst := destination(ip[quotedPacket:])
	for i, l := range h.via {
		if l != nil && h.net.nodes[i].owns(dst) {
			binary.BigEndian.PutUint16(ip[mtuField+2:], uint16(l.mtu))
			amend(ip[checksumField:], 0, uint16(l.mtu))
		}
	}
}
