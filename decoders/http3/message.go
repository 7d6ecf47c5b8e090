package http3

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"netscope/decoders"
	"netscope/decoders/qpack"
)

// message is a request or response that is open.
type message struct {
	key      uint64
	kind     decoders.Kind
	base     string // summary without the length
	want     int64  // Content-Length, -1 if unknown
	n        int64  // bytes of content so far
	missing  int64
	trailers bool // have come
	bad      problems
}

// problems collects what is wrong with a message, each thing once.
type problems struct{ list []string }

func (p *problems) add(text string) {
	if text != "" && len(p.list) < 4 && !slices.Contains(p.list, text) {
		p.list = append(p.list, text)
	}
}

func (p *problems) String() string { return strings.Join(p.list, "; ") }

// decode decodes a field section. wait says that it must be tried again later.
func (c *Conn) decode(h *half, b []byte) (s qpack.Section, problem string, wait bool) {
	s, err := c.Tables[h.d].Decode(b, qpack.Limits{})
	switch {
	case errors.Is(err, qpack.ErrBlocked) && !h.forced && len(h.buf) <= 2*maxFrame:
		h.blocked, h.waited = true, true
		c.waits[h.d] = append(c.waits[h.d], h.id)
		return s, "", true
	case errors.Is(err, qpack.ErrBlocked):
		// The entries will not come in time; what is static can be read.
		t := c.Tables[h.d].Clone()
		t.Lose()
		s, _ = t.Decode(b, qpack.Limits{})
		return s, err.Error(), false
	case err != nil:
		problem = err.Error()
	}
	if waits := c.sections[h.d]; s.Dynamic && len(waits[h.id]) < maxWaits && (len(waits) < maxHalves || len(waits[h.id]) > 0) {
		waits[h.id] = append(waits[h.id], s.Required)
	}
	return s, problem, false
}

// headers handles HEADERS: a head or the trailers (RFC 9114 §4.1). It reports
// false if the frame has to wait.
func (c *Conn) headers(h *half, body []byte, kvs []decoders.KV) bool {
	s, problem, wait := c.decode(h, body)
	if wait {
		return false
	}
	if h.waited {
		kvs = append(kvs, decoders.B("http3.qpack.blocked", true))
		h.waited = false
	}
	kvs = append(kvs, sectionFields(s)...)
	list := section{s}
	if h.msg != nil {
		c.trailing(h, list, kvs, int64(len(body)), problem)
		return true
	}
	kind := decoders.Response
	if h.kind == requestStream && h.d == c.client {
		kind = decoders.Request
	}
	c.head(h, kind, list, problem)
	text := h.msg.base
	c.event(h, "HEADERS", fmt.Sprintf("HEADERS %d  %s", h.id, text), kvs, int64(len(body)), problem)
	if kind == decoders.Response && list.interim() {
		c.finish(h, "", h.unit.end)
	}
	return true
}

// head opens the message of a header section.
func (c *Conn) head(h *half, kind decoders.Kind, s section, problem string) {
	name := s.name(kind)
	m := &message{kind: kind, base: s.summary(kind, name), want: -1}
	m.bad.add(problem)
	if problem == "" {
		s.check(kind, &m.bad)
	}
	ev := decoders.Event{Dir: h.d, Kind: kind, Proto: proto, Name: name, Stream: h.id, Fields: s.fields(kind, h.id),
		InnerOff: h.unit.off, HeadLen: h.unit.end - h.unit.off}
	p := c.pairs[h.id]
	switch {
	case kind == decoders.Request:
		if p == nil {
			p = &pair{}
			c.pairs[h.id] = p
		}
		p.method = s.get(":method")
	case h.kind == pushStream:
		ev.ReplyTo = c.pushes[h.push]
	case p != nil:
		ev.ReplyTo = p.request
	}
	if n, err := strconv.ParseInt(s.get("content-length"), 10, 62); err == nil && n >= 0 {
		code := s.get(":status")
		if kind == decoders.Request || (p == nil || p.method != "HEAD") && code != "304" {
			m.want = n
		}
	}
	ev.Summary = m.base
	if m.want > 0 {
		ev.Summary += "  " + thousands(m.want) + " B"
	}
	m.key = c.sink.Open(ev)
	if kind == decoders.Request {
		p.request = m.key
	}
	h.msg = m
}

// trailing handles the trailers of the open message.
func (c *Conn) trailing(h *half, s section, kvs []decoders.KV, n int64, problem string) {
	m := h.msg
	if m.trailers {
		m.bad.add("another header section after the trailers (RFC 9114 §4.1)")
	}
	m.trailers = true
	m.bad.add(problem)
	var out []decoders.KV
	for i := range s.Items {
		f := s.Items[i].Field
		if strings.HasPrefix(f.Name, ":") {
			m.bad.add("a pseudo-header field in trailers (RFC 9114 §4.3)")
		}
		out = append(out, decoders.KV{Name: "http3.trailer", Str: name(f) + ": " + value(f), Many: true})
	}
	c.event(h, "HEADERS", fmt.Sprintf("HEADERS %d  trailers", h.id), kvs, n, problem)
	c.sink.Update(m.key, "", out)
}

// promise handles PUSH_PROMISE: the request that a server answers before it is
// made (RFC 9114 §7.2.5).
func (c *Conn) promise(h *half, body []byte, kvs []decoders.KV) bool {
	r := &reader{b: body}
	id := r.varint()
	if r.short {
		c.event(h, "PUSH_PROMISE", "PUSH_PROMISE", kvs, int64(len(body)), "the length of the frame does not fit its content (RFC 9114 §7.1)")
		return true
	}
	s, problem, wait := c.decode(h, body[r.off:])
	if wait {
		return false
	}
	h.waited = false
	if h.d == c.client {
		problem = "a client cannot push (RFC 9114 §7.2.5)"
	}
	list := section{s}
	kvs = append(append(kvs, decoders.I("http3.push_id", int64(id))), sectionFields(s)...)
	sum := list.summary(decoders.Request, list.name(decoders.Request))
	c.event(h, "PUSH_PROMISE", fmt.Sprintf("PUSH_PROMISE %d  promises push %d  %s", h.id, id, sum), kvs, int64(len(body)), problem)
	msg, old := h.msg, c.pairs[h.id]
	delete(c.pairs, h.id)
	h.msg = nil
	c.head(h, decoders.Request, list, problem)
	if len(c.pushes) < maxHalves {
		c.pushes[id] = h.msg.key
	}
	c.finish(h, "", h.unit.end)
	if delete(c.pairs, h.id); old != nil {
		c.pairs[h.id] = old
	}
	h.msg = msg
	return true
}

// finish closes the open message, which ends at a place of the stream.
func (c *Conn) finish(h *half, why string, end int64) {
	m := h.msg
	h.msg = nil
	m.bad.add(why)
	if m.missing > 0 {
		m.bad.add(thousands(m.missing) + " bytes are missing in the capture")
	}
	if m.want >= 0 && why == "" && m.n != m.want {
		m.bad.add(fmt.Sprintf("the content has %s bytes, but Content-Length says %s (RFC 9114 §4.1.2)", thousands(m.n), thousands(m.want)))
	}
	if m.n > 0 && m.n != m.want {
		c.sink.Update(m.key, m.base+"  "+thousands(m.n)+" B", nil)
	}
	c.sink.Close(h.d, m.key, m.n, end, m.bad.String())
}

// section is a header section with what HTTP makes of it.
type section struct{ qpack.Section }

// get is the first value of a field, "" if there is none.
func (s section) get(name string) string {
	for i := range s.Items {
		if s.Items[i].Field.Name == name {
			return s.Items[i].Field.Value
		}
	}
	return ""
}

// interim reports a response with a status of 1xx, which another follows.
func (s section) interim() bool {
	code := s.get(":status")
	return len(code) == 3 && code[0] == '1' && code != "101"
}

// name is the field's name for the kind of message: the method, or the code.
func (s section) name(kind decoders.Kind) string {
	key := ":method"
	if kind == decoders.Response {
		key = ":status"
	}
	if v := s.get(key); v != "" {
		return clean(clip(v, 40))
	}
	return "?"
}

// summary is one line for people, without the length of the content.
func (s section) summary(kind decoders.Kind, name string) string {
	if kind == decoders.Request {
		path := s.get(":path")
		if path == "" {
			path = s.get(":authority")
		}
		return clean(strings.TrimSpace(name + " " + path))
	}
	out := name
	if code, err := strconv.Atoi(name); err == nil {
		out = strings.TrimSpace(name + " " + http.StatusText(code))
	}
	t, _, _ := strings.Cut(s.get("content-type"), ";")
	if t = strings.TrimSpace(t); t != "" {
		out += "  " + t
	}
	return clean(out)
}
