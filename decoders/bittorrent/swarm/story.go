package swarm

import "netscope/decoders/timeline"

// Change is a choke or an unchoke that was decoded.
type Change struct {
	At         timeline.Time // when it left
	From, To   int32
	Unchokes   bool
	Optimistic bool // by the ranking's word
}

// Top is who a choker unchokes for what they give, from one of its rounds.
type Top struct {
	At      timeline.Time
	Of      int32
	Regular []int32
}

// Story is the textbook's story of tit for tat in three steps: A optimistically
// unchokes B; A's content makes it one of B's top four, and B unchokes A; B's
// content makes it one of A's top four.
type Story struct {
	A, B  int32
	Steps [3]timeline.Time // of the unchoke, of B's round, of A's round
	Reply timeline.Time    // when B unchoked A
}

// prompt is how soon after a round its unchokes must have left.
const prompt timeline.Time = 1e9

// FindStory finds the story that is complete first, between whichever peers.
// Changes and tops are in order of time.
func FindStory(changes []Change, tops []Top) (best Story, ok bool) {
	regular := map[[2]int32][]timeline.Time{} // {of, who}: rounds in which who was among them
	rounds := map[int32][]timeline.Time{}
	for _, t := range tops {
		rounds[t.Of] = append(rounds[t.Of], t.At)
		for _, w := range t.Regular {
			k := [2]int32{t.Of, w}
			regular[k] = append(regular[k], t.At)
		}
	}
	for i, c := range changes {
		if !c.Unchokes || !c.Optimistic || ok && c.At >= best.Steps[2] {
			continue
		}
		a, b := c.From, c.To
		if was(regular[[2]int32{b, a}], rounds[b], c.At) {
			continue // A was among B's already
		}
		two, found := after(regular[[2]int32{b, a}], c.At)
		if !found {
			continue
		}
		reply, found := unchoked(changes[i:], b, a, two+prompt)
		if !found {
			continue
		}
		three, found := after(regular[[2]int32{a, b}], max(two, reply))
		if !found || ok && three >= best.Steps[2] {
			continue
		}
		best, ok = Story{A: a, B: b, Steps: [3]timeline.Time{c.At, two, three}, Reply: reply}, true
	}
	return best, ok
}

// was reports whether a peer was among the regular ones in the last round
// before t.
func was(in, rounds []timeline.Time, t timeline.Time) bool {
	last := timeline.Time(-1)
	for _, r := range rounds {
		if r < t {
			last = r
		}
	}
	for _, r := range in {
		if r == last && last >= 0 {
			return true
		}
	}
	return false
}

func after(times []timeline.Time, t timeline.Time) (timeline.Time, bool) {
	for _, x := range times {
		if x > t {
			return x, true
		}
	}
	return 0, false
}

// unchoked is when from unchoked to, if that still holds at by.
func unchoked(changes []Change, from, to int32, by timeline.Time) (at timeline.Time, ok bool) {
	for _, c := range changes {
		if c.From == from && c.To == to && c.At <= by {
			at, ok = c.At, c.Unchokes
		}
	}
	return at, ok
}

// History is what [FindStory] wants, from the lines and rounds up to the state
// that was asked for last.
func (t *Tracker) History() (changes []Change, tops []Top) {
	for _, l := range t.Lines() {
		if l.Kind.Changes() && l.To >= 0 {
			changes = append(changes, Change{At: l.At, From: l.From, To: l.To, Unchokes: l.Kind != Chokes, Optimistic: l.Kind == UnchokesOptimistically})
		}
	}
	for i := range t.Log.Events[:t.state.Count] {
		e := &t.Log.Events[i]
		if e.Kind != Ranked || e.Node < 0 || e.X.Round.Extra {
			continue
		}
		top := Top{At: e.At, Of: e.Node}
		for _, r := range e.X.Round.Peers {
			if r.Regular && r.Node >= 0 {
				top.Regular = append(top.Regular, r.Node)
			}
		}
		tops = append(tops, top)
	}
	return changes, tops
}
