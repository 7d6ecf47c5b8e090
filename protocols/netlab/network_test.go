package netlab

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"netscope/protocols/lab"
)

func TestUDPRoundTripIsExact(t *testing.T) {
	for _, c := range []struct{ network, addr, listen string }{
		{"udp", "server:7", ":7"},
		{"udp4", "10.1.0.2:7", "0.0.0.0:7"},
		{"udp6", "server:7", ":7"},
		{"udp", "[fd00:1::2]:7", "server:7"},
		{"udp6", "[fd00:1::2]:7", "[fd00:1::2]:7"},
	} {
		t.Run(c.network+" "+c.addr, func(t *testing.T) {
			var rec recorder
			up := lab.Path{Delay: 30 * time.Millisecond, Rate: 1e6}
			down := lab.Path{Delay: 70 * time.Millisecond, Rate: 3e6}
			bubble(t, two(up, down), Options{Index: 1, Seed: 1, Sink: &rec}, func(t *testing.T, n *Network) {
				w := n.World()
				listen := c.network
				if c.listen == "server:7" {
					listen = "udp6"
				}
				defer echoUDP(t, w.Host("server"), listen, c.listen).Close()
				conn, err := w.Host("client").DialContext(t.Context(), c.network, c.addr)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				t0 := time.Now()
				if _, err := conn.Write(make([]byte, 100)); err != nil {
					t.Fatal(err)
				}
				if _, err := conn.Read(make([]byte, 200)); err != nil {
					t.Fatal(err)
				}
				size := 100 + 8 + 20
				if len(conn.LocalAddr().(*net.UDPAddr).IP) == 16 {
					size += 20
				}
				want := 100*time.Millisecond + transmission(size, 1e6) + transmission(size, 3e6)
				if got := time.Since(t0); got != want {
					t.Errorf("round trip %v, want %v", got, want)
				}
				conn.SetReadDeadline(time.Now().Add(time.Second))
				_, err = conn.Read(make([]byte, 10))
				if ne, ok := err.(net.Error); !ok || !ne.Timeout() {
					t.Errorf("want a time-out, got %v", err)
				}
			})
			if len(rec.packets) != 2 {
				t.Fatalf("%d packets, want 2", len(rec.packets))
			}
			p := rec.packets[0]
			if got := p.Arrived.Sub(p.At); got != 30*time.Millisecond+transmission(p.Length, 1e6) {
				t.Errorf("arrived after %v", got)
			}
		})
	}
}

// A lone transfer follows slow start: handshake, request, then rounds of 10,
// 20, 40, … segments until the link is full.
func TestTCPTransferTime(t *testing.T) {
	const rtt, rate = 100 * time.Millisecond, 10e6
	for _, c := range []struct {
		network string
		size    int
		header  int // IP and TCP with time stamps
		payload int // of a full segment
		windows []int
	}{
		{"tcp", 1000, 52, 1420, []int{1}},
		{"tcp", 14200, 52, 1420, []int{10}},
		{"tcp", 30 * 1420, 52, 1420, []int{10, 20}},
		{"tcp6", 30 * 1400, 72, 1400, []int{10, 20}},
		{"tcp", 70 * 1420, 52, 1420, []int{10, 20, 40}},
	} {
		var rec recorder
		var got time.Duration
		bubble(t, same(lab.Path{Delay: rtt / 2, Rate: rate}), Options{Index: 1, Seed: 1, Sink: &rec}, func(t *testing.T, n *Network) {
			w := n.World()
			defer serve(t, w.Host("server"), "tcp", ":80", sendBytes(c.size)).Close()
			got = fetch(t, w.Host("client"), c.network, "server:80", c.size)
		})
		full := min(c.size, c.payload) + c.header
		segment, ack := transmission(full, rate), transmission(c.header, rate)
		syn := transmission(c.header+8, rate)
		// SYN and SYN-ACK, ACK and the request behind it, then one round trip
		// for each window but the last, whose segments follow one another.
		want := rtt + 2*syn + ack + transmission(c.header+1, rate) + rtt + ack
		for i, n := range c.windows {
			if i < len(c.windows)-1 {
				want += rtt + segment + ack
				continue
			}
			want += time.Duration(n) * segment
		}
		if diff := got - want; diff < -want/100 || diff > want/100 {
			t.Errorf("%s, %d bytes: %v, want %v within 1 %%", c.network, c.size, got, want)
		} else {
			t.Logf("%s, %d bytes: %v, formula %v", c.network, c.size, got, want)
		}
		for _, p := range rec.packets {
			if p.Loss != 0 {
				t.Errorf("a packet was %v", p.Loss)
			}
		}
	}
}

func TestParallelConnections(t *testing.T) {
	var rec recorder
	bubble(t, same(lab.Path{Delay: 50 * time.Millisecond, Rate: 1e6}), Options{Index: 1, Seed: 1, Sink: &rec}, func(t *testing.T, n *Network) {
		w := n.World()
		defer serve(t, w.Host("server"), "tcp", ":80", sendBytes(12500)).Close()
		var all sync.WaitGroup
		t0 := time.Now()
		for range 6 {
			all.Go(func() { fetch(t, w.Host("client"), "tcp", "server:80", 12500) })
		}
		all.Wait()
		// Two round trips and six objects over one link.
		want := 200*time.Millisecond + 6*100*time.Millisecond
		if d := time.Since(t0); d < want || d > want*108/100 { // 52 bytes of header for each 1420
			t.Errorf("six objects of 100 kbit in %v, want %v and a little", d, want)
		}
	})
	ports := map[uint16]bool{}
	for _, p := range rec.packets {
		if p.Data[33]&2 != 0 && p.Data[33]&16 == 0 { // SYN
			ports[binary.BigEndian.Uint16(p.Data[20:])] = true
		}
	}
	for port := uint16(49152); port < 49158; port++ {
		if !ports[port] {
			t.Errorf("no connection from port %d: %v", port, ports)
		}
	}
}

func TestRefusedAndUnreachable(t *testing.T) {
	bubble(t, same(lab.Path{Delay: 50 * time.Millisecond}), Options{Index: 1}, func(t *testing.T, n *Network) {
		c := n.World().Host("client")
		t0 := time.Now()
		_, err := c.DialContext(t.Context(), "tcp", "server:81")
		if !errors.Is(err, syscall.ECONNREFUSED) || time.Since(t0) != 100*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(t0))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.DialContext(ctx, "tcp", "192.0.2.1:80"); err == nil {
			t.Error("dialled a host that does not exist")
		}
		for _, addr := range []string{"nobody:80", "server", "server:http", "server:70000", "[fd00::1%eth0]:80"} {
			if _, err := c.DialContext(t.Context(), "tcp", addr); err == nil {
				t.Errorf("dialled %s", addr)
			}
		}
		ghost := n.World().Host("ghost")
		if _, err := ghost.DialContext(t.Context(), "tcp", "server:80"); err == nil {
			t.Error("dialled from a host that does not exist")
		}
		if _, err := ghost.Listen("tcp", ":80"); err == nil {
			t.Error("listened on a host that does not exist")
		}
		if _, err := ghost.ListenPacket("udp", ":80"); err == nil {
			t.Error("listened on a host that does not exist")
		}
		if _, err := c.DialContext(t.Context(), "unix", "server:80"); err == nil {
			t.Error("dialled unix")
		}
		if _, err := c.Listen("tcp", "server:80"); err == nil {
			t.Error("listened on another host's address")
		}
		l, err := c.Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Listen("tcp", ":80"); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("listened twice: %v", err)
		}
		l.Close()
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept on a closed listener: %v", err)
		}
	})
}

func TestHostTalksToItself(t *testing.T) {
	var rec recorder
	bubble(t, same(lab.Path{Delay: time.Second}), Options{Index: 1, Sink: &rec}, func(t *testing.T, n *Network) {
		h := n.World().Host("server")
		defer serve(t, h, "tcp", ":80", sendBytes(1e5)).Close()
		if d := fetch(t, h, "tcp", "localhost:80", 1e5); d != 0 {
			t.Errorf("took %v without crossing a link", d)
		}
	})
	if len(rec.packets) != 0 {
		t.Errorf("%d packets on the link", len(rec.packets))
	}
}

// A connection that is given up sends a reset; the other end sees it.
func TestReset(t *testing.T) {
	bubble(t, same(lab.Path{Delay: 50 * time.Millisecond}), Options{Index: 1}, func(t *testing.T, n *Network) {
		seen := make(chan error, 1)
		defer serve(t, n.World().Host("server"), "tcp", ":80", func(c net.Conn) {
			_, err := c.Read(make([]byte, 1))
			seen <- err
		}).Close()
		c, err := n.World().Host("client").DialContext(t.Context(), "tcp", "server:80")
		if err != nil {
			t.Fatal(err)
		}
		c.(interface{ SetLinger(int) error }).SetLinger(0)
		c.Close()
		if err := <-seen; err == nil || err == io.EOF {
			t.Errorf("the server read %v", err)
		}
	})
}
