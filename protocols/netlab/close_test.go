package netlab

import (
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"netscope/protocols/lab"
)

// Everything that waits on a closed network is released, and nothing is left:
// a bubble with a goroutine in it would not end.
func TestCloseReleasesEverybody(t *testing.T) {
	bubble(t, same(lab.Path{Delay: ms, Loss: 0.5}), Options{Index: 1, Seed: 1}, func(t *testing.T, n *Network) {
		var all sync.WaitGroup
		w := n.World()
		l, err := w.Host("server").Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				all.Go(func() { io.Copy(io.Discard, c) })
			}
		})
		u, err := w.Host("server").ListenPacket("udp", ":53")
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() { u.ReadFrom(make([]byte, 10)) })
		for range 3 {
			all.Go(func() {
				c, err := w.Host("client").DialContext(t.Context(), "tcp", "server:80")
				if err != nil {
					return
				}
				c.Write(make([]byte, 1e6))
				c.Read(make([]byte, 1))
			})
		}
		all.Go(func() { w.Clock().Sleep(t.Context(), time.Hour) })
		time.Sleep(5 * time.Second)
		n.Close()
		u.Close()
		all.Wait()
	})
}

func TestWallClock(t *testing.T) {
	before := runtime.NumGoroutine()
	var rec recorder
	n, err := New(same(lab.Path{Delay: 10 * ms, Rate: 10e6}), Options{Index: 1, Seed: 1, Sink: &rec})
	if err != nil {
		t.Fatal(err)
	}
	l := serve(t, n.World().Host("server"), "tcp", ":80", sendBytes(20000))
	d := fetch(t, n.World().Host("client"), "tcp", "server:80", 20000)
	l.Close()
	if d < 60*ms {
		t.Errorf("three round trips of 20 ms in %v", d)
	}
	n.Close()
	for i := range rec.packets {
		if i > 0 && rec.packets[i].At.Before(rec.packets[i-1].At) {
			t.Error("packets are out of order")
		}
	}
	if a := rec.packets[1]; a.At != rec.packets[0].Arrived {
		t.Errorf("SYN arrived %v, answered %v later", rec.packets[0].Arrived, a.At.Sub(rec.packets[0].Arrived))
	}
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, before %d", runtime.NumGoroutine(), before)
		}
		time.Sleep(ms)
	}
}
