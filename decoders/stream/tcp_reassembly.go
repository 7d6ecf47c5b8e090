package stream

import (
	"netscope/capture"
	"netscope/decoders"
)

// maxAhead is the largest window that TCP can announce (RFC 7323 §2.3): what
// lies farther ahead cannot be part of the stream.
const maxAhead = 1 << 30

// receiver puts one direction's bytes in order. Offsets count from the first
// byte and do not wrap around.
type receiver struct {
	started bool
	loose   bool   // start comes from a segment without data, which may have been a keep-alive
	ended   bool   // the end has been delivered
	start   uint32 // sequence number of offset 0
	next    int64  // the first byte that is missing
	fin     int64  // offset of the FIN, -1 if none was seen
	acked   int64  // what the other end has acknowledged, -1 if unknown
	root    int32  // pieces that wait behind a hole
	held    int    // what they are charged
}

func (r *receiver) begin(start uint32, loose bool) {
	r.started, r.loose, r.start = true, loose, start
}

// offset is the offset of a sequence number, taken as the one nearest to next.
func (r *receiver) offset(seq uint32) int64 {
	return r.next + int64(int32(seq-r.start-uint32(r.next)))
}

// receive takes a segment's bytes and FIN.
func (a *Assembler) receive(f *Flow, d decoders.Dir, p *PacketIn, payload []byte, out *Result) {
	h := &out.Header
	r := &f.tcp.half[d].rx
	if r.ended {
		return
	}
	seq := h.Seq
	if h.Flags.Has(SYN) {
		seq++
	}
	n := len(payload) + h.PayloadMissing
	off := r.offset(seq)
	if r.loose && n > 0 {
		if off == 1 && r.next == 0 && r.root == 0 {
			r.start++ // the first segment was a keep-alive
			off = 0
		}
		r.loose = false
	}
	if off > max(r.next, r.acked)+maxAhead {
		return
	}
	if end := off + int64(n); h.Flags.Has(FIN) && r.fin < 0 && end >= r.next {
		r.fin = end
	}
	if n > 0 {
		s := segment{flow: f, dir: d, off: off, data: payload, miss: h.PayloadMissing, packet: p.ID, packetOff: h.PayloadOff}
		if r.root == 0 && off == r.next && r.fin < 0 {
			a.pass(r, &s, r.next, off+int64(n), 0, out) // what nearly all segments do
		} else {
			a.merge(r, &s, out)
		}
	}
	a.close(f, d, r, p.ID, 0, out)
}

// segment is the payload of a packet and its place in a stream.
type segment struct {
	flow      *Flow
	dir       decoders.Dir
	off       int64
	data      []byte
	miss      int // bytes after data that were not captured
	packet    capture.PacketID
	packetOff int // of data[0], -1 if not in the packet
}

// cut is the part of a segment between two offsets.
func (s *segment) cut(from, to int64) (data []byte, miss, packetOff int) {
	lo := min(int(from-s.off), len(s.data))
	hi := min(int(to-s.off), len(s.data))
	packetOff = s.packetOff
	if packetOff >= 0 {
		packetOff += lo
	}
	return s.data[lo:hi], int(to-from) - (hi - lo), packetOff
}

// merge delivers or keeps those parts of a segment that are not there yet.
func (a *Assembler) merge(r *receiver, s *segment, out *Result) {
	end := s.off + int64(len(s.data)+s.miss)
	if r.fin >= 0 && end > r.fin {
		end = r.fin // data after FIN
	}
	for at := max(s.off, r.next); at < end; {
		stop := min(end, at+maxPiece)
		if i := a.buf.after(r.root, at); i != 0 {
			n := &a.buf.nodes[i]
			if n.off <= at {
				at = n.end() // the first copy wins
				continue
			}
			stop = min(stop, n.off)
		}
		if at == r.next {
			a.pass(r, s, at, stop, 0, out)
			a.drain(s.flow, s.dir, r, 0, out)
			at = max(stop, r.next)
		} else {
			a.hold(r, s, at, stop)
			at = stop
		}
	}
	for r.root != 0 && r.held > a.opt.MaxDirBytes {
		a.skip(s.flow, s.dir, r, out)
	}
	for a.buf.used > a.opt.MaxTotal && a.yield(out) {
	}
	for r.root != 0 && a.buf.used > a.opt.MaxTotal {
		a.skip(s.flow, s.dir, r, out)
	}
}

// yield gives up a hole of a conversation that has been silent for long, so
// that the many cannot take the memory of the active.
func (a *Assembler) yield(out *Result) bool {
	f := a.table.lists[decoders.TCP].oldest
	for i := 0; i < 64 && f != nil; i, f = i+1, f.next {
		for d := range f.tcp.half {
			r := &f.tcp.half[d].rx
			if r.root == 0 {
				continue
			}
			a.skip(f, decoders.Dir(d), r, out)
			a.close(f, decoders.Dir(d), r, f.tcp.last, 0, out)
			return true
		}
	}
	return false
}

// pass delivers the part of a segment that comes next in order.
func (a *Assembler) pass(r *receiver, s *segment, from, to, gap int64, out *Result) {
	data, miss, po := s.cut(from, to)
	r.next = to
	out.deliver(s.flow, s.dir, from, data, miss, gap, s.packet, po)
}

// deliver appends a delivery, and a second one if the packet was cut short.
func (out *Result) deliver(f *Flow, d decoders.Dir, off int64, data []byte, miss int, gap int64, packet capture.PacketID, po int) {
	if len(data) > 0 {
		out.Delivered = append(out.Delivered, Delivery{
			Flow: f, Dir: d, Off: off, Data: data, Packet: packet, PacketOff: po, Gap: gap,
		})
		gap = 0
	}
	if miss > 0 {
		off += int64(len(data) + miss)
		out.Delivered = append(out.Delivered, Delivery{
			Flow: f, Dir: d, Off: off, Packet: packet, PacketOff: po, Gap: gap + int64(miss),
		})
	}
}

// hold copies a part of a segment that lies behind a hole.
func (a *Assembler) hold(r *receiver, s *segment, from, to int64) {
	data, miss, po := s.cut(from, to)
	i := a.buf.newNode(data)
	n := &a.buf.nodes[i]
	n.off, n.miss, n.packet, n.packetOff = from, miss, s.packet, po
	r.root = a.buf.insert(r.root, i)
	r.held += cost(len(data))
}

// drain delivers the pieces that are next in order. gap is what was given up
// just before the first of them.
func (a *Assembler) drain(f *Flow, d decoders.Dir, r *receiver, gap int64, out *Result) {
	for r.root != 0 {
		i := a.buf.first(r.root)
		n := &a.buf.nodes[i]
		if n.off != r.next {
			return
		}
		r.root = a.buf.removeFirst(r.root)
		s := segment{flow: f, dir: d, off: n.off, data: n.buf, miss: n.miss, packet: n.packet, packetOff: n.packetOff}
		to := n.end()
		if r.fin >= 0 {
			to = min(to, r.fin) // data after a FIN that came later than it
		}
		if to > n.off {
			a.pass(r, &s, n.off, to, gap, out)
			gap = 0
		}
		r.held -= cost(len(n.buf))
		a.buf.release(i)
	}
}

// skip gives up the first hole.
func (a *Assembler) skip(f *Flow, d decoders.Dir, r *receiver, out *Result) {
	to := a.buf.nodes[a.buf.first(r.root)].off
	if r.fin >= 0 && to >= r.fin {
		a.discard(r) // beyond the end
		return
	}
	gap := to - r.next
	r.next = to
	a.drain(f, d, r, gap, out)
}

// acknowledged notes that direction d's bytes before ack have been received.
// A hole before it will not be filled: its bytes were not captured.
func (a *Assembler) acknowledged(f *Flow, d decoders.Dir, ack uint32, out *Result) {
	r := &f.tcp.half[d].rx
	if !r.started || r.ended {
		return
	}
	to := r.offset(ack)
	if to <= r.next || to > r.next+maxAhead {
		return
	}
	r.acked = max(r.acked, to)
	for r.root != 0 && a.buf.nodes[a.buf.first(r.root)].off < to {
		a.skip(f, d, r, out)
	}
	gap := int64(0)
	if r.root == 0 && r.fin > r.next && to > r.fin {
		gap, r.next = r.fin-r.next, r.fin
	}
	a.close(f, d, r, f.tcp.last, gap, out)
}

// close delivers the end of a direction if its FIN comes next.
func (a *Assembler) close(f *Flow, d decoders.Dir, r *receiver, packet capture.PacketID, gap int64, out *Result) {
	if r.ended || r.fin < 0 || r.next < r.fin {
		return
	}
	r.ended = true
	a.discard(r)
	out.Delivered = append(out.Delivered, Delivery{Flow: f, Dir: d, Off: r.next, Packet: packet, PacketOff: -1, Gap: gap, End: true})
}

// discard forgets the pieces that are left behind an end.
func (a *Assembler) discard(r *receiver) {
	for r.root != 0 {
		i := a.buf.first(r.root)
		r.root = a.buf.removeFirst(r.root)
		r.held -= cost(len(a.buf.nodes[i].buf))
		a.buf.release(i)
	}
}

// finish ends both directions: holes are given up and what waits behind them
// is delivered.
func (a *Assembler) finish(f *Flow, out *Result) {
	for d := decoders.AtoB; d <= decoders.BtoA; d++ {
		r := &f.tcp.half[d].rx
		if r.ended {
			continue
		}
		for r.root != 0 {
			a.skip(f, d, r, out)
		}
		gap := max(0, r.fin-r.next)
		r.fin = max(r.fin, r.next)
		r.next = r.fin
		a.close(f, d, r, f.tcp.last, gap, out)
	}
}
