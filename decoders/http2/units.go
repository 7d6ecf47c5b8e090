package http2

import (
	"encoding/binary"
	"fmt"
	"strings"

	"netscope/decoders"
	"netscope/decoders/hpack"
)

// nextKey numbers messages and units in order of opening.
func (p *parser) nextKey() uint64 {
	p.key++
	return p.key
}

// openUnit opens the unit of a frame.
func (p *parser) openUnit(s *side, f *Frame, off int64, head int, part *message, summary string, fields []decoders.KV, st *decoders.Step) uint64 {
	key := p.nextKey()
	ev := decoders.Event{
		Op: decoders.Open, Key: key, Level: decoders.UnitLevel, Dir: s.dir, Proto: proto, Name: f.Type.String(),
		Summary: clean(summary), Stream: int64(f.Stream), Off: off, HeadLen: int64(head),
		Fields: append(frameFields(f), fields...),
	}
	if part != nil {
		ev.PartOf, ev.Kind, ev.Proto = part.key, part.kind, proto
	}
	st.Events = append(st.Events, ev)
	return key
}

// frameFields are the fields that every frame has.
func frameFields(f *Frame) []decoders.KV {
	kvs := make([]decoders.KV, 0, 8)
	return append(kvs, decoders.I("http2.streamid", int64(f.Stream)), decoders.I("http2.type", int64(f.Type)),
		decoders.I("http2.length", int64(f.Length)), decoders.I("http2.flags", int64(f.Flags)))
}

func (p *parser) closeKey(s *side, key uint64, end, n int64, bad string, st *decoders.Step) {
	st.Events = append(st.Events, decoders.Event{Op: decoders.Close, Key: key, Dir: s.dir, End: end, Len: n, Err: bad})
}

// magic is the unit of the preface.
func (p *parser) magic(s *side, st *decoders.Step) {
	key := p.nextKey()
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Open, Key: key, Level: decoders.UnitLevel, Dir: s.dir, Proto: proto, Name: nameMagic,
		Summary: "connection preface", Stream: 0, Off: s.off, HeadLen: int64(len(preface)),
		Fields: []decoders.KV{decoders.S("http2.magic", preface)},
	})
	p.closeKey(s, key, s.off+int64(len(preface)), 0, "", st)
}

// whole handles a frame, other than DATA, that is all there. s.off is where it
// begins.
func (p *parser) whole(s *side, f Frame, st *decoders.Step) {
	end := s.off + headLen + int64(f.Length)
	if len(s.held) > 0 && (f.Type != Continuation || f.Stream != s.held[0].h.Stream) {
		p.flushHeld(s, "the header block is not finished (RFC 9113 §4.3)", st)
	}
	eff := p.conn.Apply(s.dir, f)
	switch f.Type {
	case Headers, PushPromise, Continuation:
		p.fragment(s, f, &eff, st)
		return
	}
	var part *message
	if f.Type == RSTStream {
		part = p.openMessage(s.dir, f.Stream)
	}
	summary, fields := describe(&f)
	key := p.openUnit(s, &f, s.off, headLen, part, summary, fields, st)
	p.closeKey(s, key, end, int64(f.Length), eff.Bad.String(), st)
	if f.Type == RSTStream && len(f.Payload) >= 4 {
		if part != nil {
			part.end = end
		}
		p.reset(s, f.Stream, ErrorCode(binary.BigEndian.Uint32(f.Payload)), st)
	}
}

// describe is the summary and the fields of a frame that has neither content
// nor a header block.
func describe(f *Frame) (string, []decoders.KV) {
	b := f.Payload
	sum := f.Type.String()
	if f.Stream != 0 || f.Type == WindowUpdate {
		sum += fmt.Sprintf(" %d", f.Stream)
	}
	switch {
	case f.Type == SettingsFrame:
		return describeSettings(f, sum)
	case f.Type == WindowUpdate && len(b) >= 4:
		n := int64(binary.BigEndian.Uint32(b) & maxWindow)
		return sum + "  +" + thousands(n), []decoders.KV{decoders.I("http2.window_update.window_size_increment", n)}
	case f.Type == RSTStream && len(b) >= 4:
		code := binary.BigEndian.Uint32(b)
		return sum + "  " + ErrorCode(code).String(), []decoders.KV{decoders.I("http2.rst_stream.error", int64(code))}
	case f.Type == GoAwayFrame && len(b) >= 8:
		last, code := binary.BigEndian.Uint32(b)&maxWindow, binary.BigEndian.Uint32(b[4:])
		kvs := []decoders.KV{decoders.I("http2.goaway.last_stream_id", int64(last)), decoders.I("http2.goaway.error", int64(code))}
		sum += fmt.Sprintf("  last stream %d  %s", last, ErrorCode(code))
		if text := clip(string(b[8:]), 200); text != "" {
			kvs = append(kvs, decoders.S("http2.goaway.addata", clean(text)))
			sum += "  " + text
		}
		return sum, kvs
	case f.Type == Ping && len(b) == 8:
		if f.Flags.Has(Ack) {
			return fmt.Sprintf("%s ACK  %x", sum, b), []decoders.KV{decoders.S("http2.pong", fmt.Sprintf("%x", b))}
		}
		return fmt.Sprintf("%s  %x", sum, b), []decoders.KV{decoders.S("http2.ping", fmt.Sprintf("%x", b))}
	case f.Type == Priority && len(b) == 5:
		d := parseDependency(b)
		return sum + "  " + d.String(), d.fields()
	case f.Type == PriorityUpdate && len(b) >= 4:
		id, v := binary.BigEndian.Uint32(b)&maxWindow, clip(string(b[4:]), 200)
		return fmt.Sprintf("%s  stream %d  %s", sum, id, v),
			[]decoders.KV{decoders.I("http2.priority_update_stream_id", int64(id)), decoders.S("http2.priority_update_field_value", v)}
	case f.Type == AltSvc && len(b) >= 2:
		n := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
		origin, v := clip(string(b[2:2+n]), 1000), clip(string(b[2+n:]), 1000)
		return sum + "  " + strings.TrimSpace(origin+" "+v), []decoders.KV{decoders.S("http2.altsvc.origin", origin), decoders.S("http2.altsvc.field_value", v)}
	case f.Type == Origin:
		var kvs []decoders.KV
		for _, o := range origins(b) {
			kvs = append(kvs, decoders.KV{Name: "http2.origin.origin", Str: clip(o, 1000), Many: true})
			sum += "  " + clip(o, 100)
		}
		return clip(sum, 300), kvs
	}
	return fmt.Sprintf("%s  %s bytes", sum, thousands(int64(f.Length))), nil
}

// origins are the entries of an ORIGIN frame (RFC 8336 §2.1), at most 100.
func origins(b []byte) []string {
	var out []string
	for len(b) >= 2 && len(out) < 100 {
		n := int(binary.BigEndian.Uint16(b))
		if n > len(b)-2 {
			break
		}
		out = append(out, string(b[2:2+n]))
		b = b[2+n:]
	}
	return out
}

func describeSettings(f *Frame, sum string) (string, []decoders.KV) {
	if f.Flags.Has(Ack) {
		return sum + " ACK", nil
	}
	var kvs []decoders.KV
	for i, p := range parseSettings(f.Payload) {
		info, _ := settingByID(p.id)
		if i == 100 {
			break
		}
		kvs = append(kvs, decoders.KV{Name: "http2.settings.id", Int: int64(p.id), Kind: decoders.IntValue, Many: true},
			decoders.KV{Name: info.field, Int: int64(p.value), Kind: decoders.IntValue, Many: info.field == "http2.settings.unknown"})
		sum += fmt.Sprintf("  %s %s", info.short, thousands(int64(p.value)))
	}
	return clip(sum, 300), kvs
}

// String is "exclusively on 0, weight 16".
func (d dependency) String() string {
	how := "depends"
	if d.exclusive {
		how = "depends exclusively"
	}
	return fmt.Sprintf("%s on %d, weight %d", how, d.parent, d.weight)
}

func (d dependency) fields() []decoders.KV {
	return []decoders.KV{decoders.B("http2.exclusive", d.exclusive), decoders.I("http2.stream_dependency", int64(d.parent)),
		decoders.I("http2.headers.weight", int64(d.weight-1))}
}

// openData opens the unit of a DATA frame; its payload follows.
func (p *parser) openData(s *side, h Header, buf []byte, st *decoders.Step) int {
	f := Frame{Header: h}
	n := headLen
	if h.Flags.Has(Padded) && h.Length > 0 {
		if len(buf) < headLen+1 {
			s.next = s.off + headLen + int64(h.Length)
			return 0
		}
		f.Payload = []byte{buf[headLen]}
		n++
	}
	s.next = 0
	if len(s.held) > 0 {
		p.flushHeld(s, "the header block is not finished (RFC 9113 §4.3)", st)
	}
	before, content, after, _ := f.content()
	part := p.openMessage(s.dir, h.Stream)
	if part == nil {
		part = p.headless(s, h.Stream, s.off, st)
	}
	sum := fmt.Sprintf("DATA %d  %s B", h.Stream, thousands(int64(content)))
	var kvs []decoders.KV
	if h.Flags.Has(Padded) {
		kvs = append(kvs, decoders.I("http2.pad_length", int64(after)))
		sum += fmt.Sprintf("  padding %d", before+after)
	}
	if h.Flags.Has(EndStream) {
		sum += "  END_STREAM"
	}
	key := p.openUnit(s, &f, s.off, n, part, sum, kvs, st)
	s.frame = unit{key: key, h: f, before: n - headLen, content: int64(content), after: after, part: part}
	s.left = int64(headLen + h.Length - n)
	s.state = inData
	return n
}

// closeData ends a DATA frame.
func (p *parser) closeData(s *side, end int64, st *decoders.Step) {
	u := s.frame
	s.frame = unit{}
	eff := p.conn.Apply(s.dir, u.h)
	if u.missing > 0 {
		eff.Bad.addf("%s bytes missing in the capture", thousands(u.missing))
	}
	n := max(u.content-u.missing, 0)
	if u.key != 0 { // else the stream was reset meanwhile
		p.closeKey(s, u.key, end, n, eff.Bad.String(), st)
	}
	if m := u.part; m != nil {
		m.n += n
		m.end = end
		for _, b := range eff.Bad.list {
			if u.missing == 0 {
				m.bad.add(b)
			}
		}
		if u.h.Flags.Has(EndStream) {
			p.finish(m, st)
		}
	}
}

// closeUnit ends a frame that was not decoded, or bytes that are no frame.
func (p *parser) closeUnit(s *side, end int64, st *decoders.Step) {
	u := s.frame
	s.frame = unit{}
	if u.key == 0 {
		p.closeStray(s, end, st)
		return
	}
	bad := problems{}
	bad.addf("a frame of %s bytes is longer than netscope decodes", thousands(int64(u.h.Length)))
	if u.missing > 0 {
		bad.addf("%s bytes missing in the capture", thousands(u.missing))
	}
	p.closeKey(s, u.key, end, int64(u.h.Length), bad.String(), st)
}

// tooLong opens the unit of a frame that is too long to be waited for.
func (p *parser) tooLong(s *side, h Header, st *decoders.Step) {
	p.flushHeld(s, "the header block is not finished (RFC 9113 §4.3)", st)
	f := Frame{Header: h}
	sum := fmt.Sprintf("%s %d  %s bytes", h.Type, h.Stream, thousands(int64(h.Length)))
	s.frame.key = p.openUnit(s, &f, s.off, headLen, nil, sum, nil, st)
	switch h.Type {
	case Headers, PushPromise, Continuation:
		p.conn.Lost(s.dir)
	}
}

// headerFields are the header fields whose representations begin in one
// fragment of a block.
func headerFields(items []hpack.Item, from, to int) []decoders.KV {
	var kvs []decoders.KV
	for _, it := range items {
		if it.Off < from || it.Off >= to {
			continue
		}
		if it.Kind == hpack.SizeUpdate {
			kvs = append(kvs, decoders.KV{Name: "http2.header_table_size_update.header_table_size", Int: int64(it.Size), Kind: decoders.IntValue, Many: true})
			continue
		}
		kvs = append(kvs, decoders.KV{Name: "http2.header.name", Str: fieldName(it.Field), Many: true},
			decoders.KV{Name: "http2.header.value", Str: fieldValue(it.Field), Many: true})
	}
	return kvs
}

// What stands for a name or value that cannot be known.
const undecodable = "(unknown: in the dynamic table)"

func fieldName(f hpack.Field) string {
	if f.NoName {
		return undecodable
	}
	return f.Name
}

func fieldValue(f hpack.Field) string {
	if f.NoValue {
		return undecodable
	}
	return f.Value
}
