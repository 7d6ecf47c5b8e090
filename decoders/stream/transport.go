package stream

import "netscope/decoders"

// udp reads a UDP header (RFC 768), and looks for a tunnel behind it.
func (p *parser) udp(off int) {
	if !p.has(off, 8) {
		return
	}
	p.h.Transport = decoders.UDP
	p.ports(off)
	n := p.wire - off
	if l := int(p.u16(off + 4)); l >= 8 && l < n {
		n = l
		p.limit(off, n)
	}
	p.payload(off+8, n-8)
	p.udpTunnel(off + 8)
}

// tcp reads a TCP header and its options (RFC 9293 §3.1).
func (p *parser) tcp(off int) {
	if !p.has(off, 20) {
		return
	}
	head := int(p.data[off+12]>>4) * 4
	if head < 20 || off+head > p.wire {
		return
	}
	h := p.h
	h.Transport = decoders.TCP
	p.ports(off)
	h.Seq, h.Ack = p.u32(off+4), p.u32(off+8)
	h.Flags = TCPFlags(p.data[off+13])
	h.Window = p.u16(off + 14)
	p.payload(off+head, p.wire-off-head)
	if head > 20 {
		p.tcpOptions(p.data[off+20 : min(off+head, len(p.data))])
	}
}

// tcpOptions reads the options that matter (RFC 9293 §3.2, RFC 7323, RFC 2018).
func (p *parser) tcpOptions(o []byte) {
	h := p.h
	// Nearly all segments carry just a time stamp, aligned in this way.
	if len(o) == 12 && o[0] == 1 && o[1] == 1 && o[2] == 8 && o[3] == 10 {
		h.HasTS, h.TSval, h.TSecr = true, be32(o[4:]), be32(o[8:])
		return
	}
	for len(o) > 0 {
		kind := o[0]
		if kind == 0 {
			return
		}
		if kind == 1 {
			o = o[1:]
			continue
		}
		if len(o) < 2 || o[1] < 2 || int(o[1]) > len(o) {
			return
		}
		body := o[2:o[1]]
		o = o[o[1]:]
		switch {
		case kind == 2 && len(body) == 2:
			h.MSS = uint16(body[0])<<8 | uint16(body[1])
		case kind == 3 && len(body) == 1:
			h.WScale = int8(min(body[0], 14)) // RFC 7323 §2.3
		case kind == 4:
			h.SACKPermitted = true
		case kind == 5:
			for ; len(body) >= 8 && int(h.NSACK) < len(h.SACKs); body = body[8:] {
				h.SACKs[h.NSACK] = [2]uint32{be32(body), be32(body[4:])}
				h.NSACK++
			}
		case kind == 8 && len(body) == 8:
			h.HasTS, h.TSval, h.TSecr = true, be32(body), be32(body[4:])
		}
	}
}

func be32(b []byte) uint32 {
	_ = b[3]
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}
