package timeline

import (
	"net/netip"
	"slices"

	"netscope/decoders"
	"netscope/decoders/stream"
)

// A conversation over UDP may go on between other addresses (a QUIC connection
// that migrates, RFC 9000 §9). It stays one conversation, named by the addresses
// at which it began.

// maxRoving bounds how many conversations are asked whether a new flow is theirs.
const maxRoving = 64

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
