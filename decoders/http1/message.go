package http1

import (
	"fmt"
	"strings"

	"netscope/decoders"
)

// nextKey numbers messages and units in order of opening.
func (p *parser) nextKey() uint64 {
	p.key++
	return p.key
}

// open opens the message whose head is raw and decides how it goes on. cut
// says why the head is not whole, "" if it is.
func (p *parser) open(s *side, off int64, raw, cut string, st *decoders.Step) {
	if st.Events == nil {
		st.Events = make([]decoders.Event, 0, 2) // most messages are opened and closed at once
	}
	h := parseHead(raw)
	s.head, s.scan = nil, headScan{}
	kind := h.kind()
	answer := h.start.class == statusLine
	ev := decoders.Event{
		Op: decoders.Open, Key: p.nextKey(), Dir: s.dir, Kind: kind, Proto: h.proto(), Name: h.name(),
		Stream: -1, Off: off, HeadLen: int64(len(raw)), Fields: h.kvs(),
	}
	method := ""
	if answer {
		s.role = decoders.Response
		var a asked
		a, ev.ReplyTo = p.answered(s, &h)
		method = a.method
	} else {
		s.role = decoders.Request
		p.asks(s, &h, ev.Key)
	}
	s.msg = message{key: ev.Key, kind: kind, off: off, base: h.summary()}
	m := &s.msg
	if cut != "" {
		h.bad.add(cut)
		m.bad, m.uncounted = h.bad, true
		s.state = skipping
		ev.Summary = m.tell()
		st.Events = append(st.Events, ev)
		return
	}
	f, length := h.frame(method)
	h.checkHost()
	m.bad = h.bad
	m.want = length
	m.sized = f == byLength && length > 0 || f == chunked || f == untilClose || f == unknownEnd
	if f == byLength {
		m.n = length // told already, counted below
	}
	ev.Summary = m.tell()
	m.n = 0
	st.Events = append(st.Events, ev)
	switch f {
	case byLength:
		m.left, s.state = length, inBody
	case chunked:
		m.uncounted, s.state = true, inChunk
	case untilClose:
		s.state = inRest
	case unknownEnd:
		s.state = skipping
	case noBody, tunnel:
		m.left, s.state = 0, inBody
	}
	if s.state == inBody && m.left == 0 {
		p.finish(s, off+int64(len(raw)), st)
	}
	s.after = h.start.class == request09
	if f == tunnel {
		st.Handoff = "data"
		if h.start.status == 101 {
			up, _ := h.get("upgrade")
			st.Handoff = successor(up)
		}
	}
}

// successor is the decoder for a protocol named in an Upgrade field
// (RFC 9110 §7.8).
func successor(upgrade string) string {
	token, _, _ := strings.Cut(upgrade, ",")
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(token)), "/")
	switch name {
	case "websocket", "tls":
		return name
	case "h2c":
		return "http2"
	}
	return "data"
}

// asks remembers a request until its response comes.
func (p *parser) asks(s *side, h *head, key uint64) {
	a := asked{key: key, old: h.start.class == request09}
	switch m := h.method(); m {
	case "HEAD", "CONNECT":
		a.method = strings.Clone(m)
	}
	_, n := h.get("upgrade")
	a.upgrade = n > 0 && h.has("connection", "upgrade")
	p.push(s, a)
}

// push queues a request, unless its response has come before it, as happens in
// captures of several interfaces.
func (p *parser) push(s *side, a asked) {
	if o := &p.side[s.dir.Other()]; o.early > 0 {
		o.early--
		return
	}
	s.queue.push(a)
}

// answered finds the request that a response answers. Interim responses leave
// it waiting (RFC 9110 §15.2).
func (p *parser) answered(s *side, h *head) (a asked, key uint64) {
	o := &p.side[s.dir.Other()]
	a, ok := o.queue.front()
	st := h.start.status
	if st/100 == 1 && st != 101 {
		return a, a.key
	}
	switch {
	case ok:
		o.queue.pop()
	case st == 408: // a server may give up on a request that never comes (RFC 9110 §15.5.9)
	case s.hole || o.role == decoders.EventKind && p.mid:
	default:
		s.early++
	}
	return a, a.key
}

// open09 opens a response that is nothing but content (RFC 1945 §4.1).
func (p *parser) open09(s *side, a asked, st *decoders.Step) {
	p.side[s.dir.Other()].queue.pop()
	s.role = decoders.Response
	s.msg = message{key: p.nextKey(), kind: decoders.Response, off: s.off, base: "HTTP/0.9 response", sized: true}
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Open, Key: s.msg.key, Dir: s.dir, Kind: decoders.Response, Proto: "HTTP/0.9", Name: nameBody09,
		Summary: s.msg.tell(), Stream: -1, Off: s.off, ReplyTo: a.key,
	})
	s.state = inRest
}

// openData opens a message of bytes that belong to no HTTP message.
func (p *parser) openData(s *side, off int64, st *decoders.Step) {
	bad := s.msg.bad
	s.msg = message{key: p.nextKey(), off: off, data: true, sized: true, base: "data", bad: bad}
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Open, Key: s.msg.key, Dir: s.dir, Proto: protoUnknown, Name: nameData,
		Summary: s.msg.tell(), Stream: -1, Off: off,
	})
}

// finish closes the open message; end is the stream offset after it.
func (p *parser) finish(s *side, end int64, st *decoders.Step) {
	m := &s.msg
	if m.data {
		m.n = end - m.off - m.missing
		st.Events = append(st.Events, decoders.Event{
			Op: decoders.Update, Key: m.key, Summary: m.tell(), Fields: []decoders.KV{decoders.I("data.len", m.n)},
		})
	} else if said := m.said; m.tell() != said {
		st.Events = append(st.Events, decoders.Event{Op: decoders.Update, Key: m.key, Summary: m.said})
	}
	if m.missing > 0 {
		m.bad.add(fmt.Sprintf("%s bytes missing in the capture", thousands(m.missing)))
	}
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Close, Key: m.key, Dir: s.dir, End: end, Len: m.n, Err: m.bad.String(),
	})
	s.msg = message{}
	s.state = idle
}

// tell is the summary as of now; it is remembered in said.
func (m *message) tell() string {
	m.said = m.base
	if m.sized && m.n > 0 {
		m.said += "  " + thousands(m.n) + " B"
	}
	return m.said
}

func shortBody(n, want int64) string {
	return fmt.Sprintf("the stream ends after %s of %s bytes of content (RFC 9112 §8)", thousands(n), thousands(want))
}

// thousands writes a number with commas: 15,961.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
