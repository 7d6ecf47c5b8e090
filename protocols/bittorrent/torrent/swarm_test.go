package torrent

import (
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
	"netscope/protocols/realnet"
)

type blind struct{}

func (blind) Packet(capture.Packet) error { return nil }
func (blind) Meta(capture.Meta) error     { return nil }

// on is a machine of its own: the seed decides the peer ID.
func on(addr string) realnet.Options {
	o := realnet.Options{Bind: netip.MustParseAddr(addr), Untold: true}
	copy(o.Seed[:], addr)
	return o
}

// work does a work on the loopback interface until the test is over.
func work(t *testing.T, addr string, f func(context.Context, lab.World) error) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- realnet.New(on(addr), f).Run(ctx, blind{}) }()
	var err error
	over := false
	stop = func() error {
		if !over {
			over = true
			cancel()
			err = <-done
		}
		return err
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

// A tracker, a seed and a downloader, each our own; the seed leaves by its ratio,
// the downloader when all is there, and the tracker is told of it.
func TestOwnSwarm(t *testing.T) {
	local := netip.MustParseAddr("127.0.0.1")
	said, ready := make(chan string, 100), make(chan []string, 1)
	work(t, "127.0.0.1", func(ctx context.Context, w lab.World) error {
		return Track(ctx, w, Tracking{Bind: local, Told: func(s string) { said <- s }, Ready: func(u []string) { ready <- u }})
	})
	var urls []string
	select {
	case urls = <-ready:
	case <-time.After(20 * time.Second):
		t.Fatal("no tracker")
	}
	seedDir, dir := t.TempDir(), t.TempDir()
	data := make([]byte, 300_000)
	for i := range data {
		data[i] = byte(i * i >> 7)
	}
	if err := os.WriteFile(filepath.Join(seedDir, "file"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, u := range urls {
		t.Run(u[:4], func(t *testing.T) {
			x, err := Make(Making{Path: filepath.Join(seedDir, "file"), Trackers: []string{u}, Private: true})
			if err != nil {
				t.Fatal(err)
			}
			source := write(t, "x.torrent", x.Encode())
			seed, err := New(Options{Source: source, Dir: seedDir, Until: Until{Ratio: 1}})
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			work(t, "127.0.0.2", func(ctx context.Context, w lab.World) error {
				err := seed.Work(ctx, w)
				ended <- err
				return err
			})
			until(t, said, "started")
			out := filepath.Join(dir, u[:4])
			task, err := New(Options{Source: x.Magnet().String(), Dir: out, Until: Until{Leave: true}})
			if err != nil {
				t.Fatal(err)
			}
			src := realnet.New(on("127.0.0.3"), task.Work)
			ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
			defer cancel()
			if err := src.Run(ctx, blind{}); err != nil {
				t.Fatal(err)
			}
			text, err := task.Status().Result()
			if err != nil || !strings.HasPrefix(text, "saved "+filepath.Join(out, "file")) {
				t.Fatal(text, err)
			}
			got, _ := os.ReadFile(filepath.Join(out, "file"))
			if string(got) != string(data) {
				t.Error("the file is another one")
			}
			if left, _ := os.ReadDir(out); len(left) != 1 {
				t.Errorf("besides the file there is something left: %v", left)
			}
			until(t, said, "stopped")
			if err := <-ended; err != nil { // by its ratio
				t.Error(err)
			}
			rep, err := Check(t.Context(), source, out)
			if err != nil || rep.Err() != nil || len(rep.Lines()) != 1 {
				t.Error(rep, err)
			}
		})
	}
}

// until takes lines until one has a word in it.
func until(t *testing.T, lines <-chan string, word string) {
	t.Helper()
	over := time.After(30 * time.Second)
	for {
		select {
		case l := <-lines:
			t.Log(l)
			if strings.Contains(l, word) {
				return
			}
		case <-over:
			t.Fatalf("nothing is %q", word)
		}
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).AddrPort().Port()
	bind := netip.MustParseAddr("127.0.0.1")
	if err := CheckPort(bind, port); err == nil || !strings.Contains(err.Error(), "choose another one with --port") {
		t.Error(err)
	}
	if err := CheckPort(bind, 0); err != nil {
		t.Error(err)
	}
	if err := CheckPort(netip.MustParseAddr("192.0.2.77"), 0); err == nil || !strings.Contains(err.Error(), "--bind") {
		t.Error(err)
	}
	x, err := Make(Making{Path: write(t, "file", make([]byte, 1000))})
	if err != nil {
		t.Fatal(err)
	}
	task, err := New(Options{Source: write(t, "x.torrent", x.Encode()), Dir: t.TempDir(), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	err = realnet.New(realnet.Options{Bind: bind}, task.Work).Run(t.Context(), blind{})
	if err == nil || !strings.Contains(err.Error(), "choose another one with --port") {
		t.Error(err)
	}
}
