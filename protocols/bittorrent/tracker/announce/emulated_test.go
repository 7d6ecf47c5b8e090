package announce

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"netscope/capture"
	"netscope/protocols/bittorrent/tracker/server"
	"netscope/protocols/lab"
	"netscope/protocols/netlab"
)

// packets is a sink that remembers times and lengths.
type packets struct {
	text  []byte
	count int
}

func (p *packets) Packet(c capture.Packet) error {
	p.count++
	p.text = fmt.Appendf(p.text, "%d %d %d\n", c.At.UnixNano(), c.Arrived.UnixNano(), c.Length)
	return nil
}
func (p *packets) Meta(capture.Meta) error { return nil }

// announceAll has peers announce over lossy links, some over HTTP and some over
// UDP, and gives what was seen of it.
func announceAll(t *testing.T) string {
	const peers = 6
	path := lab.Path{Delay: 20 * time.Millisecond, Rate: 1e6, Loss: 0.1}
	top := lab.Topology{Nodes: []lab.Node{{Name: "tracker"}, {Name: "router", Kind: lab.RouterNode}}}
	top.Links = append(top.Links, lab.Link{A: "tracker", B: "router", AB: path, BA: path})
	for i := range peers {
		name := fmt.Sprintf("peer%d", i)
		top.Nodes = append(top.Nodes, lab.Node{Name: name})
		top.Links = append(top.Links, lab.Link{A: name, B: "router", AB: path, BA: path})
	}
	var sink packets
	synctest.Test(t, func(t *testing.T) {
		n, err := netlab.New(top, netlab.Options{Index: 1, Seed: 3, Sink: &sink, Settle: synctest.Wait})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = n.Close() }()
		w := n.World()
		ctx, cancel := context.WithCancel(t.Context())
		s := server.New(server.Config{Clock: w.Clock(), Rand: w.Rand("tracker")})
		l, err := w.Host("tracker").Listen("tcp", ":6969")
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.Host("tracker").ListenPacket("udp", ":6969")
		if err != nil {
			t.Fatal(err)
		}
		var services, all sync.WaitGroup
		services.Add(2)
		lab.Go(w, func() { defer services.Done(); _ = s.Serve(ctx, l) })
		lab.Go(w, func() { defer services.Done(); _ = s.ServePacket(ctx, p) })
		for i := range peers {
			c := New(Config{Host: w.Host(fmt.Sprintf("peer%d", i)), Clock: w.Clock(), Rand: w.Rand(fmt.Sprint("announce", i)), Go: func(f func()) { lab.Go(w, f) }})
			url := []string{"http", "udp"}[i%2] + "://tracker:6969/announce"
			all.Add(1)
			lab.Go(w, func() {
				defer all.Done()
				_ = w.Clock().Sleep(ctx, time.Duration(i)*time.Second)
				a, err := c.Announce(ctx, url, said(6881, int64(i)))
				if err != nil || a.Interval == 0 {
					t.Errorf("%s: %+v, %v", url, a, err)
				}
			})
		}
		all.Wait()
		cancel()
		services.Wait()
		n.Drain(t.Context(), time.Minute)
	})
	return fmt.Sprintf("%d packets %x", sink.count, sha256.Sum256(sink.text))
}

// On the emulated network it works as on the real one, and repeats itself.
func TestEmulated(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := announceAll(t)
	t.Log(want)
	for range 5 {
		if got := announceAll(t); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
