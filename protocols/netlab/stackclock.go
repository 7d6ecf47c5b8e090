package netlab

import (
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// stackClock is the event clock as one host's stack sees it. It implements
// tcpip.Clock; its timers run on the driver goroutine.
type stackClock struct {
	c    *clock
	host *host
}

var _ tcpip.Clock = stackClock{}

func (s stackClock) Now() time.Time { return s.c.time(s.c.since()) }

func (s stackClock) NowMonotonic() tcpip.MonotonicTime {
	// Not from zero: the stack takes a zero time for "never".
	return tcpip.MonotonicTime{}.Add(s.c.since() + time.Second)
}

func (s stackClock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	t := &stackTimer{s: s, f: f}
	t.Reset(d)
	return t
}

// stackTimer implements tcpip.Timer.
type stackTimer struct {
	s stackClock
	f func()
	e *event // guarded by the clock's mutex through post and cancel
}

func (t *stackTimer) Stop() bool { return t.s.c.stopTimer(t) }

func (t *stackTimer) Reset(d time.Duration) { t.s.c.resetTimer(t, d) }

func (t *stackTimer) fire() {
	t.f()
	t.s.host.kick()
}

func (c *clock) stopTimer(t *stackTimer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.e == nil || t.e.index < 0 {
		return false
	}
	c.heap.remove(t.e)
	return true
}

func (c *clock) resetTimer(t *stackTimer, d time.Duration) {
	c.mu.Lock()
	if t.e != nil && t.e.index >= 0 {
		c.heap.remove(t.e)
	}
	t.e = &event{at: c.sinceLocked() + max(d, 0), class: work, fn: t.fire}
	c.pushLocked(t.e)
}
