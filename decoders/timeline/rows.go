package timeline

import (
	"net/netip"
	"sync/atomic"

	"netscope/capture"
	"netscope/decoders"
)

// packetRow is how a [PacketRow] is kept: 56 bytes and no pointer. What labs
// have beside it is in labRow.
type packetRow struct {
	at         Time
	ref        int64
	conv       ConvID
	length     uint32
	capLen     uint32
	seq, ack   uint32
	window     uint32
	payloadOff uint16
	payload    uint16
	tap        uint16
	analysis   Analysis
	flags      TCPFlags
	dir        decoders.Dir
	loss       capture.Loss
	transport  decoders.Transport
	fragment   bool
}

// labRow is what a lab knows of a packet beside.
type labRow struct {
	arrived Time   // < 0: lost
	depart  uint32 // number of the moment
	arrive  atomic.Uint32
}

// msgRow is what is kept of every message when it is opened: 56 bytes and no
// pointer. Strings and fields lie in the details store (see details.go).
type msgRow struct {
	off     int64
	stream  int64
	ref     int64 // details
	refLen  uint32
	headLen uint32
	first   uint32 // packet with the first byte
	head    uint32 // packet whose arrival made the head known
	conv    uint32
	partOf  uint32
	replyTo uint32
	dec     uint8 // decoder, by index
	level   decoders.Level
	kind    decoders.Kind
	side    uint8 // direction, and whether the conversation is an inner one
}

// nestedBit marks messages of inner conversations.
const nestedBit = 0x80

func (m *msgRow) dir() decoders.Dir { return decoders.Dir(m.side & 1) }
func (m *msgRow) nested() bool      { return m.side&nestedBit != 0 }

// msgState is what becomes known of a message later. It is in atomics, so that
// readers need no lock; a snapshot ignores what lies beyond its own lengths.
type msgState struct {
	closed atomic.Uint32 // index in the log of closes, plus 1
	update atomic.Uint32 // index in the log of updates, plus 1
	reply  atomic.Uint32 // the message that answers this one, plus 1
}

// closeRow is the end of a message.
type closeRow struct {
	end    int64 // stream offset just past it
	length int64 // of the content
	errRef int64
	errLen uint32
	last   uint32
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
	pos  uint32
	what uint32 // message<<eventBits, and what stepping wants to know of it
}

const (
	closing   = 1 << iota // it was closed, else opened
	isUnit                // it is a unit, not a message
	answering             // it is a message that answers another

	eventBits   = 3
	maxMessages = 1 << (32 - eventBits) // messages that an eventRow can tell apart
)

// event is the row of a message; its pos is not set.
func (m *msgRow) event(id uint32, what uint32) eventRow {
	what |= id << eventBits
	if m.level == decoders.UnitLevel {
		what |= isUnit
	} else if m.kind == decoders.Response && m.replyTo != uint32(NoMessage) {
		what |= answering
	}
	return eventRow{what: what}
}

func (e *eventRow) msg() MessageID       { return MessageID(e.what >> eventBits) }
func (e *eventRow) has(what uint32) bool { return e.what&what != 0 }

// commentRow is a packet's comment, in the details store.
type commentRow struct {
	packet uint32
	n      uint32
	ref    int64
}

// auxRow is a run of stream bytes that lie in no single packet (they were in
// fragments), in the packet store.
type auxRow struct {
	ref int64
	n   uint32
	by  uint32
}

// conv is the growing record of a conversation.
type conv struct {
	id        ConvID
	transport decoders.Transport
	midway    bool
	ended     bool // builder only: nothing will be added
	nested    bool // it lies inside another: see inner.go
	parent    ConvID
	a, b      netip.AddrPort
	first     uint32
	start     Time

	dirs     [2]convDir
	packets  log[uint32]
	moments  log[uint32] // labs only: numbers of its moments
	inner    log[uint32] // conversations inside this one
	ninner   atomic.Uint64
	npackets atomic.Uint64
	nmoments atomic.Uint64
	last     atomic.Uint32
	state    atomic.Uint32
	end      atomic.Int64
	rtt      atomic.Int64
	proto    atomic.Uint32 // interned, of the first message
	messages atomic.Uint32
}

type convDir struct {
	bytes   atomic.Int64
	segs    log[segRow]
	sent    log[sentRow] // labs only
	msgs    log[uint32]
	nsegs   atomic.Uint64
	nsent   atomic.Uint64
	nmsgs   atomic.Uint64
	packets atomic.Uint32
}

// sentRow: when this packet had left, the direction's bytes up to end had.
type sentRow struct {
	end    int64
	packet uint32
}

// convSlot finds a conversation: in memory, or, when it is over, in the details
// store.
type convSlot struct {
	live atomic.Pointer[conv]
	ref  atomic.Int64
	n    atomic.Uint32 // bytes at ref; 0: it is not there
}
