package stream_test

import (
	"encoding/binary"
	"net/netip"

	"netscope/capture"
	"netscope/decoders/stream"
)

// seg describes a TCP segment to build.
type seg struct {
	from, to netip.AddrPort
	flags    stream.TCPFlags
	seq, ack uint32
	window   uint16
	options  []byte
	data     []byte
}

var (
	client = netip.MustParseAddrPort("10.0.0.1:40000")
	server = netip.MustParseAddrPort("10.0.0.2:80")
)

// ip4 builds an IPv4 packet.
func ip4(src, dst netip.Addr, proto uint8, id uint16, frag uint16, body []byte) []byte {
	b := make([]byte, 20, 20+len(body))
	b[0], b[8], b[9] = 0x45, 64, proto
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(body)))
	binary.BigEndian.PutUint16(b[4:], id)
	binary.BigEndian.PutUint16(b[6:], frag)
	s, d := src.As4(), dst.As4()
	copy(b[12:], s[:])
	copy(b[16:], d[:])
	return append(b, body...)
}

// ip6 builds an IPv6 packet.
func ip6(src, dst netip.Addr, next uint8, body []byte) []byte {
	b := make([]byte, 40, 40+len(body))
	b[0], b[6], b[7] = 0x60, next, 64
	binary.BigEndian.PutUint16(b[4:], uint16(len(body)))
	s, d := src.As16(), dst.As16()
	copy(b[8:], s[:])
	copy(b[24:], d[:])
	return append(b, body...)
}

// udp builds a UDP datagram.
func udp(src, dst uint16, body []byte) []byte {
	b := make([]byte, 8, 8+len(body))
	binary.BigEndian.PutUint16(b, src)
	binary.BigEndian.PutUint16(b[2:], dst)
	binary.BigEndian.PutUint16(b[4:], uint16(8+len(body)))
	return append(b, body...)
}

// tcp builds a TCP segment without its IP header.
func (s seg) tcp() []byte {
	opts := s.options
	for len(opts)%4 != 0 {
		opts = append(opts[:len(opts):len(opts)], 0)
	}
	b := make([]byte, 20, 20+len(opts)+len(s.data))
	binary.BigEndian.PutUint16(b, s.from.Port())
	binary.BigEndian.PutUint16(b[2:], s.to.Port())
	binary.BigEndian.PutUint32(b[4:], s.seq)
	binary.BigEndian.PutUint32(b[8:], s.ack)
	b[12], b[13] = byte(5+len(opts)/4)<<4, byte(s.flags)
	w := s.window
	if w == 0 {
		w = 65535
	}
	binary.BigEndian.PutUint16(b[14:], w)
	return append(append(b, opts...), s.data...)
}

func (s seg) packet() []byte { return ip4(s.from.Addr(), s.to.Addr(), 6, 0, 0, s.tcp()) }

// talk feeds packets to an assembler, one a millisecond.
type talk struct {
	*stream.Assembler
	res stream.Result
	id  capture.PacketID
	at  int64
}

func newTalk(o stream.Options) *talk { return &talk{Assembler: stream.New(o)} }

// raw adds a raw IP packet.
func (t *talk) raw(b []byte) *stream.Result {
	return t.in(stream.PacketIn{Link: capture.LinkRaw, Data: b, WireLen: len(b)})
}

// in adds a packet; its number and times are filled in.
func (t *talk) in(p stream.PacketIn) *stream.Result {
	t.at += 1e6
	p.ID, p.At = t.id, t.at
	if p.Arrived == 0 {
		p.Arrived = t.at
	}
	t.id++
	t.Add(p, &t.res)
	return &t.res
}

// send adds a segment, c2s from the client, else from the server.
func (t *talk) send(c2s bool, flags stream.TCPFlags, seq, ack uint32, data string) *stream.Result {
	s := seg{from: client, to: server, flags: flags, seq: seq, ack: ack, data: []byte(data)}
	if !c2s {
		s.from, s.to = server, client
	}
	return t.raw(s.packet())
}

// open makes the handshake; the first bytes have numbers c and s.
func (t *talk) open(c, s uint32) {
	t.send(true, stream.SYN, c-1, 0, "")
	t.send(false, stream.SYN|stream.ACK, s-1, c, "")
	t.send(true, stream.ACK, c, s, "")
}

// put writes a big-endian number.
func put(b []byte, v uint32) { binary.BigEndian.PutUint32(b, v) }

// addr is a with another port.
func addr(a netip.AddrPort, port uint16) netip.AddrPort { return netip.AddrPortFrom(a.Addr(), port) }
