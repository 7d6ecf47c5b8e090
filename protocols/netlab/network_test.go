package netlab

import (
	"net"
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

func TestTCP(t *testing.T) {
	for _, network := range []string{"tcp", "tcp6"} {
		var rec recorder
		bubble(t, same(lab.Path{Delay: 50 * time.Millisecond, Rate: 1e6}), Options{Index: 1, Seed: 1, Sink: &rec}, func(t *testing.T, n *Network) {
			w := n.World()
			defer serve(t, w.Host("server"), "tcp", ":80", sendBytes(12500)).Close()
			t.Log(network, fetch(t, w.Host("client"), network, "server:80", 12500))
			w.Clock().Sleep(t.Context(), time.Second)
		})
		for _, p := range rec.packets {
			t.Logf("%v %v %v %d %x", p.At.Sub(rec.packets[0].At), p.Arrived.Sub(p.At), p.Loss, p.Length, p.Data[:min(60, len(p.Data))])
		}
	}
}
