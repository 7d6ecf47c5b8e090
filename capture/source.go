package capture

import "context"

// Source emits packets until it ends, fails, or ctx is done. A finite source
// returns nil at its end; a truncated one emits [Truncated] and returns nil.
// Packet.ID is filled in by the source, from 0.
type Source interface {
	Run(ctx context.Context, sink Sink) error
}

// Store keeps packet bytes so that they can be read again by reference.
// One goroutine puts, any goroutine reads.
type Store interface {
	// Put keeps data and returns a reference to it.
	Put(data []byte) (ref int64, err error)
	// ReadAt fills buf with the bytes put at ref. It returns ErrEvicted when
	// a size-capped store has let go of them.
	ReadAt(buf []byte, ref int64) error
	// Oldest is the smallest reference that can still be read.
	Oldest() int64
	// Close frees everything, temporary files included.
	Close() error
}
