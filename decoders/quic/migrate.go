package quic

import (
	"net/netip"

	"netscope/decoders"
)

var _ decoders.Rover = (*parser)(nil)

// minFollow is the shortest connection ID by which a connection is followed to
// other addresses: shorter ones could match by chance.
const minFollow = 4

// Follows implements [decoders.Rover]: a datagram between other addresses carries
// on a connection if it is for one of its connection IDs (RFC 9000 §9). Only
// packets after the handshake may move.
func (p *parser) Follows(d decoders.Dir, b []byte) bool {
	if len(b) < minShort || isLong(b) || b[0]&0x40 == 0 {
		return false
	}
	for _, c := range p.conns {
		if c.ends[d.Other()].has(b[1:]) >= minFollow {
			return true
		}
	}
	return false
}

// path says that the sender of a packet has another address than before: it
// probes a new path, or has moved to it (RFC 9000 §9.1, §9.2). frames are nil if
// the packet could not be decrypted.
func (p *parser) path(c *conn, h header, frames []frame) (summary string, fields []decoders.KV) {
	if c == nil || h.long {
		return "", nil
	}
	now, old := p.src, c.paths[p.dir]
	home := p.hint.A
	if p.dir == decoders.BtoA {
		home = p.hint.B
	}
	if !now.IsValid() {
		now = home
	}
	if !old.IsValid() {
		old = home
	}
	if now == old {
		return "", nil
	}
	fields = []decoders.KV{decoders.S("quic.path.from", old.String()), decoders.S("quic.path.to", now.String())}
	if probing(frames) {
		return ", probes the path from " + now.String(), append(fields, decoders.B("quic.path.probe", true))
	}
	c.paths[p.dir] = now
	who := "client"
	if p.dir != c.client {
		who = "server"
	}
	return ", the " + who + " has moved from " + old.String() + " to " + now.String(), fields
}

// probing reports that a packet has only frames that try out a path (RFC 9000
// §9.1).
func probing(frames []frame) bool {
	for i := range frames {
		switch frames[i].typ {
		case framePathChallenge, framePathResponse, frameNewCID, framePadding:
		default:
			return false
		}
	}
	return len(frames) > 0
}

// paths are the addresses that the two ends have moved to.
type paths [2]netip.AddrPort
