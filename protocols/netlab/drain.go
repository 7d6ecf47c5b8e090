package netlab

import (
	"context"
	"time"
)

// Drain waits until no packet is in flight or queued any more, at most for a
// while of the run's time, and returns the time since the start of the run.
func (n *Network) Drain(ctx context.Context, most time.Duration) time.Duration {
	over := make(chan time.Duration, 1)
	finish := func() {
		if n.drained != nil {
			n.drained = nil
			n.flushAll()
			over <- n.clock.since()
		}
	}
	n.clock.post(0, work, func() {
		// The instant has to come to rest before it counts.
		n.drained = func() {
			n.clock.post(0, gate, func() {
				if n.flying.Load() == 0 {
					finish()
				}
			})
		}
		if n.flying.Load() == 0 {
			n.drained()
		}
	})
	limit := n.clock.post(most, gate, finish)
	defer n.clock.cancel(limit)
	select {
	case at := <-over:
		return at
	case <-ctx.Done():
	case <-n.clock.done:
	}
	return n.clock.since()
}

// landed counts a packet that has arrived at a stack or nowhere.
func (n *Network) landed() {
	if n.flying.Add(-1) == 0 && n.drained != nil {
		n.drained()
	}
}
