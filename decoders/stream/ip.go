package stream

import "net/netip"

// IP protocol numbers that are followed.
const (
	protoHopByHop = 0
	protoIPv4     = 4
	protoTCP      = 6
	protoUDP      = 17
	protoIPv6     = 41
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoAH       = 51
	protoDestOpts = 60
	protoMobility = 135
	protoHIP      = 139
	protoShim6    = 140
)

// ip reads an IPv4 or IPv6 header by its version.
func (p *parser) ip(off int) {
	if p.depth++; p.depth > maxDepth || !p.has(off, 1) {
		return
	}
	switch p.data[off] >> 4 {
	case 4:
		p.ipv4(off)
	case 6:
		p.ipv6(off)
	}
}

// limit says that the packet ends n bytes after off: what follows is padding.
func (p *parser) limit(off, n int) {
	if end := off + n; end < p.wire {
		p.wire = end
		if end < len(p.data) {
			p.data = p.data[:end]
		}
	}
}

// ipv4 reads an IPv4 header (RFC 791 §3.1).
func (p *parser) ipv4(off int) {
	if !p.has(off, 20) {
		return
	}
	head := int(p.data[off]&15) * 4
	total := int(p.u16(off + 2))
	if head < 20 || total != 0 && total < head {
		return
	}
	if total != 0 { // 0: left to the network card to fill in
		p.limit(off, total)
	}
	src := netip.AddrFrom4([4]byte(p.data[off+12 : off+16]))
	dst := netip.AddrFrom4([4]byte(p.data[off+16 : off+20]))
	proto := p.data[off+9]
	p.addresses(src, dst, proto)
	if !p.has(off, head) {
		return
	}
	if fo := p.u16(off + 6); fo&0x3fff != 0 {
		p.fragment(FragInfo{
			Is: true, Src: src, Dst: dst, Proto: proto, ID: uint32(p.u16(off + 4)),
			Off: int(fo&0x1fff) * 8, More: fo&0x2000 != 0,
		}, off+head)
		return
	}
	p.transport(off+head, proto)
}

// ipv6 reads an IPv6 header and its extension headers (RFC 8200 §3, §4).
func (p *parser) ipv6(off int) {
	if !p.has(off, 40) {
		return
	}
	if n := int(p.u16(off + 4)); n != 0 { // 0: a jumbogram (RFC 2675)
		p.limit(off, 40+n)
	}
	src := netip.AddrFrom16([16]byte(p.data[off+8 : off+24]))
	dst := netip.AddrFrom16([16]byte(p.data[off+24 : off+40]))
	next := p.data[off+6]
	p.addresses(src, dst, next)
	p.extension(off+40, next)
}

// extension walks over IPv6 extension headers. After a reassembly an IPv4
// protocol number may come here too; the numbers mean the same.
func (p *parser) extension(off int, next uint8) {
	for i := 0; i < 16; i++ {
		n := 0
		switch next {
		case protoHopByHop, protoRouting, protoDestOpts, protoMobility, protoHIP, protoShim6:
			if !p.has(off, 2) {
				return
			}
			n = (int(p.data[off+1]) + 1) * 8
		case protoAH:
			if !p.has(off, 2) {
				return
			}
			n = (int(p.data[off+1]) + 2) * 4
		case protoFragment:
			if !p.has(off, 8) {
				return
			}
			n = 8
			p.h.IPProto = p.data[off]
			if fo := p.u16(off + 2); fo&^6 != 0 { // else an atomic fragment (RFC 6946)
				p.fragment(FragInfo{
					Is: true, Src: p.h.Src.Addr(), Dst: p.h.Dst.Addr(), Proto: p.data[off], ID: p.u32(off + 4),
					Off: int(fo &^ 7), More: fo&1 != 0,
				}, off+8)
				return
			}
		default:
			p.transport(off, next)
			return
		}
		next = p.data[off]
		p.h.IPProto = next
		off += n
	}
}

// addresses notes an IP header. What an outer one has left is forgotten.
func (p *parser) addresses(src, dst netip.Addr, proto uint8) {
	p.h.Src = netip.AddrPortFrom(src, 0)
	p.h.Dst = netip.AddrPortFrom(dst, 0)
	p.h.IPProto = proto
}

// fragment notes a fragment whose data starts at off.
func (p *parser) fragment(f FragInfo, off int) {
	f.DataOff = off
	f.DataLen = max(0, len(p.data)-off)
	f.Missing = max(0, p.wire-max(off, len(p.data)))
	p.h.Frag = f
}

// transport goes on with what an IP protocol number names.
func (p *parser) transport(off int, proto uint8) {
	switch proto {
	case protoTCP:
		p.tcp(off)
	case protoUDP:
		p.udp(off)
	case protoIPv4, protoIPv6:
		p.ip(off)
	case protoGRE:
		p.gre(off)
	}
}

// ports notes the transport and its ports.
func (p *parser) ports(off int) {
	p.h.Src = netip.AddrPortFrom(p.h.Src.Addr(), p.u16(off))
	p.h.Dst = netip.AddrPortFrom(p.h.Dst.Addr(), p.u16(off+2))
}

// payload notes a transport payload of n bytes that starts at off.
func (p *parser) payload(off, n int) {
	got := min(max(0, len(p.data)-off), n)
	p.h.PayloadOff = min(off, len(p.data))
	p.h.PayloadLen = got
	p.h.PayloadMissing = n - got
}
