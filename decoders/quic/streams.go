package quic

import "netscope/decoders"

// stream is what is kept of one stream until its bytes have been delivered.
type stream struct {
	id   int64
	kept int64   // the number under which its bytes are kept
	half [2]half // by the direction of the bytes
}

// half is one direction of a stream.
type half struct {
	reasm
	final uint64 // valid if ended
	ended bool   // the final size is known
	done  bool   // everything has been delivered, or it was reset
}

// maxStreams bounds how many streams of a connection are put in order at a time.
const maxStreams = 4096

// application is what understands the bytes of streams.
type application interface {
	// Data are bytes in order. gap bytes before them are missing; end says that
	// the stream ends after them.
	Data(d decoders.Dir, stream int64, data []byte, gap uint64, end bool)
	// Reset says that a stream ends without its remaining bytes.
	Reset(d decoders.Dir, stream int64, code uint64)
	// Finish says that nothing more will come.
	Finish(why string)
}

// stream finds or makes a stream.
func (c *conn) stream(id int64) *stream {
	if s := c.streams[id]; s != nil {
		return s
	}
	if len(c.order) >= maxStreams {
		c.prune()
	}
	s := &stream{id: id, kept: c.number()}
	c.streams[id] = s
	c.order = append(c.order, id)
	return s
}

// prune forgets streams that are over, or else the oldest half.
func (c *conn) prune() {
	kept := c.order[:0]
	for i, id := range c.order {
		s := c.streams[id]
		if s.over() || i < len(c.order)/2 && len(kept) >= maxStreams/2 {
			c.forget(s)
			continue
		}
		kept = append(kept, id)
	}
	if len(kept) >= maxStreams {
		for _, id := range kept[:maxStreams/2] {
			c.forget(c.streams[id])
		}
		kept = append(kept[:0], kept[maxStreams/2:]...)
	}
	c.order = kept
}

func (c *conn) forget(s *stream) {
	c.held -= s.half[0].held + s.half[1].held
	delete(c.streams, s.id)
}

// over: nothing more is expected in either direction.
func (s *stream) over() bool {
	uni := s.id&2 != 0
	return s.half[0].done && s.half[1].done || uni && (s.half[0].done || s.half[1].done)
}

// maxConnHeld bounds the bytes of a connection that wait behind holes.
const maxConnHeld = 32 << 20

// deliver puts bytes of a stream in order and passes on what is. again says that
// they had come before; problem names the rule that they break.
func (c *conn) deliver(d decoders.Dir, f *frame) (again bool, problem string) {
	s := c.stream(f.stream)
	h := &s.half[d]
	end := f.offset + uint64(len(f.data))
	switch {
	case h.ended && (end > h.final || f.fin && end != h.final), f.fin && end < h.top:
		problem = "the stream's final size changes (RFC 9000 §4.5)"
	case f.fin:
		h.final, h.ended = end, true
	}
	if h.done {
		return len(f.data) > 0 || f.fin, problem
	}
	before := h.held
	runs, again := h.add(f.offset, f.data)
	c.held += h.held - before
	if c.held > maxConnHeld && len(runs) == 0 {
		c.held -= h.held
		runs = h.rest()
	}
	last := h.ended && h.next >= h.final
	for i, r := range runs {
		c.keep(d, s.kept, r)
		c.app.Data(d, f.stream, r.data, r.gap, last && i == len(runs)-1)
	}
	if last {
		h.done = true
		if len(runs) == 0 {
			c.app.Data(d, f.stream, nil, 0, true)
		}
	}
	return again, problem
}

// reset ends a direction of a stream.
func (c *conn) reset(d decoders.Dir, f *frame) (problem string) {
	h := &c.stream(f.stream).half[d]
	if h.ended && h.final != f.offset || f.offset < h.top {
		problem = "the stream's final size changes (RFC 9000 §4.5)"
	}
	h.final, h.ended = f.offset, true
	c.held -= h.held
	h.pieces, h.held = nil, 0
	if !h.done {
		h.done = true
		c.app.Reset(d, f.stream, f.value)
	}
	return problem
}

// finish gives up on what is still missing.
func (c *conn) finish(why string) {
	if c.app == nil {
		return
	}
	for _, id := range c.order {
		for d := range c.streams[id].half {
			h := &c.streams[id].half[d]
			for _, r := range h.rest() {
				c.keep(decoders.Dir(d), c.streams[id].kept, r)
				c.app.Data(decoders.Dir(d), id, r.data, r.gap, h.ended && h.next >= h.final)
			}
		}
	}
	c.app.Finish(why)
}
