package bittorrent

import (
	"fmt"
	"strconv"

	"netscope/decoders"
)

// openEvent opens a message and returns its key.
func (p *parser) openEvent(c *decoders.Chunk, e decoders.Event, off uint64) uint64 {
	p.key++
	e.Op, e.Key, e.Dir, e.Off, e.Stream = decoders.Open, p.key, c.Dir, int64(off), -1
	if e.Proto == "" {
		e.Proto = Proto
	}
	p.ev = append(p.ev, e)
	return p.key
}

// emit opens and closes a message of n bytes that carries content bytes.
func (p *parser) emit(c *decoders.Chunk, e decoders.Event, off uint64, n, content int64, bad string) {
	key := p.openEvent(c, e, off)
	p.ev = append(p.ev, decoders.Event{Op: decoders.Close, Key: key, Dir: c.Dir, End: int64(off) + n, Len: content, Err: bad})
}

// shut closes the message that is open.
func (p *parser) shut(s *side, c *decoders.Chunk, end uint64) {
	m := &s.open
	if m.key == 0 {
		return
	}
	bad := m.err
	if m.missing > 0 && bad == "" {
		bad = fmt.Sprintf("the capture lacks %s of its bytes", thousands(m.missing))
	}
	if m.answers && bad == "" {
		p.ev = append(p.ev, decoders.Event{Op: decoders.Update, Key: m.key, Dir: c.Dir, Fields: []decoders.KV{
			decoders.S("bittorrent.time", strconv.FormatFloat(c.At.Sub(m.since).Seconds(), 'f', 6, 64))}})
	}
	body := int64(0)
	if m.end > 0 {
		body = m.body
	}
	p.ev = append(p.ev, decoders.Event{Op: decoders.Close, Key: m.key, Dir: c.Dir, End: int64(end),
		Len: max(int64(end)-int64(m.off)-body, 0), Err: bad})
	*m = message{}
}

// handshake is the first message of each side.
func (p *parser) handshake(c *decoders.Chunk, b []byte, off uint64) {
	client := Client(string(b[48:68]))
	p.emit(c, decoders.Event{Name: nameHandshake, Summary: "handshake, " + client, HeadLen: handshakeLen, Fields: []decoders.KV{
		decoders.S("bittorrent.protocol.name", string(b[1:20])), decoders.S("bittorrent.reserved", hexOf(b[20:28])),
		decoders.S("bittorrent.info_hash", hexOf(b[28:48])), decoders.S("bittorrent.peer_id", hexOf(b[48:68])),
		decoders.S("bittorrent.version", client)}}, off, handshakeLen, 0, "")
}

// read makes a message of its first bytes: all of them, unless it is to be
// passed over.
func (p *parser) read(s *side, c *decoders.Chunk, k *kind, b []byte, off uint64, length uint32) {
	bad := sizeProblem(k, int64(length)-1)
	e := decoders.Event{HeadLen: 5, Fields: []decoders.KV{
		decoders.I("bittorrent.msg.length", int64(length)), decoders.I("bittorrent.msg.type", int64(b[4]))}}
	if k == nil {
		e.Name = "unknown"
		e.Summary = fmt.Sprintf("unknown message, type %d, %s bytes", b[4], thousands(int64(length)))
		bad = fmt.Sprintf("no message of type %d is known", b[4])
	} else {
		e.Name, e.Summary = k.name, k.name
	}
	answered := asked{}
	if k != nil && bad == "" {
		answered = p.payload(s, c, k, b, &e, length, &bad)
	}
	content := max(int64(length)+4-e.HeadLen, 0)
	if len(b) == 4+int(length) {
		key := p.key + 1
		p.emit(c, e, off, int64(len(b)), content, bad)
		p.remember(s, c, k, b, key, bad)
		return
	}
	s.open = message{key: p.openEvent(c, e, off), off: off, body: e.HeadLen, err: bad, since: answered.at, answers: answered.key != 0}
}

// remember keeps a request so that its answer is known.
func (p *parser) remember(s *side, c *decoders.Chunk, k *kind, b []byte, key uint64, bad string) {
	if k == nil || k.id != idRequest || bad != "" {
		return
	}
	if len(s.asked) >= maxAsked {
		clear(s.asked)
	}
	s.asked[block{at(b, 5), at(b, 9), at(b, 13)}] = asked{key, c.At}
}

// answer finds and forgets the request that a message of side s answers.
func (p *parser) answer(c *decoders.Chunk, bl block) asked {
	o := &p.side[c.Dir.Other()]
	a := o.asked[bl]
	delete(o.asked, bl)
	return a
}

// payload adds what the payload of a message says.
func (p *parser) payload(s *side, c *decoders.Chunk, k *kind, b []byte, e *decoders.Event, length uint32, bad *string) (a asked) {
	add := func(name string, v uint32) { e.Fields = append(e.Fields, decoders.I(name, int64(v))) }
	switch {
	case k.id == idPiece:
		bl := block{at(b, 5), at(b, 9), length - 9}
		add("bittorrent.piece.index", bl.index)
		add("bittorrent.piece.begin", bl.begin)
		add("bittorrent.piece.length", bl.length)
		e.HeadLen, e.Kind = 13, decoders.Response
		e.Summary = fmt.Sprintf("piece %d, %s bytes from %s", bl.index, thousands(int64(bl.length)), thousands(int64(bl.begin)))
		a = p.answer(c, bl)
		e.ReplyTo = a.key
	case k.size == 12:
		bl := block{at(b, 5), at(b, 9), at(b, 13)}
		add("bittorrent.piece.index", bl.index)
		add("bittorrent.piece.begin", bl.begin)
		add("bittorrent.piece.length", bl.length)
		e.HeadLen = 17
		e.Summary = fmt.Sprintf("%s: piece %d, %s bytes from %s", k.name, bl.index, thousands(int64(bl.length)), thousands(int64(bl.begin)))
		switch k.id {
		case idRequest:
			e.Kind = decoders.Request
			if bl.length > maxBlock {
				*bad = "no peer answers a request for so much (BEP 3: 16 KiB)"
			}
		case idReject:
			e.Kind = decoders.Response
			e.ReplyTo = p.answer(c, bl).key
		}
	case k.size == 4:
		add("bittorrent.piece.index", at(b, 5))
		e.HeadLen = 9
		e.Summary = fmt.Sprintf("%s %d", k.name, at(b, 5))
	case k.id == idPort:
		v := uint32(b[5])<<8 | uint32(b[6])
		add("bittorrent.port", v)
		e.HeadLen = 7
		e.Summary = fmt.Sprintf("port %d", v)
	case k.id == idBitfield && len(b) == 4+int(length):
		bits := b[5:]
		e.Fields = append(e.Fields, decoders.S("bittorrent.msg.bitfield", hexOf(bits)))
		e.Summary = fmt.Sprintf("bitfield, %s pieces", thousands(int64(ones(bits))))
	case k.id == idExtended && len(b) == 4+int(length):
		p.extended(s, c, b, e, bad)
	}
	return a
}
