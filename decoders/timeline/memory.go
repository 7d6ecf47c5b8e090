package timeline

import (
	"errors"
	"sync/atomic"
)

// memory is the store used when no other is given: chunks that never move, so
// that readers need no lock.
type memory struct {
	chunks log[[]byte]
	used   int // of the last chunk; writer only
	n      atomic.Uint64
}

const memoryChunk = 256 << 10

var errRef = errors.New("no such bytes in the store")

func newMemory() *memory { return &memory{} }

// Put copies data into the last chunk, or a new one if it does not fit. The
// reference is chunk number and offset.
func (m *memory) Put(data []byte) (int64, error) {
	n := m.chunks.n
	if n == 0 || m.used+len(data) > len(*m.chunks.at(n - 1)) {
		m.chunks.append(make([]byte, max(memoryChunk, len(data))))
		m.used = 0
		n++
	}
	off := m.used
	m.used += copy((*m.chunks.at(n - 1))[off:], data)
	m.n.Store(n)
	return int64(n-1)<<32 | int64(off), nil
}

// ReadAt fills buf with bytes that were put at ref.
func (m *memory) ReadAt(buf []byte, ref int64) error {
	i, off := uint64(ref)>>32, int(ref&(1<<32-1))
	if ref < 0 || i >= m.n.Load() {
		return errRef
	}
	c := *m.chunks.at(i)
	if off+len(buf) > len(c) {
		return errRef
	}
	copy(buf, c[off:])
	return nil
}

// Oldest is always 0: nothing is evicted.
func (m *memory) Oldest() int64 { return 0 }

// Close has nothing to free.
func (m *memory) Close() error { return nil }
