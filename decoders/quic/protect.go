package quic

import "bytes"

// packet is a packet whose protection has been removed.
type packet struct {
	number  int64
	pnLen   int
	first   byte // the first byte, unprotected
	payload []byte
}

func (p *packet) phase() byte { return p.first >> 2 & 1 }

// reserved are the bits that must be zero (RFC 9000 §17.2, §17.3.1).
func (p *packet) reserved() byte {
	if p.first&0x80 != 0 {
		return p.first & 0x0c
	}
	return p.first & 0x18
}

// sampleLen is how many bytes are sampled for header protection; they start
// four bytes after the start of the packet number (RFC 9001 §5.4.2).
const sampleLen = 16

// unmask removes header protection from b, the bytes of one packet. head is a
// copy of the header without protection.
func (k *keys) unmask(h header, b []byte, largest int64) (p packet, head []byte, ok bool) {
	if len(b) < h.pnOff+4+sampleLen {
		return p, nil, false
	}
	m := k.mask(b[h.pnOff+4 : h.pnOff+4+sampleLen])
	bits := byte(0x1f)
	if h.long {
		bits = 0x0f
	}
	p.first = b[0] ^ m[0]&bits
	p.pnLen = int(p.first&3) + 1
	head = bytes.Clone(b[:h.pnOff+p.pnLen])
	head[0] = p.first
	var truncated uint64
	for i := range p.pnLen {
		c := b[h.pnOff+i] ^ m[1+i]
		head[h.pnOff+i] = c
		truncated = truncated<<8 | uint64(c)
	}
	p.number = packetNumber(largest, truncated, p.pnLen)
	return p, head, true
}

// decrypt removes all protection of b, the bytes of one packet.
func (k *keys) decrypt(h header, b []byte, largest int64) (packet, bool) {
	p, head, ok := k.unmask(h, b, largest)
	if !ok {
		return p, false
	}
	p.payload, ok = k.open(p.number, head, b[len(head):])
	return p, ok
}
