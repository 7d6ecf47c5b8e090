package timeline

import (
	"sync/atomic"
	"unsafe"

	"netscope/capture"
)

// cold keeps the old chunks of a log outside memory, so that a timeline of a
// hundred million rows needs little more than one of a hundred thousand. T must
// not contain pointers.
type cold[T any] struct {
	store capture.Store
	hot   int  // chunks that stay in memory
	full  bool // the store has refused: what comes stays in memory
	cache [coldCache]atomic.Pointer[page[T]]
}

// page is a chunk that has been read back. Readers that hold it keep it alive.
type page[T any] struct {
	chunk int
	rows  []T
}

const (
	coldCache = 64 // chunks of a log that are kept after reading them back
	hotChunks = 64 // chunks of a log that stay in memory
	coldBatch = 16 // chunks written at a time: each batch copies the directory
)

// spill writes the oldest chunks of a directory that readers do not have yet to
// the store.
func (c *cold[T]) spill(d *logDir[T]) {
	n := len(d.chunks) - c.hot
	if c.full || n < len(d.refs)+coldBatch {
		return
	}
	d.chunks = append([][]T(nil), d.chunks...)
	for k := len(d.refs); k < n; k++ {
		ref, err := c.store.Put(rowBytes(d.chunks[k]))
		if err != nil {
			c.full = true
			return
		}
		d.refs = append(d.refs, ref)
		d.chunks[k] = nil
	}
}

// load reads chunk number k back; nil if the store has lost it.
func (c *cold[T]) load(k int, ref int64) []T {
	slot := &c.cache[k%coldCache]
	if p := slot.Load(); p != nil && p.chunk == k {
		return p.rows
	}
	rows := make([]T, chunkLen(k))
	if c.store.ReadAt(rowBytes(rows), ref) != nil {
		return nil
	}
	slot.Store(&page[T]{k, rows})
	return rows
}

// rowBytes is the memory of rows. They hold no pointers, and the same program
// reads what it has written.
func rowBytes[T any](rows []T) []byte {
	if len(rows) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&rows[0])), len(rows)*int(unsafe.Sizeof(rows[0])))
}
