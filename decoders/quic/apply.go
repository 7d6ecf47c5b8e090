package quic

import (
	"bytes"
	"fmt"
	"strings"

	"netscope/decoders"
	"netscope/decoders/http3"
)

// frame shows a frame and does what it says. again: its packet has come before.
func (p *parser) frame(c *conn, h header, f *frame, again bool) {
	problem := f.allowed(h.kind)
	stream := f.stream
	var runs []run
	switch {
	case again || f.name == "":
	case f.typ == frameCrypto:
		level := h.kind.space()
		var old bool
		if runs, old = c.ends[p.dir].crypto[level].add(f.offset, f.data); old {
			f.repeated()
		}
	case f.typ == frameAck || f.typ == frameAckECN:
		f.delay(c.ends[p.dir].exp, h.kind)
	default:
		// A raised limit may stand in a packet that the capture lacks.
		if bad := c.state.Apply(p.dir, f.fields); problem == "" && c.ends[p.dir.Other()].whole() {
			problem = bad
		}
	}
	deliver := !again && f.typ&^7 == frameStream
	if deliver {
		if h := &c.stream(f.stream).half[p.dir]; h.seen(f) {
			f.repeated()
		} else if f.offset > h.next && len(f.data) > 0 && !h.done {
			f.waits(h)
		}
	}
	if _, h3 := c.app.(*http3.Conn); h3 {
		f.nameError()
	}
	ev := decoders.Event{Level: decoders.UnitLevel, Proto: proto, Name: f.name, Summary: printable(f.summary), Stream: stream, PartOf: p.packet, Fields: f.fields}
	key := p.open(ev)
	p.close(key, int64(len(f.data)), problem)
	switch {
	case again:
	case deliver:
		p.speak(c)
		if _, bad := c.deliver(p.dir, f); bad != "" && problem == "" {
			p.st.Events[p.lastClose(key)].Err = bad
		}
	case f.typ == frameResetStream, f.typ == frameResetStreamAt:
		p.speak(c)
		c.reset(p.dir, f)
	case f.typ == frameCrypto:
		for _, r := range runs {
			p.crypto(c, h.kind, r)
		}
	case f.typ == frameNewCID:
		c.ends[p.dir].addCID(f.cid)
		c.ends[p.dir].addToken(f.token)
	case f.typ == frameClose, f.typ == frameCloseApp:
		c.closing = f.summary
		c.finish("the connection was closed: " + f.summary)
	}
}

// lastClose is the index of the event that closes a message.
func (p *parser) lastClose(key uint64) int {
	for i := len(p.st.Events) - 1; i > 0; i-- {
		if e := &p.st.Events[i]; e.Op == decoders.Close && e.Key == key {
			return i
		}
	}
	return 0
}

// seen reports whether all bytes of a frame have come before.
func (h *half) seen(f *frame) bool {
	end := f.offset + uint64(len(f.data))
	if len(f.data) == 0 {
		return h.ended && f.fin
	}
	if end <= h.next {
		return true
	}
	for _, p := range h.pieces {
		if p.off <= f.offset && p.off+uint64(len(p.data)) >= end {
			return true
		}
	}
	return false
}

// repeated marks a frame whose bytes have come before.
func (f *frame) repeated() {
	f.fields = append(f.fields, decoders.B("quic.retransmission", true))
	f.summary += ", sent again"
}

// waits marks a frame whose bytes cannot be delivered yet, because bytes before
// them have not come: this stream stalls, the others do not.
func (f *frame) waits(h *half) {
	hole := span(h.next, f.offset-h.next)
	if len(h.pieces) > 0 && h.pieces[0].off < f.offset {
		hole = span(h.next, h.pieces[0].off-h.next)
	}
	hole = strings.TrimPrefix(hole, "bytes ")
	f.fields = append(f.fields, decoders.S("quic.stream.waits_for", hole))
	f.summary += ", waits for bytes " + hole
}

// nameError gives the error code of HTTP/3 its name.
func (f *frame) nameError() {
	code := fmt.Sprintf("error 0x%x", f.value)
	switch f.typ {
	case frameCloseApp, frameResetStream, frameResetStreamAt, frameStopSending:
		f.summary = strings.Replace(strings.Replace(f.summary, code+" of the application", code, 1), code, http3.ErrorName(f.value), 1)
	}
}

// delay adds the acknowledgement delay in microseconds to the summary: it is
// scaled by an exponent, except in the handshake (RFC 9000 §19.3).
func (f *frame) delay(exp uint, t packetType) {
	if t != oneRTT || exp > 20 || f.value > 1<<40 {
		return
	}
	us := f.value << exp
	f.fields = append(f.fields, decoders.I("quic.ack.ack_delay_us", int64(us)))
	f.summary += fmt.Sprintf(", delayed %d µs", us)
}

// allowed is what is wrong with a frame in a packet of this type (RFC 9000
// §12.4), "" if nothing.
func (f *frame) allowed(t packetType) string {
	info, ok := infoOf(f.typ)
	if !ok {
		return errFrameType.Error()
	}
	mark := [...]string{initial: "I", zeroRTT: "0", handshake: "H", oneRTT: "1"}[min(t, oneRTT)]
	if mark != "" && !strings.Contains(info.where, mark) {
		return fmt.Sprintf("%s is not allowed in %s packets (RFC 9000 §12.4)", f.name, t)
	}
	return ""
}

// maxHandshake is the longest handshake message that is put together.
const maxHandshake = 128 << 10

// crypto takes handshake bytes that are in order.
func (p *parser) crypto(c *conn, t packetType, r run) {
	level := t.space()
	s := &c.ends[p.dir].crypto[level]
	p.keep(p.dir, p.keptCrypto(c, level), r)
	if r.gap > 0 || s.holed {
		s.holed, s.buf = true, nil // where messages start is not known any more
		return
	}
	s.buf = append(s.buf, r.data...)
	if t == initial && p.dir == c.client && !c.hasRand && len(s.buf) >= 38 && s.buf[0] == clientHello {
		copy(c.random[:], s.buf[6:38])
		c.hasRand = true
	}
	for len(s.buf) >= 4 {
		n := 4 + int(s.buf[1])<<16 + int(s.buf[2])<<8 + int(s.buf[3])
		if n > maxHandshake {
			s.holed, s.buf = true, nil
			return
		}
		if len(s.buf) < n {
			return
		}
		p.message(c, level, s.off, s.buf[:n])
		s.buf, s.off = bytes.Clone(s.buf[n:]), s.off+int64(n)
	}
}

// message shows a handshake message and learns from it. off is where it stands
// in the CRYPTO stream of its level.
func (p *parser) message(c *conn, level int, off int64, raw []byte) {
	h := readHello(raw)
	kvs := append(h.Fields, h.params...)
	n := int64(len(raw))
	key := p.open(decoders.Event{Proto: proto, Name: h.Name, Summary: printable(h.Summary), Stream: -1, Fields: kvs,
		Inner: p.keptCrypto(c, level), InnerOff: off, HeadLen: 4})
	p.st.Events = append(p.st.Events, decoders.Event{Op: decoders.Close, Key: key, Dir: p.dir, End: p.until, Len: n, Err: h.Bad,
		Inner: p.keptCrypto(c, level), InnerOff: off + n})
	c.state.Apply(p.dir, kvs)
	c.learn(p.dir, raw[0], &h)
}
