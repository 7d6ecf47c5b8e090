package file

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"netscope/capture"
)

// collector keeps all that a source emits.
type collector struct {
	packets []capture.Packet
	metas   []capture.Meta // without progress
	order   []string       // "packet" or the type of the meta
}

func (c *collector) Packet(p capture.Packet) error {
	p.Data = append([]byte(nil), p.Data...)
	c.packets = append(c.packets, p)
	c.order = append(c.order, "packet")
	return nil
}

func (c *collector) Meta(m capture.Meta) error {
	if _, ok := m.(capture.Progress); ok {
		return nil
	}
	c.metas = append(c.metas, m)
	c.order = append(c.order, strings.TrimPrefix(fmt.Sprintf("%T", m), "capture."))
	return nil
}

// metasOf are the metas of one type.
func metasOf[T capture.Meta](c *collector) []T {
	var out []T
	for _, m := range c.metas {
		if t, ok := m.(T); ok {
			out = append(out, t)
		}
	}
	return out
}

// corpus lists the given captures, or skips the test.
func corpus(t testing.TB) []string {
	t.Helper()
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES is not set")
	}
	var files []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if _, e := os.Stat(path + ".oracle"); e == nil && !d.IsDir() {
			files = append(files, path)
		}
		return nil
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures in %s: %v", dir, err)
	}
	return files
}

// frame is a row of the oracle's table of frames.
type frame struct {
	time        string // seconds with nine decimals
	caplen, len int
	ifc         string
	comment     string
}

func oracle(t *testing.T, path string) []frame {
	t.Helper()
	var r io.Reader
	f, err := os.Open(path + ".oracle/frames.tsv")
	if err != nil {
		if f, err = os.Open(path + ".oracle/frames.tsv.gz"); err != nil {
			t.Fatal(err)
		}
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	} else {
		r = f
	}
	defer f.Close()
	var out []frame
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		col := strings.Split(s.Text(), "\t")
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		caplen, _ := strconv.Atoi(col[2])
		length, _ := strconv.Atoi(col[3])
		out = append(out, frame{col[1], caplen, length, col[10], strings.NewReplacer(`\n`, "\n", "|", "\n").Replace(col[11])})
	}
	return out
}

func TestCapturesEqualOracle(t *testing.T) {
	for _, path := range corpus(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			var c collector
			if err := r.Run(context.Background(), &c); err != nil {
				t.Fatal(err)
			}
			if cut := metasOf[capture.Truncated](&c); cut != nil {
				t.Errorf("truncated: %+v", cut)
			}
			want := oracle(t, path)
			if len(c.packets) != len(want) {
				t.Fatalf("%d packets, oracle has %d", len(c.packets), len(want))
			}
			for i, w := range want {
				p := c.packets[i]
				at := fmt.Sprintf("%d.%09d", p.At.Unix(), p.At.Nanosecond())
				if at != w.time || len(p.Data) != w.caplen || p.Length != w.len || p.ID != capture.PacketID(i) {
					t.Fatalf("packet %d: time %s, %d of %d bytes; oracle: %+v", i+1, at, len(p.Data), p.Length, w)
				}
				if w.ifc != "" && strconv.Itoa(int(p.Tap)) != w.ifc {
					t.Fatalf("packet %d: interface %d, oracle %s", i+1, p.Tap, w.ifc)
				}
				if p.Comment != w.comment {
					t.Fatalf("packet %d: comment %q, oracle %q", i+1, p.Comment, w.comment)
				}
				checkReread(t, r, p)
			}
		})
	}
}

// checkReread reads a packet again by its reference.
func checkReread(t *testing.T, r *Reader, p capture.Packet) {
	t.Helper()
	if r.ReaderAt() == nil {
		if p.Ref != -1 {
			t.Fatalf("packet %d has reference %d but cannot be read again", p.ID+1, p.Ref)
		}
		return
	}
	b := make([]byte, len(p.Data))
	if n, err := r.ReaderAt().ReadAt(b, p.Ref); n != len(b) || string(b) != string(p.Data) {
		t.Fatalf("packet %d read again at %d: other bytes (%v)", p.ID+1, p.Ref, err)
	}
}
