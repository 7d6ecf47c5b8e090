package client

import "time"

// bucket is a token bucket: rate bytes per second on average, at most burst at
// once. A zero rate is no limit. It may go into debt by one taking, so that what
// is larger than the burst goes through too.
type bucket struct {
	rate   float64 // bytes per second
	burst  float64 // bytes
	tokens float64
	last   time.Duration
}

// newBucket is full at the time now.
func newBucket(rate float64, now time.Duration) bucket {
	b := bucket{last: now}
	b.set(rate, now)
	b.tokens = b.burst
	return b
}

// set changes the rate; the tokens stay.
func (b *bucket) set(rate float64, now time.Duration) {
	b.fill(now)
	b.rate = max(rate, 0)
	b.burst = max(b.rate/4, 16<<10)
	b.tokens = min(b.tokens, b.burst)
}

func (b *bucket) fill(now time.Duration) {
	if d := now - b.last; d > 0 {
		b.tokens = min(b.burst, b.tokens+b.rate*d.Seconds())
		b.last = now
	}
}

// wait is how long to wait until something may be taken.
func (b *bucket) wait(now time.Duration) time.Duration {
	if b.rate <= 0 {
		return 0
	}
	b.fill(now)
	if b.tokens >= 0 {
		return 0
	}
	// Rounded up, so that then there is no debt left.
	return time.Duration(-b.tokens/b.rate*1e9) + time.Microsecond
}

// take takes n bytes.
func (b *bucket) take(n int, now time.Duration) {
	if b.rate > 0 {
		b.fill(now)
		b.tokens -= float64(n)
	}
}
