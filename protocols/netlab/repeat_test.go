package netlab

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"netscope/protocols/lab"
)

// lossy is six lossy transfers at a time, over both families.
func lossy(t *testing.T, seed uint64) string {
	var rec recorder
	p := lab.Path{Delay: 20 * ms, Rate: 5e6, Loss: 0.03, Jitter: 3 * ms}
	bubble(t, same(p), Options{Index: 1, Seed: seed, Sink: &rec}, func(t *testing.T, n *Network) {
		w := n.World()
		defer serve(t, w.Host("server"), "tcp", ":80", sendBytes(50000)).Close()
		var all sync.WaitGroup
		for i := range 6 {
			all.Add(1)
			lab.Go(w, func() {
				defer all.Done()
				fetch(t, w.Host("client"), []string{"tcp", "tcp6"}[i%2], "server:80", 50000)
			})
		}
		all.Wait()
		n.Drain(t.Context(), time.Minute)
	})
	return rec.digest()
}

func TestSameSeedSamePackets(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := lossy(t, 1)
	for i := range 30 {
		if got := lossy(t, 1); got != want {
			t.Fatalf("repetition %d: %s, want %s", i, got, want)
		}
	}
	if got := lossy(t, 2); got == want {
		t.Error("another seed, and yet the same packets")
	}
}

// BenchmarkTransfer is one long transfer over a link: how many packets and how
// much virtual time a second of real time takes.
func BenchmarkTransfer(b *testing.B) {
	for _, size := range []int{1e6, 20e6} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			var sink counter
			var virtual time.Duration
			t0 := time.Now()
			for range b.N {
				virtual += transfer(b, size, &sink)
			}
			real := time.Since(t0).Seconds()
			b.ReportMetric(float64(sink.packets)/real, "packets/s")
			b.ReportMetric(virtual.Seconds()/real, "virtual-s/s")
		})
	}
}

// BenchmarkMesh is 20 hosts, each fetching 100 kB from each other.
func BenchmarkMesh(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var sink counter
	t0 := time.Now()
	for range b.N {
		inBubble(b, func() {
			n, err := New(star(20, lab.Path{Delay: 5 * ms, Rate: 100e6}), Options{Seed: 1, Sink: &sink, Settle: synctest.Wait})
			if err != nil {
				b.Fatal(err)
			}
			mesh(b, n, 20, 100000)
			n.Close()
		})
	}
	b.ReportMetric(float64(sink.packets)/time.Since(t0).Seconds(), "packets/s")
}

// transfer moves size bytes at 10 Mbit/s in a bubble and gives the virtual time.
func transfer(b *testing.B, size int, sink *counter) (d time.Duration) {
	inBubble(b, func() {
		n, err := New(same(lab.Path{Delay: 10 * ms, Rate: 10e6}), Options{Seed: 1, Sink: sink, Settle: synctest.Wait})
		if err != nil {
			b.Fatal(err)
		}
		defer n.Close()
		l, err := n.World().Host("server").Listen("tcp", ":80")
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		go func() {
			if c, err := l.Accept(); err == nil {
				c.Write(make([]byte, size))
				c.Close()
			}
		}()
		c, err := n.World().Host("client").DialContext(context.Background(), "tcp", "server:80")
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		buf := make([]byte, 64<<10)
		t0 := time.Now()
		for err == nil {
			_, err = c.Read(buf)
		}
		d = time.Since(t0)
	})
	return d
}

// inBubble is synctest.Test for a benchmark, which has no *testing.T.
func inBubble(b *testing.B, f func()) {
	ok := testing.RunTests(func(_, _ string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: b.Name(), F: func(t *testing.T) { synctest.Test(t, func(*testing.T) { f() }) }}})
	if !ok {
		b.Fatal("failed")
	}
}
