package swarm

import "netscope/decoders/timeline"

// Window is over how long a rate is taken: BEP 3 wants a rolling average of
// about 20 seconds, so that chokers do not follow every ripple of TCP.
const Window timeline.Time = 20e9

const (
	slots = 10
	slot  = Window / slots
)

// Rate is an amount of content and its rolling rate. Its zero value is ready.
type Rate struct {
	Total int64 // bytes
	first timeline.Time
	last  int64 // number of the newest slot
	n     [slots]uint32
	begun bool
}

// Add counts n bytes that arrived at t.
func (r *Rate) Add(t timeline.Time, n int64) {
	if !r.begun {
		r.begun, r.first, r.last = true, t, int64(t/slot)
	}
	r.advance(int64(t / slot))
	r.Total += n
	k := &r.n[r.last%slots]
	*k = uint32(min(int64(*k)+n, 1<<32-1))
}

func (r *Rate) advance(to int64) {
	if to-r.last >= slots {
		r.n, r.last = [slots]uint32{}, to
	}
	for r.last < to {
		r.last++
		r.n[r.last%slots] = 0
	}
}

// PerSecond is the rate at t in bytes a second, over [Window] or since the
// first content if that is less.
func (r *Rate) PerSecond(t timeline.Time) float64 {
	if !r.begun {
		return 0
	}
	now, sum := int64(t/slot), int64(0)
	for i := range int64(slots) {
		if at := r.last - i; at >= 0 && now-at < slots {
			sum += int64(r.n[at%slots])
		}
	}
	span := min(Window, max(t-r.first, slot))
	return float64(sum) / span.Seconds()
}
