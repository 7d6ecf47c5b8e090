package timeline

import (
	"netscope/decoders"
	"netscope/decoders/drive"
)

// pending is the message opened last. What is known of it is written to the
// details store when the packet has been dealt with: most messages that come in
// one packet need no update then.
type pending struct {
	on      bool
	id      uint32
	proto   uint64 // interned
	name    string
	summary string
	fields  []decoders.KV
}

// flush writes what is pending.
func (b *Builder) flush() {
	p := &b.pending
	if !p.on {
		return
	}
	p.on = false
	b.scratch = b.encodeDetails(b.scratch[:0], p)
	if ref, err := b.opt.Details.Put(b.scratch); err == nil {
		if m := b.messages.at(uint64(p.id)); m != nil {
			m.ref, m.refLen = ref, uint32(len(b.scratch))
		}
	}
	clear(p.fields)
	p.name, p.summary, p.fields = "", "", p.fields[:0]
}

// Open adds a message. It implements [drive.Sink].
func (l *live) Open(dec int, ev *decoders.Event, partOf, replyTo drive.ID) drive.ID {
	b := l.b
	if b.messages.n >= maxMessages {
		return drive.None
	}
	b.flush()
	id := uint32(b.messages.n)
	p := &b.pending
	p.on, p.id, p.proto, p.name, p.summary = true, id, b.intern(ev.Proto), ev.Name, ev.Summary
	p.fields = append(append(p.fields, l.place(ev)...), ev.Fields...)

	d := ev.Dir
	dir := &l.c.dirs[d]
	m := b.messages.grow()
	b.states.grow()
	m.off, m.headLen, m.stream = ev.Off, uint32(min(ev.HeadLen, 1<<32-1)), ev.Stream
	m.level, m.kind, m.side, m.dec = ev.Level, ev.Kind, uint8(d&1), uint8(min(dec, 1<<8-1))
	if l.c.nested {
		m.side |= nestedBit
	}
	m.conv, m.first, m.head = uint32(l.c.id), l.carrier(d, ev.Off), l.by[d]
	m.partOf, m.replyTo = uint32(partOf), uint32(replyTo)
	if replyTo != drive.None {
		if rq := b.states.at(uint64(replyTo)); rq != nil {
			rq.reply.Store(id + 1) // a final response replaces an interim one
		}
	}
	dir.msgs.append(id)
	dir.nmsgs.Store(dir.msgs.n)
	l.c.messages.Add(1)
	if ev.Level == decoders.MessageLevel && !l.decided {
		l.decided = true
		l.c.proto.Store(uint32(p.proto))
	}
	b.happen(m.head, m.event(id, 0))
	return drive.ID(id)
}

// carrier is the packet that contains a stream offset.
func (l *live) carrier(d decoders.Dir, off int64) uint32 {
	dir := &l.c.dirs[d]
	n := dir.segs.n
	if n == 0 {
		return l.cur[d]
	}
	i := n - 1 // most often
	if s := dir.segs.at(i); s == nil || s.off() > off {
		i = dir.segs.search(dir.segs.first(), n, func(s *segRow) bool { return s.end() > off })
	}
	if s := dir.segs.at(i); i < n && s != nil && s.end() > off {
		if g, ok := l.b.unpack(s); ok {
			return g.packet
		}
	}
	return l.cur[d]
}

// Update adds to what is known of a message. It implements [drive.Sink].
func (l *live) Update(id drive.ID, ev *decoders.Event) {
	b := l.b
	if p := &b.pending; p.on && p.id == uint32(id) {
		if ev.Summary != "" {
			p.summary = ev.Summary
		}
		p.fields = append(p.fields, ev.Fields...)
		return
	}
	if s := b.states.at(uint64(id)); id != drive.None && s != nil {
		b.scratch = b.encodeUpdate(b.scratch[:0], ev)
		if ref, err := b.opt.Details.Put(b.scratch); err == nil {
			i := b.updates.append(updateRow{ref: ref, refLen: uint32(len(b.scratch)), prev: s.update.Load()})
			s.update.Store(uint32(i) + 1)
		}
	}
}

// Close completes a message. It implements [drive.Sink].
func (l *live) Close(id drive.ID, ev *decoders.Event) {
	b := l.b
	if id == drive.None {
		return
	}
	m, s := b.messages.at(uint64(id)), b.states.at(uint64(id))
	if m == nil || s == nil || s.closed.Load() != 0 {
		return
	}
	if ev.Inner != 0 {
		l.Update(id, &decoders.Event{Fields: []decoders.KV{decoders.I(placeName, ev.InnerOff)}})
	}
	row := closeRow{end: ev.End, length: ev.Len, last: l.by[m.dir()]}
	if ev.Err != "" {
		b.scratch = append(b.scratch[:0], ev.Err...)
		if ref, err := b.opt.Details.Put(b.scratch); err == nil {
			row.errRef, row.errLen = ref, uint32(len(ev.Err))
		}
	}
	s.closed.Store(uint32(b.closes.append(row)) + 1)
	b.happen(row.last, m.event(uint32(id), closing))
}
