package stream

import (
	"net/netip"

	"netscope/capture"
	"netscope/decoders"
)

// Header is what matters of one packet's headers: addresses, transport, and
// TCP's numbers. With tunnels it is the innermost.
type Header struct {
	Transport decoders.Transport // TCP, UDP, or NoTransport
	Src, Dst  netip.AddrPort     // ports are 0 with NoTransport; addresses invalid if not IP
	IPProto   uint8              // of the innermost IP header

	PayloadOff     int // start of the transport payload in the packet's data; -1 if it is not there (the packet was in fragments)
	PayloadLen     int // captured bytes of payload
	PayloadMissing int // bytes of payload that were on the wire but not captured

	// TCP only.
	Seq, Ack      uint32
	Flags         TCPFlags
	Window        uint16 // unscaled
	MSS           uint16 // 0: no such option
	WScale        int8   // -1: no such option
	SACKPermitted bool
	HasTS         bool
	TSval, TSecr  uint32
	SACKs         [4][2]uint32 // left and right edges
	NSACK         uint8

	Frag FragInfo // set if this packet is a fragment
}

// FragInfo describes an IP fragment (RFC 791 §3.2, RFC 8200 §4.5).
type FragInfo struct {
	Is       bool // the packet is a fragment
	Src, Dst netip.Addr
	Proto    uint8  // of the datagram
	ID       uint32 // of the datagram
	Off      int    // of the fragment in the datagram's payload, in bytes
	More     bool   // fragments follow
	DataOff  int    // the fragment's payload in the packet's data
	DataLen  int    // captured bytes of it
	Missing  int    // bytes of it that were not captured
}

// Parse reads the headers of a packet without allocating. wireLen is its
// length on the wire. ok is false if there is no IP header; then h says
// nothing. For a fragment h.Frag is set and h.Transport is NoTransport.
func Parse(link capture.LinkType, data []byte, wireLen int, h *Header) (ok bool) {
	*h = Header{WScale: -1}
	p := parser{data: data, wire: max(len(data), min(wireLen, maxWire)), h: h}
	p.link(link)
	return h.Src.Addr().IsValid()
}

// parser walks down one packet. Its methods take the offset at which their
// header starts; a header that is cut short ends the walk, and what was found
// until then stays in h.
type parser struct {
	data  []byte
	wire  int // bytes that were there on the wire; shrinks as headers tell lengths
	h     *Header
	depth int // of tunnels
}

// maxWire is more than any packet has, so that a file's claim about a length
// does not become a hole of gigabytes.
const maxWire = 1 << 18

// maxDepth bounds nested tunnels and tags, so that a hostile packet costs no
// more than another.
const maxDepth = 8

// Numbers of the EtherType registry.
const (
	etherIPv4   = 0x0800
	etherVLAN   = 0x8100
	etherTEB    = 0x6558 // an Ethernet frame inside GRE or GENEVE
	etherIPv6   = 0x86dd
	etherPPP    = 0x880b
	etherMPLS   = 0x8847
	etherMPLSmc = 0x8848
	etherPPPoE  = 0x8864
	etherQinQ   = 0x88a8
	etherQinQ91 = 0x9100
)

// has reports whether n captured bytes are there at off.
func (p *parser) has(off, n int) bool { return off >= 0 && off+n <= len(p.data) }

func (p *parser) u16(off int) uint16 {
	return uint16(p.data[off])<<8 | uint16(p.data[off+1])
}

func (p *parser) u32(off int) uint32 {
	return uint32(p.u16(off))<<16 | uint32(p.u16(off+2))
}

// link reads the link-layer header.
func (p *parser) link(l capture.LinkType) {
	switch l {
	case capture.LinkEthernet:
		p.ethernet(0)
	case capture.LinkRaw, capture.LinkRaw12, capture.LinkRaw14, capture.LinkIPv4, capture.LinkIPv6:
		p.ip(0)
	case capture.LinkSLL:
		if p.has(0, 16) {
			p.ether(16, p.u16(14))
		}
	case capture.LinkSLL2:
		if p.has(0, 20) {
			p.ether(20, p.u16(0))
		}
	case capture.LinkNull, capture.LinkLoop:
		// The address family's number and byte order differ between systems;
		// the version nibble behind it is the same everywhere.
		p.ip(4)
	case capture.LinkPPP, capture.LinkPPPHDLC:
		p.ppp(0)
	}
}

// ethernet reads a frame that starts at off: DIX, or 802.3 with LLC and SNAP.
func (p *parser) ethernet(off int) {
	if !p.has(off, 14) {
		return
	}
	p.ether(off+14, p.u16(off+12))
}

// ether goes on with what an EtherType names.
func (p *parser) ether(off int, t uint16) {
	for ; p.depth < maxDepth; p.depth++ {
		switch t {
		case etherIPv4, etherIPv6:
			p.ip(off)
			return
		case etherVLAN, etherQinQ, etherQinQ91:
			if !p.has(off, 4) {
				return
			}
			t = p.u16(off + 2)
			off += 4
		case etherPPPoE:
			// RFC 2516 §4: version and type 1, code 0, session, length.
			if p.has(off, 6) && p.data[off] == 0x11 && p.data[off+1] == 0 {
				p.limit(off+6, int(p.u16(off+4)))
				p.ppp(off + 6)
			}
			return
		case etherPPP:
			p.ppp(off)
			return
		case etherMPLS, etherMPLSmc:
			p.mpls(off)
			return
		case etherTEB:
			p.depth++
			p.ethernet(off)
			return
		default:
			if t <= 1500 && p.has(off, 8) && p.u16(off) == 0xaaaa && p.data[off+2] == 3 {
				t = p.u16(off + 6)
				off += 8
				continue
			}
			return
		}
	}
}

// ppp reads a PPP header (RFC 1661 §2): address and control may be missing,
// the protocol may be one byte.
func (p *parser) ppp(off int) {
	if p.has(off, 2) && p.data[off] == 0xff && p.data[off+1] == 3 {
		off += 2
	}
	if !p.has(off, 2) {
		return
	}
	var proto uint16
	if p.data[off]&1 != 0 {
		proto = uint16(p.data[off])
		off++
	} else {
		proto = p.u16(off)
		off += 2
	}
	switch proto {
	case 0x21, 0x57:
		p.ip(off)
	case 0x281, 0x283:
		p.mpls(off)
	}
}

// mpls takes off a label stack (RFC 3032 §2.1) and guesses what is below by
// its first nibble, since labels do not say.
func (p *parser) mpls(off int) {
	for i := 0; i < maxDepth && p.has(off, 4); i++ {
		bottom := p.data[off+2]&1 != 0
		off += 4
		if !bottom {
			continue
		}
		switch {
		case !p.has(off, 1):
		case p.data[off]>>4 == 4 || p.data[off]>>4 == 6:
			p.ip(off)
		case p.has(off, 4) && p.u32(off) == 0:
			p.ethernet(off + 4) // a pseudowire with its control word (RFC 4448 §4.6)
		}
		return
	}
}

// parseDatagram reads the transport header of a datagram that was in
// fragments. Offsets in h then refer to data.
func parseDatagram(f *FragInfo, data []byte, h *Header) {
	*h = Header{WScale: -1}
	p := parser{data: data, wire: len(data), h: h}
	p.addresses(f.Src, f.Dst, f.Proto)
	p.extension(0, f.Proto)
}
