// Package data is the decoder of last resort: payloads that no protocol
// claims, shown as runs of bytes.
//
// Over TCP a message is what one side sends until the other side speaks, but
// at most 64 KiB; over UDP it is a datagram. The package must not guess what
// the bytes mean.
package data

import (
	"fmt"

	"netscope/decoders"
)

// Decoder accepts everything. Its zero value is ready for use.
type Decoder struct{}

var _ decoders.Decoder = Decoder{}

// Name is "data".
func (Decoder) Name() string { return "data" }

// Probe accepts any bytes.
func (Decoder) Probe(decoders.Hint, decoders.Dir, []byte, bool) decoders.Verdict {
	return decoders.Accept
}

// NewParser starts parsing one conversation.
func (Decoder) NewParser(h decoders.Hint, _ decoders.Env) decoders.Parser {
	return &parser{udp: h.Transport == decoders.UDP, proto: protoName(h.Transport)}
}

func protoName(t decoders.Transport) string {
	if t == decoders.NoTransport {
		return "data"
	}
	return t.String() + " data"
}

// maxMessage is where a run of bytes is split, so that every message is
// bounded.
const maxMessage = 64 << 10

type parser struct {
	udp   bool
	proto string
	key   uint64
	run   [2]run
}

// run is the message that is open in one direction.
type run struct {
	key     uint64 // 0: none
	off     int64
	n       int64
	gap     int64 // bytes missing before it
	preview []byte
}

// Next implements [decoders.Parser]. It uses up everything and never fails.
func (p *parser) Next(c decoders.Chunk) (decoders.Step, error) {
	dir := c.Dir & 1
	st := decoders.Step{Advance: len(c.Buf)}
	if p.udp && c.Gap == 0 && len(c.Buf) > 0 {
		p.datagram(dir, c.Off, c.Buf, &st)
		return st, nil
	}
	r := &p.run[dir]
	if c.Gap > 0 {
		p.close(dir, &st)
		r.gap += c.Gap
	}
	if len(c.Buf) > 0 {
		p.close(dir.Other(), &st)
	}
	off, buf := c.Off, c.Buf
	for len(buf) > 0 {
		n := min(len(buf), maxMessage-int(r.n))
		p.add(dir, off, buf[:n], &st)
		off, buf = off+int64(n), buf[n:]
		if r.n == maxMessage {
			p.close(dir, &st)
		}
	}
	if c.End {
		p.close(dir, &st)
	}
	return st, nil
}

// datagram is a message that is whole at once.
func (p *parser) datagram(dir decoders.Dir, off int64, b []byte, st *decoders.Step) {
	p.key++
	n := int64(len(b))
	r := run{n: n, preview: b[:min(len(b), maxPreview)]}
	st.Events = []decoders.Event{
		{Op: decoders.Open, Key: p.key, Dir: dir, Proto: p.proto, Name: "data", Summary: r.summary(), Stream: -1, Off: off,
			Fields: []decoders.KV{decoders.I("data.len", n)}},
		{Op: decoders.Close, Key: p.key, Dir: dir, End: off + n, Len: n}}
}

// add appends bytes to the message of a direction, opening one if need be.
func (p *parser) add(dir decoders.Dir, off int64, b []byte, st *decoders.Step) {
	r := &p.run[dir]
	room := maxPreview - len(r.preview)
	r.preview = append(r.preview, b[:min(len(b), max(room, 0))]...)
	r.n += int64(len(b))
	if r.key == 0 {
		p.key++
		r.key, r.off = p.key, off
		st.Events = append(st.Events, decoders.Event{
			Op: decoders.Open, Key: r.key, Dir: dir, Proto: p.proto, Name: "data", Summary: r.summary(), Stream: -1, Off: off,
		})
	} else if room > 0 {
		st.Events = append(st.Events, decoders.Event{Op: decoders.Update, Key: r.key, Summary: r.summary()})
	}
}

// close ends the message of a direction, if one is open.
func (p *parser) close(dir decoders.Dir, st *decoders.Step) {
	r := &p.run[dir]
	if r.key == 0 {
		return
	}
	bad := ""
	if r.gap > 0 {
		bad = fmt.Sprintf("the %d bytes before it are missing in the capture", r.gap)
	}
	st.Events = append(st.Events,
		decoders.Event{Op: decoders.Update, Key: r.key, Summary: r.summary(), Fields: []decoders.KV{decoders.I("data.len", r.n)}},
		decoders.Event{Op: decoders.Close, Key: r.key, Dir: dir, End: r.off + r.n, Len: r.n, Err: bad})
	*r = run{preview: r.preview[:0]}
}
