package http2

import (
	"netscope/decoders"
)

// goLost begins to look for the next frame.
func (p *parser) goLost(s *side, st *decoders.Step) {
	p.flushHeld(s, "the header block is not finished (RFC 9113 §4.3)", st)
	p.conn.Lost(s.dir)
	s.state, s.next = lost, 0
}

// search passes over bytes up to the next frame. They are a message of their
// own.
func (p *parser) search(s *side, buf []byte, end bool, st *decoders.Step) int {
	n, found := findFrame(buf, end)
	if n > 0 && s.stray.key == 0 {
		p.openStray(s, s.off, s.notes.String(), st)
	}
	if found {
		p.closeStray(s, s.off+int64(n), st)
		s.state = atFrame
	}
	return n
}

// openStray opens a message of bytes that are no frame; why says what is wrong
// with them.
func (p *parser) openStray(s *side, off int64, why string, st *decoders.Step) {
	s.stray = stray{key: p.nextKey(), off: off}
	s.notes = problems{}
	s.notes.add(why)
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Open, Key: s.stray.key, Dir: s.dir, Proto: proto, Name: nameData,
		Summary: "bytes that are no frame", Stream: -1, Off: off,
	})
}

func (p *parser) closeStray(s *side, end int64, st *decoders.Step) {
	if s.stray.key != 0 {
		n := end - s.stray.off
		st.Events = append(st.Events, decoders.Event{Op: decoders.Update, Key: s.stray.key,
			Summary: "bytes that are no frame  " + thousands(n) + " B", Fields: []decoders.KV{decoders.I("data.len", n)}})
		p.closeKey(s, s.stray.key, end, n, s.notes.String(), st)
		s.stray = stray{}
	}
	s.notes = problems{}
}

// end closes what is open when a direction ends; buf could not be used.
func (p *parser) end(s *side, buf []byte, st *decoders.Step) {
	s.ended = true
	end := s.off + int64(len(buf))
	switch s.state {
	case inData:
		u := s.frame
		s.frame = unit{}
		n := max(u.content-max(s.left-int64(u.after), 0)-u.missing, 0)
		if u.key != 0 {
			p.closeKey(s, u.key, s.off, n, badCut, st)
		}
		if u.part != nil {
			u.part.n += n
			u.part.end = s.off
		}
	case inRest:
		if u := s.frame; u.key != 0 {
			s.frame = unit{}
			p.closeKey(s, u.key, s.off, int64(u.h.Length)-s.left, badCut, st)
		}
	}
	p.flushHeld(s, "the stream ends within the header block (RFC 9113 §4.3)", st)
	p.endOpen(s, st)
	if len(buf) > 0 {
		why := badCut
		if s.state == atStart {
			why = "the stream ends within the connection preface (RFC 9113 §3.4)"
		}
		if s.stray.key == 0 {
			p.openStray(s, s.off, why, st)
		}
	}
	p.closeStray(s, end, st)
}

const badCut = "the stream ends within the frame (RFC 9113 §4.1)"

// abandon closes everything: another protocol goes on.
func (p *parser) abandon(st *decoders.Step) {
	for d := range p.side {
		s := &p.side[d]
		if s.ended {
			continue
		}
		if u := s.frame; u.key != 0 {
			p.closeKey(s, u.key, s.off, 0, badNoH2, st)
			s.frame = unit{}
		}
		p.flushHeld(s, badNoH2, st)
		p.closeStray(s, s.off, st)
	}
	for d := range p.side {
		p.endOpen(&p.side[d], st)
	}
}

const badNoH2 = "the server does not speak HTTP/2 (RFC 9113 §3.4)"
