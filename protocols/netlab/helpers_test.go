package netlab

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

// recorder is a sink that keeps everything.
type recorder struct {
	packets []capture.Packet
	metas   []capture.Meta
}

func (r *recorder) Packet(p capture.Packet) error {
	p.Data = append([]byte(nil), p.Data...)
	r.packets = append(r.packets, p)
	return nil
}

func (r *recorder) Meta(m capture.Meta) error { r.metas = append(r.metas, m); return nil }

// digest depends on every byte and every time.
func (r *recorder) digest() string {
	h := sha256.New()
	for _, p := range r.packets {
		binary.Write(h, binary.LittleEndian, []int64{p.At.UnixNano(), p.Arrived.UnixNano(), int64(p.Loss), int64(p.Tap), int64(p.Length)})
		h.Write(p.Data)
	}
	return fmt.Sprintf("%d packets %x", len(r.packets), h.Sum(nil)[:8])
}

// two is a client and a server, joined by a link with these paths.
func two(ab, ba lab.Path) lab.Topology {
	return lab.Topology{
		Nodes: []lab.Node{{Name: "client"}, {Name: "server"}},
		Links: []lab.Link{{A: "client", B: "server", AB: ab, BA: ba}},
	}
}

func same(p lab.Path) lab.Topology { return two(p, p) }

// bubble runs f on a network in a bubble, and closes the network.
func bubble(t *testing.T, top lab.Topology, opt Options, f func(t *testing.T, n *Network)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		opt.Settle = synctest.Wait
		n, err := New(top, opt)
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		f(t, n)
	})
}

// echoUDP answers every datagram until the socket is closed.
func echoUDP(t *testing.T, h lab.Host, network, addr string) net.PacketConn {
	t.Helper()
	c, err := h.ListenPacket(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		b := make([]byte, 65535)
		for {
			n, a, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			c.WriteTo(b[:n], a)
		}
	}()
	return c
}

// serve runs f on every connection until the listener is closed.
func serve(t *testing.T, h lab.Host, network, addr string, f func(net.Conn)) net.Listener {
	t.Helper()
	l, err := h.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); f(c) }()
		}
	}()
	return l
}

// sendBytes answers one byte with size bytes and ends.
func sendBytes(size int) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := io.ReadFull(c, make([]byte, 1)); err == nil {
			c.Write(make([]byte, size))
		}
	}
}

// fetch sends one byte and reads until the end; the time from dialling until
// the last byte.
func fetch(t *testing.T, h lab.Host, network, addr string, size int) time.Duration {
	t.Helper()
	t0 := time.Now()
	c, err := h.DialContext(t.Context(), network, addr)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer c.Close()
	c.Write([]byte{1})
	n, err := io.ReadFull(c, make([]byte, size))
	if n != size || err != nil {
		t.Errorf("read %d of %d bytes: %v", n, size, err)
	}
	return time.Since(t0)
}
