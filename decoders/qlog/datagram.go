package qlog

import (
	"encoding/binary"
	"net/netip"
)

// Addresses are of the prefix for documentation (RFC 3849), a pair for each
// trace, so that each is a conversation of its own.

func clientAddr(trace int) netip.Addr { return docAddr(trace, 1) }
func serverAddr(trace int) netip.Addr { return docAddr(trace, 2) }

func docAddr(trace int, host byte) netip.Addr {
	a := [16]byte{0x20, 0x01, 0x0d, 0xb8, 15: host}
	binary.BigEndian.PutUint16(a[6:], uint16(trace))
	return netip.AddrFrom16(a)
}

const (
	clientPort = 49152
	serverPort = 443
)

// datagram puts a payload into UDP and IPv6 (RFC 768, RFC 8200).
func datagram(trace int, fromClient bool, payload []byte) []byte {
	const ip, udp = 40, 8
	b := make([]byte, ip+udp+len(payload))
	src, dst := clientAddr(trace).As16(), serverAddr(trace).As16()
	sport, dport := uint16(clientPort), uint16(serverPort)
	if !fromClient {
		src, dst, sport, dport = dst, src, dport, sport
	}
	b[0] = 6 << 4
	binary.BigEndian.PutUint16(b[4:], uint16(udp+len(payload)))
	b[6], b[7] = 17, 64
	copy(b[8:], src[:])
	copy(b[24:], dst[:])
	u := b[ip:]
	binary.BigEndian.PutUint16(u[0:], sport)
	binary.BigEndian.PutUint16(u[2:], dport)
	binary.BigEndian.PutUint16(u[4:], uint16(len(u)))
	copy(u[udp:], payload)
	sum := uint32(17) + uint32(len(u))
	for _, part := range [][]byte{b[8:40], u} {
		for i := 0; i < len(part); i += 2 {
			word := uint32(part[i]) << 8
			if i+1 < len(part) {
				word |= uint32(part[i+1])
			}
			sum += word
		}
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	check := ^uint16(sum)
	if check == 0 {
		check = 0xffff
	}
	binary.BigEndian.PutUint16(u[6:], check)
	return b
}
