package netlab

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Forge sends a UDP datagram under another address, see lab.Forge. It fits one
// packet: there are no fragments.
func (h *host) Forge(from, to netip.AddrPort, payload []byte) error {
	src, dst := from.Addr().Unmap(), to.Addr().Unmap()
	if !src.IsValid() || src.Is4() != dst.Is4() {
		return fmt.Errorf("a datagram cannot go from %s to %s: both must be IPv4 or both IPv6", from, to)
	}
	out := h.towards(dst)
	if out == nil {
		return fmt.Errorf("%s knows no way to %s", h.node.Name, dst)
	}
	ip := datagram(netip.AddrPortFrom(src, from.Port()), netip.AddrPortFrom(dst, to.Port()), payload)
	if len(ip) > out.link.mtu {
		return fmt.Errorf("a datagram of %d bytes does not fit a packet of %d", len(payload), out.link.mtu)
	}
	h.net.flying.Add(1)
	h.net.clock.post(0, quiet, func() {
		h.ids.renumber(ip)
		out.send(frame{ip: ip})
	})
	return nil
}

// towards is the host's end of the first link on the way to an address, nil if
// no node has it.
func (h *host) towards(a netip.Addr) *direction {
	for i, nd := range h.net.nodes {
		if nd.owns(a) && h.via[i] != nil {
			return h.via[i].from(h.node)
		}
	}
	return nil
}

// datagram is an IP packet with a UDP datagram, checksums included.
func datagram(from, to netip.AddrPort, payload []byte) []byte {
	const v4, v6, udpHeader, hops = 20, 40, 8, 64
	header := v6
	if from.Addr().Is4() {
		header = v4
	}
	ip := make([]byte, header+udpHeader+len(payload))
	if header == v4 {
		ip[0] = 0x45
		binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
		binary.BigEndian.PutUint16(ip[4:], 1) // the host numbers it
		ip[8], ip[9] = hops, protoUDP
		copy(ip[12:], from.Addr().AsSlice())
		copy(ip[16:], to.Addr().AsSlice())
		sum := add(0, ip[:v4])
		for sum > 0xffff {
			sum = sum>>16 + sum&0xffff
		}
		binary.BigEndian.PutUint16(ip[10:], ^uint16(sum))
	} else {
		ip[0] = 0x60
		binary.BigEndian.PutUint16(ip[4:], uint16(udpHeader+len(payload)))
		ip[6], ip[7] = protoUDP, hops
		copy(ip[8:], from.Addr().AsSlice())
		copy(ip[24:], to.Addr().AsSlice())
	}
	u := ip[header:]
	binary.BigEndian.PutUint16(u, from.Port())
	binary.BigEndian.PutUint16(u[2:], to.Port())
	binary.BigEndian.PutUint16(u[4:], uint16(udpHeader+len(payload)))
	copy(u[udpHeader:], payload)
	fillChecksum(ip)
	return ip
}
