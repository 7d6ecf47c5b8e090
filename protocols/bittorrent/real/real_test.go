package real

import (
	"context"
	"crypto/sha256"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/bittorrent/client"
	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/tracker/server"
	"netscope/protocols/realnet"
)

type counter struct{ packets int }

func (c *counter) Packet(capture.Packet) error { c.packets++; return nil }
func (c *counter) Meta(capture.Meta) error     { return nil }

var loopback = netip.MustParseAddr("127.0.0.1")

// start runs a session until the test ends.
func start(t *testing.T, o Options) (s *Session, end func() error) {
	t.Helper()
	o.Bind = loopback
	o.Seed = sha256.Sum256([]byte(o.Dir)) // equal ones would give equal peer IDs
	s = New(o)
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	sink := &counter{}
	go func() { over <- s.Run(ctx, sink) }()
	done := false
	end = func() error {
		if done {
			return nil
		}
		done = true
		cancel()
		err := <-over
		if sink.packets == 0 {
			t.Error("no packets were told")
		}
		return err
	}
	t.Cleanup(func() { _ = end() })
	return s, end
}

func until(t *testing.T, what string, s *Session, cond func(client.Status) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for !cond(s.Status()) {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: never: %+v", what, s.Status())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// A download that is stopped half-way goes on where it was, writes below its
// directory only, and gives the file its name when it is whole.
func TestDownload(t *testing.T) {
	data := make([]byte, 6<<20)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(data)
	base := t.TempDir()
	dir := func(name string) string {
		d := filepath.Join(base, name)
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
		return d
	}
	from, to := dir("from"), dir("to")
	if err := os.WriteFile(filepath.Join(from, "film.mp4"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := server.New(server.Config{Clock: realnet.Clock{}, Rand: rand.New(rand.NewPCG(1, 2))})
	go func() { _ = srv.Serve(t.Context(), ln) }()
	x, err := metainfo.FromBytes(data, metainfo.Options{Name: "film.mp4", PieceLength: 64 << 10, Tiers: [][]string{{"http://" + ln.Addr().String() + "/announce"}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(base, "film.torrent")
	if err := os.WriteFile(file, x.Encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, _, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	_, magnet, err := Load(x.Magnet().String())
	if err != nil {
		t.Fatal(err)
	}

	seed, _ := start(t, Options{Torrent: loaded, Dir: from, UpRate: 1 << 20})
	until(t, "the seed announces", seed, func(s client.Status) bool {
		return s.State == client.Seeding && len(s.Trackers) == 1 && s.Trackers[0].Announces > 0
	})
	leech, end := start(t, Options{Magnet: magnet, Dir: to})
	until(t, "half of it", leech, func(s client.Status) bool { return s.Pieces > 0 && s.Have > s.Pieces/3 })
	if err := end(); err != nil {
		t.Errorf("stopped half-way: %v", err)
	}
	if _, err := os.Stat(filepath.Join(to, "film.mp4")); err == nil {
		t.Error("half a file has the name of the whole")
	}
	seed.SetRates(0, 0)
	leech, end = start(t, Options{Torrent: loaded, Dir: to, Leave: true})
	until(t, "the rest", leech, func(s client.Status) bool { return s.State == client.Stopped })
	st := leech.Status()
	if st.Have != st.Pieces || st.Downloaded > int64(len(data))*3/4 {
		t.Errorf("%d of %d pieces, %d bytes downloaded again", st.Have, st.Pieces, st.Downloaded)
	}
	if err := end(); err != nil {
		t.Errorf("complete: %v", err)
	}
	got, err := os.ReadFile(filepath.Join(to, "film.mp4"))
	if err != nil || sha256.Sum256(got) != sha256.Sum256(data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	var names []string
	_ = filepath.WalkDir(base, func(p string, d fs.DirEntry, _ error) error {
		if !d.IsDir() && filepath.Ext(p) != ".lock" { // of the seed, which still works
			names = append(names, strings.TrimPrefix(p, base))
		}
		return nil
	})
	if want := []string{"/film.torrent", "/from/film.mp4", "/to/film.mp4"}; !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
}

// A port that is asked for and taken is an error that says so.
func TestPortTaken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	x, err := metainfo.FromBytes([]byte("hello"), metainfo.Options{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{Torrent: x, Dir: t.TempDir(), Bind: loopback, Port: uint16(ln.Addr().(*net.TCPAddr).Port)})
	if err := s.Run(t.Context(), &counter{}); err == nil || !strings.Contains(err.Error(), "cannot be listened for") {
		t.Errorf("%v", err)
	}
}
