package viewtest

import (
	"encoding/binary"
	"net/netip"
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Epoch is when every script starts.
var Epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Script makes up packets between hosts as a lab's link would carry them:
// raw IPv4 and TCP, MSS 1460, 1 Mbit/s, 50 ms each way. Packets are given to
// the builder in order of departure; times follow from the script.
type Script struct {
	B     *timeline.Builder
	Delay time.Duration
	Rate  float64 // bit/s
	now   time.Time
	free  [2]time.Time // when each direction's transmitter is free
	id    capture.PacketID
}

// NewScript starts a script on a lab timeline with these decoders.
func NewScript(ds ...decoders.Decoder) *Script {
	s := &Script{
		B:     timeline.NewBuilder(timeline.Options{Decoders: ds, Lab: true}),
		Delay: 50 * time.Millisecond, Rate: 1e6, now: Epoch,
	}
	s.free = [2]time.Time{Epoch, Epoch}
	_ = s.B.Meta(capture.Tap{Name: "client–server", Link: capture.LinkRaw, SnapLen: 65535})
	_ = s.B.Meta(capture.Name{Addr: netip.MustParseAddr("10.1.0.1"), Host: "client"})
	_ = s.B.Meta(capture.Name{Addr: netip.MustParseAddr("10.1.0.2"), Host: "server"})
	return s
}

// Wait lets time pass.
func (s *Script) Wait(d time.Duration) { s.now = s.now.Add(d) }

// Conn is one TCP connection of a script.
type Conn struct {
	s    *Script
	a, b netip.AddrPort
	next [2]uint32 // next sequence number of each side
}

// Dial makes the handshake of a connection from client port to server port 80.
func (s *Script) Dial(port uint16) *Conn {
	c := &Conn{
		s: s, a: netip.AddrPortFrom(netip.MustParseAddr("10.1.0.1"), port),
		b: netip.MustParseAddrPort("10.1.0.2:80"), next: [2]uint32{1000, 5000},
	}
	c.segment(decoders.AtoB, timeline.SYN, nil, capture.NotLost)
	s.Wait(s.Delay)
	c.segment(decoders.BtoA, timeline.SYN|timeline.ACK, nil, capture.NotLost)
	s.Wait(s.Delay)
	c.segment(decoders.AtoB, timeline.ACK, nil, capture.NotLost)
	return c
}

// Send sends data in segments of at most 1460 bytes; the other side
// acknowledges the last one when it has arrived, and it is then that time.
func (c *Conn) Send(d decoders.Dir, data string) {
	arrived := c.s.now
	for len(data) > 0 {
		n := min(1460, len(data))
		arrived = c.segment(d, timeline.ACK|timeline.PSH, []byte(data[:n]), capture.NotLost)
		data = data[n:]
	}
	c.s.now = arrived
	c.segment(d.Other(), timeline.ACK, nil, capture.NotLost)
}

// Lose sends a segment that never arrives, and sends it again after 200 ms.
func (c *Conn) Lose(d decoders.Dir, data string) {
	seq := c.next[d]
	c.segment(d, timeline.ACK|timeline.PSH, []byte(data), capture.LostWire)
	c.s.Wait(200 * time.Millisecond)
	c.next[d] = seq
	c.s.now = c.segment(d, timeline.ACK|timeline.PSH, []byte(data), capture.NotLost)
	c.segment(d.Other(), timeline.ACK, nil, capture.NotLost)
}

// Close ends the connection from d's side.
func (c *Conn) Close(d decoders.Dir) {
	c.s.now = c.segment(d, timeline.FIN|timeline.ACK, nil, capture.NotLost)
	c.s.now = c.segment(d.Other(), timeline.FIN|timeline.ACK, nil, capture.NotLost)
	c.segment(d, timeline.ACK, nil, capture.NotLost)
}

// Done finishes the timeline.
func (s *Script) Done() *timeline.Snapshot {
	s.B.Finish(nil)
	return s.B.Snapshot()
}

// segment emits one segment and returns when it arrives.
func (c *Conn) segment(d decoders.Dir, flags timeline.TCPFlags, data []byte, loss capture.Loss) time.Time {
	src, dst := c.a, c.b
	if d == decoders.BtoA {
		src, dst = c.b, c.a
	}
	ack := c.next[d.Other()]
	if flags&timeline.ACK == 0 {
		ack = 0
	}
	p := tcp4(src, dst, c.next[d], ack, byte(flags), data)
	c.next[d] += uint32(len(data))
	if flags&(timeline.SYN|timeline.FIN) != 0 {
		c.next[d]++
	}
	s := c.s
	at := s.now
	if at.Before(s.free[d]) {
		at = s.free[d]
	}
	s.free[d] = at.Add(time.Duration(float64(len(p)*8) / s.Rate * 1e9))
	arrived := s.free[d].Add(s.Delay)
	pkt := capture.Packet{
		ID: s.id, At: at, Arrived: arrived, Loss: loss, Link: capture.LinkRaw, Length: len(p), Data: p, Ref: -1,
	}
	if loss != capture.NotLost {
		pkt.Arrived = time.Time{}
	}
	s.id++
	_ = s.B.Packet(pkt)
	return arrived
}

// tcp4 makes an IPv4 packet with a TCP segment, checksums included.
func tcp4(src, dst netip.AddrPort, seq, ack uint32, flags byte, data []byte) []byte {
	p := make([]byte, 40+len(data))
	p[0], p[8], p[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	copy(p[12:], src.Addr().AsSlice())
	copy(p[16:], dst.Addr().AsSlice())
	binary.BigEndian.PutUint16(p[10:], checksum(0, p[:20]))
	t := p[20:]
	binary.BigEndian.PutUint16(t, src.Port())
	binary.BigEndian.PutUint16(t[2:], dst.Port())
	binary.BigEndian.PutUint32(t[4:], seq)
	binary.BigEndian.PutUint32(t[8:], ack)
	t[12], t[13] = 5<<4, flags
	binary.BigEndian.PutUint16(t[14:], 64240)
	copy(t[20:], data)
	pseudo := checksumSum(uint32(6)+uint32(len(t)), p[12:20])
	binary.BigEndian.PutUint16(t[16:], checksum(pseudo, t))
	return p
}

func checksum(sum uint32, b []byte) uint16 {
	sum = checksumSum(sum, b)
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

func checksumSum(sum uint32, b []byte) uint32 {
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	return sum
}
