package web

import (
	"cmp"
	"slices"

	"netscope/decoders/timeline"
)

// piece is a run of bytes of a sequence that its receiver passes on in order,
// as one packet carried it: bytes of a TCP connection, or of one QUIC stream.
type piece struct {
	from, to int64
	due      timeline.Time // when it arrives unless it is lost
	lost     bool
}

// wait is a run of bytes that came, or should have come, at one time and could
// be passed on only later.
type wait struct {
	from, to     int64
	since, until timeline.Time
}

// waits finds what waits in a sequence: bytes that were lost, from when they
// should have come, and bytes that came while earlier ones were missing. Pieces
// are in the order in which they were sent; what has not come by now still
// waits.
func waits(ps []piece, now timeline.Time) []wait {
	fresh := arrivals(ps)
	var out []wait
	passed, next := timeline.Time(0), int64(0)
	for _, f := range fresh {
		if f.from > next {
			passed = now // a hole that has not been filled
		}
		next = max(next, f.to)
		passed = max(passed, f.due)
		if passed > f.due {
			out = append(out, wait{f.from, f.to, f.due, passed})
		}
	}
	for _, p := range ps {
		if !p.lost {
			continue
		}
		w := wait{p.from, p.to, p.due, now}
		if t, ok := delivered(fresh, p.to); ok {
			w.until = t
		}
		if w.until > w.since {
			out = append(out, w)
		}
	}
	return out
}

// arrivals are the runs of bytes that have come, each when it came first, in
// the order of the sequence.
func arrivals(ps []piece) []piece {
	came := make([]piece, 0, len(ps))
	for _, p := range ps {
		if !p.lost && p.to > p.from {
			came = append(came, p)
		}
	}
	slices.SortStableFunc(came, func(a, b piece) int { return cmp.Compare(a.due, b.due) })
	var fresh []piece // apart from each other, in order
	for _, p := range came {
		i, _ := slices.BinarySearchFunc(fresh, p.from, func(f piece, from int64) int {
			if f.to <= from {
				return -1
			}
			return 1
		})
		var add []piece
		from, j := p.from, i
		for ; j < len(fresh) && fresh[j].from < p.to; j++ {
			if fresh[j].from > from {
				add = append(add, piece{from: from, to: fresh[j].from, due: p.due})
			}
			add = append(add, fresh[j])
			from = max(from, fresh[j].to)
		}
		if from < p.to {
			add = append(add, piece{from: from, to: p.to, due: p.due})
		}
		fresh = slices.Replace(fresh, i, j, add...)
	}
	return fresh
}

// delivered is when all bytes up to end had come, if they have.
func delivered(fresh []piece, end int64) (t timeline.Time, ok bool) {
	next := int64(0)
	for _, f := range fresh {
		if f.from > next {
			return 0, false
		}
		next = f.to
		t = max(t, f.due)
		if next >= end {
			return t, true
		}
	}
	return 0, false
}

// length is how long at least one of the waits lasted.
func length(ws []wait) timeline.Time {
	ws = slices.Clone(ws)
	slices.SortFunc(ws, func(a, b wait) int { return cmp.Compare(a.since, b.since) })
	var sum, end timeline.Time
	for _, w := range ws {
		if since := max(w.since, end); w.until > since {
			sum += w.until - since
			end = w.until
		}
	}
	return sum
}
