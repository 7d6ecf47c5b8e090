package client

import (
	"container/heap"
	"context"
	"time"
)

// loop is the one goroutine that owns a client's state. Everything happens in
// functions that are handed to it, one after the other; who hands one in waits
// until it has run. So whatever a machine is doing meanwhile, one packet has one
// consequence after the other, and a run in virtual time repeats itself.
type loop struct {
	clock interface {
		Now() time.Time
		Sleep(ctx context.Context, d time.Duration) error
	}
	start  func(func()) // starts a goroutine
	events chan call
	done   chan struct{} // closed when the loop has ended
	ctx    context.Context
	epoch  time.Time
	timers timers
	armed  []time.Duration // times for which an alarm sleeps, earliest last
	seq    int
	ended  bool // run must return
}

type call struct {
	f    func()
	over chan struct{}
}

// run executes what comes until a function sets ended.
func (l *loop) run() {
	defer close(l.done)
	for !l.ended {
		e := <-l.events
		e.f()
		close(e.over)
	}
}

// do runs f on the loop and waits for it; false means that the loop has ended
// and f has not run. It must not be called on the loop.
func (l *loop) do(f func()) bool {
	e := call{f, make(chan struct{})}
	select {
	case l.events <- e:
		<-e.over
		return true
	case <-l.done:
		return false
	}
}

// now is the time since the client's start.
func (l *loop) now() time.Duration { return l.clock.Now().Sub(l.epoch) }

// timer is something to be done at a time.
type timer struct {
	at    time.Duration
	seq   int
	f     func()
	index int // in the heap, −1: not in it
}

// at has f run at a time since the start.
func (l *loop) at(t time.Duration, f func()) *timer {
	l.seq++
	x := &timer{at: t, seq: l.seq, f: f}
	heap.Push(&l.timers, x)
	l.arm()
	return x
}

// after has f run when d has passed.
func (l *loop) after(d time.Duration, f func()) *timer { return l.at(l.now()+d, f) }

// forget calls a timer off; one that has fired or is nil is no matter.
func (l *loop) forget(t *timer) {
	if t != nil && t.index >= 0 {
		heap.Remove(&l.timers, t.index)
	}
}

// arm sees to it that an alarm sleeps no longer than until the first timer.
// Alarms are never called off: one too many only looks at the heap.
func (l *loop) arm() {
	if len(l.timers) == 0 {
		return
	}
	at := l.timers[0].at
	if n := len(l.armed); n > 0 && l.armed[n-1] <= at {
		return
	}
	l.armed = append(l.armed, at)
	d := at - l.now()
	l.start(func() {
		if l.clock.Sleep(l.ctx, d) == nil {
			l.do(l.alarm)
		}
	})
}

// alarm runs what is due.
func (l *loop) alarm() {
	now := l.now()
	for n := len(l.armed); n > 0 && l.armed[n-1] <= now; n-- {
		l.armed = l.armed[:n-1]
	}
	for len(l.timers) > 0 && l.timers[0].at <= now && !l.ended {
		heap.Pop(&l.timers).(*timer).f()
	}
	l.arm()
}

// timers is a heap by time, then by order of setting.
type timers []*timer

func (h timers) Len() int { return len(h) }
func (h timers) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h timers) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *timers) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}
func (h *timers) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = -1
	return t
}
