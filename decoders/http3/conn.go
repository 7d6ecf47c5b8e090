// Package http3 decodes HTTP/3 (RFC 9114): what the streams of a QUIC connection
// mean. Control, push and QPACK streams, frames, requests and responses made of
// them, and settings.
//
// It is driven with bytes of streams in order, and tells what it finds to a
// [Sink]. It must not know of packets, of how streams are put in order, or of
// what the content means.
package http3

import (
	"slices"

	"netscope/decoders"
	"netscope/decoders/qpack"
)

// proto is the protocol of frames and messages.
const proto = "HTTP/3"

// Sink receives messages and units. Places in the packets are its business.
type Sink interface {
	// Open opens a message in direction ev.Dir and returns its key. ev.InnerOff
	// is where it begins in the bytes of stream ev.Stream.
	Open(ev decoders.Event) uint64
	Update(key uint64, summary string, fields []decoders.KV)
	// Close closes a message of direction d that has carried n bytes; end is
	// where it ends in the bytes of its stream.
	Close(d decoders.Dir, key uint64, n, end int64, problem string)
}

// Conn is one connection.
type Conn struct {
	sink   Sink
	client decoders.Dir
	// Tables are the dynamic tables of QPACK, by the direction in which the
	// encoder sends.
	Tables   [2]qpack.Table
	settings [2]map[uint64]uint64 // by the side that has sent them; nil: none yet
	halves   map[halfKey]*half
	order    []halfKey             // of coming
	pairs    map[int64]*pair       // bidirectional streams
	sections [2]map[int64][]uint64 // insert counts of sections with dynamic entries that are not acknowledged, by encoder and stream
	pushes   map[uint64]uint64     // push ID → key of the promised request
	single   [2]map[uint64]int64   // the control and QPACK streams of a side, by type
	goaway   [2]int64              // last ID, -1 if none
	waits    [2][]int64            // streams whose HEADERS wait for the dynamic table
}

type halfKey struct {
	d  decoders.Dir
	id int64
}

// pair is what is kept of a bidirectional stream.
type pair struct {
	request uint64 // key of the request
	method  string
}

// Bounds.
const (
	maxHalves = 8192
	maxFrame  = 1 << 20 // bytes of a frame other than DATA
	maxWaits  = 256     // sections of a stream that wait for acknowledgement
)

// New makes a connection whose client sends in direction client.
func New(client decoders.Dir, s Sink) *Conn {
	c := &Conn{sink: s, client: client, halves: map[halfKey]*half{}, pairs: map[int64]*pair{}, pushes: map[uint64]uint64{}, goaway: [2]int64{-1, -1}}
	for d := range 2 {
		c.sections[d] = map[int64][]uint64{}
		c.single[d] = map[uint64]int64{}
	}
	return c
}

// half finds or makes one direction of a stream.
func (c *Conn) half(d decoders.Dir, id int64) *half {
	k := halfKey{d, id}
	h := c.halves[k]
	if h == nil {
		if len(c.order) >= maxHalves {
			c.prune()
		}
		h = &half{d: d, id: id}
		if id&2 == 0 {
			h.kind, h.known = requestStream, true
		}
		c.halves[k] = h
		c.order = append(c.order, k)
	}
	return h
}

// prune forgets streams that are over, then the older half of the others;
// control streams stay.
func (c *Conn) prune() {
	for _, all := range []bool{false, true} {
		kept := c.order[:0]
		for i, k := range c.order {
			h := c.halves[k]
			if h.over || all && i < maxHalves/2 && h.kind != controlStream && h.kind != encoderStream && h.kind != decoderStream {
				c.shut(h, "too many streams are open")
				delete(c.halves, k)
				delete(c.pairs, k.id)
				continue
			}
			kept = append(kept, k)
		}
		if c.order = kept; len(kept) < maxHalves*3/4 {
			return
		}
	}
}

// Data are bytes of a stream in order. gap bytes before them are missing in the
// capture; end says that the stream ends after them.
func (c *Conn) Data(d decoders.Dir, id int64, data []byte, gap uint64, end bool) {
	h := c.half(d, id)
	if h.over {
		return
	}
	if gap > 0 {
		c.gap(h, gap)
	}
	h.end = h.end || end
	h.add(data)
	c.run(h)
}

// Reset says that a stream ends without its remaining bytes.
func (c *Conn) Reset(d decoders.Dir, id int64, code uint64) {
	h := c.half(d, id)
	if h.over {
		return
	}
	c.force(h)
	c.shut(h, "the stream was reset with "+ErrorName(code)+" (RFC 9114 §8)")
	h.over, h.buf = true, nil
}

// Finish says that nothing more will come.
func (c *Conn) Finish(why string) {
	for _, k := range slices.Clone(c.order) {
		h := c.halves[k]
		if h == nil || h.over {
			continue
		}
		c.force(h)
		if !h.over {
			c.shut(h, why)
			h.over = true
		}
	}
}

// force reads a stream that waits for entries that will not come.
func (c *Conn) force(h *half) {
	if h.blocked {
		h.blocked, h.forced = false, true
		c.run(h)
	}
}

// unblock tries again the streams that wait for entries of a dynamic table.
func (c *Conn) unblock(d decoders.Dir) {
	list := c.waits[d]
	c.waits[d] = nil
	for _, id := range list {
		if h := c.halves[halfKey{d, id}]; h != nil && h.blocked {
			h.blocked = false
			c.run(h)
		}
	}
}
