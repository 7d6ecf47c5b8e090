package http1

import (
	"bytes"

	"netscope/decoders"
)

// state is what a direction is in the middle of.
type state uint8

const (
	idle       state = iota // between messages
	inHead                  // a head whose end has not come
	inBody                  // left bytes of content are to come
	inRest                  // content until the connection closes
	inChunk                 // a chunk's header
	inData                  // left bytes of a chunk are to come
	inDataEnd               // the CR LF after a chunk
	inTrailers              // the trailer section
	skipping                // looking for the next start line
)

// maxHeld is how many bytes of the client may wait for the answer to CONNECT
// or Upgrade, which decides whose they are.
const maxHeld = 64 << 10

// parser parses both directions of one conversation.
type parser struct {
	key  uint64
	side [2]side
	mid  bool
	done bool // another decoder has taken over
}

// side is the state of one direction.
type side struct {
	dir   decoders.Dir
	state state
	off   int64         // stream offset of the next unused byte
	role  decoders.Kind // what has been seen in this direction, EventKind: nothing yet
	after bool          // after an HTTP/0.9 request, nothing is allowed
	hole  bool          // bytes have been missing in this direction
	early int           // responses that came before their requests

	head  []byte // used-up bytes of a head or trailer section that is not whole
	scan  headScan
	queue queue // requests of this direction that wait for a response

	msg   message
	chunk unit
}

// message is the message that is being read.
type message struct {
	key     uint64 // 0: none is open
	base    string // summary without the length
	said    string // summary as last told
	kind    decoders.Kind
	sized   bool  // the summary ends with the length of the content
	data    bool  // bytes that are no message
	off     int64 // where it starts
	left    int64 // bytes of content or of a chunk that are to come
	want    int64 // Content-Length, for errors
	n       int64 // bytes of content so far
	missing int64 // bytes that the capture lacks
	// uncounted: what is passed over does not count as content, because chunk
	// framing or the rest of a head is in it.
	uncounted bool
	bad       problems
}

// unit is the chunk that is being read.
type unit struct {
	key  uint64 // 0: none is open
	size int64
}

func newParser(h decoders.Hint, _ decoders.Env) *parser {
	p := &parser{mid: h.Midway}
	p.side[decoders.BtoA].dir = decoders.BtoA
	if h.Midway {
		p.side[0].state, p.side[1].state = skipping, skipping
	}
	return p
}

// Next implements [decoders.Parser]. It never fails.
func (p *parser) Next(c decoders.Chunk) (decoders.Step, error) {
	var st decoders.Step
	s := &p.side[c.Dir&1]
	if p.done {
		return st, nil
	}
	if c.Gap > 0 {
		p.gap(s, c.Off, c.Gap, &st)
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
		st.Advance += len(buf) // part of a chunk header: nothing will make it whole
		s.off += int64(len(buf))
		p.end(s, &st)
	}
	return st, nil
}

// step uses up what it can of buf in the present state and says how much. It
// waits for more by using nothing and keeping the state.
func (p *parser) step(s *side, buf []byte, end bool, st *decoders.Step) int {
	if len(buf) == 0 {
		return 0
	}
	switch s.state {
	case idle:
		return p.start(s, buf, end, st)
	case inHead:
		return p.moreHead(s, buf, st)
	case inBody:
		n := s.take(len(buf))
		if s.msg.left == 0 {
			p.finish(s, s.off+int64(n), st)
		}
		return n
	case inRest:
		s.msg.n += int64(len(buf))
		return len(buf)
	case inChunk:
		return p.chunkHead(s, buf, st)
	case inData:
		n := s.take(len(buf))
		if s.msg.left == 0 {
			s.state = inDataEnd
		}
		return n
	case inDataEnd:
		return p.chunkEnd(s, buf, st)
	case inTrailers:
		return p.trailers(s, buf, st)
	default:
		return p.skip(s, buf, end, st)
	}
}

// take counts content that has come.
func (s *side) take(n int) int {
	k := min(int64(n), s.msg.left)
	s.msg.left -= k
	s.msg.n += k
	return int(k)
}

// start looks at the first line of a message.
func (p *parser) start(s *side, buf []byte, end bool, st *decoders.Step) int {
	other := &p.side[s.dir.Other()]
	if a, ok := other.queue.front(); ok && a.old {
		const http = "HTTP/"
		n := min(len(buf), len(http))
		if string(buf[:n]) != http[:n] || end && n < len(http) {
			p.open09(s, a, st)
			return 0
		}
	}
	tunnel, upgrade := s.queue.waits()
	if tunnel && !end {
		if len(buf) > maxHeld {
			st.Handoff = "data"
		}
		return 0
	}
	if s.after {
		p.beginSkip(s, badAfter09)
		return 0
	}
	lead := emptyLines(buf[:min(len(buf), maxProbe)])
	if lead == len(buf) && end || lead >= maxProbe-1 && len(buf) >= maxProbe {
		p.openData(s, s.off, st)
		p.finish(s, s.off+int64(lead), st)
		return lead
	}
	line, ok := firstLine(buf[lead:], end)
	if !ok {
		return 0
	}
	class := classify(line)
	if class == requestLine && startIn(line) > 0 {
		class = notHTTP // the end of something else stands before it
	}
	switch class {
	case preface2:
		st.Handoff = "http2"
		return lead
	case notHTTP:
		if upgrade && !end && len(buf) <= maxHeld {
			return 0
		}
		p.beginSkip(s, badStartLine)
		return 0
	case request09:
		n := lead + bytes.IndexByte(buf[lead:], '\n') + 1
		if n == lead {
			n = len(buf)
		}
		p.open(s, s.off, string(buf[:n]), "", st)
		return n
	}
	s.scan = headScan{}
	whole := buf[:min(len(buf), maxHead)]
	if n := s.scan.end(whole); n > 0 {
		p.open(s, s.off, string(whole[:n]), "", st)
		return n
	}
	s.head = append(s.head[:0], whole...)
	s.state = inHead
	p.limitHead(s, s.off+int64(len(whole)), st)
	return len(whole)
}

// firstLine is the first line of b, without its terminator. ok is false if it
// has not come. Of an endless line the beginning decides.
func firstLine(b []byte, end bool) (line string, ok bool) {
	const most = 2 * maxStartLine
	if j := bytes.IndexByte(b[:min(len(b), most)], '\n'); j >= 0 {
		return string(cutEOL(b[:j+1])), true
	}
	if len(b) < most {
		return string(cutEOL(b)), end
	}
	return string(b[:most]), true
}

// moreHead adds to a head that is not whole.
func (p *parser) moreHead(s *side, buf []byte, st *decoders.Step) int {
	had := len(s.head)
	s.head = append(s.head, buf[:min(len(buf), maxHead-had)]...)
	if n := s.scan.end(s.head); n > 0 {
		p.open(s, s.off-int64(had), string(s.head[:n]), "", st)
		return n - had
	}
	n := len(s.head) - had
	p.limitHead(s, s.off+int64(n), st)
	return n
}

// limitHead gives up on a head that is too long. end is the offset after it.
func (p *parser) limitHead(s *side, end int64, st *decoders.Step) {
	if len(s.head) < maxHead {
		return
	}
	p.openCut(s, end, badHeadLong, st)
}

// openCut opens the message of a head whose end is not known, and looks for
// the next start line. end is the offset after what is there of the head.
func (p *parser) openCut(s *side, end int64, why string, st *decoders.Step) {
	p.open(s, end-int64(len(s.head)), string(s.head), why, st)
}

// end closes what is open when a direction ends and everything is used up.
func (p *parser) end(s *side, st *decoders.Step) {
	switch s.state {
	case inHead:
		p.openCut(s, s.off, endInHead, st)
	case inBody:
		s.msg.bad.add(shortBody(s.msg.n, s.msg.want))
	case inChunk, inData, inDataEnd:
		s.msg.bad.add(endInChunks)
	case inTrailers:
		s.msg.bad.add(endInTrailers)
	}
	if s.chunk.key != 0 {
		p.closeChunk(s, s.off, endInChunks, st)
	}
	if s.msg.key != 0 {
		p.finish(s, s.off, st)
	}
	s.head = nil
	s.state = idle
}
