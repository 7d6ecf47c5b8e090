package netlab

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

// A packet that crosses several links is told once, when it is known what
// became of it: with the time at which it left its sender and that at which it
// reached the host it is for, or that it was lost on the way.
func TestFateOverSeveralLinks(t *testing.T) {
	for _, kind := range []lab.NodeKind{lab.RouterNode, lab.SwitchNode} {
		for _, network := range []string{"udp4", "udp6"} {
			t.Run(fmt.Sprint(kind, network), func(t *testing.T) {
				p := lab.Path{Delay: 10 * ms}
				lossy := p
				lossy.Drops = []lab.Drop{{Nth: 2}}
				top := lab.Topology{
					Nodes: []lab.Node{{Name: "client"}, {Name: "middle", Kind: kind}, {Name: "server"}, {Name: "near"}},
					Links: []lab.Link{
						{A: "client", B: "middle", AB: p, BA: p},
						{A: "middle", B: "server", AB: lossy, BA: p},
						{A: "middle", B: "near", AB: lab.Path{Delay: ms}, BA: p},
					},
				}
				var rec recorder
				bubble(t, top, Options{Index: 1, Sink: &rec}, func(t *testing.T, n *Network) {
					w := n.World()
					send := func(to string) {
						c, err := w.Host("client").DialContext(t.Context(), network, to)
						if err != nil {
							t.Fatal(err)
						}
						c.Write([]byte("x"))
						c.Close()
					}
					defer must(w.Host("server").ListenPacket(network, ":9"))(t).Close()
					defer must(w.Host("near").ListenPacket(network, ":9"))(t).Close()
					for _, to := range []string{"server:9", "server:9", "near:9"} {
						send(to)
						w.Note(capture.Note{Name: to})
					}
					n.Drain(t.Context(), time.Second)
				})
				if len(rec.packets) != 3 || len(rec.metas) < 3 {
					t.Fatalf("%d packets, %d metas", len(rec.packets), len(rec.metas))
				}
				for i, want := range []string{"20ms not lost", "lost on the wire", "11ms not lost"} {
					p := rec.packets[i]
					got := p.Loss.String()
					if p.Loss == capture.NotLost {
						got = p.Arrived.Sub(p.At).String() + " " + got
					}
					if got != want || p.ID != capture.PacketID(i) || p.Tap != 0 {
						t.Errorf("packet %d: %s, want %s; ID %d, tap %d", i, got, want, p.ID, p.Tap)
					}
				}
			})
		}
	}
}

// What a router swallows is lost.
func TestRouterSwallows(t *testing.T) {
	var rec recorder
	bubble(t, line(0), Options{Index: 1, Sink: &rec}, func(t *testing.T, n *Network) {
		from, to := netip.MustParseAddrPort("10.1.0.1:9"), netip.MustParseAddrPort("10.1.0.4:9")
		ip := datagram(from, to, []byte("last hop"))
		ip[8] = 1 // hops: not enough for the second router
		ip[10], ip[11] = 0, 0
		sum := add(0, ip[:20])
		sum = sum>>16 + sum&0xffff
		ip[10], ip[11] = byte(^sum>>8), byte(^sum)
		h := n.byName["client"].host
		n.flying.Add(1)
		n.clock.post(0, quiet, func() { h.towards(to.Addr()).send(frame{ip: ip}) })
		n.Drain(t.Context(), time.Second)
	})
	if len(rec.packets) != 2 || rec.packets[0].Loss != capture.LostWire || rec.packets[1].Loss != capture.NotLost {
		t.Errorf("told: %+v", rec.packets)
	}
}

// A forged datagram arrives under the address it claims, and is told as what its
// real sender's link carried.
func TestForge(t *testing.T) {
	var rec recorder
	bubble(t, line(0), Options{Index: 1, Sink: &rec}, func(t *testing.T, n *Network) {
		w := n.World()
		c := must(w.Host("server").ListenPacket("udp", ":53"))(t)
		defer c.Close()
		for _, a := range [][2]string{{"192.0.2.1:53", "10.1.0.4:53"}, {"[2001:db8::1]:53", n.Addrs("server")[1].String()}} {
			to, err := netip.ParseAddrPort(a[1])
			if err != nil {
				to = netip.AddrPortFrom(netip.MustParseAddr(a[1]), 53)
			}
			if err := lab.Forge(w.Host("client"), netip.MustParseAddrPort(a[0]), to, []byte("lie")); err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 10)
			k, from, err := c.ReadFrom(b)
			if err != nil || string(b[:k]) != "lie" || from.String() != a[0] {
				t.Errorf("%q from %v, %v", b[:k], from, err)
			}
		}
		if err := lab.Forge(w.Host("client"), netip.MustParseAddrPort("1.2.3.4:5"), netip.MustParseAddrPort("[::1]:5"), nil); err == nil {
			t.Error("a datagram from IPv4 to IPv6 was sent")
		}
	})
	if len(rec.packets) != 2 || rec.packets[0].Tap != 0 {
		t.Errorf("told: %+v", rec.packets)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// What a host sees is what a capture on it would hold.
func TestOnlyOneHost(t *testing.T) {
	var rec recorder
	bubble(t, line(0), Options{Index: 1, Only: "server", Sink: &rec}, func(t *testing.T, n *Network) {
		defer echoUDP(t, n.World().Host("server"), "udp", ":7").Close()
		c, err := n.World().Host("client").DialContext(t.Context(), "udp4", "server:7")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Write(make([]byte, 10))
		if _, err := c.Read(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
	})
	if len(rec.packets) != 2 {
		t.Fatalf("told: %+v", rec.packets)
	}
	way := 3 * (10*ms + transmission(38, 10e6))
	for i, p := range rec.packets {
		if got := p.At.Sub(rec.packets[0].At); got != 0 || !p.Arrived.Equal(p.At) || p.Tap != 2 {
			t.Errorf("packet %d at %v, arrived %v, tap %d", i, got, p.Arrived, p.Tap)
		}
	}
	if got := rec.packets[0].At; got.Nanosecond() != int(way) {
		t.Errorf("seen at %v, want %v after the start", got, way)
	}
	if _, err := Build(line(0), Options{Only: "nobody"}); err == nil {
		t.Error("a host that is not there was watched")
	}
}
