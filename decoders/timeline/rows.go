package timeline

import (
	"sync/atomic"

	"netscope/decoders"
)

// msgRow is what is kept of every message: 80 bytes and no pointer. Strings and
// fields lie in the details store (see details.go). What becomes known later is
// in atomics, so that readers need no lock; a snapshot ignores what lies beyond
// its own lengths.
type msgRow struct {
	off, headLen int64
	stream       int64
	ref          int64 // details
	refLen       uint32
	first        uint32 // packet with the first byte
	head         uint32 // packet whose arrival made the head known
	conv         uint32
	partOf       uint32
	replyTo      uint32
	dec          uint8 // decoder, by index
	level        decoders.Level
	kind         decoders.Kind
	dir          decoders.Dir

	closed atomic.Uint32 // index in the log of closes, plus 1
	update atomic.Uint32 // index in the log of updates, plus 1
	reply  atomic.Uint32 // the message that answers this one, plus 1
}

// closeRow is the end of a message.
type closeRow struct {
	end    int64 // stream offset just past it
	length int64 // of the content
	last   uint32
	errRef int64
	errLen uint32
}

// updateRow adds fields to a message; prev chains to the one before, plus 1.
type updateRow struct {
	ref    int64
	refLen uint32
	prev   uint32
}

// eventRow is a step of the timeline at message level: a message was opened or
// closed when pos was reached. The log is ordered by pos.
type eventRow struct {
	pos    uint32
	msg    uint32
	closes bool
}

// segRow says where stream bytes are. Rows of a direction are ordered by off
// and by the time at which they were delivered.
type segRow struct {
	off    int64
	n      uint32
	packet uint32 // contains the bytes
	pktOff int32  // where in the packet; < 0: ^aux index of a copy in the store
	by     uint32 // its arrival delivered them (a later packet, if these waited behind a hole)
}

// sentRow: when this packet had left, the direction's bytes up to end had.
type sentRow struct {
	end    int64
	packet uint32
}

// conv is the growing record of a conversation.
type conv struct {
	head     Conversation // fixed part: ID, Transport, A, B, Midway, First, Start
	dirs     [2]convDir
	packets  log[uint32]
	moments  log[uint32] // labs only: numbers of its moments
	npackets atomic.Uint64
	nmoments atomic.Uint64
	last     atomic.Uint32
	end      atomic.Int64
	rtt      atomic.Int64
	state    atomic.Uint32
	proto    atomic.Uint32 // interned, of the first message
	messages atomic.Uint32
}

type convDir struct {
	packets atomic.Uint32
	bytes   atomic.Int64
	segs    log[segRow]
	sent    log[sentRow]
	msgs    log[uint32]
	nsegs   atomic.Uint64
	nsent   atomic.Uint64
	nmsgs   atomic.Uint64
}
