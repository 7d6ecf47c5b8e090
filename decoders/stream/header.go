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
	ID       uint32 //
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
	*h = Header{}
	return false
}
