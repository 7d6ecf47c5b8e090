// Package rate estimates how fast bytes come or go: a rolling average over the
// last 20 seconds, as the mainline client computes it for its choker.
//
// It knows neither peers nor clocks: the time is an argument.
package rate

import "time"

// Window is the period that the mainline client averages over.
const Window = 20 * time.Second

// start is how long ago a meter claims to have begun when its first byte is
// counted, so that one block does not look like an endless rate.
const start = time.Second

// Meter estimates a rate. The zero value averages over [Window]. Times are
// since any fixed moment and must not go backwards; one that does counts as
// the latest time seen.
type Meter struct {
	Period time.Duration // averages over this; 0: Window

	since, last time.Duration
	rate        float64 // bytes per second between since and last
	total       int64
	begun       bool
}

func (m *Meter) period() time.Duration {
	if m.Period > 0 {
		return m.Period
	}
	return Window
}

// Add counts n bytes at the time now.
func (m *Meter) Add(now time.Duration, n int) {
	if n < 0 {
		return
	}
	if !m.begun {
		m.begun, m.since, m.last = true, now-start, now-start
	}
	m.total += int64(n)
	m.advance(now, n)
}

// advance lets the estimate reach now with n bytes more. What is older than the
// period is not forgotten byte by byte: it counts with the average rate, which
// needs no memory of single blocks.
func (m *Meter) advance(now time.Duration, n int) {
	now = max(now, m.last)
	if d := now - m.since; d > 0 {
		m.rate = (m.rate*(m.last-m.since).Seconds() + float64(n)) / d.Seconds()
	}
	m.last = now
	m.since = max(m.since, now-m.period())
}

// Rate is the estimate at the time now, in bytes per second.
func (m *Meter) Rate(now time.Duration) float64 {
	if !m.begun {
		return 0
	}
	m.advance(now, 0)
	return m.rate
}

// Total is how many bytes were counted.
func (m *Meter) Total() int64 { return m.total }
