package netlab

import (
	"sync"
	"time"
)

// class says what an event may do, and orders events of the same instant:
// actions before all, gates after all.
type class uint8

const (
	action class = iota // a change from outside
	work                // may make goroutines runnable: a delivery, a timer
	quiet               // touches links only
	gate                // stands after all that happens at its instant
)

// rank orders the classes within an instant.
func (c class) rank() int {
	switch c {
	case action:
		return 0
	case gate:
		return 2
	}
	return 1
}

// event is something that happens at a virtual time.
type event struct {
	at    time.Duration // since the start of the run
	seq   uint64        // order of posting
	class class
	index int // in the heap, -1 when not in it
	fn    func()
}

func (e *event) before(o *event) bool {
	if e.at != o.at {
		return e.at < o.at
	}
	if a, b := e.class.rank(), o.class.rank(); a != b {
		return a < b
	}
	return e.seq < o.seq
}

// clock is the event heap and its driver goroutine.
type clock struct {
	start  time.Time
	settle func() // waits until every other goroutine is at rest; nil on the wall clock
	onIdle func() // called when nothing has been posted for idleLimit
	before func() // called before each event, time standing still

	mu    sync.Mutex
	heap  eventHeap
	seq   uint64
	now   time.Duration // wall clock: time of the event being handled
	fired time.Time     // wall clock: real time at which it was taken

	wake chan struct{}
	stop chan struct{}
	done chan struct{}
}

const (
	// grace is for how long on the wall clock time stands still at an event, so
	// that what the event causes is stamped with the event's exact time.
	grace = 3 * time.Millisecond
	// idleLimit is how long the driver waits for an event before it says that
	// nothing goes on any more.
	idleLimit = 24 * time.Hour
)

func newClock(settle func()) *clock {
	return &clock{
		start:  time.Now(),
		settle: settle,
		wake:   make(chan struct{}, 1),
		stop:   make(chan struct{}),
		done:   make(chan struct{}),
	}
}

// since is the time since the start of the run.
func (c *clock) since() time.Duration {
	if c.settle != nil {
		return time.Since(c.start) // bubble time moves only between events
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sinceLocked()
}

func (c *clock) sinceLocked() time.Duration {
	if c.settle != nil {
		return time.Since(c.start)
	}
	if real := time.Since(c.start); real > c.now && time.Since(c.fired) > grace {
		// Never past an event that is still to be handled, or order is lost.
		if e := c.heap.first(); e != nil && e.at < real {
			real = e.at
		}
		c.now = max(c.now, real)
	}
	return c.now
}

// time is the time of day of an instant of the run.
func (c *clock) time(d time.Duration) time.Time { return c.start.Add(d) }

// post makes fn an event d from now. fn runs on the driver goroutine and must
// not wait for other goroutines of the bubble.
func (c *clock) post(d time.Duration, cl class, fn func()) *event {
	c.mu.Lock()
	e := &event{at: c.sinceLocked() + max(d, 0), class: cl, fn: fn}
	c.pushLocked(e)
	return e
}

// postAt makes fn an event at an instant of the run; at once if that has passed.
func (c *clock) postAt(at time.Duration, cl class, fn func()) *event {
	c.mu.Lock()
	e := &event{at: max(at, c.sinceLocked()), class: cl, fn: fn}
	c.pushLocked(e)
	return e
}

// pushLocked adds e and unlocks.
func (c *clock) pushLocked(e *event) {
	c.seq++
	e.seq = c.seq
	c.heap.push(e)
	head := c.heap.first() == e
	c.mu.Unlock()
	if head {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// cancel takes e out of the heap and reports whether it was still there.
func (c *clock) cancel(e *event) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e == nil || e.index < 0 {
		return false
	}
	c.heap.remove(e)
	return true
}

// take removes the first event if it is due, else says how long to wait.
func (c *clock) take() (e *event, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e = c.heap.first()
	if e == nil {
		return nil, idleLimit
	}
	real := time.Since(c.start)
	if e.at > real {
		return nil, e.at - real
	}
	c.heap.remove(e)
	if c.settle == nil {
		c.now, c.fired = max(c.now, e.at), time.Now()
	}
	return e, 0
}

// run is the driver. It returns when close is called.
func (c *clock) run() {
	defer close(c.done)
	timer := time.NewTimer(idleLimit)
	defer timer.Stop()
	restless := true // something may be running that belongs to this instant
	for {
		if restless && c.settle != nil {
			c.settle()
		}
		restless = false
		select {
		case <-c.stop:
			return
		default:
		}
		if c.before != nil {
			c.before()
		}
		e, wait := c.take()
		if e != nil {
			e.fn()
			restless = e.class != quiet
			continue
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
			if wait == idleLimit && c.onIdle != nil {
				c.onIdle()
			}
		case <-c.wake:
		case <-c.stop:
			return
		}
		restless = true
	}
}

// close stops the driver and waits for it.
func (c *clock) close() {
	close(c.stop)
	<-c.done
}
