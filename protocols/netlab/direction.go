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
	deliver  func(ip []byte) // at the far end
	class    class           // of the delivery: quiet when the far end is a switch

	path    lab.Path
	matched []int // packets that matched path.Drops[i] so far
	rng     *rand.Rand

	queue   [][]byte // waiting; queue[head:] is live
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
func (d *direction) send(ip []byte) {
	if !d.busy {
		d.begin(ip)
		return
	}
	limit := d.path.Queue
	if limit <= 0 {
		limit = defaultQueue
	}
	if d.waiting+len(ip) > limit {
		now := d.net.clock.since()
		d.emit(ip, now, 0, capture.LostQueue)
		d.net.landed()
		return
	}
	d.queue = append(d.queue, ip)
	d.waiting += len(ip)
}

// begin puts a packet's first bit on the wire now.
func (d *direction) begin(ip []byte) {
	now := d.net.clock.since()
	tx := transmission(len(ip), d.path.Rate)
	// The same number of draws for every packet, so that a change of one
	// property leaves the fate of other packets as it was.
	lose, overtake, jitter := d.rng.Float64(), d.rng.Float64(), d.rng.Float64()
	if tx > 0 {
		d.busy = true
		d.net.clock.post(tx, quiet, d.free)
	}
	drop, late := d.chosen(ip)
	if drop || lose < d.path.Loss {
		d.emit(ip, now, 0, capture.LostWire)
		d.net.landed()
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
	d.emit(ip, now, arrived, capture.NotLost)
	d.net.clock.postAt(arrived, d.class, func() { d.deliver(ip) })
}

// free is called when the last bit of a packet has left the transmitter.
func (d *direction) free() {
	d.busy = false
	for !d.busy && d.head < len(d.queue) {
		ip := d.queue[d.head]
		d.queue[d.head] = nil
		d.head++
		d.waiting -= len(ip)
		if d.head == len(d.queue) {
			d.queue, d.head = d.queue[:0], 0
		} else if d.head > 64 && d.head*2 > len(d.queue) {
			d.queue = append(d.queue[:0], d.queue[d.head:]...)
			d.head = 0
		}
		d.begin(ip)
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

// emit tells the tap of a packet that begins transmission, or is dropped, now.
func (d *direction) emit(ip []byte, at, arrived time.Duration, loss capture.Loss) {
	if !d.net.opt.All && !d.isEgress(ip) {
		return
	}
	p := capture.Packet{
		At:     d.net.clock.time(at),
		Loss:   loss,
		Link:   capture.LinkRaw,
		Tap:    d.link.ID,
		Length: len(ip),
		Data:   ip,
		Ref:    -1,
	}
	if loss == capture.NotLost {
		p.Arrived = d.net.clock.time(arrived)
	}
	d.net.emit(p)
}

// isEgress reports whether the packet takes its first link here.
func (d *direction) isEgress(ip []byte) bool {
	return d.from.host != nil && d.from.owns(source(ip))
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
