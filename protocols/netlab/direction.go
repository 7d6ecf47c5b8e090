package netlab

import (
	"math"
	"math/rand/v2"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

// defaultQueue is how many bytes wait for a transmitter when the path does not
// say.
const defaultQueue = 1 << 20

// direction is one way of a link: a queue, a transmitter and a wire. It is
// touched only by the driver goroutine.
type direction struct {
	net      *Network
	link     *Link
	from, to *node
	deliver  func(frame) // at the far end
	class    class       // of the delivery: quiet when the far end is a switch

	path    lab.Path
	matched []int // packets that matched path.Drops[i] so far
	rng     *rand.Rand

	queue   []frame // waiting; queue[head:] is live
	head    int
	waiting int // bytes in queue
	busy    bool
	last    time.Duration // latest arrival of a packet that keeps its order
}

// setPath changes the direction for packets that begin transmission from now
// on. Chosen drops count from now.
func (d *direction) setPath(p lab.Path) {
	d.path = p
	d.matched = make([]int, len(p.Drops))
}

// send accepts a packet at the sending end.
func (d *direction) send(f frame) {
	if !d.busy {
		d.begin(f)
		return
	}
	limit := d.path.Queue
	if limit <= 0 {
		limit = defaultQueue
	}
	if d.waiting+len(f.ip) > limit {
		d.observe(&f, d.net.clock.since())
		d.lose(f, capture.LostQueue)
		return
	}
	d.queue = append(d.queue, f)
	d.waiting += len(f.ip)
}

// begin puts a packet's first bit on the wire now.
func (d *direction) begin(f frame) {
	now := d.net.clock.since()
	tx := transmission(len(f.ip), d.path.Rate)
	d.observe(&f, now)
	// The same number of draws for every packet, so that a change of one
	// property leaves the fate of other packets as it was.
	lose, overtake, jitter := d.rng.Float64(), d.rng.Float64(), d.rng.Float64()
	if tx > 0 {
		d.busy = true
		d.net.clock.post(tx, quiet, d.free)
	}
	drop, late := d.chosen(f.ip)
	if drop || lose < d.path.Loss {
		d.lose(f, capture.LostWire)
		return
	}
	arrived := now + tx + d.path.Delay + time.Duration(jitter*float64(d.path.Jitter))
	switch {
	case overtake < d.path.Reorder:
		// A shorter way: half the propagation delay, and no jitter. It passes
		// the packets sent within the last half delay.
		arrived = now + tx + d.path.Delay/2 + late
	case late > 0:
		arrived = max(arrived, d.last) + late // those behind it do not wait
	default:
		arrived = max(arrived, d.last)
		d.last = arrived
	}
	if d.ends(f.ip) {
		d.net.decide(f.rec, arrived, capture.NotLost)
	}
	d.net.clock.postAt(arrived, d.class, func() { d.arrive(f) })
}

// free is called when the last bit of a packet has left the transmitter.
func (d *direction) free() {
	d.busy = false
	for !d.busy && d.head < len(d.queue) {
		f := d.queue[d.head]
		d.queue[d.head] = frame{}
		d.head++
		d.waiting -= len(f.ip)
		if d.head == len(d.queue) {
			d.queue, d.head = d.queue[:0], 0
		} else if d.head > 64 && d.head*2 > len(d.queue) {
			d.queue = append(d.queue[:0], d.queue[d.head:]...)
			d.head = 0
		}
		d.begin(f)
	}
}

// chosen reports whether one of the path's chosen drops hits this packet, and
// how much later it arrives if it is only delayed.
func (d *direction) chosen(ip []byte) (drop bool, late time.Duration) {
	for i, c := range d.path.Drops {
		if !matches(c, ip) {
			continue
		}
		d.matched[i]++
		switch {
		case d.matched[i] != c.Nth:
		case c.Late > 0:
			late += c.Late
		default:
			drop = true
		}
	}
	return drop, late
}

// observe makes the record of a packet that begins transmission, or is dropped,
// now, if it is one that is told.
func (d *direction) observe(f *frame, at time.Duration) {
	switch only := d.net.opt.Only; {
	case only != "":
		if d.from.Name == only {
			d.net.push(d.passes(f.ip, at))
		}
	case d.net.opt.All || d.isEgress(f):
		f.rec = d.passes(f.ip, at)
		f.rec.pending = true
		d.net.push(f.rec)
	}
}

// passes is the record of a packet that passes an end of the link.
func (d *direction) passes(ip []byte, at time.Duration) *record {
	t := d.net.clock.time(at)
	return &record{packet: capture.Packet{
		At:      t,
		Arrived: t,
		Link:    capture.LinkRaw,
		Tap:     d.link.ID,
		Length:  len(ip),
		Data:    ip,
		Ref:     -1,
	}}
}

// arrive hands a packet to the far end.
func (d *direction) arrive(f frame) {
	if only := d.net.opt.Only; only != "" && d.to.Name == only {
		d.net.push(d.passes(f.ip, d.net.clock.since()))
	}
	d.deliver(f)
}

// lose ends the way of a packet that is dropped here.
func (d *direction) lose(f frame, why capture.Loss) {
	d.net.decide(f.rec, 0, why)
	d.net.landed()
}

// ends reports whether what became of a packet is known once it has crossed
// this link: it is for the node at its far end, or nothing leads on from there.
// Where every link is told by itself, each knows.
func (d *direction) ends(ip []byte) bool {
	return d.net.opt.All || d.to.Kind == lab.HostNode || d.to.owns(destination(ip))
}

// isEgress reports whether the packet takes its first link here. What a host
// sends starts there even under another's address; a router also forwards.
func (d *direction) isEgress(f *frame) bool {
	return d.from.host != nil && f.rec == nil && (d.from.Kind == lab.HostNode || d.from.owns(source(f.ip)))
}

// transmission is how long a transmitter of rate bit/s is busy with n bytes,
// to the nanosecond; a rate of 0 is infinite.
func transmission(n int, rate float64) time.Duration {
	if rate <= 0 {
		return 0
	}
	ns := math.Round(float64(n) * 8 * 1e9 / rate)
	if ns > float64(math.MaxInt64/4) {
		return math.MaxInt64 / 4
	}
	return time.Duration(ns)
}
