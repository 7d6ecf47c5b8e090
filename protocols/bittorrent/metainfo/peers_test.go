package metainfo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// peer runs another program; the test is skipped if it is not installed.
func peer(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		missing(t, name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %.200s: %v\n%.2000s", name, args, err, out)
	}
	return string(out)
}

func missing(t *testing.T, name string) {
	t.Helper()
	if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
		t.Fatalf("%s is not installed, and NETSCOPE_REQUIRE_PEERS is set", name)
	}
	t.Skipf("%s is not installed", name)
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// tree makes a directory with files of many lengths and gives its parent.
func tree(t *testing.T) string {
	dir := t.TempDir()
	for name, n := range map[string]int{"a.bin": 70_000, "sub/b.bin": 1, "sub/c.bin": 200_001, "empty": 0, "d.bin": 32 << 10} {
		write(t, filepath.Join(dir, "book", name), noise(n))
	}
	return dir
}

func TestOthersReadOurs(t *testing.T) {
	dir := tree(t)
	many, err := FromFS(os.DirFS(dir), "book", Options{PieceLength: 16 << 10, Private: true, Tiers: [][]string{{"http://127.0.0.1:1/announce", "udp://127.0.0.1:2"}, {"http://127.0.0.1:3/announce"}}})
	if err != nil {
		t.Fatal(err)
	}
	one, err := FromBytes(noise(100_000), Options{Name: "one file.bin", Comment: "a comment", CreatedBy: "netscope"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tor := range []*Torrent{many, one} {
		path := filepath.Join(dir, "x.torrent")
		write(t, path, tor.Encode())
		hash := fmt.Sprintf("%x", tor.InfoHash)
		for _, program := range [][]string{{"transmission-show", path}, {"aria2c", "-S", path}} {
			t.Run(program[0], func(t *testing.T) {
				out := peer(t, program[0], program[1:]...)
				want := []string{hash, tor.Name}
				for _, f := range tor.Files {
					want = append(want, strings.Join(f.Path, "/"))
				}
				for _, w := range want {
					if !strings.Contains(out, w) {
						t.Errorf("no %q in\n%s", w, out)
					}
				}
			})
		}
	}
}

func TestWeReadOthers(t *testing.T) {
	dir := tree(t)
	check := func(t *testing.T, version Version, hash string) {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, "x.torrent"))
		if err != nil {
			t.Fatal(err)
		}
		tor, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if tor.Version != version || tor.Name != "book" || !tor.Multi || tor.Length != 70_000+1+200_001+32<<10 {
			t.Errorf("%+v", tor)
		}
		if len(tor.Tiers) == 0 || tor.Tiers[0][0] != "http://127.0.0.1:1/announce" {
			t.Errorf("trackers %v", tor.Tiers)
		}
		if got := fmt.Sprintf("%x", tor.InfoHash); hash != "" && got != hash {
			t.Errorf("info-hash %s, want %s", got, hash)
		}
		verify(t, tor, dir)
		if again, err := Parse(tor.Encode()); err != nil || again.InfoHash != tor.InfoHash {
			t.Errorf("read again: %v", err)
		}
	}
	t.Run("transmission-create", func(t *testing.T) {
		peer(t, "transmission-create", "-o", filepath.Join(dir, "x.torrent"), "-t", "http://127.0.0.1:1/announce", "-s", "32", filepath.Join(dir, "book"))
		check(t, V1, "")
	})
	const python = "/usr/bin/python3" // the one that distributions install libtorrent for
	if exec.Command(python, "-c", "import libtorrent").Run() != nil {
		missing(t, "python3-libtorrent")
	}
	for _, tc := range []struct {
		flag    string
		version Version
	}{{"v1_only", V1}, {"v2_only", V2}, {"", Hybrid}} {
		t.Run("libtorrent "+tc.version.String(), func(t *testing.T) {
			flags := "0"
			if tc.flag != "" {
				flags = "lt.create_torrent." + tc.flag
			}
			out := peer(t, python, "-c", fmt.Sprintf(`
import libtorrent as lt
fs = lt.file_storage()
lt.add_files(fs, %[1]q)
c = lt.create_torrent(fs, piece_size=16384, flags=%[2]s)
c.add_tracker("http://127.0.0.1:1/announce")
lt.set_piece_hashes(c, %[3]q)
b = lt.bencode(c.generate())
open(%[4]q, "wb").write(b)
h = lt.torrent_info(lt.bdecode(b)).info_hashes()
print(h.v1 if h.has_v1() else str(h.v2)[:40])
`, filepath.Join(dir, "book"), flags, dir, filepath.Join(dir, "x.torrent")))
			check(t, tc.version, strings.TrimSpace(out))
		})
	}
}

// verify checks every piece of a torrent against the files below dir.
func verify(t *testing.T, tor *Torrent, dir string) {
	t.Helper()
	for i := range tor.NumPieces() {
		v := tor.Verifier(i)
		for _, s := range tor.Segments(i, 0, tor.PieceLen(i)) {
			f := tor.Files[s.File]
			b := make([]byte, f.Length)
			if !f.Pad {
				var err error
				if b, err = os.ReadFile(filepath.Join(dir, filepath.Join(f.Path...))); err != nil {
					t.Fatal(err)
				}
			}
			_, _ = io.Copy(v, bytes.NewReader(b[s.Off:s.Off+s.Len]))
		}
		if !v.OK() {
			t.Errorf("piece %d of %d is not verified", i, tor.NumPieces())
		}
	}
}
