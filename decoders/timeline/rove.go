package timeline

import (
	"cmp"
	"net/netip"
	"slices"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/stream"
)

// A conversation over UDP may go on between other addresses (a QUIC connection
// that migrates, RFC 9000 §9). It stays one conversation, named by the addresses
// at which it began.

// What its packets went between from then on is kept beside it.

// maxRoving bounds how many conversations are asked whether a new flow is theirs.
const maxRoving = 64

// maxPaths bounds how many changes of addresses are noted, in all conversations
// together. What comes after has the addresses of the last one that was.
const maxPaths = 1 << 14

// path is what a conversation's packets went between, from a packet on.
type path struct {
	packet uint32
	a, b   netip.AddrPort
}

// roves notes a conversation that may go on elsewhere.
func (b *Builder) roves(l *live) {
	if slices.Contains(b.roving, l) {
		return
	}
	if len(b.roving) == maxRoving {
		b.roving = slices.Delete(b.roving, 0, 1)
	}
	b.roving = append(b.roving, l)
}

// settled forgets a conversation that is over.
func (b *Builder) settled(l *live) {
	if i := slices.Index(b.roving, l); i >= 0 {
		b.roving = slices.Delete(b.roving, i, i+1)
	}
}

// follow is the conversation that a new flow goes on with; nil if none. One end
// must have stayed where it was, and A must still be the flow's first end.
func (b *Builder) follow(r *stream.Result) *live {
	f := r.Flow
	if f.Transport != decoders.UDP || len(r.Payload) == 0 {
		return nil
	}
	for i := len(b.roving) - 1; i >= 0; i-- {
		l := b.roving[i]
		if (f.A == l.c.a) != (f.B == l.c.b) && l.drive != nil && l.drive.Follows(r.Dir, r.Payload) {
			l.flows++
			return l
		}
	}
	return nil
}

// source is who has sent a packet, if that is not where the conversation began.
func (l *live) source(r *stream.Result) netip.AddrPort {
	now, first := r.Flow.A, l.c.a
	if r.Dir == decoders.BtoA {
		now, first = r.Flow.B, l.c.b
	}
	if now == first {
		return netip.AddrPort{}
	}
	return now
}

// moved notes that a packet went between other addresses than the one before.
func (b *Builder) moved(l *live, f *stream.Flow, packet uint32) {
	if l.flows == 0 || b.npaths == maxPaths {
		return
	}
	now := path{packet, l.c.a, l.c.b}
	var paths []path
	if v, ok := b.paths.Load(l.c.id); ok {
		paths = v.([]path)
		now = paths[len(paths)-1]
	}
	if now.a == f.A && now.b == f.B {
		return
	}
	// Appending writes behind what readers see, never into it.
	b.paths.Store(l.c.id, append(paths, path{packet, f.A, f.B}))
	b.npaths++
}

// PacketEnds are the addresses between which a packet of a conversation went: A
// and B of the conversation, unless it has moved by then.
func (s *Snapshot) PacketEnds(c *Conversation, id capture.PacketID) (a, b netip.AddrPort) {
	v, ok := s.b.paths.Load(c.ID)
	if !ok {
		return c.A, c.B
	}
	paths := v.([]path)
	i, here := slices.BinarySearchFunc(paths, uint32(id), func(p path, id uint32) int { return cmp.Compare(p.packet, id) })
	if !here {
		i--
	}
	if i < 0 {
		return c.A, c.B
	}
	return paths[i].a, paths[i].b
}

// Ends are who has sent a message and to whom: the addresses of the packet with
// its first byte.
func (s *Snapshot) Ends(m *Message) (src, dst netip.AddrPort) {
	c := s.Conversation(m.Conv)
	a, b := s.PacketEnds(&c, m.First)
	if m.Dir == decoders.BtoA {
		return b, a
	}
	return a, b
}

// Moves are the addresses that a conversation has had beside those at which it
// began, in order, each once; nil if it has not moved.
func (s *Snapshot) Moves(c *Conversation) []netip.AddrPort {
	v, ok := s.b.paths.Load(c.ID)
	if !ok {
		return nil
	}
	var out []netip.AddrPort
	for _, p := range v.([]path) {
		for _, at := range [2]netip.AddrPort{p.a, p.b} {
			if uint64(p.packet) < s.packets && at != c.A && at != c.B && !slices.Contains(out, at) {
				out = append(out, at)
			}
		}
	}
	return out
}
