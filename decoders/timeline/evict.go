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
	k.packets = first
	if b.opt.Lab {
		k.moments = uint64(b.packets.at(first).Depart)
	} else {
		k.moments = first
	}
	k.messages = b.messages.search(k.messages, b.messages.n, func(m *msgRow) bool { return uint64(m.first) >= first })
	k.events = b.events.search(k.events, b.events.n, func(e *eventRow) bool { return uint64(e.pos) > k.moments })
	k.notes = b.notes.search(k.notes, b.notes.n, func(n *NoteRow) bool { return uint64(n.Position) >= k.moments })

	closes, updates := b.closes.n, b.updates.n
	for i := k.messages; i < b.messages.n; i++ {
		m := b.messages.at(i)
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
	b.packets.evict(k.packets)
	b.moments.evict(k.moments)
	b.messages.evict(k.messages)
	b.events.evict(k.events)
	b.notes.evict(k.notes)
	b.closes.evict(closes)
	b.updates.evict(updates)
	for i := uint64(0); i < b.convs.n; i++ {
		slot := b.convs.at(i)
		if slot == nil {
			continue
		}
		c := slot.Load()
		if c == nil {
			continue
		}
		if uint64(c.last.Load()) < first {
			slot.Store(nil)
			continue
		}
		c.evict(first, k.moments, k.messages)
	}
}

func (c *conv) evict(packet, moment, message uint64) {
	old := func(limit uint64) func(*uint32) bool {
		return func(v *uint32) bool { return uint64(*v) >= limit }
	}
	c.packets.trim(old(packet))
	c.moments.trim(old(moment))
	for d := range c.dirs {
		dir := &c.dirs[d]
		dir.segs.trim(func(s *segRow) bool { return uint64(s.by) >= packet })
		dir.sent.trim(func(s *sentRow) bool { return uint64(s.packet) >= packet })
		dir.msgs.trim(old(message))
	}
}

// trim evicts everything before the first element for which keep holds.
func (l *log[T]) trim(keep func(*T) bool) {
	l.evict(l.search(l.first(), l.n, keep))
}

// first is the index of the oldest element that is still there.
func (l *log[T]) first() uint64 {
	d := l.dir.Load()
	if d == nil {
		return 0
	}
	return chunkStart(d.base)
}

func chunkStart(k int) uint64 {
	if k <= growChunks {
		return chunkMin * (1<<k - 1)
	}
	return growItems + uint64(k-growChunks)*chunkMax
}
