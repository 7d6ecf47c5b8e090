package netlab

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

// star is n hosts around a switch.
func star(n int, p lab.Path) lab.Topology {
	top := lab.Topology{Nodes: []lab.Node{{Name: "switch", Kind: lab.SwitchNode}}}
	for i := range n {
		name := fmt.Sprintf("h%d", i)
		top.Nodes = append(top.Nodes, lab.Node{Name: name})
		top.Links = append(top.Links, lab.Link{A: name, B: "switch", AB: p, BA: p})
	}
	return top
}

func TestSwitch(t *testing.T) {
	bubble(t, star(3, lab.Path{Delay: 5 * ms, Rate: 1e6}), Options{Index: 2}, func(t *testing.T, n *Network) {
		if a := n.Addrs("h2"); len(a) != 2 || a[0].String() != "10.2.0.3" || a[1].String() != "fd00:2::3" {
			t.Errorf("addresses %v", a)
		}
		defer echoUDP(t, n.World().Host("h2"), "udp", ":7").Close()
		c, err := n.World().Host("h0").DialContext(t.Context(), "udp", "h2:7")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		t0 := time.Now()
		c.Write(make([]byte, 97))
		c.Read(make([]byte, 97))
		if d := time.Since(t0); d != 24*ms { // stored and forwarded: 4 × (5 ms + 1 ms)
			t.Errorf("round trip %v, want 24ms", d)
		}
	})
}

// mesh has every host fetch size bytes from every other, and gives the bytes of
// heap in use when all is under way.
func mesh(t testing.TB, n *Network, hosts, size int) {
	var all, servers sync.WaitGroup
	w := n.World()
	var listeners []net.Listener
	for i := range hosts {
		l, err := w.Host(fmt.Sprintf("h%d", i)).Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		listeners = append(listeners, l)
		servers.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				servers.Go(func() { c.Write(make([]byte, size)); c.Close() })
			}
		})
	}
	for i := range hosts {
		for j := range hosts {
			if i == j {
				continue
			}
			all.Go(func() {
				c, err := w.Host(fmt.Sprintf("h%d", i)).DialContext(context.Background(), "tcp", fmt.Sprintf("h%d:80", j))
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				if k, err := io.Copy(io.Discard, c); k != int64(size) || err != nil {
					t.Errorf("h%d from h%d: %d bytes, %v", i, j, k, err)
				}
			})
		}
	}
	all.Wait()
	for _, l := range listeners {
		l.Close()
	}
	servers.Wait()
}

func TestMeshIsBounded(t *testing.T) {
	var rec counter
	var peak uint64
	bubble(t, star(20, lab.Path{Delay: 5 * ms, Rate: 100e6, Queue: 256 << 10, Loss: 0.001}), Options{Index: 1, Seed: 3, Sink: &rec}, func(t *testing.T, n *Network) {
		rec.every = func() {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
		mesh(t, n, 20, 100000)
	})
	if rec.packets < 380*70 {
		t.Errorf("only %d packets", rec.packets)
	}
	if peak > 300<<20 {
		t.Errorf("%d MB of heap at its peak", peak>>20)
	}
	t.Logf("%d packets, %d MB at the peak", rec.packets, peak>>20)
}

// counter is a sink that counts.
type counter struct {
	packets int
	every   func()
}

func (c *counter) Packet(capture.Packet) error {
	if c.packets++; c.packets%500 == 0 && c.every != nil {
		c.every()
	}
	return nil
}
func (c *counter) Meta(capture.Meta) error { return nil }

func TestFiveHundredHosts(t *testing.T) {
	t0 := time.Now()
	bubble(t, star(500, lab.Path{Delay: ms}), Options{Index: 1}, func(t *testing.T, n *Network) {
		defer echoUDP(t, n.World().Host("h499"), "udp", ":7").Close()
		c, err := n.World().Host("h0").DialContext(t.Context(), "udp", "h499:7")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Write(make([]byte, 10))
		if _, err := c.Read(make([]byte, 10)); err != nil {
			t.Error(err)
		}
	})
	t.Log(time.Since(t0))
}
