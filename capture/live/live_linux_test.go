package live

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netscope/capture"
)

// collected is a sink that keeps copies, and ends the run when enough is seen.
type collected struct {
	packets []capture.Packet
	metas   []capture.Meta
	want    func(capture.Packet) bool // which packets count
	enough  int
}

var errSeen = errors.New("seen enough")

func (c *collected) Packet(p capture.Packet) error {
	if c.want != nil && !c.want(p) {
		return nil
	}
	p.Data = bytes.Clone(p.Data)
	c.packets = append(c.packets, p)
	if len(c.packets) == c.enough {
		return errSeen
	}
	return nil
}

func (c *collected) Meta(m capture.Meta) error { c.metas = append(c.metas, m); return nil }

// start opens a capture and runs it until enough packets have been seen, or a
// minute has gone. The result is on the channel.
func start(t *testing.T, iface string, o Options, c *collected) (*Source, <-chan error) {
	t.Helper()
	s, err := Open(iface, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, c) }()
	return s, done
}

// ports finds UDP in an Ethernet frame of IPv4 by its destination port.
func toPort(port uint16) func(capture.Packet) bool {
	return func(p capture.Packet) bool {
		d := p.Data
		return len(d) >= 42 && d[12] == 8 && d[23] == 17 && binary.BigEndian.Uint16(d[36:]) == port
	}
}

func TestLoopback(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	c := &collected{want: toPort(12000), enough: 3}
	before := time.Now()
	_, done := start(t, "lo", Options{Promiscuous: true}, c)
	server, err := net.ListenPacket("udp", "127.0.0.1:12000") // or the second write fails
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	conn, err := net.Dial("udp", "127.0.0.1:12000")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for i := range 3 {
		if _, err := fmt.Fprintf(conn, "datagram %d", i); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; !errors.Is(err, errSeen) {
		t.Fatal(err)
	}
	if tap, ok := c.metas[0].(capture.Tap); !ok || tap.Name != "lo" || tap.Link != capture.LinkEthernet || tap.SnapLen != DefaultSnapLen {
		t.Errorf("first meta %#v", c.metas[0])
	}
	for i, p := range c.packets {
		if got, want := string(p.Data[42:]), fmt.Sprintf("datagram %d", i); got != want {
			t.Errorf("packet %d carries %q, want %q (each must be seen once)", i, got, want)
		}
		if p.At.Before(before.Add(-time.Second)) || p.At.After(time.Now().Add(time.Second)) || p.Arrived != p.At {
			t.Errorf("packet %d at %s", i, p.At)
		}
		if p.Length != len(p.Data) || p.Link != capture.LinkEthernet || p.Ref != -1 {
			t.Errorf("packet %d: %+v", i, p)
		}
	}
}

func TestSnapLenAndCount(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	c := &collected{}
	_, done := start(t, "lo", Options{SnapLen: 60, Count: 2}, c)
	conn, err := net.Dial("udp", "127.0.0.1:12000")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = conn.Write(make([]byte, 500)) // and its refusal by ICMP
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(c.packets) != 2 {
		t.Fatalf("%d packets", len(c.packets))
	}
	if p := c.packets[0]; len(p.Data) != 60 || p.Length != 542 || c.packets[1].ID != 1 {
		t.Errorf("%d of %d bytes, second ID %d", len(p.Data), p.Length, c.packets[1].ID)
	}
}

func TestAny(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	c := &collected{enough: 1, want: func(p capture.Packet) bool { return bytes.HasSuffix(p.Data, []byte("hello")) }}
	s, done := start(t, "any", Options{}, c)
	conn, err := net.Dial("udp", "127.0.0.1:12000")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = conn.Write([]byte("hello"))
	if err := <-done; !errors.Is(err, errSeen) {
		t.Fatal(err)
	}
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	d := c.packets[0].Data
	want := []byte{8, 0, 0, 0, 0, 0, 0, byte(lo.Index), 3, 4, unix.PACKET_HOST, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x45}
	if s.Link() != capture.LinkSLL2 || !bytes.HasPrefix(d, want) || c.packets[0].Length != len(d) {
		t.Errorf("link %s, bytes % x", s.Link(), d[:min(len(d), 24)])
	}
}

// sendFrame puts a frame on an interface as it is.
func sendFrame(t *testing.T, iface string, frame []byte) {
	t.Helper()
	i, err := net.InterfaceByName(iface)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: i.Index}); err != nil {
		t.Fatal(err)
	}
}

// TestVLAN sends a tagged frame. The receiving side of the kernel takes the tag
// off before packet sockets see it; it must be back in the captured bytes, on
// the interface and on "any".
func TestVLAN(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	ip(t, "link add v0 type veth peer name v1")
	ip(t, "link set v0 up")
	ip(t, "link set v1 up")
	frame := append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 5, 0x88, 0xb5},
		"a local experiment, 46 bytes or more, is here."...)
	mine := func(p capture.Packet) bool { return bytes.HasSuffix(p.Data, frame[18:]) }

	c := &collected{want: mine, enough: 1}
	_, done := start(t, "v1", Options{}, c)
	everywhere := &collected{want: func(p capture.Packet) bool { return mine(p) && p.Data[10] != unix.PACKET_OUTGOING }, enough: 1}
	_, done2 := start(t, "any", Options{}, everywhere)
	sendFrame(t, "v0", frame)
	if err := <-done; !errors.Is(err, errSeen) {
		t.Fatal(err)
	}
	if p := c.packets[0]; !bytes.Equal(p.Data, frame) || p.Length != len(frame) {
		t.Errorf("got  % x (%d)\nwant % x", p.Data, p.Length, frame)
	}
	if err := <-done2; !errors.Is(err, errSeen) {
		t.Fatal(err)
	}
	d := everywhere.packets[0].Data
	if !bytes.Equal(d[:2], []byte{0x81, 0}) || !bytes.Equal(d[20:24], []byte{0, 5, 0x88, 0xb5}) {
		t.Errorf("any: % x", d[:24])
	}
}

// TestPromiscuous looks at the kernel's count of those who want the interface
// promiscuous.
func TestPromiscuous(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	ip(t, "link add v0 type veth peer name v1")
	ip(t, "link set v0 up")
	promiscuous := func() bool { return strings.Contains(ip(t, "-d link show v0"), "promiscuity 1") }
	for _, on := range []bool{true, false} {
		s, err := Open("v0", Options{Promiscuous: on})
		if err != nil {
			t.Fatal(err)
		}
		if got := promiscuous(); got != on {
			t.Errorf("Promiscuous: %v sets the flag to %v", on, got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if promiscuous() {
			t.Error("still promiscuous after Close")
		}
	}
}

// TestFullSpeed sends as fast as the machine can.
func TestFullSpeed(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	const n = 50_000
	seen := 0
	c := &collected{want: func(p capture.Packet) bool {
		if toPort(12000)(p) {
			if got := binary.BigEndian.Uint32(p.Data[42:]); int(got) != seen {
				t.Errorf("packet %d carries %d", seen, got)
			}
			seen++
		}
		return seen == n
	}, enough: 1}
	s, done := start(t, "lo", Options{}, c)
	sink, err := net.ListenPacket("udp", "127.0.0.1:12000")
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	conn, err := net.Dial("udp", "127.0.0.1:12000")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began := time.Now()
	b := make([]byte, 100)
	for i := range n {
		binary.BigEndian.PutUint32(b, uint32(i))
		if _, err := conn.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	sent := time.Since(began)
	if err := <-done; !errors.Is(err, errSeen) {
		t.Fatalf("%v after %d of %d packets, drops %+v", err, seen, n, s.Drops())
	}
	if d := s.Drops(); d.Kernel != 0 {
		t.Errorf("drops %+v", d)
	}
	t.Logf("%.0f packets/s", n/sent.Seconds())
}

// TestDrops fills the ring while nobody reads, and expects the count.
func TestDrops(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	s, err := Open("lo", Options{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("udp", "127.0.0.1:12000")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	b := make([]byte, 60_000)
	for range 2000 { // three times the ring
		_, _ = conn.Write(b)
	}
	c := &collected{enough: 1}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Run(ctx, c); !errors.Is(err, errSeen) {
		t.Fatal(err)
	}
	last, ok := c.metas[len(c.metas)-1].(capture.Drops)
	if !ok || last.Kernel == 0 || s.Drops() != last {
		t.Errorf("metas %+v, drops %+v", c.metas, s.Drops())
	}
}

func TestEndsPromptly(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	s, err := Open("lo", Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	began := time.Now()
	go func() { done <- s.Run(ctx, &collected{}) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || time.Since(began) > 200*time.Millisecond {
		t.Errorf("%v after %s", err, time.Since(began))
	}
	if err := s.Run(context.Background(), &collected{}); !errors.Is(err, ErrClosed) {
		t.Errorf("second run: %v", err)
	}
	if s, err = Open("lo", Options{}); err != nil {
		t.Fatal(err)
	}
	go func() { done <- s.Run(context.Background(), &collected{}) }()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}
