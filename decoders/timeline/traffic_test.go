package timeline_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/capture/file"
)

// Made-up traffic for benchmarks: correct Ethernet, IPv4, TCP and UDP, from one
// seed. Packets are handed to a sink; none is kept.

const (
	etherLen = 14
	headLen  = etherLen + 20 + 20 // Ethernet, IPv4, TCP without options
	maxSeg   = 1460               // payload of a full segment on Ethernet
)

// maker builds packets in one buffer.
type maker struct {
	sink  capture.Sink
	rng   *rand.Rand
	at    time.Time
	id    capture.PacketID
	off   int64  // where the packet would stand in a pcap file
	ref   bool   // packets can be read again at off
	asked uint32 // queries so far
	buf   [etherLen + 65535]byte
}

func newMaker(s capture.Sink) *maker {
	m := &maker{sink: s, rng: rand.New(rand.NewPCG(7, 11)), at: epoch, off: 24, ref: true}
	binary.BigEndian.PutUint16(m.buf[12:], 0x0800)
	return m
}

// tap announces the one interface.
func (m *maker) tap() error {
	return m.sink.Meta(capture.Tap{Name: "eth0", Link: capture.LinkEthernet, SnapLen: 262144})
}

// ip fills in the IPv4 header of a packet with n bytes after it.
func (m *maker) ip(src, dst uint32, proto byte, n int) {
	h := m.buf[etherLen:]
	h[0], h[1], h[8], h[9] = 0x45, 0, 64, proto
	binary.BigEndian.PutUint16(h[2:], uint16(20+n))
	binary.BigEndian.PutUint32(h[4:], 0x4000) // do not fragment
	binary.BigEndian.PutUint16(h[10:], 0)
	binary.BigEndian.PutUint32(h[12:], src)
	binary.BigEndian.PutUint32(h[16:], dst)
	binary.BigEndian.PutUint16(h[10:], checksum(h[:20], 0))
}

// checksum is the Internet checksum (RFC 1071) of b, on top of sum.
func checksum(b []byte, sum uint32) uint16 {
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// pseudo is the sum of the pseudo header over a transport of n bytes.
func (m *maker) pseudo(proto byte, n int) uint32 {
	h := m.buf[etherLen+12 : etherLen+20]
	var sum uint32
	for i := 0; i < len(h); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(h[i:]))
	}
	return sum + uint32(proto) + uint32(n)
}

// emit sends the packet of n bytes that stands in the buffer.
func (m *maker) emit(n int) error {
	m.at = m.at.Add(time.Duration(1+m.rng.IntN(20)) * time.Microsecond)
	p := capture.Packet{ID: m.id, At: m.at, Arrived: m.at, Link: capture.LinkEthernet, Length: n, Data: m.buf[:n:n], Ref: -1}
	if m.ref {
		p.Ref = m.off + 16
	}
	m.id++
	m.off += 16 + int64(n)
	return m.sink.Packet(p)
}

// udp sends a datagram.
func (m *maker) udp(src, dst uint32, sport, dport uint16, payload []byte) error {
	n := 8 + len(payload)
	m.ip(src, dst, 17, n)
	h := m.buf[etherLen+20:]
	binary.BigEndian.PutUint16(h, sport)
	binary.BigEndian.PutUint16(h[2:], dport)
	binary.BigEndian.PutUint16(h[4:], uint16(n))
	binary.BigEndian.PutUint16(h[6:], 0)
	copy(h[8:], payload)
	binary.BigEndian.PutUint16(h[6:], checksum(h[:n], m.pseudo(17, n)))
	return m.emit(etherLen + 20 + n)
}

// peer is one side of a made-up connection.
type peer struct {
	addr uint32
	port uint16
	seq  uint32
}

// tcp sends a segment; the payload stands in the buffer from headLen on.
func (m *maker) tcp(from, to *peer, flags byte, n int) error {
	m.ip(from.addr, to.addr, 6, 20+n)
	h := m.buf[etherLen+20:]
	binary.BigEndian.PutUint16(h, from.port)
	binary.BigEndian.PutUint16(h[2:], to.port)
	binary.BigEndian.PutUint32(h[4:], from.seq)
	binary.BigEndian.PutUint32(h[8:], 0)
	if flags&16 != 0 {
		binary.BigEndian.PutUint32(h[8:], to.seq)
	}
	h[12], h[13] = 5<<4, flags
	binary.BigEndian.PutUint16(h[14:], 65535)
	binary.BigEndian.PutUint32(h[16:], 0)
	binary.BigEndian.PutUint16(h[16:], checksum(h[:20+n], m.pseudo(6, 20+n)))
	from.seq += uint32(n)
	if flags&3 != 0 { // SYN and FIN count
		from.seq++
	}
	return m.emit(headLen + n)
}

// browse is one connection on its way: exchanges left, and bytes left of the
// response that is coming.
type browse struct {
	c, s     peer
	step     int // 0…2 handshake, 3 request, 4 response, 5… farewell
	requests int
	left     int
	unacked  int
}

// web sends about total bytes of web-like traffic: 100 connections at a time,
// 1 to 20 exchanges each of about 35 kB.
func (m *maker) web(total int64) error {
	page := []byte(strings.Repeat("<p>The quick brown fox jumps over the lazy dog.</p>\n", 30))
	copy(m.buf[headLen:], page)
	live := make([]*browse, 100)
	opened := uint32(0)
	for m.off < total {
		i := m.rng.IntN(len(live))
		b := live[i]
		if b == nil {
			opened++
			b = &browse{c: peer{addr: 10<<24 | opened%5000, port: uint16(1024 + opened%60000), seq: m.rng.Uint32()},
				s: peer{addr: 192<<24 | 168<<16 | opened%200, port: 80, seq: m.rng.Uint32()}, requests: 1 + m.rng.IntN(20)}
			live[i] = b
		}
		// A few packets of one connection come together.
		for range 1 + m.rng.IntN(8) {
			if err := m.next(b, page); err != nil {
				return err
			}
			if b.step > 7 {
				live[i] = nil
				break
			}
		}
	}
	return nil
}

func (m *maker) next(b *browse, page []byte) error {
	const (
		fin, syn, psh, ack = 1, 2, 8, 16
	)
	switch b.step {
	case 0:
		b.step++
		return m.tcp(&b.c, &b.s, syn, 0)
	case 1:
		b.step++
		return m.tcp(&b.s, &b.c, syn|ack, 0)
	case 2:
		b.step++
		return m.tcp(&b.c, &b.s, ack, 0)
	case 3:
		b.step++
		n := copy(m.buf[headLen:], fmt.Sprintf("GET /object/%d?size=big HTTP/1.1\r\nHost: www.example.com\r\n"+
			"User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,*/*\r\nAccept-Language: en\r\nCookie: id=%d\r\n\r\n", m.id, b.c.port))
		b.left = 0
		return m.tcp(&b.c, &b.s, psh|ack, n)
	case 4:
		return m.respond(b, page)
	case 5:
		b.step++
		return m.tcp(&b.c, &b.s, fin|ack, 0)
	case 6:
		b.step++
		return m.tcp(&b.s, &b.c, fin|ack, 0)
	}
	b.step++
	return m.tcp(&b.c, &b.s, ack, 0)
}

func (m *maker) respond(b *browse, page []byte) error {
	switch {
	case b.unacked > 0:
		b.unacked = 0
		if err := m.tcp(&b.c, &b.s, 16, 0); err != nil || b.left > 0 {
			return err
		}
		b.step = 3
		if b.requests--; b.requests == 0 {
			b.step = 5
		}
		return nil
	case b.left == 0:
		b.left = 500 + m.rng.IntN(70000)
		head := copy(m.buf[headLen:], fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: made-up\r\nContent-Length: %d\r\n\r\n", b.left))
		n := min(b.left, maxSeg-head)
		copy(m.buf[headLen+head:], page[:n])
		b.left -= n
		b.unacked++
		return m.tcp(&b.s, &b.c, 16, head+n)
	}
	n := min(b.left, maxSeg)
	b.left -= n
	b.unacked++
	copy(m.buf[headLen:], page[:n])
	return m.tcp(&b.s, &b.c, 16, n)
}

// dns sends n datagrams that look like queries and answers: each client asks
// perPort times from one port and then takes another.
func (m *maker) dns(n, perPort int) error {
	query := []byte("\x00\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x01\x00\x01")
	answer := append(append([]byte(nil), query...), "\xc0\x0c\x00\x01\x00\x01\x00\x00\x0e\x10\x00\x04\xc0\x00\x02\x01"...)
	for i := 0; i < n; i += 2 {
		k := m.asked / uint32(perPort)
		m.asked++
		client, port := 10<<24|k%70001, uint16(1024+k*7%60000)
		binary.BigEndian.PutUint16(query, uint16(i))
		binary.BigEndian.PutUint16(answer, uint16(i))
		if err := m.udp(client, 1<<24|0x010101, port, 53, query); err != nil {
			return err
		}
		if err := m.udp(1<<24|0x010101, client, 53, port, answer); err != nil {
			return err
		}
	}
	return nil
}

// TestWriteBig writes captures for measuring the whole program. It runs only
// when NETSCOPE_BIG names a folder for them (2.5 GB).
func TestWriteBig(t *testing.T) {
	dir := os.Getenv("NETSCOPE_BIG")
	if dir == "" {
		t.Skip("NETSCOPE_BIG does not name a folder for large captures")
	}
	for name, fill := range map[string]func(*maker) error{
		"web.pcap":       func(m *maker) error { return m.web(1e9) },
		"dns.pcap":       func(m *maker) error { return m.dns(5e6, 50) },
		"dns-ports.pcap": func(m *maker) error { return m.dns(5e6, 1) },
		"one.pcap":       func(m *maker) error { return m.download(1e9) },
	} {
		f, err := os.Create(dir + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		w := file.NewWriter(f, file.PCAP, file.Options{})
		m := newMaker(w)
		if err := m.tap(); err != nil {
			t.Fatal(err)
		}
		if err := fill(m); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d packets", name, m.id)
	}
}

// download is one response with a body of n bytes.
func (m *maker) download(n int64) error {
	c, s := peer{10<<24 | 1, 40000, 1}, peer{10<<24 | 2, 80, 1}
	for _, step := range []struct {
		from, to *peer
		flags    byte
		text     string
	}{{&c, &s, 2, ""}, {&s, &c, 18, ""}, {&c, &s, 16, ""}, {&c, &s, 24, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"},
		{&s, &c, 16, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", n)}} {
		if err := m.tcp(step.from, step.to, step.flags, copy(m.buf[headLen:], step.text)); err != nil {
			return err
		}
	}
	for ; n > 0; n -= min(n, maxSeg) {
		if err := m.tcp(&s, &c, 16, int(min(n, maxSeg))); err != nil {
			return err
		}
		if n&1 == 0 {
			if err := m.tcp(&c, &s, 16, 0); err != nil {
				return err
			}
		}
	}
	return nil
}
