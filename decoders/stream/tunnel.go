package stream

import "netscope/decoders"

// UDP ports that mean a tunnel.
const (
	portTeredo = 3544 // RFC 4380
	portVXLAN  = 4789 // RFC 7348
	portGENEVE = 6081 // RFC 8926
)

// gre reads a GRE header, version 0 (RFC 2784, RFC 2890) or 1 (PPTP, RFC 2637).
func (p *parser) gre(off int) {
	if p.depth++; p.depth > maxDepth || !p.has(off, 4) {
		return
	}
	flags, t := p.u16(off), p.u16(off+2)
	n := 4
	for _, bit := range [...]uint16{0x8000, 0x2000, 0x1000} { // checksum, key, sequence number
		if flags&bit != 0 {
			n += 4
		}
	}
	switch flags & 7 {
	case 0:
		if flags&0x4000 != 0 {
			return // source routing: nobody sends it
		}
	case 1:
		if flags&0x80 != 0 { // acknowledgement number
			n += 4
		}
	default:
		return
	}
	p.ether(off+n, t)
}

// udpTunnel looks into a datagram whose port says that it is a tunnel. If no
// conversation is found inside, the datagram stays what it is.
func (p *parser) udpTunnel(off int) {
	src, dst := p.h.Src.Port(), p.h.Dst.Port()
	teredo := src == portTeredo || dst == portTeredo
	if !teredo && dst != portVXLAN && dst != portGENEVE {
		return
	}
	if p.depth++; p.depth > maxDepth {
		return
	}
	outer, data, wire := *p.h, p.data, p.wire
	p.h.Transport = decoders.NoTransport
	switch {
	case teredo:
		p.teredo(off)
	case dst == portVXLAN:
		if p.has(off, 8) && p.data[off]&0x08 != 0 {
			p.ethernet(off + 8)
		}
	default:
		if p.has(off, 8) && p.data[off]>>6 == 0 {
			p.ether(off+8+int(p.data[off]&0x3f)*4, p.u16(off+2))
		}
	}
	if p.h.Transport == decoders.NoTransport && !p.h.Frag.Is {
		*p.h, p.data, p.wire = outer, data, wire
	}
}

// teredo takes off the authentication and origin indications (RFC 4380
// §5.1.1) and goes on with the IPv6 packet if there is a plausible one.
func (p *parser) teredo(off int) {
	if p.has(off, 4) && p.u16(off) == 1 {
		off += 4 + int(p.data[off+2]) + int(p.data[off+3]) + 9
	}
	if p.has(off, 8) && p.u16(off) == 0 {
		off += 8
	}
	if p.has(off, 40) && p.data[off]>>4 == 6 && off+40+int(p.u16(off+4)) <= p.wire {
		p.ip(off)
	}
}
