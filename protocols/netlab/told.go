package netlab

import (
	"hash/maphash"
	"slices"
	"time"

	"netscope/capture"
)

// frame is an IP packet on its way over links. A switch hands on the frame that
// it got; a router's stack makes a new one, and fate carries the record over.
type frame struct {
	ip  []byte
	rec *record // of the sender's egress; nil: none, or not made yet
}

// record is something that the sink is told when its turn comes: in the order
// in which packets leave and notes are made, each packet once it is known what
// became of it. A packet that crosses several links is known only at the last.
type record struct {
	packet  capture.Packet
	meta    capture.Meta // instead of packet
	pending bool
}

// told is what the sink has not been told yet.
type told struct {
	queue []*record // queue[head:] is live
	head  int
}

// push appends a record; what is not pending may be told at once.
func (n *Network) push(r *record) {
	if n.opt.Sink == nil || n.sinkErr != nil || n.mute.Load() {
		return
	}
	n.told.queue = append(n.told.queue, r)
	n.flush()
}

// decide says what became of a packet.
func (n *Network) decide(r *record, arrived time.Duration, loss capture.Loss) {
	if r == nil || !r.pending {
		return
	}
	r.pending, r.packet.Loss, r.packet.Arrived = false, loss, time.Time{}
	if loss == capture.NotLost {
		r.packet.Arrived = n.clock.time(arrived)
	}
	n.flush()
}

// flush tells the sink what can be told.
func (n *Network) flush() {
	t := &n.told
	for t.head < len(t.queue) && !t.queue[t.head].pending {
		r := t.queue[t.head]
		t.queue[t.head] = nil
		t.head++
		if r.meta != nil {
			n.tellNow(r.meta)
		} else {
			n.emit(r.packet)
		}
	}
	switch {
	case t.head == len(t.queue):
		t.queue, t.head = t.queue[:0], 0
	case t.head > 256 && t.head*2 > len(t.queue):
		t.queue = append(t.queue[:0], t.queue[t.head:]...)
		t.head = 0
	}
}

// flushAll tells the rest: the run is over. Packets that are still under way are
// left out, since nobody will know what becomes of them.
func (n *Network) flushAll() {
	t := &n.told
	t.queue = slices.DeleteFunc(t.queue[t.head:], func(r *record) bool { return r.pending })
	t.head = 0
	n.flush()
}

// Told is the time up to which the sink has been told everything, for use on
// the driver goroutine: now, or when the first packet left whose fate is open.
func (n *Network) Told() time.Duration {
	if t := &n.told; t.head < len(t.queue) {
		if r := t.queue[t.head]; r.meta == nil {
			return min(n.clock.since(), r.packet.At.Sub(n.clock.start))
		}
	}
	return n.clock.since()
}

// transit keeps the records of packets that a router has been given, for the
// moment that its stack takes to send them on.
type transit struct {
	seed maphash.Seed
	in   []passing
}

type passing struct {
	sum uint64
	ip  []byte
	rec *record
}

// enter notes a packet that the router's stack gets now.
func (h *host) enter(f frame) {
	if f.rec == nil || !f.rec.pending {
		return
	}
	t := &h.transit
	if t.seed == (maphash.Seed{}) {
		t.seed = maphash.MakeSeed()
	}
	if len(t.in) == 0 {
		h.net.clock.post(0, gate, h.swallow)
	}
	t.in = append(t.in, passing{sum: essence(t.seed, f.ip), ip: f.ip, rec: f.rec})
}

// leave finds the record of a packet that the router's stack sends on: the same
// packet but for the hop count, or the first fragment of it.
func (h *host) leave(ip []byte) *record {
	t := &h.transit
	if len(t.in) == 0 {
		return nil
	}
	sum := essence(t.seed, ip)
	for i, p := range t.in {
		if p.sum == sum || isFirstFragment(ip, p.ip) {
			t.in = append(t.in[:i], t.in[i+1:]...)
			return p.rec
		}
	}
	return nil
}

// swallow says of the packets that the router did not send on that they are
// lost: no way leads on, or their hops are used up.
func (h *host) swallow() {
	in := h.transit.in
	h.transit.in = nil
	for _, p := range in {
		h.net.decide(p.rec, 0, capture.LostWire)
	}
}

// essence is a hash of what a router does not change: all but the hop count and
// the header checksum.
func essence(seed maphash.Seed, ip []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	switch {
	case len(ip) >= 20 && ip[0]>>4 == 4:
		h.Write(ip[:8])
		h.WriteByte(ip[9])
		h.Write(ip[12:])
	case len(ip) >= 40 && ip[0]>>4 == 6:
		h.Write(ip[:7])
		h.Write(ip[8:])
	default:
		h.Write(ip)
	}
	return h.Sum64()
}

// isFirstFragment reports whether ip is the first fragment of the IPv4 packet
// whole.
func isFirstFragment(ip, whole []byte) bool {
	if len(ip) < 20 || len(whole) < 20 || ip[0]>>4 != 4 || whole[0]>>4 != 4 {
		return false
	}
	const moreFragments, offset = 0x20, 0x1f
	return ip[6]&moreFragments != 0 && ip[6]&offset == 0 && ip[7] == 0 &&
		whole[6]&moreFragments == 0 &&
		[2]byte(ip[4:6]) == [2]byte(whole[4:6]) && ip[9] == whole[9] &&
		[8]byte(ip[12:20]) == [8]byte(whole[12:20])
}
