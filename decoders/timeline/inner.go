package timeline

import (
	"slices"
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/stream"
)

// What a parser finds inside a conversation's bytes (what TLS has decrypted) is
// kept as a conversation of its own, whose parent is the one on the wire: its
// bytes are copies in the packet store, its messages count offsets in them, and
// everything that reads streams works on it as on any other.

// Inner takes bytes of an inner stream. It implements [drive.Sink].
func (l *live) Inner(in *decoders.Inner) {
	if in.Keep {
		l.keep(in)
		return
	}
	b := l.b
	x := l.inner[in.Stream]
	if x == nil {
		if len(l.inner) >= maxInner || l.depth >= maxNesting || len(in.Data) == 0 && in.Gap == 0 {
			return
		}
		id := ConvID(b.convs.n)
		c := &conv{id: id, parent: l.c.id, nested: true, transport: l.c.transport, midway: l.c.midway,
			a: l.c.a, b: l.c.b, first: l.by[in.Dir&1], start: l.byAt[in.Dir&1]}
		b.convs.grow().live.Store(c)
		l.c.inner.append(uint32(id))
		l.c.ninner.Store(l.c.inner.n)
		x = &live{b: b, c: c, proto: in.Proto, depth: l.depth + 1}
		if l.inner == nil {
			l.inner = map[int64]*live{}
		}
		l.inner[in.Stream] = x
	}
	d := in.Dir & 1
	x.by[d], x.byAt[d], x.cur[d] = l.by[d], l.byAt[d], l.cur[d]
	x.off[d] += max(in.Gap, 0)
	if len(in.Data) > 0 {
		x.segment(&stream.Delivery{Dir: d, Off: x.off[d], Data: in.Data, Packet: capture.PacketID(l.cur[d]), PacketOff: -1})
		x.off[d] += int64(len(in.Data))
		x.c.last.Store(l.by[d])
		x.c.end.Store(int64(l.byAt[d]))
	}
	x.driver().Feed(b.epoch.Add(time.Duration(x.byAt[d])), d, max(in.Gap, 0), in.Data, in.End)
}

// maxInner is how many inner streams one conversation may have.
const maxInner = 1024

// finish ends a conversation that is over, and what is inside it.
func (l *live) finish(state stream.State) {
	b := l.b
	l.c.state.Store(uint32(state))
	if l.drive != nil {
		l.drive.Finish(b.epoch.Add(time.Duration(b.now)))
		b.flush()
	}
	for _, id := range sortedKeys(l.inner) {
		l.inner[id].finish(state)
	}
	for _, id := range sortedKeys(l.kept) {
		l.kept[id].finish(state)
	}
	l.c.ended = true
	b.freeze(l.c)
}

func sortedKeys(m map[int64]*live) []int64 {
	var ids []int64
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids) // so that a run's messages have the same numbers each time
	return ids
}

// outer is the conversation on the wire that carries this one.
func (s *Snapshot) outer(id ConvID) ConvID {
	for range maxNesting {
		c := s.conv(id)
		if c == nil || !c.nested {
			break
		}
		id = c.parent
	}
	return id
}

// maxNesting is how deep conversations may lie in each other.
const maxNesting = 8

// inside are the inner conversations of a conversation.
func (s *Snapshot) inside(c *conv) []ConvID {
	var out []ConvID
	for i := uint64(0); i < c.ninner.Load(); i++ {
		if v := c.inner.at(i); v != nil && uint64(*v) < s.convs {
			out = append(out, ConvID(*v))
		}
	}
	return out
}

// keys finds secrets in what the source brought and what the user named.
func (b *Builder) keys() decoders.SecretSource {
	if b.opt.Secrets == nil {
		return &b.keyLog
	}
	return keyRing{&b.keyLog, b.opt.Secrets}
}

type keyRing []decoders.SecretSource

// Secret implements decoders.SecretSource.
func (r keyRing) Secret(label string, clientRandom [32]byte) ([]byte, bool) {
	for _, s := range r {
		if secret, ok := s.Secret(label, clientRandom); ok {
			return secret, true
		}
	}
	return nil, false
}
