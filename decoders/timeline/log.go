package timeline

import (
	"math/bits"
	"sync/atomic"
)

// A log is an append-only sequence with one writer and any number of readers
// that take no locks. Elements never move while they are in memory. A reader
// may look at indices below a length that it learned from the writer through an
// atomic operation (a snapshot); elements evicted at the front read as nil.
//
// Chunks start small, because most conversations are short, and double up to
// chunkMax.
type log[T any] struct {
	dir  atomic.Pointer[logDir[T]]
	cold *cold[T] // where full chunks go that are no longer hot; nil: nowhere
	n    uint64   // writer only
}

// logDir is the directory of chunks. Readers may hold an old one.
type logDir[T any] struct {
	base   int // index of chunks[0] among all chunks ever made
	chunks [][]T
	refs   []int64 // of the first chunks, which are in the cold store and nil here
	only   [1][]T  // chunks of a short log
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

// chunkStart is the index of the first element of chunk k.
func chunkStart(k int) uint64 {
	if k <= growChunks {
		return chunkMin * (1<<k - 1)
	}
	return growItems + uint64(k-growChunks)*chunkMax
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
		d = l.addChunk(d, c)
	}
	l.n++
	return &d.chunks[c-d.base][off]
}

func (l *log[T]) addChunk(d *logDir[T], c int) *logDir[T] {
	nd := &logDir[T]{base: c}
	if d != nil {
		nd.base, nd.chunks, nd.refs = d.base, d.chunks, d.refs
	} else {
		nd.chunks = nd.only[:0]
	}
	// Appending may write into spare capacity that readers of the old directory
	// share but never look at.
	nd.chunks = append(nd.chunks, make([]T, chunkLen(c)))
	if l.cold != nil {
		l.cold.spill(nd)
	}
	l.dir.Store(nd)
	return nd
}

// at is element i, or nil if it has been evicted or was never there. Of an
// element in the cold store it is a copy.
func (l *log[T]) at(i uint64) *T {
	d := l.dir.Load()
	if d == nil {
		return nil
	}
	c, off := chunkOf(i)
	k := c - d.base
	if k < 0 || k >= len(d.chunks) {
		return nil
	}
	chunk := d.chunks[k]
	if chunk == nil {
		if l.cold == nil || k >= len(d.refs) {
			return nil
		}
		if chunk = l.cold.load(c, d.refs[k]); chunk == nil {
			return nil
		}
	}
	return &chunk[off]
}

// first is the index of the oldest element that is still there.
func (l *log[T]) first() uint64 {
	d := l.dir.Load()
	if d == nil {
		return 0
	}
	return chunkStart(d.base)
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
		nd.refs = d.refs[min(n, len(d.refs)):]
		l.dir.Store(nd)
	}
}

// trim evicts everything before the first element for which keep holds.
func (l *log[T]) trim(keep func(*T) bool) {
	l.evict(l.search(l.first(), l.n, keep))
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

// searchFrom is search for something that is most likely near lo: its cost
// grows with the distance, not with the length of the log.
func (l *log[T]) searchFrom(lo, hi uint64, f func(*T) bool) uint64 {
	for step := uint64(1); lo < hi; step *= 2 {
		m := min(lo+step, hi) - 1
		if v := l.at(m); v != nil && f(v) {
			return l.search(lo, m, f)
		}
		lo = m + 1
	}
	return hi
}
