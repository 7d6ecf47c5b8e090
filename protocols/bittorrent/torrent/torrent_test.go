package torrent

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netscope/protocols/bittorrent/client"
	"netscope/protocols/bittorrent/metainfo"
)

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What cannot be meant is said in a sentence before anything is opened.
func TestNewRefuses(t *testing.T) {
	x, err := metainfo.FromBytes(make([]byte, 40_000), metainfo.Options{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	good := write(t, "x.torrent", x.Encode())
	const hash = "urn:btih:c9e15763f722f23e98a29decdfae341b98d53056"
	for _, c := range []struct {
		title string
		o     Options
		want  string
	}{
		{"no file", Options{Source: filepath.Join(t.TempDir(), "none")}, "there is no file"},
		{"a directory", Options{Source: t.TempDir()}, "is a directory"},
		{"no torrent", Options{Source: write(t, "y", []byte("hello"))}, "torrent"},
		{"an address", Options{Source: "https://example.org/x.torrent"}, "download the file first"},
		{"a magnet link of nobody", Options{Source: "magnet:?xt=" + hash}, "names neither tracker nor peer"},
		{"no magnet link", Options{Source: "magnet:?dn=x"}, "magnet link"},
		{"version 2 only", Options{Source: "magnet:?xt=urn:btmh:1220" + strings.Repeat("ab", 32)}, "version 2"},
		{"a peer without a port", Options{Source: good, Peers: []string{"127.0.0.1"}}, "is no peer"},
		{"port 0", Options{Source: good, Peers: []string{"127.0.0.1:0"}}, "is no peer"},
		{"too many peers", Options{Source: good, MaxPeers: 1 << 20}, "number of peers"},
		{"negative rate", Options{Source: good, UpRate: -1}, "rate"},
		{"negative time", Options{Source: good, Until: Until{For: -1}}, "seeding"},
	} {
		if _, err := New(c.o); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", c.title, err)
		}
	}
	for _, o := range []Options{
		{Source: good}, {Source: "magnet:?xt=" + hash, Peers: []string{"[::1]:6881"}}, {Source: "MAGNET:?xt=" + hash + "&x.pe=peer.example:1"},
	} {
		if _, err := New(o); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// A torrent file that has paths which lead elsewhere is refused.
func TestHostilePaths(t *testing.T) {
	x, err := metainfo.FromBytes(make([]byte, 40_000), metainfo.Options{Name: "abcde"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../ab", "/abcd", "a/../"} {
		b := bytes.Replace(x.Encode(), []byte("abcde"), []byte(name), 1)
		if _, err := New(Options{Source: write(t, "x.torrent", b)}); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
}

func TestUntil(t *testing.T) {
	for _, c := range []struct {
		u       Until
		seeding time.Duration
		sent    int64
		want    bool
	}{
		{Until{}, time.Hour, 1 << 40, false},
		{Until{Leave: true}, 0, 0, true},
		{Until{For: time.Minute}, 59 * time.Second, 0, false},
		{Until{For: time.Minute}, time.Minute, 0, true},
		{Until{Ratio: 1.5}, time.Hour, 149, false},
		{Until{Ratio: 1.5}, 0, 150, true},
		{Until{For: time.Minute, Ratio: 2}, 0, 200, true},
	} {
		if got := c.u.Over(c.seeding, c.sent, 100); got != c.want {
			t.Errorf("%+v after %v and %d bytes: %v", c.u, c.seeding, c.sent, got)
		}
	}
}

func TestLine(t *testing.T) {
	x, err := metainfo.FromBytes(make([]byte, 100<<10), metainfo.Options{Name: "x", PieceLength: 16 << 10})
	if err != nil {
		t.Fatal(err)
	}
	s := Status{Status: client.Status{State: client.Checking, Torrent: x, Pieces: 7, DoneAt: -1}, Checked: 3, Path: "d/x"}
	expect := func(want string) {
		t.Helper()
		if got := s.Line(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	expect("checking what is there: 3 of 7 pieces")
	s.State, s.Have, s.Left, s.DownRate, s.UpRate = client.Downloading, 6, 50_000, 1000, 20
	s.Peers = []client.PeerStatus{{Have: 7}, {Have: 2}}
	expect(" 85 %   6 of 7 pieces   down 1.00 kB/s   up 20 B/s   2 peers, 1 with everything   ETA 50 s")
	if _, err := s.Result(); err == nil || err.Error() != "d/x is not complete: 6 of 7 pieces are there and verified; start again to go on" {
		t.Error(err)
	}
	s.State, s.Have, s.DoneAt, s.Uploaded, s.Peers = client.Seeding, 7, time.Second, 1234, s.Peers[1:]
	expect("100 %   7 of 7 pieces   seeding   up 20 B/s   1.23 kB sent   1 peer")
	if text, err := s.Result(); err != nil || !strings.HasPrefix(text, "saved d/x, 102 kB: the hashes of all 7 pieces are right") {
		t.Error(text, err)
	}
	s.Before = 7
	if text, err := s.Result(); err != nil || !strings.HasPrefix(text, "d/x is there, 102 kB: the hashes") {
		t.Error(text, err)
	}
	s.State = client.Stopped
	expect("")
	s.State, s.Torrent = client.Metadata, nil
	expect("asking peers for the torrent's metadata   1 peer")
	if _, err := s.Result(); err == nil {
		t.Error("without metadata there is a result")
	}
}

func TestMake(t *testing.T) {
	dir := t.TempDir()
	for name, n := range map[string]int{"b/2": 10, "b/1": 20_000, "a": 5} {
		path := filepath.Join(dir, "top", name)
		_ = os.MkdirAll(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := Making{Path: filepath.Join(dir, "top"), Trackers: []string{"http://a/announce", "udp://b:1, https://c/announce"}, PieceLength: 16 << 10, Private: true}
	x, err := Make(m)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range x.Files {
		names = append(names, strings.Join(f.Path, "/"))
	}
	if strings.Join(names, " ") != "top/a top/b/1 top/b/2" || !x.Private || x.NumPieces() != 2 || len(x.Tiers) != 2 || len(x.Tiers[1]) != 2 {
		t.Errorf("%v %+v", names, x)
	}
	for title, m := range map[string]Making{
		"nothing there": {Path: filepath.Join(dir, "none")},
		"a wrong URL":   {Path: m.Path, Trackers: []string{"example.org"}},
		"an empty URL":  {Path: m.Path, Trackers: []string{"http://a/announce,"}},
		"odd pieces":    {Path: m.Path, PieceLength: 20_000},
		"tiny pieces":   {Path: m.Path, PieceLength: 1024},
		"the root":      {Path: "/"},
	} {
		if _, err := Make(m); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", title, err)
		}
	}
	out := filepath.Join(dir, "x.torrent")
	if err := WriteNew(out, x.Encode(), false); err != nil {
		t.Fatal(err)
	}
	if err := WriteNew(out, nil, false); err == nil {
		t.Error("a file was replaced")
	}
	if err := WriteNew(out, x.Encode(), true); err != nil {
		t.Error(err)
	}
	if err := WriteNew(filepath.Join(dir, "none", "x"), nil, false); err == nil {
		t.Error("written into a directory that is not there")
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 2 {
		t.Errorf("it left %v", left)
	}
	if y, _, err := Load(out); err != nil || y.InfoHash != x.InfoHash {
		t.Error(y, err)
	}
}
