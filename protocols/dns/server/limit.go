package server

import (
	"net/netip"
	"sync"
	"time"
)

// maxSources bounds for how many askers a limit keeps count.
const maxSources = 4096

// Limit lets each source ask so many questions a second, in the long run: a
// token bucket. The zero value of PerSecond lets everybody pass.
type Limit struct {
	PerSecond float64
	Burst     float64 // at once; 0: as many as in a second
	Now       func() time.Time

	mu      sync.Mutex
	sources map[netip.Addr]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// Allow reports whether a request may pass, and counts it.
func (l *Limit) Allow(r Request) bool {
	if l.PerSecond <= 0 {
		return true
	}
	burst := l.Burst
	if burst == 0 {
		burst = max(l.PerSecond, 1)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Now()
	b := l.sources[r.From.Addr()]
	if b == nil {
		if l.sources == nil || len(l.sources) >= maxSources {
			l.sources = map[netip.Addr]*bucket{} // forgiving all is cheaper than choosing
		}
		b = &bucket{tokens: burst, at: now}
		l.sources[r.From.Addr()] = b
	}
	b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()*l.PerSecond)
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
