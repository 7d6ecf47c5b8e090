package http2

import (
	"fmt"
	"slices"
	"strings"

	"netscope/decoders"
)

// held is a frame of a header block whose end has not come: which message it
// is part of is not known yet.
type held struct {
	h        Header
	off      int64
	fragment int // bytes of the block in it
	before   []decoders.KV
	bad      problems
}

// fragment handles HEADERS, PUSH_PROMISE or CONTINUATION after it was applied.
func (p *parser) fragment(s *side, f Frame, eff *Effect, st *decoders.Step) {
	h := held{h: f.Header, off: s.off, bad: eff.Bad}
	b := eff.Block
	if b == nil {
		b = p.conn.Ends[s.dir].Block
	}
	if b == nil { // CONTINUATION of nothing
		p.openHeld(s, &h, nil, nil, "", st)
		return
	}
	h.fragment = b.Fragments[len(b.Fragments)-1]
	if f.Type == Headers && b.dep != nil {
		h.before = b.dep.fields()
	}
	if f.Type == PushPromise {
		h.before = []decoders.KV{decoders.I("http2.push_promise.promised_stream_id", int64(b.Promised))}
	}
	if f.Flags.Has(Padded) && f.Type != Continuation && len(f.Payload) > 0 {
		h.before = append(h.before, decoders.I("http2.pad_length", int64(f.Payload[0])))
	}
	s.held = append(s.held, h)
	if eff.Block != nil {
		p.block(s, b, eff, st)
	}
}

// block opens the message and the units of a complete header block.
func (p *parser) block(s *side, b *Block, eff *Effect, st *decoders.Step) {
	frames := s.held
	s.held = nil
	first, last := frames[0], frames[len(frames)-1]
	end := last.off + headLen + int64(last.h.Length)
	var m *message
	sum := ""
	switch {
	case !b.Known:
		sum = b.summary(b.kind(), b.name(b.kind()))
	case b.Role == Trailers:
		m = p.openMessage(s.dir, b.Stream)
		if m == nil {
			m = p.headless(s, b.Stream, first.off, st)
		}
		sum = "trailers"
		if m != nil {
			m.end = end
			for _, bad := range eff.Bad.list {
				m.bad.add(bad)
			}
		}
	default:
		if old := p.openMessage(s.dir, b.Stream); old != nil && b.Role != Promise {
			old.bad.add("another header list follows on the stream")
			p.finish(old, st)
		}
		m = p.head(s, b, first.off, end-first.off, problems{slices.Clone(eff.Bad.list)}, st)
		sum = m.base
		if b.Role == Promise {
			sum = fmt.Sprintf("promises stream %d  %s", b.Promised, strings.TrimSuffix(m.base, "  (promised)"))
		}
	}
	at := 0
	for i := range frames {
		f := &frames[i]
		kvs := f.before
		if b.Err == "" || len(b.Items) > 0 {
			kvs = append(kvs, headerFields(b.Items, at, at+f.fragment)...)
		}
		if skip := b.carried(at); skip > 0 {
			kvs = append(kvs, decoders.I(carriedField, int64(skip)))
		}
		at += f.fragment
		text := ""
		if i == 0 {
			text = sum
		}
		p.openHeld(s, f, m, kvs, text, st)
	}
	if m == nil {
		return
	}
	if b.Role == Trailers {
		p.trailers(m, b, st)
	}
	if b.EndStream || b.Role == Promise || b.Role == InterimHead {
		p.finish(m, st)
	}
}

// carriedField counts the bytes at the beginning of a fragment that belong to a
// representation begun in the frame before.
const carriedField = "http2.header.carried"

// carried is how many bytes from at belong to an item that began earlier.
func (b *Block) carried(at int) int {
	for _, it := range b.Items {
		if it.Off < at && it.Off+it.Len > at {
			return it.Off + it.Len - at
		}
	}
	return 0
}

func (b *Block) kind() decoders.Kind {
	if b.Role == ResponseHead || b.Role == InterimHead {
		return decoders.Response
	}
	return decoders.Request
}

// openHeld opens and closes the unit of a frame that was held.
func (p *parser) openHeld(s *side, f *held, m *message, kvs []decoders.KV, text string, st *decoders.Step) {
	sum := fmt.Sprintf("%s %d", f.h.Type, f.h.Stream)
	if text != "" {
		sum += "  " + text
	}
	if f.h.Type == Headers && f.h.Flags.Has(EndStream) {
		sum += "  END_STREAM"
	}
	key := p.openUnit(s, &Frame{Header: f.h}, f.off, headLen, m, sum, kvs, st)
	p.closeKey(s, key, f.off+headLen+int64(f.h.Length), int64(f.h.Length), f.bad.String(), st)
}

// flushHeld shows frames of a header block that will never be complete.
func (p *parser) flushHeld(s *side, why string, st *decoders.Step) {
	frames := s.held
	s.held = nil
	for i := range frames {
		frames[i].bad.add(why)
		p.openHeld(s, &frames[i], nil, frames[i].before, "", st)
	}
}

// trailers adds the fields of a trailer section to its message
// (RFC 9113 §8.1).
func (p *parser) trailers(m *message, b *Block, st *decoders.Step) {
	ev := decoders.Event{Op: decoders.Update, Key: m.key}
	if m.grpc != nil || p.msgs[m.stream] != nil && p.msgs[m.stream].grpc {
		if code, ok := b.Get("grpc-status"); ok {
			m.base += "  grpc-status " + clean(strings.TrimSpace(code+" "+grpcStatus(code)))
			ev.Fields = append(ev.Fields, decoders.S("http2.headers.grpc_status", code))
			if text, ok := b.Get("grpc-message"); ok && text != "" {
				ev.Fields = append(ev.Fields, decoders.S("http2.headers.grpc_message", text))
			}
			ev.Summary = m.tell()
		}
	}
	for _, it := range b.Items {
		if it.Kind < 4 {
			ev.Fields = append(ev.Fields, decoders.KV{Name: "http2.trailer", Str: fieldName(it.Field) + ": " + fieldValue(it.Field), Many: true})
		}
	}
	st.Events = append(st.Events, ev)
}

// sorted are the keys of a map in order.
func sorted[V any](m map[uint32]V) []uint32 {
	ids := make([]uint32, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
