package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"netscope/capture"
)

// datum is the n-th of a series of byte strings of different lengths.
func datum(n int) []byte {
	return bytes.Repeat([]byte(fmt.Sprintf("%d,", n)), n%7+1)
}

func TestStores(t *testing.T) {
	tests := []struct {
		name  string
		store *Store
		count int
		kept  bool // everything
	}{
		{"memory", New(0), 2000, true},
		{"memory and file", New(100), 1000, true},
		{"chunk of one byte", New(1), 100, true},
		{"ring", NewRing(1 << 10), 1000, false},
		{"smallest ring", NewRing(1), 100, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("TMPDIR", dir)
			s := tt.store
			var refs []int64
			for i := range tt.count {
				ref, err := s.Put(datum(i))
				if err != nil {
					t.Fatal(err)
				}
				refs = append(refs, ref)
				checkAll(t, s, refs, i, 50)
			}
			checkAll(t, s, refs, len(refs)-1, len(refs))
			if tt.kept != (s.Oldest() == 0) {
				t.Errorf("oldest is %d", s.Oldest())
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if _, err := s.Put(nil); err == nil || s.Close() != nil {
				t.Error("a closed store takes data, or cannot be closed twice")
			}
		})
	}
}

// checkAll reads the last few data up to number last.
func checkAll(t *testing.T, s *Store, refs []int64, last, few int) {
	t.Helper()
	for i := max(0, last-few+1); i <= last; i++ {
		want := datum(i)
		got := make([]byte, len(want))
		err := s.ReadAt(got, refs[i])
		if refs[i] < s.Oldest() {
			if !errors.Is(err, capture.ErrEvicted) {
				t.Fatalf("datum %d at %d, before %d: %v", i, refs[i], s.Oldest(), err)
			}
			continue
		}
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("datum %d at %d: %q, %v; want %q", i, refs[i], got, err, want)
		}
	}
}

func TestReadWhatIsNotThere(t *testing.T) {
	s := New(0)
	defer s.Close()
	if _, err := s.Put([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []int64{-1, 1, 3, 1 << 40} {
		if err := s.ReadAt(make([]byte, 3), ref); err == nil {
			t.Errorf("read at %d", ref)
		}
	}
	if err := s.ReadAt(nil, 3); err != nil {
		t.Error(err)
	}
}

func TestNoRoom(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/missing")
	s := New(10)
	defer s.Close()
	if _, err := s.Put(make([]byte, 100)); err == nil {
		t.Error("no error without a folder for temporary files")
	}
}

// TestReadersBesideWriter is for the race detector: what a reader gets is right
// or evicted.
func TestReadersBesideWriter(t *testing.T) {
	for _, s := range []*Store{New(1 << 15), NewRing(1 << 15)} {
		const count = 30000
		refs := make([]atomic.Int64, count)
		var done atomic.Int64
		var wg sync.WaitGroup
		for seed := range 3 {
			wg.Go(func() {
				for i := seed; ; i = (i*31 + 7) % count {
					n := int(done.Load())
					if n == count {
						return
					}
					if n == 0 {
						continue
					}
					k := n - 1 - i%min(n, 400)
					want := datum(k)
					got := make([]byte, len(want))
					err := s.ReadAt(got, refs[k].Load())
					if err == nil && !bytes.Equal(got, want) || err != nil && !errors.Is(err, capture.ErrEvicted) {
						t.Errorf("datum %d: %q, %v", k, got, err)
						return
					}
				}
			})
		}
		for i := range count {
			ref, err := s.Put(datum(i))
			if err != nil {
				t.Fatal(err)
			}
			refs[i].Store(ref)
			done.Store(int64(i + 1))
		}
		wg.Wait()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	data := make([]byte, 800)
	for name, s := range map[string]*Store{"all": New(0), "ring": NewRing(64 << 20)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := s.Put(data); err != nil {
					b.Fatal(err)
				}
			}
		})
		_ = s.Close()
	}
}
