package timeline

import "sync"

// published is what readers may see: lengths of the logs, at one moment. The
// builder sets it after each packet, which costs no allocation; a snapshot is
// made when one is asked for, so that there are as many as frames, not packets.
type published struct {
	mu    sync.Mutex
	view  Snapshot
	fresh bool // view has changed since last was made
	last  *Snapshot
}

// Snapshot is the timeline as of now. It is cheap, and the same one as before if
// nothing has happened since.
func (b *Builder) Snapshot() *Snapshot {
	p := &b.pub
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fresh || p.last == nil {
		s := p.view
		p.last, p.fresh = &s, false
	}
	return p.last
}

// publish makes what has been appended visible to readers.
func (b *Builder) publish() {
	b.flush()
	b.tail.now = b.now
	moments := b.packets.n
	if b.opt.Lab {
		moments = b.moments.n
	}
	p := &b.pub
	p.mu.Lock()
	v := &p.view
	v.b, v.sh, v.tail, v.kept = b, b.shared, b.tail, b.kept
	v.packets, v.moments, v.convs, v.plain = b.packets.n, moments, b.convs.n, b.plain.n
	v.messages, v.closes, v.updates, v.events = b.messages.n, b.closes.n, b.updates.n, b.events.n
	v.notes, v.comments = b.notes.n, b.comments.n
	p.fresh = true
	p.mu.Unlock()
}
