package netlab

import "encoding/binary"

// amend changes an Internet checksum for one 16-bit word that has changed
// (RFC 1624).
func amend(field []byte, old, new uint16) {
	sum := uint32(^binary.BigEndian.Uint16(field)) + uint32(^old) + uint32(new)
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	binary.BigEndian.PutUint16(field, ^uint16(sum))
}

// fillChecksum computes the transport checksum of a TCP or UDP packet that is
// not a fragment. Routers need it: a stack that computes checksums also does so
// for what it forwards, and spoils the data of every fragment but the first. So
// a router's stack believes that its link computes them.
func fillChecksum(ip []byte) {
	proto, seg := split(ip)
	var at int
	switch {
	case proto == protoTCP && len(seg) >= 20:
		at = 16
	case proto == protoUDP && len(seg) >= 8:
		at = 6
	default:
		return
	}
	if ip[0]>>4 == 4 && binary.BigEndian.Uint16(ip[6:])&0x3fff != 0 {
		return
	}
	src, dst := source(ip).As16(), destination(ip).As16()
	if source(ip).Is4() { // only the last four bytes are part of the sum
		clear(src[:12])
		clear(dst[:12])
	}
	binary.BigEndian.PutUint16(seg[at:], 0)
	sum := uint32(proto) + uint32(len(seg))
	sum = add(add(add(sum, src[:]), dst[:]), seg)
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	if sum == 0xffff && proto == protoUDP {
		sum = 0 // RFC 768: all ones, as zero means that there is none
	}
	binary.BigEndian.PutUint16(seg[at:], ^uint16(sum))
}

// add adds the 16-bit words of b, padded with a zero byte. The sum of a whole
// IP packet does not overflow.
func add(sum uint32, b []byte) uint32 {
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return sum
}
