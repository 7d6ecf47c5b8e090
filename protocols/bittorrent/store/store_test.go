package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"

	"netscope/protocols/bittorrent/metainfo"
)

// noise gives n bytes that do not repeat soon.
func noise(n int, seed uint32) []byte {
	b := make([]byte, n)
	x := 2463534242 ^ seed
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

var names = []string{"a", "a.part", "dir/b", "dir/empty", "z"}

// sample is a torrent of several files, whose pieces of 16 KiB straddle them,
// with all of its bytes.
func sample(t testing.TB) (*metainfo.Torrent, []byte) {
	t.Helper()
	fsys, all := fstest.MapFS{}, []byte{}
	for i, n := range []int{40_000, 5, 100_000, 0, 16384} {
		data := noise(n, uint32(i+1))
		fsys["t/"+names[i]] = &fstest.MapFile{Data: data}
		all = append(all, data...)
	}
	tor, err := metainfo.FromFS(fsys, "t", metainfo.Options{PieceLength: 16 << 10})
	if err != nil {
		t.Fatal(err)
	}
	return tor, all
}

func pieceOf(t *metainfo.Torrent, all []byte, i int) []byte {
	off := int64(i) * t.PieceLength
	return all[off : off+t.PieceLen(i)]
}

func openDisk(t testing.TB, dir string, tor *metainfo.Torrent) *Disk {
	t.Helper()
	d, err := OpenDisk(context.Background(), dir, tor, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// TestStores says what every store does.
func TestStores(t *testing.T) {
	tor, all := sample(t)
	for name, s := range map[string]Store{
		"memory": NewMemory(tor, nil), "memory with content": NewMemory(tor, all), "disk": openDisk(t, t.TempDir(), tor),
	} {
		t.Run(name, func(t *testing.T) {
			buf := make([]byte, 100)
			for _, c := range []struct {
				piece int
				begin int64
			}{{-1, 0}, {tor.NumPieces(), 0}, {0, -1}, {0, 16 << 10}, {0, 1 << 62}, {tor.NumPieces() - 1, tor.PieceLen(tor.NumPieces()-1) - 99}} {
				if err := s.ReadBlock(buf, c.piece, c.begin); !errors.Is(err, ErrRange) {
					t.Errorf("read %v: %v", c, err)
				}
				if err := s.WriteBlock(buf, c.piece, c.begin); !errors.Is(err, ErrRange) {
					t.Errorf("write %v: %v", c, err)
				}
			}
			if err := s.ReadBlock(buf, 2, 0); !errors.Is(err, ErrMissing) {
				t.Error(err)
			}
			if ok, err := s.Verify(2); ok || err != nil {
				t.Errorf("nothing is verified: %v, %v", ok, err)
			}
			// Half of a piece, the other half wrong, then right.
			p := pieceOf(tor, all, 2)
			must(t, s.WriteBlock(p[:1000], 2, 0))
			must(t, s.WriteBlock(noise(len(p)-1000, 99), 2, 1000))
			if ok, err := s.Verify(2); ok || err != nil {
				t.Errorf("wrong bytes are verified: %v, %v", ok, err)
			}
			must(t, s.WriteBlock(p[1000:], 2, 1000))
			if ok, err := s.Verify(2); !ok || err != nil {
				t.Errorf("right bytes are not verified: %v, %v", ok, err)
			}
			must(t, s.WriteBlock(noise(100, 99), 2, 0)) // too late to do harm
			if err := s.ReadBlock(buf, 2, 0); err != nil || !bytes.Equal(buf, p[:100]) {
				t.Error("a verified piece was changed", err)
			}
			if err := s.WritePiece(noise(16<<10, 1234), 0); !errors.Is(err, ErrHash) {
				t.Error(err)
			}
			if s.Have().Count() != 1 || !s.Has(2) || s.Complete() {
				t.Error("there should be one piece")
			}
			fill(t, s, all)
			if !s.Complete() || s.Have().Count() != tor.NumPieces() {
				t.Error("it is not complete")
			}
			must(t, s.Close())
			if err := s.ReadBlock(buf, 0, 0); !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
		})
	}
	if seed := NewSeed(tor, all); !seed.Complete() {
		t.Error("a seed is not complete")
	}
	wrong := bytes.Clone(all)
	wrong[0]++
	if seed := NewSeed(tor, wrong); seed.Has(0) || seed.Have().Count() != tor.NumPieces()-1 {
		t.Error("a seed has a wrong piece")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill writes and verifies everything from many goroutines at once, every
// piece by two of them; then reads it all.
func fill(t *testing.T, s Store, all []byte) {
	tor := s.Torrent()
	var wg sync.WaitGroup
	for w := range 2 {
		for i := range tor.NumPieces() {
			wg.Go(func() {
				p := pieceOf(tor, all, i)
				if w == 0 && len(p) > 5000 {
					if err := errors.Join(s.WriteBlock(p[5000:], i, 5000), s.WriteBlock(p[:5000], i, 0)); err != nil {
						t.Error(err)
					}
					if ok, err := s.Verify(i); !ok || err != nil {
						t.Errorf("piece %d: %v, %v", i, ok, err)
					}
				} else if err := s.WritePiece(p, i); err != nil {
					t.Errorf("piece %d: %v", i, err)
				}
				got := make([]byte, len(p))
				if err := s.ReadBlock(got, i, 0); err != nil || !bytes.Equal(got, p) {
					t.Errorf("piece %d is read wrongly: %v", i, err)
				}
			})
		}
	}
	wg.Wait()
}

// on gives the names below dir, sorted.
func on(t *testing.T, dir string) string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(p, ".lock") {
			p, _ = filepath.Rel(dir, p)
			out = append(out, filepath.ToSlash(p))
		}
		return err
	})
	must(t, err)
	return strings.Join(out, " ")
}

func TestNamesOnDisk(t *testing.T) {
	tor, all := sample(t)
	dir := t.TempDir()
	d := openDisk(t, dir, tor)
	must(t, d.WritePiece(pieceOf(tor, all, 0), 0))
	if got := on(t, dir); got != "t/a.1.part t/dir/empty" {
		t.Error(got)
	}
	must(t, d.WritePiece(pieceOf(tor, all, 1), 1))
	must(t, d.WritePiece(pieceOf(tor, all, 2), 2)) // a, a.part and the start of dir/b
	if got := on(t, dir); got != "t/a t/a.part t/dir/b.part t/dir/empty" {
		t.Error(got)
	}
	fill(t, d, all)
	if got := on(t, dir); got != "t/a t/a.part t/dir/b t/dir/empty t/z" {
		t.Error(got)
	}
	must(t, d.Close())
	if _, err := os.Stat(filepath.Join(dir, d.lockName())); err == nil {
		t.Error("the lock stays")
	}
	var got []byte
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(dir, "t", n))
		must(t, err)
		got = append(got, b...)
	}
	if !bytes.Equal(got, all) {
		t.Error("the files differ")
	}
	if d := openDisk(t, dir, tor); !d.Complete() {
		t.Error("the files are not recognised")
	}
}

func TestSpoiltFile(t *testing.T) {
	tor, all := sample(t)
	dir := t.TempDir()
	d := openDisk(t, dir, tor)
	fill(t, d, all)
	must(t, d.Close())
	name := filepath.Join(dir, "t", "dir", "b")
	b, err := os.ReadFile(name)
	must(t, err)
	b[50_000]++
	must(t, os.WriteFile(name, b, 0o644))
	seen := 0
	d, err = OpenDisk(t.Context(), dir, tor, Options{Progress: func(done, of int) { seen += of - done }})
	must(t, err)
	if d.Complete() || d.Have().Count() != tor.NumPieces()-1 || seen == 0 {
		t.Error("a spoilt file is taken for complete")
	}
	if got := on(t, dir); got != "t/a t/a.part t/dir/b.part t/dir/empty t/z" {
		t.Error(got)
	}
	fill(t, d, all)
	if !d.Complete() {
		t.Error("it is not repaired")
	}
	must(t, d.Close())
}

func TestInTheWay(t *testing.T) {
	tor, _ := sample(t)
	outside := t.TempDir()
	for name, prepare := range map[string]func(dir string) error{
		"another length":         func(dir string) error { return os.WriteFile(filepath.Join(dir, "a"), []byte("x"), 0o644) },
		"another program's part": func(dir string) error { return os.WriteFile(filepath.Join(dir, "z.part"), []byte("x"), 0o644) },
		"a link out":             func(dir string) error { return os.Symlink(outside, filepath.Join(dir, "dir")) },
		"a link to a file out":   func(dir string) error { return os.Symlink(filepath.Join(outside, "x"), filepath.Join(dir, "a")) },
		"a part that leads out":  func(dir string) error { return os.Symlink(filepath.Join(outside, "x"), filepath.Join(dir, "z.part")) },
		"a directory":            func(dir string) error { return os.Mkdir(filepath.Join(dir, "a"), 0o755) },
		"a file for a directory": func(dir string) error { return os.WriteFile(filepath.Join(dir, "dir"), nil, 0o644) },
		"both finished and not": func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "z"), make([]byte, 16384), 0o644), os.WriteFile(filepath.Join(dir, "z.part"), make([]byte, 16384), 0o644))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			must(t, os.Mkdir(filepath.Join(dir, "t"), 0o755))
			must(t, prepare(filepath.Join(dir, "t")))
			before := on(t, dir)
			d, err := OpenDisk(t.Context(), dir, tor, Options{})
			if err == nil {
				_ = d.Close()
				t.Fatal("it is opened")
			}
			if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), dir) {
				t.Error(err)
			}
			t.Log(err)
			if got := on(t, dir); got != before {
				t.Errorf("files changed from %q to %q", before, got)
			}
		})
	}
	if got := on(t, outside); got != "" {
		t.Error("there came files outside:", got)
	}
}

func TestOneAtATime(t *testing.T) {
	tor, _ := sample(t)
	dir := t.TempDir()
	d := openDisk(t, dir, tor)
	if _, err := OpenDisk(t.Context(), dir, tor, Options{}); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Error(err)
	}
	must(t, d.Close())
	must(t, openDisk(t, dir, tor).Close())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenDisk(ctx, dir, tor, Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestManyHandles(t *testing.T) {
	fsys, all := fstest.MapFS{}, []byte{}
	for i := range 3 * maxOpen {
		data := noise(100+i, uint32(i+1))
		fsys[fmt.Sprintf("t/%03d", i)] = &fstest.MapFile{Data: data}
		all = append(all, data...)
	}
	tor, err := metainfo.FromFS(fsys, "t", metainfo.Options{PieceLength: 1000})
	must(t, err)
	d := openDisk(t, t.TempDir(), tor)
	fill(t, d, all)
	if !d.Complete() || len(d.open) > maxOpen {
		t.Errorf("%d handles", len(d.open))
	}
}

func TestSentences(t *testing.T) {
	for err, want := range map[error]string{
		syscall.ENOSPC: "cannot write /d/x: the disk is full: make room and start again, what is verified is kept",
		syscall.EACCES: "cannot write /d/x: it is not permitted: change the permissions or choose another directory",
		syscall.EIO:    "cannot write /d/x: input/output error",
	} {
		got := explain("write", "/d/x", &os.PathError{Op: "write", Path: "t/x", Err: err})
		if got.Error() != want || !errors.Is(got, err) {
			t.Errorf("%v: %v", err, got)
		}
	}
}
