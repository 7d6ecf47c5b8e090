package stream

import (
	"netscope/capture"
	"netscope/decoders"
)

// connection is what is known of both ends of a TCP conversation.
type connection struct {
	half  [2]half // by direction: what its sender has sent
	synAt int64   // when the latest SYN was sent
	done  bool    // the handshake is complete
	reset bool    // RST
	last  capture.PacketID
}

// half is one direction of a connection.
type half struct {
	isn     uint32 // sequence number that counts as 0 for people: the SYN's, or one before the first byte seen
	known   bool   // isn is set
	guessed bool   // … from an acknowledgement, before a segment was seen
	syn     bool   // the SYN was seen
	fin     bool   // a FIN was seen
	wscale  int8   // window scale that its sender offered; meaningful if syn, -1: none

	rx    receiver
	trace trace
}

func newConnection() *connection {
	c := &connection{}
	for i := range c.half {
		c.half[i].rx = receiver{fin: -1, acked: -1}
	}
	return c
}

// isReuse reports whether a segment starts a new incarnation of its tuple: a
// SYN that cannot be a repetition of the one before (RFC 9293 §3.10.7.4 lets
// TIME-WAIT be reused).
func (c *connection) isReuse(d decoders.Dir, h *Header) bool {
	if !h.Flags.Has(SYN) || h.Flags.Has(RST) {
		return false
	}
	x := &c.half[d]
	if h.Flags.Has(ACK) {
		return x.known && h.Seq != x.isn
	}
	over := c.reset || c.half[0].fin || c.half[1].fin
	return over || x.known && h.Seq != x.isn
}

// segment takes a TCP segment of flow f.
func (a *Assembler) segment(f *Flow, p *PacketIn, payload []byte, out *Result) {
	h, c := &out.Header, f.tcp
	c.last = p.ID
	fwd, rev := &c.half[out.Dir], &c.half[out.Dir.Other()]
	guess, guessed := fwd.isn, fwd.guessed

	c.number(fwd, rev, h)
	if fwd.known {
		out.RelSeq = h.Seq - fwd.isn
	}
	if h.Flags.Has(ACK) && rev.known {
		out.RelAck = h.Ack - rev.isn
	}
	out.Window = uint32(h.Window)
	if s := c.scale(fwd, rev); s > 0 && !h.Flags.Has(SYN) {
		out.Window <<= uint(s)
	}
	out.Analysis |= a.analyse(f, out.Dir, p, h, out.Window)
	out.Analysis |= c.progress(f, fwd, rev, p, h)

	if p.Lost {
		return
	}
	if h.Flags.Has(RST) {
		if c.plausibleReset(fwd, rev, h) {
			c.reset = true
			if f.State != Closed {
				f.State = Reset
			}
			a.finish(f, out)
		}
		return
	}
	if !fwd.rx.started {
		if !h.Flags.Has(SYN) && guessed && !f.Midway && h.Seq-guess-1 < maxAhead {
			fwd.rx.begin(guess+1, false) // its SYN was not captured, but acknowledged
		} else if h.Flags.Has(SYN) {
			fwd.rx.begin(h.Seq+1, false)
		} else {
			fwd.rx.begin(h.Seq, h.PayloadLen+h.PayloadMissing == 0)
		}
	}
	a.receive(f, out.Dir, p, payload, out)
	if h.Flags.Has(ACK) {
		a.acknowledged(f, out.Dir.Other(), h.Ack, out)
	}
}

// number sets the sequence numbers that relative ones count from.
func (c *connection) number(fwd, rev *half, h *Header) {
	switch {
	case h.Flags.Has(RST): // its number may be anything
	case h.Flags.Has(SYN):
		if !fwd.known || fwd.guessed {
			fwd.isn, fwd.known, fwd.guessed = h.Seq, true, false
		}
		if h.Seq == fwd.isn {
			fwd.syn, fwd.wscale = true, h.WScale
		}
	case !fwd.known, fwd.guessed && before(h.Seq, fwd.isn+1):
		fwd.isn, fwd.known, fwd.guessed = h.Seq-1, true, false
	default:
		fwd.guessed = false
	}
	if h.Flags.Has(ACK) && !rev.known {
		rev.isn, rev.known, rev.guessed = h.Ack-1, true, true
	}
}

// scale is the shift of the windows that fwd's sender announces: -1 if
// unknown, 0 unless both ends have offered to scale (RFC 7323 §2.2).
func (c *connection) scale(fwd, rev *half) int {
	switch {
	case !fwd.syn || !rev.syn:
		return -1
	case fwd.wscale < 0 || rev.wscale < 0:
		return 0
	}
	return int(fwd.wscale)
}

// progress follows the connection's state and its handshake.
func (c *connection) progress(f *Flow, fwd, rev *half, p *PacketIn, h *Header) (mark Analysis) {
	switch {
	case h.Flags.Has(RST):
		return 0
	case h.Flags.Has(SYN):
		mark = Handshake
		if !h.Flags.Has(ACK) {
			c.synAt = p.At
			if f.State == Open && !rev.known {
				f.State = SynSent
			}
		} else if f.State == SynSent {
			f.State = Open
		}
		if h.Seq+1 == fwd.rx.start {
			f.Midway = false // the SYN came late
		}
	default:
		if f.State == SynSent {
			f.State = Open
		}
		if !c.done && h.Flags.Has(ACK) && fwd.syn && rev.syn {
			if h.Ack == rev.isn+1 && h.Seq == fwd.isn+1 {
				if f.HandshakeRTT == 0 && c.synAt != 0 {
					f.HandshakeRTT = max(0, p.At-c.synAt)
				}
				mark = Handshake
			}
			c.done = !p.Lost
		}
	}
	if h.Flags.Has(FIN) {
		fwd.fin = true
		if f.State != Reset {
			f.State = Half
			if rev.fin {
				f.State = Closed
			}
		}
	}
	return mark
}

// plausibleReset reports whether an RST is near what its sender has sent, so
// that a stray one does not end a conversation.
func (c *connection) plausibleReset(fwd, rev *half, h *Header) bool {
	const near = 1 << 20
	if !fwd.trace.seen || h.Seq-fwd.trace.next+near <= 2*near {
		return true
	}
	return h.Flags.Has(ACK) && rev.trace.seen && h.Ack == rev.trace.next
}

// before compares sequence numbers, which wrap around (RFC 9293 §3.4).
func before(a, b uint32) bool { return int32(a-b) < 0 }
