package choker

import "slices"

// recently is for how long an unchoke is recent to a seed that rotates.
const recently = 2 * Round

// rotate is a seed that serves all alike. Unchoked and interested peers are
// ordered by when they were unchoked, the latest first, if that is recent or
// requests of theirs wait; the others behind them by upload rate. So each new
// peer pushes the one out that has been served for longest.
func (p Policy) rotate(in Input, d *Decision) {
	front := func(x *Peer) bool { return x.Pending || in.Now-x.Unchoking < recently }
	class := func(x *Peer) int {
		switch {
		case x.Unchoked && x.Interested && front(x):
			return 0
		case x.Unchoked && x.Interested:
			return 1
		case x.Interested:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(d.order, func(a, b int) int {
		x, y := &in.Peers[a], &in.Peers[b]
		cx, cy := class(x), class(y)
		switch {
		case cx != cy:
			return cx - cy
		case cx == 0 && x.Unchoking != y.Unchoking:
			if x.Unchoking > y.Unchoking {
				return -1
			}
			return 1
		case cx == 1 && x.Up != y.Up:
			if x.Up > y.Up {
				return -1
			}
			return 1
		}
		return 0
	})
	slots := p.seedSlots()
	fresh := in.State.Rounds%3 != 2 && !in.Between
	keep := slots
	if fresh {
		keep--
	}
	d.State.Chosen, d.State.Optimistic = false, 0
	for k, i := range d.order {
		x := &in.Peers[i]
		r := Rank{ID: x.ID, Rate: x.Up, Reason: Waiting}
		switch c := class(x); {
		case c == 3:
			r.Reason = NotInterested
		case c < 2 && k < keep:
			r.Reason = Kept
		}
		d.Ranking = append(d.Ranking, r)
	}
	// Of those that are choked and interested, the ones in front are random: the
	// order was shuffled. Free slots go to them too.
	used := 0
	for _, r := range d.Ranking {
		if r.Reason == Kept {
			used++
		}
	}
	for k := range d.Ranking {
		if used >= slots {
			break
		}
		if r := &d.Ranking[k]; r.Reason == Waiting && class(&in.Peers[d.order[k]]) == 2 {
			r.Reason = Turn
			used++
			d.State.Chosen, d.State.Optimistic, d.Rotated = true, r.ID, true
		}
	}
	// Nobody new: those that were unchoked stay.
	for k := range d.Ranking {
		if used >= slots {
			break
		}
		if r := &d.Ranking[k]; r.Reason == Waiting {
			r.Reason = Kept
			used++
		}
	}
}
