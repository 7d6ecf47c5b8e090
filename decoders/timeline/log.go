package timeline

import (
	"math/bits"
	"sync/atomic"
)

// A log is an append-only sequence with one writer and any number of readers
// that take no locks. Elements never move. A reader may look at indices below
// a length that it learned from the writer through an atomic operation (a
// snapshot); elements evicted at the front read as nil.
//
// Chunks start small, because most conversations are short, and double up to
// chunkMax.
type log[T any] struct {
	dir atomic.Pointer[logDir[T]]
	n   uint64 // writer only
}

type logDir[T any] struct {
	base   int // index of chunks[0] among all chunks ever made
	chunks [][]T
}

const (
	chunkMin   = 4
	chunkMax   = 1024
	growChunks = 8                                           // chunks before the size is constant: 4, 8, … 512
	growItems  = chunkMin * ((1 << growChunks) - 1)          // items in those chunks
	_          = uint(chunkMin<<growChunks) - uint(chunkMax) // the two must meet
)

func chunkOf(i uint64) (chunk, off int) {
	if i >= growItems {
		i -= growItems
		return growChunks + int(i/chunkMax), int(i % chunkMax)
	}
	k := bits.Len64(i+chunkMin) - bits.Len64(chunkMin)
	return k, int(i + chunkMin - chunkMin<<k)
}

func chunkLen(k int) int {
	if k >= growChunks {
		return chunkMax
	}
	return chunkMin << k
}

// append adds v and returns its index.
func (l *log[T]) append(v T) uint64 {
	i := l.n
	*l.grow() = v
	return i
}

// grow adds a zero element and returns it, for types that must not be copied.
func (l *log[T]) grow() *T {
	d := l.dir.Load()
	c, off := chunkOf(l.n)
	if d == nil || c-d.base >= len(d.chunks) {
		nd := &logDir[T]{}
		if d != nil {
			*nd = *d
		} else {
			nd.base = c
		}
		// Appending may write into spare capacity that readers of the old
		// directory share but never look at.
		nd.chunks = append(nd.chunks, make([]T, chunkLen(c)))
		l.dir.Store(nd)
		d = nd
	}
	l.n++
	return &d.chunks[c-d.base][off]
}

// at is element i, or nil if it has been evicted or was never there.
func (l *log[T]) at(i uint64) *T {
	d := l.dir.Load()
	if d == nil {
		return nil
	}
	c, off := chunkOf(i)
	c -= d.base
	if c < 0 || c >= len(d.chunks) {
		return nil
	}
	return &d.chunks[c][off]
}

// evict lets go of whole chunks that hold only elements before i.
func (l *log[T]) evict(i uint64) {
	d := l.dir.Load()
	if d == nil {
		return
	}
	c, _ := chunkOf(min(i, l.n))
	if n := min(c-d.base, len(d.chunks)); n > 0 {
		nd := &logDir[T]{base: d.base + n, chunks: append([][]T(nil), d.chunks[n:]...)}
		l.dir.Store(nd)
	}
}

// search is the smallest index in [lo, hi) for which f is true of its element,
// or hi. f must be false, then true, along the log.
func (l *log[T]) search(lo, hi uint64, f func(*T) bool) uint64 {
	for lo < hi {
		m := lo + (hi-lo)/2
		if v := l.at(m); v != nil && f(v) {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}
