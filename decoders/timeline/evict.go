package timeline

// evict lets go of the oldest packets, and of what belonged to them alone, once
// there are a quarter more than wanted. Rows go in whole chunks; readers that
// still hold an older snapshot see zero values for what is gone.
func (b *Builder) evict() {
	limit := uint64(b.opt.MaxPackets)
	if b.packets.n-b.kept.packets <= limit+limit/4+chunkMax {
		return
	}
	first := b.packets.n - limit
	k := &b.kept
	k.packets, k.moments = first, first
	if b.opt.Lab {
		k.moments = uint64(b.lab.at(first).depart)
	}
	k.messages = b.messages.search(k.messages, b.messages.n, func(m *msgRow) bool { return uint64(m.first) >= first })
	k.events = b.events.search(k.events, b.events.n, func(e *eventRow) bool { return uint64(e.pos) > k.moments })
	k.notes = b.notes.search(k.notes, b.notes.n, func(n *NoteRow) bool { return uint64(n.Position) >= k.moments })
	b.evictConvs(first)
	b.evictMessages()
	b.evictBytes(first)
	b.packets.evict(k.packets)
	b.lab.evict(k.packets)
	b.moments.evict(k.moments)
	b.events.evict(k.events)
	b.notes.evict(k.notes)
	b.comments.trim(func(c *commentRow) bool { return uint64(c.packet) >= first })
}

// evictMessages lets go of messages and of what only they need.
func (b *Builder) evictMessages() {
	k := &b.kept
	closes, updates := b.closes.n, b.updates.n
	for i := k.messages; i < b.messages.n; i++ {
		m := b.states.at(i)
		if c := m.closed.Load(); c != 0 {
			closes = min(closes, uint64(c-1))
		}
		for u := m.update.Load(); u != 0; {
			updates = min(updates, uint64(u-1))
			row := b.updates.at(uint64(u - 1))
			if row == nil {
				break
			}
			u = row.prev
		}
	}
	if details, ok := b.opt.Details.(*memory); ok && k.messages < b.messages.n {
		// Whatever a message has is put after its beginning.
		details.evict(b.messages.at(k.messages).ref)
	}
	b.messages.evict(k.messages)
	b.states.evict(k.messages)
	b.closes.evict(closes)
	b.updates.evict(updates)
}

// evictBytes lets go of the bytes of packets before first, if they are ours.
func (b *Builder) evictBytes(first uint64) {
	if store, ok := b.opt.Store.(*memory); ok {
		if ref := b.packets.at(first).ref; ref&1 != 0 {
			store.evict(ref >> 1)
		}
	}
	b.aux.trim(func(a *auxRow) bool { return uint64(a.by) >= first })
	b.odd.trim(func(g *seg) bool { return uint64(g.by) >= first })
}

// evictConvs lets go of conversations that are over and had their last packet
// before first, and of the beginning of the others.
func (b *Builder) evictConvs(first uint64) {
	sweep := func(slot *convSlot) (keep bool) {
		c := slot.live.Load()
		if c == nil {
			return false
		}
		if c.ended && uint64(c.last.Load()) < first {
			slot.live.Store(nil)
			return false
		}
		b.trimConv(c, first)
		return true
	}
	b.convs.sweep(sweep)
	b.plain.sweep(sweep)
}

func (b *Builder) trimConv(c *conv, first uint64) {
	if c.packets.n <= chunkMin && !c.nested || uint64(c.first) >= first {
		return // nothing to be had
	}
	from := func(limit uint64) func(*uint32) bool {
		return func(v *uint32) bool { return uint64(*v) >= limit }
	}
	c.packets.trim(from(first))
	c.moments.trim(from(b.kept.moments))
	for d := range c.dirs {
		dir := &c.dirs[d]
		dir.segs.trim(func(s *segRow) bool { return uint64(b.by(s)) >= first })
		dir.sent.trim(func(s *sentRow) bool { return uint64(s.packet) >= first })
		dir.msgs.trim(from(b.kept.messages))
	}
}

// sweep calls keep for every element that is there, and lets go of the chunks,
// wherever they stand, of which it wants to keep none. The last one stays.
func (l *log[T]) sweep(keep func(*T) bool) {
	d := l.dir.Load()
	if d == nil {
		return
	}
	var dead []int
	for k, chunk := range d.chunks {
		start := chunkStart(d.base + k)
		alive := chunk == nil || k == len(d.chunks)-1
		for i := range chunk {
			if start+uint64(i) < l.n && keep(&chunk[i]) {
				alive = true
			}
		}
		if !alive {
			dead = append(dead, k)
		}
	}
	if len(dead) == 0 {
		return
	}
	nd := &logDir[T]{base: d.base, chunks: append([][]T(nil), d.chunks...), refs: d.refs}
	for _, k := range dead {
		nd.chunks[k] = nil
	}
	for len(nd.chunks) > 0 && nd.chunks[0] == nil {
		nd.base, nd.chunks = nd.base+1, nd.chunks[1:]
	}
	l.dir.Store(nd)
}
