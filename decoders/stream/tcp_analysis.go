package stream

import "netscope/decoders"

// trace is what the analysis remembers of the segments of one direction. The
// rules are those of Wireshark's user guide, "TCP Analysis", so that people
// find here what they find there.
type trace struct {
	seen    bool
	hasAck  bool
	next    uint32 // highest sequence number sent, plus one
	nextAt  int64  // when it last rose
	ackable uint32 // end of what was seen without a hole
	lastAck uint32
	ackAt   int64 // when lastAck reached the other end
	window  uint16
	dupAcks int
	marks   Analysis // of the last segment
	sacks   [4][2]uint32
	nsack   uint8
	room    room   // what the other end knows that it may send
	coming  []room // … will know when these arrive; labs only
	lost    []span // sent but lost; labs only
}

// room is what an acknowledgement allows the other end to send.
type room struct {
	at    int64  // when it arrives there
	edge  uint32 // the sequence number just past the window
	known bool   // edge is right: the window scale is known
	zero  bool   // the window is closed
}

// span is a range of sequence numbers, end excluded.
type span struct{ from, to uint32 }

const (
	fastWithin = 20e6 // nanoseconds after the last duplicate acknowledgement that a fast retransmission comes
	outOfOrder = 3e6  // nanoseconds within which a segment counts as out of order if the round-trip time is unknown
	maxKept    = 256  // ranges lost, and acknowledgements on their way
)

// analyse says what a segment means and remembers it. window is the announced
// one, scaled.
func (a *Assembler) analyse(f *Flow, d decoders.Dir, p *PacketIn, h *Header, window uint32) Analysis {
	c := f.tcp
	x, y := &c.half[d], &c.half[d.Other()]
	fwd, rev := &x.trace, &y.trace
	n := uint32(h.PayloadLen + h.PayloadMissing)
	rev.arrive(p.At)
	m := ackMarks(fwd, rev, h, n)
	if !fwd.hasAck || h.Ack != fwd.lastAck {
		fwd.dupAcks = 0
	}
	if h.Flags.Has(ACK) && rev.seen && before(rev.ackable, h.Ack) {
		m |= AckedUnseen
		rev.ackable = rev.next
		if before(rev.next, h.Ack) {
			rev.ackable = h.Ack
		}
	}
	if (n > 0 || h.Flags&(SYN|FIN) != 0) && m&KeepAlive == 0 {
		m |= a.repeatMarks(x, y, f.HandshakeRTT, p, h, n)
	}
	fwd.sent(h, n, p, m)
	fwd.remember(h, p, m)
	if h.Flags.Has(ACK) && !h.Flags.Has(RST) {
		r := room{edge: h.Ack + window, known: c.scale(x, y) >= 0, zero: h.Window == 0}
		r.at = max(p.At, p.Arrived)
		fwd.grant(r, p)
	}
	rev.forgetLost(h)
	return m
}

// ackMarks are the marks that come from windows and acknowledgements.
func ackMarks(fwd, rev *trace, h *Header, n uint32) (m Analysis) {
	plain := h.Flags&(SYN|FIN|RST) == 0
	inOrder := fwd.seen && h.Seq == fwd.next
	sameAck := fwd.hasAck && h.Flags.Has(ACK) && h.Ack == fwd.lastAck
	if n == 1 && inOrder && rev.room.zero {
		return ZeroWindowProbe
	}
	if h.Window == 0 && plain {
		m |= ZeroWindow
	}
	if fwd.seen && before(fwd.next, h.Seq) && !h.Flags.Has(RST) {
		m |= LostSegment
	}
	if n <= 1 && fwd.seen && h.Seq == fwd.next-1 && plain {
		m |= KeepAlive
	}
	if n > 0 && plain && rev.room.known && h.Seq+n == rev.room.edge {
		m |= WindowFull
	}
	if n > 0 || !plain || !inOrder || !sameAck {
		return m
	}
	switch {
	case h.Window != 0 && h.Window == fwd.window && rev.marks&KeepAlive != 0:
		m |= KeepAliveAck
	case h.Window == 0 && fwd.window == 0 && rev.marks&ZeroWindowProbe != 0:
		// answers a probe: neither a duplicate nor an update
	case h.Window != 0 && (h.Window == fwd.window || h.NSACK > 0):
		m |= DupAck
		fwd.dupAcks++
	}
	if h.Window != 0 && h.Window != fwd.window && h.NSACK == 0 {
		m |= WindowUpdate
	}
	return m
}

// repeatMarks tells repeated segments from late ones.
func (a *Assembler) repeatMarks(x, y *half, rtt int64, p *PacketIn, h *Header, n uint32) Analysis {
	fwd, rev := &x.trace, &y.trace
	if n > 0 && rev.hasAck && !before(rev.lastAck, h.Seq+n) {
		return SpuriousRetrans | Retransmission
	}
	if !fwd.seen || !before(h.Seq, fwd.next) || n > 1 && h.Seq == fwd.next-1 {
		return 0
	}
	if rev.dupAcks >= 2 && p.At-rev.ackAt < fastWithin && (h.Seq == rev.lastAck || rev.nsack > 0 && !rev.sacked(h.Seq, h.Seq+n)) {
		return FastRetransmit | Retransmission
	}
	end := h.Seq + n
	if h.Flags&(SYN|FIN) != 0 {
		end++
	}
	within := int64(outOfOrder)
	if rtt > 0 {
		within = rtt
	}
	if p.At-fwd.nextAt < within && end != fwd.next && !a.already(x, h.Seq, n) {
		return OutOfOrder
	}
	return Retransmission
}

// already reports whether all these bytes were sent before.
func (a *Assembler) already(x *half, seq, n uint32) bool {
	for _, s := range x.trace.lost {
		if !before(seq, s.from) && !before(s.to, seq+n) {
			return true
		}
	}
	r := &x.rx
	if !r.started {
		return false
	}
	at := r.offset(seq)
	for end := at + int64(n); at < end; {
		if at < r.next {
			at = r.next
			continue
		}
		i := a.buf.after(r.root, at)
		if i == 0 || a.buf.nodes[i].off > at {
			return false
		}
		at = a.buf.nodes[i].end()
	}
	return n > 0
}

// sacked reports whether a range lies in the blocks acknowledged last.
func (t *trace) sacked(from, to uint32) bool {
	for _, s := range t.sacks[:t.nsack] {
		if !before(from, s[0]) && !before(s[1], to) {
			return true
		}
	}
	return false
}

// sent moves the ends of what was sent.
func (t *trace) sent(h *Header, n uint32, p *PacketIn, m Analysis) {
	if h.Flags.Has(RST) {
		return
	}
	end := h.Seq + n
	if h.Flags&(SYN|FIN) != 0 {
		end++
	}
	if p.Lost && n > 0 && len(t.lost) < maxKept {
		t.lost = append(t.lost, span{h.Seq, h.Seq + n})
	}
	if m&ZeroWindowProbe != 0 && t.seen {
		return
	}
	first := !t.seen
	if first || before(t.next, end) {
		t.next, t.nextAt, t.seen = end, p.At, true
	}
	if first || h.Seq == t.ackable {
		t.ackable = t.next
	}
}

// remember keeps what the next segments are compared with.
func (t *trace) remember(h *Header, p *PacketIn, m Analysis) {
	t.marks = m
	if h.Flags.Has(RST) {
		return
	}
	t.window = h.Window
	if h.Flags.Has(ACK) {
		t.hasAck, t.lastAck, t.ackAt = true, h.Ack, max(p.At, p.Arrived)
		t.sacks, t.nsack = h.SACKs, h.NSACK
	}
}

// forgetLost drops the lost ranges that have been acknowledged.
func (t *trace) forgetLost(h *Header) {
	if len(t.lost) == 0 || !h.Flags.Has(ACK) {
		return
	}
	keep := t.lost[:0]
	for _, s := range t.lost {
		if before(h.Ack, s.to) {
			keep = append(keep, s)
		}
	}
	t.lost = keep
}

// grant notes an acknowledgement. In labs it takes time to arrive, and what the
// other end sends meanwhile is judged by what it knows.
func (t *trace) grant(r room, p *PacketIn) {
	switch {
	case p.Lost:
	case r.at <= p.At:
		t.room, t.coming = r, t.coming[:0]
	default:
		if len(t.coming) == maxKept {
			t.coming = append(t.coming[:0], t.coming[1:]...)
		}
		t.coming = append(t.coming, r)
	}
}

// arrive lets the acknowledgements arrive that have done so by now.
func (t *trace) arrive(now int64) {
	n := 0
	for n < len(t.coming) && t.coming[n].at <= now {
		t.room = t.coming[n]
		n++
	}
	if n > 0 {
		t.coming = append(t.coming[:0], t.coming[n:]...)
	}
}
