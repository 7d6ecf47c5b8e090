package http2

import (
	"netscope/decoders"
)

// state is what a direction is in the middle of.
type state uint8

const (
	atStart state = iota // nothing has come: the preface or a frame
	atFrame              // between frames
	inData               // left bytes of a DATA frame are to come
	inRest               // left bytes of a frame that is not decoded
	lost                 // looking for the next frame
)

// parser parses both directions of one conversation.
type parser struct {
	key  uint64
	conn *Conn
	side [2]side
	msgs map[uint32]*pair
	most int // bytes of a frame that may be waited for
	done bool
}

// side is the state of one direction.
type side struct {
	dir   decoders.Dir
	state state
	begun bool
	off   int64  // stream offset of the next unused byte
	next  int64  // where the frame ends that is waited for, 0 if none
	frame unit   // the frame that is being read, if it is open
	left  int64  // bytes of it that are to come
	held  []held // frames of a header block whose end has not come
	stray stray  // bytes that are no frame
	ended bool
	notes problems // why what follows is no frame
	later bool     // bytes of another protocol came before
}

// unit is an open unit.
type unit struct {
	key     uint64 // 0: none
	h       Frame
	before  int // bytes of pad length
	content int64
	after   int
	missing int64
	part    *message
}

// stray is an open message of bytes that are no frame.
type stray struct {
	key uint64
	off int64
}

func newParser(h decoders.Hint, e decoders.Env) *parser {
	p := &parser{msgs: map[uint32]*pair{}, most: 1 << 20}
	if e.MaxUnit > 0 {
		p.most = e.MaxUnit
	}
	p.most -= headLen
	p.side[decoders.BtoA].dir = decoders.BtoA
	p.conn = NewConn(h.Midway, false)
	return p
}

// Next implements [decoders.Parser]. It never fails.
func (p *parser) Next(c decoders.Chunk) (decoders.Step, error) {
	var st decoders.Step
	s := &p.side[c.Dir&1]
	if p.done || s.ended {
		return st, nil
	}
	if !s.begun {
		s.begun = true
		s.later = c.Off > 0 && c.Gap == 0
		if s.later && !p.conn.Midway {
			p.conn.upgrade()
		}
		if c.Gap > 0 {
			s.state = lost
			p.conn.Lost(s.dir)
		}
		s.off = c.Off
	} else if c.Gap > 0 {
		p.gap(s, c.Off, &st)
	}
	s.off = c.Off
	buf := c.Buf
	for {
		before := s.state
		n := p.step(s, buf, c.End, &st)
		buf = buf[n:]
		s.off += int64(n)
		st.Advance += n
		if st.Handoff != "" {
			p.done = true
			return st, nil
		}
		if n == 0 && s.state == before {
			break
		}
	}
	if c.End {
		p.end(s, buf, &st)
		st.Advance += len(buf)
	}
	return st, nil
}

// step uses up what it can of buf in the present state and says how much.
func (p *parser) step(s *side, buf []byte, end bool, st *decoders.Step) int {
	switch s.state {
	case atStart:
		return p.start(s, buf, st)
	case atFrame:
		return p.next(s, buf, st)
	case inData:
		return p.data(s, buf, st)
	case inRest:
		n := min(int64(len(buf)), s.left)
		s.left -= n
		if s.left == 0 {
			p.closeUnit(s, s.off+n, st)
			s.state = atFrame
		}
		return int(n)
	}
	return p.search(s, buf, end, st)
}

// start reads the preface of a client, or goes on with frames
// (RFC 9113 §3.4).
func (p *parser) start(s *side, buf []byte, st *decoders.Step) int {
	n := min(len(buf), len(preface))
	if n == 0 {
		return 0
	}
	if string(buf[:n]) == preface[:n] {
		if n < len(preface) {
			return 0
		}
		p.conn.start(s.dir)
		if s.later {
			p.conn.upgrade()
		}
		p.magic(s, st)
		s.state = atFrame
		return n
	}
	const http1 = "HTTP/1."
	if k := min(n, len(http1)); string(buf[:k]) == http1[:k] {
		if k == len(http1) {
			p.abandon(st)
			st.Handoff = "http1"
		}
		return 0
	}
	s.state = atFrame
	if p.conn.Midway {
		s.state = lost
	}
	return 0
}

// next reads the header of a frame.
func (p *parser) next(s *side, buf []byte, st *decoders.Step) int {
	if len(buf) < headLen {
		return 0
	}
	h := parseHeader(buf)
	if bad := p.unbelievable(s, h); bad != "" {
		s.notes.add(bad)
		p.goLost(s, st)
		return 0
	}
	switch {
	case h.Type == Data:
		return p.openData(s, h, buf, st)
	case h.Length > p.most:
		s.frame = unit{h: Frame{Header: h}}
		p.tooLong(s, h, st)
		s.state, s.left = inRest, int64(h.Length)
		return headLen
	case len(buf) < headLen+h.Length:
		s.next = s.off + headLen + int64(h.Length)
		return 0
	}
	s.next = 0
	n := headLen + h.Length
	p.whole(s, Frame{Header: h, Payload: buf[headLen:n:n]}, st)
	return n
}

// unbelievable says why a header cannot be that of a frame, "" if it can. A
// frame that breaks a rule is still a frame if all else speaks for it.
func (p *parser) unbelievable(s *side, h Header) string {
	ok, _ := plausible(h)
	if h.Length <= p.conn.MaxFrame(s.dir) || ok {
		if _, known := h.Type.info(); known || !p.conn.Midway || h.Length <= 1<<14 {
			return ""
		}
	}
	return "what stands here is no frame: it would be longer than SETTINGS_MAX_FRAME_SIZE allows (RFC 9113 §4.2)"
}

// data passes over the payload of a DATA frame.
func (p *parser) data(s *side, buf []byte, st *decoders.Step) int {
	n := int(min(int64(len(buf)), s.left))
	if n == 0 && s.left > 0 {
		return 0
	}
	f := &s.frame
	done := int64(f.h.Length-f.before) - s.left // of content and padding
	if part := f.part; part != nil && part.grpc != nil && done < f.content {
		k := min(int64(n), f.content-done)
		p.grpc(s, part, buf[:k], st)
	}
	s.left -= int64(n)
	if s.left == 0 {
		p.closeData(s, s.off+int64(n), st)
		s.state = atFrame
	}
	return n
}

// gap goes on after a hole; off is where bytes come again.
func (p *parser) gap(s *side, off int64, st *decoders.Step) {
	missing := off - s.off
	switch {
	case (s.state == inData || s.state == inRest) && missing <= s.left:
		s.frame.missing += missing
		s.left -= missing
		if s.frame.part != nil {
			s.frame.part.missing += missing
			p.breakGRPC(s, s.frame.part, s.off, st)
		}
		if s.left == 0 {
			p.shut(s, off, st)
		}
		return
	case s.state == inData || s.state == inRest:
		s.frame.missing += s.left
		if s.frame.part != nil {
			s.frame.part.missing += s.left
			p.breakGRPC(s, s.frame.part, s.off, st)
		}
		p.shut(s, s.off, st)
	}
	p.flushHeld(s, "the capture lacks the rest of the header block", st)
	p.closeStray(s, s.off, st)
	rest := s.next - off
	s.next = 0
	p.conn.Lost(s.dir)
	p.conn.Ends[s.dir].First = true
	if s.state == atFrame && rest > 0 {
		// The frame's beginning is shown as bytes; its end is known.
		s.state, s.left, s.frame = inRest, rest, unit{}
		p.openStray(s, off, "the capture lacks the beginning of this frame", st)
		return
	}
	if s.state == atFrame && rest == 0 && missing > 0 {
		return
	}
	s.state = lost
}

// shut closes the frame that is being read.
func (p *parser) shut(s *side, end int64, st *decoders.Step) {
	if s.state == inData {
		p.closeData(s, end, st)
	} else {
		p.closeUnit(s, end, st)
	}
	s.state, s.left = atFrame, 0
}
