package layers

import "fmt"

// sum adds b to a ones' complement sum (RFC 1071 §1).
func sum(acc uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		acc += uint32(b[0])<<8 | uint32(b[1])
		acc = acc&0xffff + acc>>16 // at most once past 16 bits, so this is exact
	}
	if len(b) == 1 {
		acc += uint32(b[0]) << 8
	}
	return acc
}

// fold brings a sum down to 16 bits.
func fold(acc uint32) uint16 {
	for acc > 0xffff {
		acc = acc&0xffff + acc>>16
	}
	return uint16(acc)
}

// verdict is what a checksum came to.
type verdict struct {
	text string
	bad  bool
}

// pseudo is the sum over the pseudo-header that TCP, UDP and ICMPv6 include:
// addresses, protocol and length (RFC 9293 §3.1, RFC 8200 §8.1).
func pseudo(net step, protocol uint8, length int) uint32 {
	var acc uint32
	if net.proto == pIPv6 {
		acc = sum(0, cut(net.b, 8, 32))
	} else {
		acc = sum(0, cut(net.b, 12, 8))
	}
	acc += uint32(length>>16) + uint32(length&0xffff) + uint32(protocol)
	return uint32(fold(acc))
}

// transportChecksum judges the checksum at byte at of s, covered together with
// the pseudo-header of net.
func transportChecksum(s, net step, protocol uint8, at int) verdict {
	b := s.b
	if len(b) < at+2 {
		return verdict{}
	}
	got := be16(b, at)
	switch {
	case net.proto != pIPv4 && net.proto != pIPv6:
		return verdict{fmt.Sprintf("0x%04x [unverified: no IP header]", got), false}
	case protocol == 17 && got == 0 && net.proto == pIPv4:
		return verdict{"0x0000 [not used by the sender]", false}
	case len(b) < s.wire:
		return verdict{fmt.Sprintf("0x%04x [unverified: packet truncated]", got), false}
	}
	head := pseudo(net, protocol, len(b))
	want := checksumOf(head, b, at)
	if protocol == 17 && want == 0 {
		want = 0xffff // RFC 768: zero means none
	}
	return judge(got, want, fold(head))
}

// checksumOf is the checksum of b, its own field at byte at taken as zero.
func checksumOf(acc uint32, b []byte, at int) uint16 {
	acc = sum(acc, b[:at])
	return ^fold(sum(acc, b[at+2:]))
}

// judge compares. A sender that leaves the sum to its network card has put the
// pseudo-header's sum, or nothing, into the field: that is no error.
func judge(got, want, partial uint16) verdict {
	switch {
	case got == want:
		return verdict{fmt.Sprintf("0x%04x [correct]", got), false}
	case partial != 0 && (got == partial || got == ^partial || got == 0):
		return verdict{fmt.Sprintf("0x%04x [unverified: left to the network card, should be 0x%04x]", got, want), false}
	}
	return verdict{fmt.Sprintf("0x%04x [incorrect, should be 0x%04x]", got, want), true}
}

// put adds a checksum field.
func (v verdict) put(x *box, name, label string, off int) {
	n := x.put(name, label, v.text, off, 2)
	n.Bad = v.bad
}
