package timeline

import (
	"errors"
	"sync/atomic"

	"netscope/capture"
)

// memory is the store used when no other is given: chunks that never move, so
// that readers need no lock.
type memory struct {
	chunks log[atomic.Pointer[[]byte]]
	last   []byte        // chunk; writer only
	used   int           // … bytes of it
	n      atomic.Uint64 // chunks
	oldest atomic.Int64  // reference
}

const memoryChunk = 256 << 10

var errRef = errors.New("no such bytes in the store")

func newMemory() *memory { return &memory{} }

// Put copies data into the last chunk, or a new one if it does not fit. The
// reference is chunk number and offset.
func (m *memory) Put(data []byte) (int64, error) {
	n := m.chunks.n
	if n == 0 || m.used+len(data) > len(m.last) {
		chunk := make([]byte, m.next(len(data)))
		m.chunks.grow().Store(&chunk)
		m.last, m.used = chunk, 0
		n++
	}
	off := m.used
	m.used += copy(m.last[off:], data)
	m.n.Store(n)
	return int64(n-1)<<32 | int64(off), nil
}

// next is the size of a new chunk: the first are small, for small timelines.
func (m *memory) next(n int) int {
	size := memoryChunk
	if k := m.chunks.n; k < 8 {
		size >>= 8 - k
	}
	return max(size, n)
}

// ReadAt fills buf with bytes that were put at ref.
func (m *memory) ReadAt(buf []byte, ref int64) error {
	i, off := uint64(ref)>>32, int(ref&(1<<32-1))
	if ref < 0 || i >= m.n.Load() {
		return errRef
	}
	slot := m.chunks.at(i)
	if slot == nil {
		return capture.ErrEvicted
	}
	c := slot.Load()
	if c == nil {
		return capture.ErrEvicted
	}
	if off+len(buf) > len(*c) {
		return errRef
	}
	copy(buf, (*c)[off:])
	return nil
}

// Oldest is the smallest reference that can still be read.
func (m *memory) Oldest() int64 { return m.oldest.Load() }

// evict lets go of whole chunks before ref.
func (m *memory) evict(ref int64) {
	to := uint64(ref) >> 32
	for i := uint64(m.oldest.Load()) >> 32; i < to; i++ {
		if slot := m.chunks.at(i); slot != nil {
			slot.Store(nil)
		}
	}
	m.chunks.evict(to)
	m.oldest.Store(int64(max(to, uint64(m.oldest.Load())>>32) << 32))
}

// Close has nothing to free.
func (m *memory) Close() error { return nil }
