package dns

import (
	"fmt"

	"netscope/decoders"
)

// parser parses one conversation.
type parser struct {
	hint  decoders.Hint
	proto string
	mdns  bool
	keys  uint64
	book  book
	lost  [2]bool // after a hole: where the next message begins is not known
	seen  [2]int  // bytes that were looked at in vain since
}

// Next implements decoders.Parser.
func (p *parser) Next(c decoders.Chunk) (decoders.Step, error) {
	if !streamed(p.hint) {
		return p.datagram(c), nil
	}
	d := c.Dir & 1
	if c.Gap > 0 {
		p.lost[d], p.seen[d] = true, 0
	}
	if p.lost[d] {
		if st, done := p.resync(c); !done {
			return st, nil
		}
	}
	if len(c.Buf) == 0 {
		return decoders.Step{}, nil
	}
	n := len(c.Buf)
	if n >= prefixLen {
		if size := prefixLen + int(u16(c.Buf, 0)); n >= size {
			return p.message(c, prefixLen, size, ""), nil
		}
	}
	if !c.End {
		return decoders.Step{}, nil
	}
	return p.message(c, min(prefixLen, n), n, "the connection ends within the message"), nil
}

// datagram is a message without a length before it.
func (p *parser) datagram(c decoders.Chunk) decoders.Step {
	if len(c.Buf) == 0 || p.hint.Transport == decoders.NoTransport && !c.End {
		return decoders.Step{}
	}
	return p.message(c, 0, len(c.Buf), "")
}

// message makes a message of the first n bytes, of which head are a prefix.
func (p *parser) message(c decoders.Chunk, head, n int, bad string) decoders.Step {
	raw := c.Buf[head:n]
	r := read(raw, p.mdns, head > 0)
	r.llmnr = p.proto == "LLMNR"
	m := &r.m
	p.keys++
	kvs, wrong := r.fields()
	ev := decoders.Event{Op: decoders.Open, Key: p.keys, Dir: c.Dir, Proto: p.proto, Name: messageName(m), Kind: decoders.Request,
		Summary: r.summary(), Stream: -1, Off: c.Off, HeadLen: int64(min(head+headerLen, n)), Fields: kvs}
	var v verdict
	switch {
	case len(raw) < headerLen && !m.Response():
		ev.Kind = decoders.EventKind
	case m.Response():
		ev.Kind = decoders.Response
		if p.proto == "DNS" && bad == "" {
			v = p.book.response(c.Dir, c.At, m, raw)
		}
	case p.proto == "DNS":
		if old := p.book.query(c.Dir, p.keys, c.At, m); old != nil {
			v = verdict{fields: []decoders.KV{decoders.B("dns.retransmission", true)}, note: "again"}
		}
	}
	ev.ReplyTo = v.replyTo
	ev.Fields = append(ev.Fields, v.fields...)
	if v.note != "" {
		ev.Summary += " · " + v.note
	}
	for _, w := range [...]string{v.err, m.Bad, wrong} {
		if bad == "" {
			bad = w
		}
	}
	if extra := len(raw) - m.End; bad == "" && extra > 0 && !m.Partial {
		bad = fmt.Sprintf("%s after the last record", plural(extra, "byte"))
	}
	end := decoders.Event{Op: decoders.Close, Key: p.keys, Dir: c.Dir, End: c.Off + int64(n), Len: int64(len(raw)), Err: bad}
	return decoders.Step{Advance: n, Events: []decoders.Event{ev, end}}
}

// messageName is the kind of message.
func messageName(m *Message) string {
	switch {
	case m.Response():
		return "response"
	case m.Opcode() == opNotify:
		return "notify"
	case m.Opcode() == opUpdate:
		return "update"
	}
	return "query"
}

// resync looks for the next message after a hole: a length and a plain message
// of that length, whole if it is there. done says that the chunk begins with one.
func (p *parser) resync(c decoders.Chunk) (st decoders.Step, done bool) {
	d := c.Dir & 1
	for i := p.seen[d]; i < len(c.Buf); i++ {
		b := c.Buf[i:]
		if len(b) < prefixLen+headerLen && !c.End {
			p.seen[d] = i
			return decoders.Step{}, false
		}
		if len(b) < prefixLen+headerLen {
			break
		}
		n := int(u16(b, 0))
		if n < headerLen || !plain(b[prefixLen:]) {
			continue
		}
		if len(b) < prefixLen+n && !c.End {
			p.seen[d] = i
			return decoders.Step{}, false
		}
		if len(b) < prefixLen+n {
			continue
		}
		if m := Parse(b[prefixLen : prefixLen+n]); !wellFormed(&m, n) {
			continue
		}
		p.lost[d], p.seen[d] = false, 0
		if i == 0 {
			return decoders.Step{}, true
		}
		return p.junk(c, i), false
	}
	if len(c.Buf) == 0 {
		return decoders.Step{}, false
	}
	p.seen[d] = 0
	return p.junk(c, len(c.Buf)), false
}

// junk are bytes of a message whose beginning the capture lacks.
func (p *parser) junk(c decoders.Chunk, n int) decoders.Step {
	p.keys++
	return decoders.Step{Advance: n, Events: []decoders.Event{
		{Op: decoders.Open, Key: p.keys, Dir: c.Dir, Proto: p.proto, Name: "data", Summary: plural(n, "byte") + " of a message whose beginning is missing", Stream: -1, Off: c.Off},
		{Op: decoders.Close, Key: p.keys, Dir: c.Dir, End: c.Off + int64(n), Len: int64(n), Err: "the beginning of this message is missing in the capture"},
	}}
}
