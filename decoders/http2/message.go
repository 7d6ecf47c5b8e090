package http2

import (
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"

	"netscope/decoders"
)

// message is a request or response that is open.
type message struct {
	key     uint64
	stream  uint32
	dir     decoders.Dir
	kind    decoders.Kind
	off     int64
	end     int64 // offset after its last frame so far
	base    string
	said    string // summary as last told
	want    int64  // Content-Length, 0 if unknown
	n       int64  // bytes of content so far
	missing int64
	bad     problems
	grpc    *grpc // of a gRPC message
}

// pair is what the parser keeps of a stream.
type pair struct {
	msg     [2]*message // open message of each direction
	request uint64      // key of the request, 0 if unknown
	grpc    bool
}

// openMessage is the message of a stream in one direction, nil if none is open.
func (p *parser) openMessage(d decoders.Dir, stream uint32) *message {
	if pr := p.msgs[stream]; pr != nil {
		return pr.msg[d]
	}
	return nil
}

func (p *parser) pair(stream uint32) *pair {
	pr := p.msgs[stream]
	if pr == nil {
		pr = &pair{}
		p.msgs[stream] = pr
	}
	return pr
}

// head opens the message of a header block. It begins at off and its head is n
// bytes long.
func (p *parser) head(s *side, b *Block, off, n int64, bad problems, st *decoders.Step) *message {
	id := b.Stream
	kind := decoders.Request
	switch b.Role {
	case ResponseHead, InterimHead:
		kind = decoders.Response
	case Promise:
		id = b.Promised
	}
	pr := p.pair(id)
	m := &message{key: p.nextKey(), stream: id, dir: s.dir, kind: kind, off: off, end: off + n, bad: bad}
	ct, _ := b.Get("content-type")
	if strings.HasPrefix(ct, "application/grpc") && (len(ct) == 16 || ct[16] == '+' || ct[16] == ';') {
		pr.grpc, m.grpc = true, &grpc{}
	}
	name := b.name(kind)
	m.base = b.summary(kind, name)
	if b.Unknown {
		m.bad.add(badUnknown)
	}
	if cl, ok := b.Get("content-length"); ok && b.hasContent(kind, p.conn.Streams[id]) {
		m.want, _ = strconv.ParseInt(cl, 10, 62)
	}
	ev := decoders.Event{Op: decoders.Open, Key: m.key, Dir: s.dir, Kind: kind, Proto: proto, Name: name,
		Stream: int64(id), Off: off, HeadLen: n, Fields: b.fields(kind, id)}
	if pr.grpc {
		ev.Proto = protoGRPC
		if kind == decoders.Request {
			if v, ok := b.Get(":path"); ok {
				m.base = "gRPC " + clean(strings.TrimPrefix(v, "/"))
				ev.Name = clean(path.Base(v))
			}
		}
	}
	m.n = max(m.want, 0)
	ev.Summary = m.tell()
	m.n = 0
	if kind == decoders.Request {
		pr.request = m.key
	} else if ev.ReplyTo = pr.request; id == 1 && pr.request == 0 && p.conn.Upgraded {
		ev.ReplyTo = decoders.Handed // its request was sent in HTTP/1.1 (RFC 7540 §3.2)
	}
	st.Events = append(st.Events, ev)
	pr.msg[s.dir] = m
	return m
}

const badUnknown = "some fields cannot be decoded: the dynamic table is not known, because the capture lacks what came before (RFC 7541 §2.3.2)"

// headless opens a message whose header list the capture lacks, nil if there
// can be none.
func (p *parser) headless(s *side, id uint32, off int64, st *decoders.Step) *message {
	c := p.conn
	if !c.Midway {
		return nil
	}
	cs := c.Streams[id]
	if cs == nil {
		cs = c.adopt(id)
	}
	if cs == nil || cs.Half[s.dir] != Open {
		return nil
	}
	kind := decoders.Response
	if s.dir == c.Client {
		kind = decoders.Request
	}
	pr := p.pair(id)
	m := &message{key: p.nextKey(), stream: id, dir: s.dir, kind: kind, off: off, end: off}
	m.base = fmt.Sprintf("%s whose head the capture lacks", kind)
	m.bad.add("the capture lacks the head of this message")
	ev := decoders.Event{Op: decoders.Open, Key: m.key, Dir: s.dir, Kind: kind, Proto: proto, Name: nameHeadless,
		Summary: m.tell(), Stream: int64(id), Off: off, Fields: []decoders.KV{decoders.I("http2.streamid", int64(id))}}
	if kind == decoders.Request {
		pr.request = m.key
	} else {
		ev.ReplyTo = pr.request
	}
	st.Events = append(st.Events, ev)
	pr.msg[s.dir] = m
	return m
}

// finish closes a message.
func (p *parser) finish(m *message, st *decoders.Step) {
	s := &p.side[m.dir]
	if m.grpc != nil {
		p.closeGRPC(s, m, m.end, st)
	}
	if said := m.said; m.tell() != said {
		st.Events = append(st.Events, decoders.Event{Op: decoders.Update, Key: m.key, Summary: m.said})
	}
	if m.missing > 0 {
		m.bad.addf("%s bytes missing in the capture", thousands(m.missing))
	}
	p.closeKey(s, m.key, m.end, m.n, m.bad.String(), st)
	pr := p.msgs[m.stream]
	if pr == nil {
		return
	}
	if pr.msg[m.dir] == m {
		pr.msg[m.dir] = nil
	}
	if cs := p.conn.Streams[m.stream]; pr.msg == [2]*message{} && (cs == nil || cs.closed()) {
		delete(p.msgs, m.stream)
	}
}

// reset closes what is open of a stream (RFC 9113 §5.4.2).
func (p *parser) reset(s *side, stream uint32, code ErrorCode, st *decoders.Step) {
	pr := p.msgs[stream]
	if pr == nil {
		return
	}
	who := "client"
	if s.dir != p.conn.Client {
		who = "server"
	}
	for d := range pr.msg {
		m := pr.msg[d]
		if m == nil {
			continue
		}
		if f := &p.side[d].frame; f.part == m {
			f.part = nil // the rest of this frame comes too late
			p.closeKey(&p.side[d], f.key, p.side[d].off, max(f.content-p.side[d].left, 0), "the stream was reset (RFC 9113 §5.4.2)", st)
			f.key = 0
			m.end = p.side[d].off
		}
		m.bad.addf("cut off: the %s resets the stream with %s (RFC 9113 §6.4)", who, code)
		p.finish(m, st)
	}
	delete(p.msgs, stream)
}

// endOpen closes the messages of a direction that has ended.
func (p *parser) endOpen(s *side, st *decoders.Step) {
	for _, id := range sorted(p.msgs) {
		if m := p.msgs[id].msg[s.dir]; m != nil {
			m.bad.add("the connection ends before END_STREAM (RFC 9113 §8.1)")
			p.finish(m, st)
		}
	}
}

// tell is the summary as of now; it is remembered in said.
func (m *message) tell() string {
	m.said = m.base
	if m.n > 0 {
		m.said += "  " + thousands(m.n) + " B"
	}
	return m.said
}

// name is the field's name for the kind of message: the method, or the code.
func (b *Block) name(kind decoders.Kind) string {
	key := ":method"
	if kind == decoders.Response {
		key = ":status"
	}
	if v, ok := b.Get(key); ok && v != "" {
		return clean(clip(v, 40))
	}
	return "?"
}

// summary is one line for people, without the length of the content.
func (b *Block) summary(kind decoders.Kind, name string) string {
	if kind == decoders.Request {
		path, ok := b.Get(":path")
		if !ok {
			path, _ = b.Get(":authority")
		}
		s := strings.TrimSpace(name + " " + path)
		if b.Role == Promise {
			s += "  (promised)"
		}
		return clean(s)
	}
	s := name
	if code, err := strconv.Atoi(name); err == nil {
		s = strings.TrimSpace(name + " " + http.StatusText(code))
	}
	if t, ok := b.Get("content-type"); ok {
		if t, _, _ = strings.Cut(t, ";"); strings.TrimSpace(t) != "" {
			s += "  " + strings.TrimSpace(t)
		}
	}
	return clean(s)
}

// hasContent says whether Content-Length tells the length of this message's own
// content (RFC 9110 §8.6).
func (b *Block) hasContent(kind decoders.Kind, s *Stream) bool {
	if kind == decoders.Request {
		return b.Role != Promise
	}
	code, _ := b.Get(":status")
	return !b.EndStream && code != "304" && (s == nil || s.Method != "HEAD")
}
