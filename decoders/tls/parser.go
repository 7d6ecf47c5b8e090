package tls

import (
	"fmt"

	"netscope/decoders"
)

// state is what a direction is in the middle of.
type state uint8

const (
	atRecord  state = iota // at the start of a record or within it
	searching              // looking for the next record
	inHole                 // the rest of a record of which bytes are missing
)

// parser parses both directions of one conversation.
type parser struct {
	key     uint64
	secrets decoders.SecretSource
	side    [2]side
	conn    connection
}

// connection is what the two sides have agreed on.
type connection struct {
	client    decoders.Dir // who sent the ClientHello, if haveHello
	haveHello bool
	hello     clientHello
	helloKey  uint64 // the last ClientHello, which a ServerHello answers
	answered  bool   // a ServerHello has come
	server    serverHello
	version   uint16 // agreed version, 0 if unknown
	suite     *suite // nil if unknown
	alpn      string // agreed protocol, "" if unknown or none
	inner     bool   // plaintext has been handed on
}

// side is the state of one direction.
type side struct {
	dir   decoders.Dir
	state state
	first bool   // nothing has come yet
	buf   []byte // bytes that are not used yet: part of a record, or what is searched
	off   int64  // stream offset of the next byte that is not used
	junk  junk   // the message of bytes that are no record
	hole  hole   // the record with missing bytes, in state inHole

	hs   handshakes
	run  run
	prot protection
	over bool // the end of the plaintext has been handed on
}

// junk is the open message of bytes that are no record; its key is 0 if there
// is none.
type junk struct {
	key uint64
	off int64
	why string // what is wrong with them, unless the capture is to blame
}

// hole is a record of which bytes are missing in the capture.
type hole struct {
	key     uint64
	end     int64 // where the record ends
	missing int64
}

func newParser(h decoders.Hint, e decoders.Env) *parser {
	p := &parser{secrets: e.Secrets}
	for d := range p.side {
		s := &p.side[d]
		s.dir, s.first = decoders.Dir(d), true
		if h.Midway {
			s.state = searching
		}
	}
	return p
}

// Next implements [decoders.Parser]. It never fails, and uses up everything.
func (p *parser) Next(c decoders.Chunk) (decoders.Step, error) {
	st := decoders.Step{Advance: len(c.Buf)}
	s := &p.side[c.Dir&1]
	if c.Gap > 0 {
		p.gap(s, c.Off, c.Gap, &st)
	}
	data := c.Buf
	if len(s.buf) > 0 {
		s.buf = append(s.buf, c.Buf...)
		data = s.buf
	} else {
		s.off = c.Off
	}
	used := 0
	for used < len(data) {
		n := p.step(s, data[used:], c.End, &st)
		if n == 0 {
			break
		}
		used += n
		s.off += int64(n)
	}
	switch rest := data[used:]; {
	case len(rest) == 0:
		s.buf = nil
	case used > 0 || len(s.buf) == 0:
		s.buf = append([]byte(nil), rest...)
	}
	if c.End {
		p.end(s, &st)
	}
	return st, nil
}

// step uses up what it can of b and says how much; 0 waits for more.
func (p *parser) step(s *side, b []byte, end bool, st *decoders.Step) int {
	switch s.state {
	case inHole:
		n := int(min(int64(len(b)), s.hole.end-s.off))
		if s.off+int64(n) == s.hole.end {
			p.closeHole(s, s.hole.end, st)
			s.state = atRecord
		}
		return n
	case searching:
		return p.search(s, b, end, st)
	}
	if len(b) < headerLen {
		return 0
	}
	if s.first {
		if n := v2HelloLen(b); n > 0 {
			if len(b) < n {
				return 0
			}
			s.first = false
			p.v2Hello(s, b[:n:n], st)
			return n
		}
	}
	n := recordLen(b)
	switch {
	case n == 0:
		p.openJunk(s, s.off, st)
		s.junk.why = badRecord
		s.state = searching
		return p.search(s, b, end, st)
	case len(b) < n:
		return 0
	}
	s.first = false
	p.record(s, record{off: s.off, raw: b[:n:n]}, st)
	return n
}

// gap copes with missing bytes; off is where the stream goes on.
func (p *parser) gap(s *side, off, n int64, st *decoders.Step) {
	s.first = false
	p.cutHandshake(s, "bytes of it are missing in the capture", st)
	have := s.off + int64(len(s.buf))
	switch s.state {
	case atRecord:
		if len(s.buf) >= headerLen {
			if l := recordLen(s.buf); l > 0 {
				p.openHole(s, record{s.off, s.buf}, s.off+int64(l), st)
			}
		}
		if s.hole.key == 0 && len(s.buf) > 0 {
			p.openJunk(s, s.off, st)
		}
	case searching:
		if len(s.buf) > 0 {
			p.openJunk(s, s.off, st)
		}
	}
	s.buf = nil
	p.closeJunk(s, have, st)
	if s.hole.key != 0 {
		end := s.hole.end
		s.hole.missing += min(off, end) - max(have, off-n)
		if off < end {
			s.state = inHole
			s.off = off
			return
		}
		p.closeHole(s, end, st)
		if off == end {
			s.state, s.off = atRecord, off
			return
		}
		n = off - end
	}
	s.prot.lose(n)
	p.endRun(s, st)
	s.state, s.off = searching, off
}

// openHole opens the unit of a record whose bytes are not all there.
func (p *parser) openHole(s *side, r record, end int64, st *decoders.Step) {
	if r.typ() == typeData || s.prot.on {
		s.prot.miss(int(end - r.off))
	}
	s.hole = hole{key: p.nextKey(), end: end}
	payload := int64(be16(r.raw[3:]))
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Open, Key: s.hole.key, Level: decoders.UnitLevel, Dir: s.dir, Proto: p.proto(r), Name: contentName(r.typ()),
		Summary: fmt.Sprintf("%s  %s", contentName(r.typ()), size(payload)), Stream: -1, Off: r.off, HeadLen: headerLen,
		Fields: recordFields(r, r.typ(), payload),
	})
}

func (p *parser) closeHole(s *side, end int64, st *decoders.Step) {
	st.Events = append(st.Events, decoders.Event{Op: decoders.Close, Key: s.hole.key, Dir: s.dir, End: end,
		Err: fmt.Sprintf("%s of the record are missing in the capture", size(s.hole.missing))})
	s.hole = hole{}
}

// end closes what is open when a direction ends.
func (p *parser) end(s *side, st *decoders.Step) {
	at := s.off + int64(len(s.buf))
	switch {
	case s.hole.key != 0:
		s.hole.missing += s.hole.end - at
		p.closeHole(s, at, st)
	case len(s.buf) >= headerLen && s.state == atRecord && recordLen(s.buf) > 0:
		l := recordLen(s.buf)
		p.openHole(s, record{s.off, s.buf}, s.off+int64(l), st)
		st.Events = append(st.Events, decoders.Event{Op: decoders.Close, Key: s.hole.key, Dir: s.dir, End: at,
			Err: fmt.Sprintf("the stream ends within the record: %s are missing", size(int64(l-len(s.buf))))})
		s.hole = hole{}
	case len(s.buf) > 0:
		p.openJunk(s, s.off, st)
	}
	s.buf, s.off = nil, at
	p.closeJunk(s, at, st)
	p.cutHandshake(s, "the stream ends within the message", st)
	p.endRun(s, st)
	p.endInner(s, st)
	s.state = atRecord
}

// nextKey numbers messages and units in order of opening.
func (p *parser) nextKey() uint64 {
	p.key++
	return p.key
}

// proto names the protocol version as far as it is known. The version in a
// record's header says little: 1.3 writes 1.2 there, and a ClientHello mostly
// 1.0 (RFC 8446 §5.1).
func (p *parser) proto(r record) string {
	switch v := r.version(); {
	case p.conn.version != 0:
		return versionName(p.conn.version)
	case !p.conn.haveHello && r.typ() == typeData && v < tls12 && v >= ssl3:
		return versionName(v)
	}
	return protoName
}

// size is a number of bytes for people.
func size(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return thousands(n) + " bytes"
}

// thousands groups the digits of a number.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
