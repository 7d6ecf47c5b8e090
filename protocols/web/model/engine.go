package model

import (
	"math"
	"math/rand/v2"
	"time"
)

// engine is a clock that jumps from event to event. Events of the same instant
// happen in the order in which they were made.
type engine struct {
	now    time.Duration
	heap   []event
	made   uint64
	left   int  // events until the run is given up
	failed bool // an end has given up
}

type event struct {
	at   time.Duration
	made uint64
	fn   func()
}

func (a event) before(b event) bool {
	return a.at < b.at || a.at == b.at && a.made < b.made
}

func (g *engine) at(t time.Duration, fn func()) {
	g.made++
	g.heap = append(g.heap, event{max(t, g.now), g.made, fn})
	for i := len(g.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !g.heap[i].before(g.heap[parent]) {
			break
		}
		g.heap[i], g.heap[parent] = g.heap[parent], g.heap[i]
		i = parent
	}
}

// step runs the next event; false when there is none, or too many were.
func (g *engine) step() bool {
	if len(g.heap) == 0 || g.left == 0 || g.failed {
		return false
	}
	g.left--
	e := g.heap[0]
	last := len(g.heap) - 1
	g.heap[0] = g.heap[last]
	g.heap[last] = event{}
	g.heap = g.heap[:last]
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			break
		}
		if c+1 < last && g.heap[c+1].before(g.heap[c]) {
			c++
		}
		if !g.heap[c].before(g.heap[i]) {
			break
		}
		g.heap[i], g.heap[c] = g.heap[c], g.heap[i]
		i = c
	}
	g.now = e.at
	e.fn()
	return true
}

// wire is one direction of the link: packets wait in order of arrival for one
// transmitter, and then travel for the same time each. Nothing is dropped but
// by chance.
type wire struct {
	g     *engine
	rate  float64 // 0: transmission takes no time
	delay time.Duration
	loss  float64
	rng   *rand.Rand
	drop  Drop
	free  time.Duration // when the transmitter has sent everything so far
	skip  bool          // what carries no data does not wait in the queue
}

// send queues n bytes, of which some are data or not, and calls arrive when the
// last of them has arrived. It returns when the first bit leaves.
func (w *wire) send(n int, data bool, arrive func()) time.Duration {
	if w.skip && !data {
		w.g.at(w.g.now+w.transmission(n)+w.delay, arrive)
		return w.g.now
	}
	start := max(w.g.now, w.free)
	w.free = start + w.transmission(n)
	if w.loss > 0 && w.rng.Float64() < w.loss {
		return start
	}
	if data && n >= w.drop.MinLen {
		if w.drop.Nth--; w.drop.Nth == 0 {
			return start
		}
	}
	w.g.at(w.free+w.delay, arrive)
	return start
}

func (w *wire) transmission(n int) time.Duration {
	if w.rate <= 0 {
		return 0
	}
	return time.Duration(math.Round(float64(n) * 8e9 / w.rate))
}
