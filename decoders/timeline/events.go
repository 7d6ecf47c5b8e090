package timeline

import "netscope/decoders"

// event turns a parser's event into rows.
func (b *Builder) event(l *live, gen uint32, dec int, ev *decoders.Event) {
	k := l.keys[gen]
	switch ev.Op {
	case decoders.Open:
		if k == nil {
			k = &keys{}
			l.keys[gen] = k
		}
		k.add(ev.Key, b.open(l, k, dec, ev))
	case decoders.Update:
		if id := k.get(ev.Key); id != uint32(NoMessage) {
			b.update(id, ev)
		}
	case decoders.Close:
		if id := k.get(ev.Key); id != uint32(NoMessage) {
			b.close(l, id, ev)
		}
		if !l.drive.Current(gen) {
			delete(l.keys, gen)
		}
	}
}

func (b *Builder) open(l *live, k *keys, dec int, ev *decoders.Event) uint32 {
	id := uint32(b.messages.n)
	b.scratch = b.encodeOpen(b.scratch[:0], ev)
	ref, err := b.opt.Details.Put(b.scratch)
	m := b.messages.grow()
	m.off, m.headLen, m.stream = ev.Off, ev.HeadLen, ev.Stream
	if err == nil {
		m.ref, m.refLen = ref, uint32(len(b.scratch))
	}
	m.level, m.kind, m.dir, m.dec = ev.Level, ev.Kind, ev.Dir, uint8(dec)
	m.conv = uint32(l.c.head.ID)
	m.partOf, m.replyTo = uint32(NoMessage), uint32(NoMessage)
	if ev.PartOf != 0 {
		m.partOf = k.get(ev.PartOf)
	}
	if ev.ReplyTo != 0 {
		m.replyTo = k.get(ev.ReplyTo)
		if rq := b.messages.at(uint64(m.replyTo)); rq != nil {
			rq.reply.Store(id + 1) // a final response replaces an interim one
		}
	}
	dir := &l.c.dirs[ev.Dir]
	m.first = b.carrier(l, ev.Dir, ev.Off)
	m.head = l.by[ev.Dir]
	dir.msgs.append(id)
	dir.nmsgs.Store(dir.msgs.n)
	l.c.messages.Add(1)
	if ev.Level == decoders.MessageLevel && !l.decided {
		l.decided = true
		l.c.proto.Store(uint32(b.intern(ev.Proto)))
	}
	b.happen(m.head, id, false)
	return id
}

// carrier is the packet that contains a stream offset.
func (b *Builder) carrier(l *live, d decoders.Dir, off int64) uint32 {
	dir := &l.c.dirs[d]
	n := dir.segs.n
	i := dir.segs.search(0, n, func(s *segRow) bool { return s.off+int64(s.n) > off })
	if s := dir.segs.at(i); i < n && s != nil {
		return s.packet
	}
	return l.cur[d]
}

func (b *Builder) update(id uint32, ev *decoders.Event) {
	m := b.messages.at(uint64(id))
	if m == nil {
		return
	}
	b.scratch = b.encodeUpdate(b.scratch[:0], ev)
	ref, err := b.opt.Details.Put(b.scratch)
	if err != nil {
		return
	}
	i := b.updates.append(updateRow{ref: ref, refLen: uint32(len(b.scratch)), prev: m.update.Load()})
	m.update.Store(uint32(i) + 1)
}

func (b *Builder) close(l *live, id uint32, ev *decoders.Event) {
	m := b.messages.at(uint64(id))
	if m == nil || m.closed.Load() != 0 {
		return
	}
	row := closeRow{end: ev.End, length: ev.Len, last: l.by[m.dir]}
	if ev.Err != "" {
		if ref, err := b.opt.Details.Put([]byte(ev.Err)); err == nil {
			row.errRef, row.errLen = ref, uint32(len(ev.Err))
		}
	}
	i := b.closes.append(row)
	m.closed.Store(uint32(i) + 1)
	b.happen(row.last, id, true)
}
