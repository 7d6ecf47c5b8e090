package choker

import (
	"slices"
	"time"
)

// State is what one decision leaves for the next. The zero value is the start.
type State struct {
	Rounds     int // rounds decided so far
	Optimistic ID
	Chosen     bool // there is an optimistic peer
}

// Input is what a decision is made of.
type Input struct {
	Now   time.Duration
	Peers []Peer // in any order
	Seed  bool   // we have the whole file
	// Between says that this is no round: something changed (an unchoked peer
	// left, another became interested) and free slots are looked at again. No
	// round is counted and the optimistic choice does not rotate.
	Between bool
	State   State
}

// Reason is why a peer is unchoked or choked.
type Reason uint8

// Reasons.
const (
	NotInterested Reason = iota // choked: it wants nothing
	Slower                      // choked: others give (or take) more
	Snubbing                    // choked: it has sent nothing for long
	Giving                      // choked: it has not given anything yet
	Waiting                     // choked: its turn has not come
	Fastest                     // unchoked: among those that give (or take) most
	Chance                      // unchoked: the optimistic one
	Early                       // unchoked: not interested, but faster than the slowest regular one
	Spare                       // unchoked: a slot was free
	Kept                        // unchoked: its turn goes on
	Turn                        // unchoked: its turn begins
)

var reasons = [...]string{
	"not interested", "slower than those unchoked", "has sent nothing for long", "has sent nothing yet", "waits for its turn",
	"among the fastest", "optimistic", "faster, not interested", "a slot is free", "its turn goes on", "its turn begins",
}

// String says the reason in a few words.
func (r Reason) String() string {
	if int(r) < len(reasons) {
		return reasons[r]
	}
	return ""
}

// Unchokes reports whether a peer with this reason is unchoked.
func (r Reason) Unchokes() bool { return r >= Fastest }

// Regular reports whether it is unchoked for what it gives or takes.
func (r Reason) Regular() bool { return r == Fastest }

// Rank is a peer's place in a decision.
type Rank struct {
	ID     ID
	Rate   float64 // bytes per second that it is ranked by
	Reason Reason
}

// Decision says what to do with every peer.
type Decision struct {
	Ranking  []Rank // all peers: those that compete by rate first, the fastest first
	Unchoked []ID   // those that are unchoked from now on, in the order of Ranking
	State    State  // for the next decision
	// Rotated says that the optimistic peer was chosen anew.
	Rotated bool

	order []int // scratch: indices of Input.Peers in the order of Ranking
	keys  []key
}

// key is what a peer is sorted by: those that compete first, then by rate, then
// as the shuffle put them.
type key struct {
	rate     float64
	peer, at int
	competes bool
}

func (x key) compare(y key) int {
	switch {
	case x.competes != y.competes:
		if x.competes {
			return -1
		}
		return 1
	case x.rate > y.rate:
		return -1
	case x.rate < y.rate:
		return 1
	}
	return x.at - y.at
}

// Decide makes a decision. into may be a former Decision whose memory is used
// again.
func (p Policy) Decide(in Input, rng Rand, into *Decision) *Decision {
	if into == nil {
		into = new(Decision)
	}
	d := into
	d.Ranking, d.Unchoked, d.order, d.State, d.Rotated = d.Ranking[:0], d.Unchoked[:0], d.order[:0], in.State, false
	for i := range in.Peers {
		d.order = append(d.order, i)
	}
	// Shuffled before it is sorted: equal peers stand in random order.
	for i := len(d.order) - 1; i > 0; i-- {
		j := rng.IntN(i + 1)
		d.order[i], d.order[j] = d.order[j], d.order[i]
	}
	if in.Seed && p.Seed == Rotate {
		p.rotate(in, d)
	} else {
		p.titForTat(in, rng, d)
	}
	if !in.Between {
		d.State.Rounds++
	}
	for _, r := range d.Ranking {
		if r.Reason.Unchokes() {
			d.Unchoked = append(d.Unchoked, r.ID)
		}
	}
	return d
}

// titForTat ranks by rate and adds the optimistic peer.
func (p Policy) titForTat(in Input, rng Rand, d *Decision) {
	rate := func(x *Peer) float64 {
		if in.Seed {
			return x.Up
		}
		return x.Down
	}
	competes := func(x *Peer) bool {
		return x.Interested && (in.Seed || !x.Snubbed && (p.Idle || x.Down > 0))
	}
	d.keys = d.keys[:0]
	for at, i := range d.order {
		x := &in.Peers[i]
		d.keys = append(d.keys, key{rate: rate(x), peer: i, at: at, competes: competes(x)})
	}
	slices.SortFunc(d.keys, key.compare)
	for k := range d.keys {
		d.order[k] = d.keys[k].peer
	}
	for _, i := range d.order {
		x := &in.Peers[i]
		r := Rank{ID: x.ID, Rate: rate(x), Reason: Slower}
		switch {
		case !x.Interested:
			r.Reason = NotInterested
		case competes(x):
		case x.Snubbed:
			r.Reason = Snubbing
		default:
			r.Reason = Giving
		}
		d.Ranking = append(d.Ranking, r)
	}
	slots := p.Slots
	if in.Seed {
		slots = p.seedSlots()
		if !p.Among {
			slots--
		}
	}
	p.optimistic(in, rng, d, slots)
	if p.Fill {
		p.fill(in, rng, d, slots)
	}
	if p.Faster && !in.Seed {
		faster(in, d)
	}
}

// regular unchokes the first n that compete.
func regular(d *Decision, n int) {
	for k := range d.Ranking {
		if d.Ranking[k].Reason == Fastest {
			d.Ranking[k].Reason = Slower
		}
	}
	for k := range d.Ranking {
		if n <= 0 {
			return
		}
		if d.Ranking[k].Reason == Slower {
			d.Ranking[k].Reason = Fastest
			n--
		}
	}
}

// optimistic gives out the regular slots and the optimistic one.
func (p Policy) optimistic(in Input, rng Rand, d *Decision, slots int) {
	if p.Among {
		slots--
	}
	regular(d, slots)
	turn := !in.Between && in.State.Rounds%p.every() == 0
	at := -1
	if d.State.Chosen {
		at = slices.IndexFunc(d.Ranking, func(r Rank) bool { return r.ID == d.State.Optimistic })
	}
	// One that has earned a regular slot is optimistic no more; one that is gone
	// or wants nothing leaves the place free.
	void := at < 0 || d.Ranking[at].Reason == Fastest || d.Ranking[at].Reason == NotInterested && !p.Among
	switch {
	case turn || void && p.Replace:
		at = p.draw(in, rng, d)
		d.Rotated = at >= 0
	case void:
		at = -1
	}
	d.State.Chosen = at >= 0
	if at >= 0 {
		d.State.Optimistic = d.Ranking[at].ID
		if p.Among && d.Ranking[at].Reason == NotInterested {
			regular(d, slots+1) // it does not count as one of the four
		}
		d.Ranking[at].Reason = Chance
	} else {
		d.State.Optimistic = 0
		if p.Among {
			regular(d, slots+1)
		}
	}
}

// draw chooses the next optimistic peer among those that are choked otherwise:
// a new one is likelier. The present one is chosen again only if there is no
// other.
func (p Policy) draw(in Input, rng Rand, d *Decision) int {
	weight := func(k int) int {
		x := &in.Peers[d.order[k]]
		switch {
		case d.Ranking[k].Reason == Fastest, x.Complete, !x.Interested && !p.Among:
			return 0
		case p.isNew(in.Now, x.Connected):
			return p.newer()
		}
		return 1
	}
	sum, old := 0, -1
	for k := range d.Ranking {
		if in.State.Chosen && d.Ranking[k].ID == in.State.Optimistic {
			if weight(k) > 0 {
				old = k
			}
			continue
		}
		sum += weight(k)
	}
	if sum == 0 {
		return old
	}
	n := rng.IntN(sum)
	for k := range d.Ranking {
		if in.State.Chosen && d.Ranking[k].ID == in.State.Optimistic {
			continue
		}
		if n -= weight(k); n < 0 {
			return k
		}
	}
	return old
}

// fill gives regular slots that nobody has earned to interested peers at random.
// They keep them until the next optimistic choice, as the extra optimistic
// unchokes of the mainline client do: a peer that is choked again at once has
// no time to give anything back.
func (p Policy) fill(in Input, rng Rand, d *Decision, slots int) {
	used := 0
	for _, r := range d.Ranking {
		if r.Reason == Fastest || p.Among && r.Reason == Chance {
			used++
		}
	}
	stay := in.Between || in.State.Rounds%p.every() != 0
	for ; used < slots; used++ {
		at, ties, had := -1, 0, false
		for k, r := range d.Ranking {
			if r.Reason != Snubbing && r.Reason != Giving && r.Reason != Slower {
				continue
			}
			switch on := stay && in.Peers[d.order[k]].Unchoked; {
			case had && !on:
				continue
			case on && !had:
				had, ties = true, 0
			}
			ties++
			if rng.IntN(ties) == 0 {
				at = k
			}
		}
		if at < 0 {
			return
		}
		d.Ranking[at].Reason = Spare
	}
}

// faster unchokes peers that are not interested and give more than the slowest
// regular one.
func faster(in Input, d *Decision) {
	slowest, any := 0.0, false
	for _, r := range d.Ranking {
		if r.Reason == Fastest && (!any || r.Rate < slowest) {
			slowest, any = r.Rate, true
		}
	}
	if !any {
		return
	}
	for k := range d.Ranking {
		if r := &d.Ranking[k]; r.Reason == NotInterested && r.Rate > slowest && !in.Peers[d.order[k]].Snubbed {
			r.Reason = Early
		}
	}
}
