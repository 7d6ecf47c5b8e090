package dns

import (
	"bytes"
	"encoding/base64"
	"io"
	"strings"

	"netscope/decoders"
)

// OverHTTP is an HTTP decoder, of any version over TCP, that finds DNS messages
// in what it decodes (RFC 8484): the content of requests and responses, and the
// query of a GET. They become an inner stream of their own, one for each
// exchange, which [Content] decodes. Everything else is HTTP's own business.
type OverHTTP struct{ HTTP decoders.Decoder }

var (
	_ decoders.Decoder = OverHTTP{}
	_ decoders.Bodier  = OverHTTP{}
)

// Name is that of the HTTP decoder.
func (d OverHTTP) Name() string { return d.HTTP.Name() }

// Probe is that of the HTTP decoder.
func (d OverHTTP) Probe(h decoders.Hint, dir decoders.Dir, prefix []byte, end bool) decoders.Verdict {
	return d.HTTP.Probe(h, dir, prefix, end)
}

// Explain is that of the HTTP decoder.
func (d OverHTTP) Explain(m decoders.Exposed) decoders.Field { return d.HTTP.Explain(m) }

// Body is that of the HTTP decoder.
func (d OverHTTP) Body(m decoders.Exposed, raw io.Reader) (io.Reader, error) {
	if b, ok := d.HTTP.(decoders.Bodier); ok {
		return b.Body(m, raw)
	}
	return raw, nil
}

// NewParser starts parsing one conversation.
func (d OverHTTP) NewParser(h decoders.Hint, e decoders.Env) decoders.Parser {
	return &overHTTP{d: d, hint: h, in: d.HTTP.NewParser(h, e), streams: map[uint64]int64{}, open: map[uint64]*content{}}
}

// Content decodes DNS messages that are the content of other messages: each
// direction of an inner stream is one of them, whole, with no length before it.
type Content struct{ Decoder }

// Name is "dns-message", as the media type is.
func (Content) Name() string { return contentName }

const contentName = "dns-message"

// Probe rejects: it is asked for by name only.
func (Content) Probe(decoders.Hint, decoders.Dir, []byte, bool) decoders.Verdict {
	return decoders.Reject
}

// NewParser starts parsing one exchange.
func (Content) NewParser(h decoders.Hint, _ decoders.Env) decoders.Parser {
	h.Transport = decoders.NoTransport
	return &parser{hint: h, proto: "DNS"}
}

const (
	mediaType = "application/dns-message"

	// firstStream keeps the numbers apart from those of other inner streams.
	firstStream = 1 << 40
	maxContent  = 128 << 10 // bytes of an HTTP message that are looked at
	maxOpen     = 16        // such messages at a time
)

// overHTTP passes an HTTP parser's steps on and adds inner streams.
type overHTTP struct {
	d       OverHTTP
	hint    decoders.Hint
	in      decoders.Parser
	last    int64
	streams map[uint64]int64    // requests with a DNS query → inner stream
	open    map[uint64]*content // messages whose content is DNS
	before  [2]earlier
	within  [2]uint64 // what was opened last in a direction, if it is not closed: its bytes need not be remembered
}

// earlier are bytes that the HTTP parser has used without an event: it may have
// begun to read a head in pieces.
type earlier struct {
	off int64
	b   []byte
}

// maxHead is how much of a head that comes in pieces is remembered, in bytes.
const maxHead = 32 << 10

// follow notes what an event opens and closes.
func (p *overHTTP) follow(e *decoders.Event) {
	switch w := &p.within[e.Dir&1]; {
	case e.Op == decoders.Open:
		*w = e.Key
	case e.Op == decoders.Close && e.Key == *w:
		*w = 0
	}
}

// remember notes what a step has used, from the end of the last message that it
// has closed, unless it is the content of one that is open: that may be long.
func (p *overHTTP) remember(c *decoders.Chunk, st *decoders.Step) {
	x, from := &p.before[c.Dir&1], c.Off
	if p.within[c.Dir&1] != 0 {
		x.b = nil
		return
	}
	for i := range st.Events {
		if e := &st.Events[i]; e.Op == decoders.Close && e.Dir == c.Dir && e.End > from {
			from = e.End
		}
	}
	used := c.Buf[:min(st.Advance, len(c.Buf))]
	used = used[min(int(from-c.Off), len(used)):]
	switch {
	case len(st.Events) > 0 || x.off+int64(len(x.b)) != from:
		x.off, x.b = from, append(x.b[:0], used[:min(len(used), maxHead)]...)
	case len(x.b)+len(used) <= maxHead:
		x.b = append(x.b, used...)
	}
}

// content is an HTTP message whose bytes are kept until it is whole.
type content struct {
	ev     decoders.Event
	stream int64
	raw    []byte
}

// Next implements decoders.Parser.
func (p *overHTTP) Next(c decoders.Chunk) (decoders.Step, error) {
	if c.Gap > 0 {
		for k, m := range p.open {
			if m.ev.Dir == c.Dir {
				delete(p.open, k)
			}
		}
	}
	st, err := p.in.Next(c)
	for i := range st.Events {
		e := &st.Events[i]
		p.follow(e)
		switch e.Op {
		case decoders.Open:
			p.opened(e, &st)
			if m := p.open[e.Key]; m != nil && m.ev.Dir == c.Dir {
				if x := &p.before[c.Dir&1]; e.Off < c.Off && e.Off >= x.off && x.off+int64(len(x.b)) == c.Off {
					m.raw = append(m.raw, x.b[e.Off-x.off:]...)
				}
			}
		case decoders.Update:
			if m := p.open[e.Key]; m != nil {
				m.ev.Fields = append(m.ev.Fields[:len(m.ev.Fields):len(m.ev.Fields)], e.Fields...)
			}
		case decoders.Close:
			if m := p.open[e.Key]; m != nil {
				m.take(&c, e.End)
				delete(p.open, e.Key)
				p.closed(m, &st)
			}
		}
	}
	p.remember(&c, &st)
	for k, m := range p.open {
		m.take(&c, c.Off+int64(st.Advance))
		if len(m.raw) > maxContent {
			delete(p.open, k)
		}
	}
	return st, err
}

// take keeps the bytes of a chunk that belong to the message, up to an offset.
func (m *content) take(c *decoders.Chunk, end int64) {
	from := m.ev.Off + int64(len(m.raw))
	if lo, hi := from-c.Off, min(end-c.Off, int64(len(c.Buf))); m.ev.Dir == c.Dir && lo >= 0 && lo < hi {
		m.raw = append(m.raw, c.Buf[lo:hi]...)
	}
}

// opened looks at a message that begins.
func (p *overHTTP) opened(e *decoders.Event, st *decoders.Step) {
	if e.Level != decoders.MessageLevel || e.Kind == decoders.EventKind {
		return
	}
	if e.Kind == decoders.Request {
		if q := queryParam(e); q != nil {
			st.Inner = append(st.Inner, decoders.Inner{Stream: p.stream(e.Key), Dir: e.Dir, Data: q, End: true, Proto: contentName})
			return
		}
	}
	if kv, _ := decoders.Lookup(e.Fields, "http.content_type"); len(p.open) >= maxOpen || !isMessage(kv.Str) {
		return
	}
	id := p.streams[e.ReplyTo]
	if e.Kind == decoders.Request || id == 0 {
		id = p.stream(e.Key)
	}
	m := &content{ev: *e, stream: id}
	m.ev.Fields = append([]decoders.KV(nil), e.Fields...)
	p.open[e.Key] = m
}

// stream is a new inner stream for the exchange that a request begins.
func (p *overHTTP) stream(request uint64) int64 {
	if len(p.streams) >= maxPending {
		clear(p.streams)
	}
	p.last++
	p.streams[request] = firstStream + p.last
	return firstStream + p.last
}

// closed decodes the content of a message that is whole.
func (p *overHTTP) closed(m *content, st *decoders.Step) {
	x := decoders.Exposed{Hint: p.hint, Dir: m.ev.Dir, Kind: m.ev.Kind, Proto: m.ev.Proto, Name: m.ev.Name, Fields: m.ev.Fields,
		Off: m.ev.Off, HeadLen: m.ev.HeadLen, Raw: m.raw, Total: int64(len(m.raw))}
	r, err := p.d.Body(x, bytes.NewReader(m.raw))
	if err != nil {
		return
	}
	b, _ := io.ReadAll(io.LimitReader(r, maxContent))
	if len(b) > 0 {
		st.Inner = append(st.Inner, decoders.Inner{Stream: m.stream, Dir: m.ev.Dir, Data: b, End: true, Proto: contentName})
	}
}

// isMessage reports whether a media type is that of a DNS message.
func isMessage(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(t), mediaType)
}

// queryParam is the DNS message in the URI of a GET (RFC 8484 §4.1), nil if
// there is none.
func queryParam(e *decoders.Event) []byte {
	uri, _ := decoders.Lookup(e.Fields, "http.request.uri")
	_, query, ok := strings.Cut(uri.Str, "?")
	if !ok || len(query) > maxContent {
		return nil
	}
	for part := range strings.SplitSeq(query, "&") {
		if v, ok := strings.CutPrefix(part, "dns="); ok {
			b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(v, "="))
			if err != nil || len(b) < headerLen || !plain(b) {
				return nil
			}
			if m := Parse(b); wellFormed(&m, len(b)) {
				return b
			}
		}
	}
	return nil
}
