package announce

import (
	"context"
	"errors"
	"math/rand/v2"

	"netscope/protocols/bittorrent/tracker"
)

// Tiers goes through a torrent's trackers as BEP 12 says: tier by tier, each
// tier in an order that was shuffled once; the tracker that answered moves to
// the front of its tier. It is not for use by several goroutines at once.
type Tiers struct {
	tiers [][]string
}

// ErrNoTracker says that there is nothing to announce to.
var ErrNoTracker = errors.New("the torrent names no tracker")

// NewTiers copies and shuffles the tiers.
func NewTiers(tiers [][]string, r *rand.Rand) *Tiers {
	t := &Tiers{}
	for _, tier := range tiers {
		c := append([]string(nil), tier...)
		r.Shuffle(len(c), func(i, j int) { c[i], c[j] = c[j], c[i] })
		if len(c) > 0 {
			t.tiers = append(t.tiers, c)
		}
	}
	return t
}

// Order is the trackers in the order in which they are tried next.
func (t *Tiers) Order() []string {
	var out []string
	for _, tier := range t.tiers {
		out = append(out, tier...)
	}
	return out
}

// Worked notes that a tracker has answered.
func (t *Tiers) Worked(url string) {
	for _, tier := range t.tiers {
		for i, u := range tier {
			if u == url {
				copy(tier[1:i+1], tier[:i])
				tier[0] = url
				return
			}
		}
	}
}

// Announce tries the trackers with c's Announce, or another such function,
// until one answers, and says which; else it returns the first's error.
func (t *Tiers) Announce(ctx context.Context, announce func(context.Context, string, tracker.Announce) (tracker.Answer, error), a tracker.Announce) (tracker.Answer, string, error) {
	first := ErrNoTracker
	for _, u := range t.Order() {
		answer, err := announce(ctx, u, a)
		if err == nil {
			t.Worked(u)
			return answer, u, nil
		}
		if errors.Is(first, ErrNoTracker) {
			first = err
		}
		if ctx.Err() != nil {
			return tracker.Answer{}, "", ctx.Err()
		}
	}
	return tracker.Answer{}, "", first
}
