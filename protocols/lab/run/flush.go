package run

import "time"

// flushEvery is how long a packet may wait to be told on the wall clock.
const flushEvery = 20 * time.Millisecond

// flushing writes out what the run has told, again and again, until stop is
// called.
func (c *child) flushing() (stop func()) {
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(flushEvery)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				if c.w.Flush() != nil {
					return
				}
			case <-over:
				return
			}
		}
	}()
	return func() { close(over); <-done }
}
