package http1

import (
	"bytes"

	"netscope/decoders"
)

// skipBlock is how much of an endless line is passed over at a time.
const skipBlock = maxStartLine

// beginSkip starts looking for a start line; why is what is wrong with the
// bytes up to there, "" if nothing.
func (p *parser) beginSkip(s *side, why string) {
	s.msg = message{}
	s.msg.bad.add(why)
	s.state = skipping
}

// skip passes over bytes up to the next well-formed start line. They belong to
// the open message, or to a message of their own.
func (p *parser) skip(s *side, buf []byte, end bool, st *decoders.Step) int {
	n, found := findStart(buf, end)
	if n > 0 && s.msg.key == 0 {
		p.openData(s, s.off, st)
		if s.guessAsked(&p.side[s.dir.Other()], p.mid) {
			p.push(s, asked{key: s.msg.key})
		}
	}
	if !s.msg.uncounted {
		s.msg.n += int64(n)
	}
	if found {
		if s.msg.key != 0 {
			p.finish(s, s.off+int64(n), st)
		}
		s.state, s.after = idle, false
	}
	return n
}

// guessAsked says whether bytes that are no message were probably meant as a
// request, so that the server's complaint is its answer.
func (s *side) guessAsked(other *side, mid bool) bool {
	if mid || s.hole || s.after {
		return false
	}
	return s.role == decoders.Request ||
		s.role == decoders.EventKind && other.role != decoders.Request && s.dir == decoders.AtoB
}

// findStart finds the next start line. n bytes before it are no start line;
// what follows them may still become one. The answer depends on the bytes
// only, not on how many of them have come.
func findStart(b []byte, end bool) (n int, found bool) {
	const most = 2 * skipBlock
	for {
		rest := b[n:]
		j := bytes.IndexByte(rest[:min(len(rest), most)], '\n')
		switch {
		case j >= 0:
			if i := startIn(string(cutEOL(rest[:j+1]))); i >= 0 {
				return n + i, true
			}
			n += j + 1
		case len(rest) >= most:
			n += skipBlock
		case end:
			return len(b), false
		default:
			return n, false
		}
	}
}

// gap copes with missing bytes: off is the stream offset after them.
func (p *parser) gap(s *side, off, missing int64, st *decoders.Step) {
	jump := max(off-s.off, missing) // what was not used before the hole is lost to us too
	at := off - jump
	s.off = off
	s.hole = true
	switch s.state {
	case inBody:
		if jump <= s.msg.left {
			s.msg.left -= jump
			s.msg.n += jump
			s.msg.missing += missing
			if s.msg.left == 0 {
				p.finish(s, off, st)
			}
			return
		}
		left := s.msg.left
		s.msg.n += left
		s.msg.missing += left
		p.finish(s, at+left, st)
		p.gapBetween(s, at+left, jump-left, st)
	case inRest:
		s.msg.n += jump
		s.msg.missing += missing
	case inData:
		s.msg.missing += missing
		if jump <= s.msg.left {
			s.msg.left -= jump
			s.msg.n += jump
			if s.msg.left == 0 {
				s.state = inDataEnd
			}
			return
		}
		p.broken(s, "", st)
	case inChunk, inDataEnd, inTrailers:
		s.msg.missing += missing
		p.broken(s, "", st)
	case inHead:
		s.openAfterGap(p, off-jump, missing, st)
	case skipping:
		if s.msg.key == 0 {
			p.openData(s, off-missing, st)
		}
		s.msg.missing += missing
	case idle:
		p.gapBetween(s, off-missing, missing, st)
	}
}

// openAfterGap opens the message whose head has a hole; end is where the hole
// begins.
func (s *side) openAfterGap(p *parser, end, missing int64, st *decoders.Step) {
	p.openCut(s, end, "bytes of the head are missing in the capture", st)
	s.msg.missing += missing
}

// gapBetween shows missing bytes that hid at least one head. One message is
// taken to be lost with them, so that responses still find their requests.
func (p *parser) gapBetween(s *side, at, missing int64, st *decoders.Step) {
	o := &p.side[s.dir.Other()]
	switch {
	case s.role == decoders.Response || s.role == decoders.EventKind && o.role == decoders.Request:
		o.queue.pop()
	case s.role == decoders.Request || o.role == decoders.Response:
		p.push(s, asked{})
	}
	p.beginSkip(s, "")
	p.openData(s, at, st)
	s.msg.missing = missing
}
