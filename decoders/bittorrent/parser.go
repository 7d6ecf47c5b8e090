package bittorrent

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"netscope/decoders"
)

// parser reads both directions of a connection between peers.
type parser struct {
	midway bool
	key    uint64
	side   [2]side
	ev     []decoders.Event
}

// phase is where a direction stands.
type phase uint8

const (
	atStart   phase = iota // nothing has come
	inStream               // the next byte begins a message
	searching              // the next message's beginning is looked for
	encrypted              // the bytes mean nothing to us
)

// side is one direction.
type side struct {
	phase phase
	open  message         // the message that is being passed over; key 0: none
	why   string          // why the beginning is looked for
	asked map[block]asked // requests that this side has sent
	ext   map[int]string  // extensions by the number that this side has given them
}

// message is one whose payload is not read.
type message struct {
	key, end uint64 // key 0: none; stream offset of its end, 0: unknown
	off      uint64
	missing  int64 // bytes that the capture lacks
	err      string
	since    time.Time // when it was asked for
	answers  bool
	body     int64 // bytes before its content
}

// block names what a request asks for.
type block struct{ index, begin, length uint32 }

type asked struct {
	key uint64
	at  time.Time
}

// maxAsked is how many requests of one direction are remembered.
const maxAsked = 4096

// Next implements [decoders.Parser].
func (p *parser) Next(c decoders.Chunk) (decoders.Step, error) {
	c.Dir &= 1
	s := &p.side[c.Dir]
	p.ev = nil
	if c.Gap > 0 {
		p.gap(s, &c)
	}
	n := 0
	for {
		k, more := p.one(s, &c, n)
		n += k
		if !more {
			break
		}
	}
	if c.End {
		p.end(s, &c, n)
		n = len(c.Buf)
	}
	return decoders.Step{Advance: n, Events: p.ev}, nil
}

// one takes one message, or a part of one, from c.Buf[n:]. more says that it
// may be called again.
func (p *parser) one(s *side, c *decoders.Chunk, n int) (used int, more bool) {
	b, off := c.Buf[n:], uint64(c.Off)+uint64(n)
	if len(b) == 0 {
		return 0, false
	}
	if s.open.key != 0 && s.open.end > 0 {
		k := min(uint64(len(b)), s.open.end-off)
		if off+k == s.open.end {
			p.shut(s, c, s.open.end)
		}
		return int(k), true
	}
	switch s.phase {
	case atStart:
		return p.start(s, c, b, off)
	case searching:
		return p.search(s, c, b, off)
	case encrypted:
		return p.opaque(s, c, b, off)
	}
	return p.message(s, c, b, off)
}

// start takes a handshake, or decides what else begins here.
func (p *parser) start(s *side, c *decoders.Chunk, b []byte, off uint64) (int, bool) {
	n := min(len(b), len(header))
	if string(b[:n]) == header[:n] {
		if len(b) >= handshakeLen {
			s.phase = inStream
			p.handshake(c, b[:handshakeLen], off)
			return handshakeLen, true
		}
		return 0, false
	}
	switch {
	case p.midway:
		s.phase, s.why = searching, "the capture starts in the middle of the connection"
	case len(b) < mseKey && !c.End:
		return 0, false
	case len(b) >= mseKey && random(b[:mseKey]):
		s.phase = encrypted
	default:
		s.phase, s.why = searching, "the connection does not begin with a handshake (BEP 3)"
	}
	return 0, true
}

// message takes a message of which the length prefix begins b.
func (p *parser) message(s *side, c *decoders.Chunk, b []byte, off uint64) (int, bool) {
	if b[0] == header[0] && len(b) >= 4 && string(b[:4]) == header[:4] { // a second handshake
		if len(b) < handshakeLen {
			return 0, false
		}
		p.handshake(c, b[:handshakeLen], off)
		return handshakeLen, true
	}
	if len(b) < 4 {
		return 0, false
	}
	length := binary.BigEndian.Uint32(b)
	if length == 0 {
		p.emit(c, decoders.Event{Name: nameKeepAlive, Summary: "keep-alive", HeadLen: 4,
			Fields: []decoders.KV{decoders.I("bittorrent.msg.length", 0)}}, off, 4, 0, "")
		return 4, true
	}
	if len(b) < 5 {
		return 0, false
	}
	if !believable(length, b[4]) {
		s.phase, s.why = searching, fmt.Sprintf("a message of %s bytes is not believed; no peer sends that", thousands(int64(length)))
		return 0, true
	}
	k := kindOf(b[4])
	want := 4 + int(length)
	switch {
	case k != nil && k.id == idPiece && length >= 9:
		want = 13
	case k == nil || want > maxWhole:
		want = 5
	}
	if len(b) < want {
		return 0, false
	}
	p.read(s, c, k, b[:want], off, length)
	if want == 4+int(length) {
		return want, true
	}
	if s.open.end = off + 4 + uint64(length); s.open.end == off+uint64(want) {
		p.shut(s, c, s.open.end)
	}
	return want, true
}

// search passes over bytes until a message seems to begin.
func (p *parser) search(s *side, c *decoders.Chunk, b []byte, off uint64) (int, bool) {
	i := 0
	for i+syncLen <= len(b) && !plausible(b[i:]) {
		i++
	}
	found := i+syncLen <= len(b)
	if c.End && !found {
		for found = chain(b[i:]); !found && i < len(b); found = chain(b[i:]) {
			i++
		}
	}
	if i > 0 {
		p.stray(s, c, off)
	}
	if found {
		p.shut(s, c, off+uint64(i))
		s.phase, s.why = inStream, ""
	}
	return i, found
}

// stray opens a message for bytes that belong to none, unless one is open.
func (p *parser) stray(s *side, c *decoders.Chunk, off uint64) {
	if s.open.key != 0 {
		return
	}
	why := s.why
	if why == "" {
		why = "the beginning of a message is not known"
	}
	s.open = message{key: p.openEvent(c, decoders.Event{Name: nameContinuation,
		Summary: nameContinuation}, off), off: off, err: why}
}

// opaque takes encrypted bytes: a run until the other side speaks.
func (p *parser) opaque(s *side, c *decoders.Chunk, b []byte, off uint64) (int, bool) {
	if o := &p.side[c.Dir.Other()]; o.phase == encrypted && o.open.key != 0 {
		back := *c
		back.Dir = c.Dir.Other()
		p.shut(o, &back, o.open.off+uint64(o.open.body))
	}
	const longest = 64 << 10
	n, plain := min(len(b), longest-int(s.open.body)), false
	if off < mseLongest {
		// The two may agree on encryption of the negotiation only.
		if n, plain = untilHeader(b[:n]); n == 0 && !plain && !c.End {
			return 0, false
		}
	}
	if s.open.key == 0 && n > 0 {
		s.open = message{off: off, key: p.openEvent(c, decoders.Event{Name: nameEncrypted,
			Summary: "probably BitTorrent, encrypted (message stream encryption)"}, off)}
	}
	s.open.body += int64(n)
	if plain {
		p.shut(s, c, off+uint64(n))
		s.phase = inStream
		return n, true
	}
	if s.open.body == longest {
		p.shut(s, c, off+uint64(n))
	}
	return n, true
}

// mseLongest is how far the negotiation of encryption can reach, in bytes.
const mseLongest = 4 << 10

// untilHeader is how many bytes stand before a handshake in clear, or before
// what could become one; plain says that it is there.
func untilHeader(b []byte) (n int, plain bool) {
	if i := bytes.Index(b, []byte(header)); i >= 0 {
		return i, true
	}
	for i := max(0, len(b)-len(header)+1); i < len(b); i++ {
		if b[i] == header[0] && string(b[i:]) == header[:len(b)-i] {
			return i, false
		}
	}
	return len(b), false
}

// gap copes with bytes that the capture lacks.
func (p *parser) gap(s *side, c *decoders.Chunk) {
	switch {
	case s.phase == encrypted:
		if s.open.key != 0 {
			s.open.err = "the capture lacks some of its bytes"
			p.shut(s, c, uint64(c.Off-c.Gap))
		}
		return
	case s.open.key != 0 && s.open.end >= uint64(c.Off):
		s.open.missing += c.Gap
		if s.open.end == uint64(c.Off) {
			p.shut(s, c, s.open.end)
		}
		return
	case s.open.key != 0:
		if s.open.end > 0 {
			s.open.missing += int64(s.open.end) - (c.Off - c.Gap)
		}
		p.shut(s, c, max(uint64(c.Off-c.Gap), min(s.open.end, uint64(c.Off))))
	}
	s.phase, s.why = searching, fmt.Sprintf("the capture lacks the %s bytes before it", thousands(c.Gap))
}

// end closes what is open when a direction is over.
func (p *parser) end(s *side, c *decoders.Chunk, n int) {
	end := uint64(c.Off) + uint64(len(c.Buf))
	if n < len(c.Buf) && s.open.key == 0 {
		if s.phase != searching {
			s.why = "the connection ends in the middle of a message"
		}
		p.stray(s, c, uint64(c.Off)+uint64(n))
	}
	if s.open.key != 0 {
		if s.open.end > end {
			s.open.err = "the connection ends in the middle of it"
		}
		p.shut(s, c, end)
	}
}
