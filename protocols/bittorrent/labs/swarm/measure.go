package swarm

import (
	"slices"

	"netscope/decoders"
	fold "netscope/decoders/bittorrent/swarm"
	"netscope/decoders/timeline"
	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/lab"
)

// The names of measures.
const (
	lastDownload = "last download"
	roundsApart  = "choke rounds apart"
	chanceApart  = "optimistic choices apart"
	mostUnchoked = "unchoked and interested, at most"
	storyAfter   = "tit for tat, complete after"
)

// Predict implements lab.Lab.
func (Lab) Predict(variant string, p lab.Params) []lab.Measure {
	if p.Int("scenario") == clusteringScenario {
		return predictClustering()
	}
	bound, longest := bounds(p)
	slots := float64(policyOf(variant).Slots)
	if !policyOf(variant).Among {
		slots++
	}
	num := func(x float64) *float64 { return &x }
	every := policyOf(variant).Every
	if every == 0 {
		every = 3
	}
	chance := lab.Measure{Name: chanceApart, Formula: "30 s", Ideal: num(float64(every) * choker.Round.Seconds()), Unit: "s", Variant: variant}
	if policyOf(variant).Replace {
		chance.Formula, chance.Ideal, chance.Band = "10 to 30 s", nil, &[2]float64{choker.Round.Seconds(), *chance.Ideal}
		chance.Note = "also when the place becomes free"
	}
	return []lab.Measure{
		{Name: lastDownload, Formula: "max{F/us, F/dmin, N·F/(us+Σui)}", Ideal: &bound, Band: &[2]float64{bound, longest}, Unit: "s", Variant: variant,
			Note: "the formula is a lower bound: chokers, arrivals and free riders have no closed form"},
		{Name: roundsApart, Formula: "10 s", Ideal: num(choker.Round.Seconds()), Unit: "s", Variant: variant},
		chance,
		{Name: mostUnchoked, Formula: "regular + optimistic", Ideal: &slots, Variant: variant, Note: "for longer than 0.1 s"},
		{Name: storyAfter, Formula: "A unchokes B by chance; A among B's best; B among A's best", Unit: "s", Variant: variant, Band: &[2]float64{0, 120}},
	}
}

// bounds are between what the last download must lie: the formula, with the
// last arrival on average, and a generous multiple.
func bounds(p lab.Params) (least, most float64) {
	size := p["size"]
	up, seeds, leechers, down := 0.0, 0.0, 0.0, 0.0
	for _, m := range members(p) {
		switch {
		case m.Spare:
			continue
		case m.Class == seedClass:
			seeds += m.Up
		case m.Class != freeClass:
			up += m.Up
		}
		if m.Class != seedClass {
			leechers++
			down = m.Down
		}
	}
	least = max(size/seeds, size/down, leechers*size/(seeds+up))
	return least, 4*least + 60 + leechers*p["arrive"] + 10*p["churn"]
}

// Measure implements lab.Lab.
func (Lab) Measure(variant string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	ms := Lab{}.Predict(variant, p)
	if p.Int("scenario") == clusteringScenario {
		return measureClustering(ms, s, at)
	}
	var t fold.Tracker
	state := t.At(s, at)
	if x, ok := allFull(&t.Log, state, p); ok {
		ms[0].Measured = &x
	}
	events := t.Log.Events[:state.Count]
	if x, ok := apart(events, func(r *fold.Round) bool { return true }); ok {
		ms[1].Measured = &x
	}
	if x, ok := apart(events, func(r *fold.Round) bool { return r.Rotated && r.Mode == "leecher" }); ok {
		ms[2].Measured = &x
	}
	x := float64(most(&t.Log, events))
	ms[3].Measured = &x
	if story, ok := fold.FindStory(t.History()); ok {
		x := story.Steps[2].Seconds()
		ms[4].Measured = &x
		a, b := t.Log.Nodes[story.A], t.Log.Nodes[story.B]
		ms[4].Note = a.Name() + " and " + b.Name()
		ms[4].Causes = []lab.Cause{
			{Name: a.Name() + " unchokes " + b.Name() + " by chance", Value: story.Steps[0].Seconds()},
			{Name: a.Name() + " among " + b.Name() + "'s best", Value: (story.Steps[1] - story.Steps[0]).Seconds()},
			{Name: b.Name() + " among " + a.Name() + "'s best", Value: (story.Steps[2] - story.Steps[1]).Seconds()},
		}
	}
	return ms
}

// allFull is when the last leecher had the whole file, if all have, as their
// messages tell it.
func allFull(log *fold.Log, state *fold.State, p lab.Params) (last float64, ok bool) {
	leeches := map[string]bool{}
	for _, m := range members(p) {
		leeches[m.Name] = m.Class != seedClass
	}
	full := 0
	for i := range state.Nodes {
		n := &state.Nodes[i]
		if n.Seen && n.Full >= 0 && leeches[log.Nodes[i].Host] {
			full++
			last = max(last, n.Full.Seconds())
		}
	}
	return last, full >= p.Int("leechers")
}

// apart is the median of the times between the rounds of one choker that are
// wanted.
func apart(events []fold.Event, want func(*fold.Round) bool) (float64, bool) {
	last := map[string]timeline.Time{}
	var gaps []float64
	for i := range events {
		e := &events[i]
		if e.Kind != fold.Ranked || e.X.Round.Extra || !want(e.X.Round) {
			continue
		}
		h := e.X.Round.Host
		if t, ok := last[h]; ok {
			gaps = append(gaps, (e.At - t).Seconds())
		}
		last[h] = e.At
	}
	if len(gaps) == 0 {
		return 0, false
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2], true
}

// most is how many peers that are interested a peer had unchoked at most. Both
// are as the choker sees it: its own unchokes when they leave, the interest of
// others when it arrives. What happens at one instant happens together.
func most(log *fold.Log, events []fold.Event) int {
	type side struct {
		conn int32
		dir  decoders.Dir // of the choker's messages
	}
	type change struct {
		at   timeline.Time
		side side
		node int32
		what int // 0 unchoked, 1 interested
		on   bool
	}
	var all []change
	for i := range events {
		e := &events[i]
		if e.Conv < 0 {
			continue
		}
		me, other := side{e.Conv, e.Dir}, side{e.Conv, 1 - e.Dir}
		switch e.Kind {
		case fold.Choke, fold.Unchoke:
			all = append(all, change{e.Sent, me, log.Conns[e.Conv].Node[e.Dir], 0, e.Kind == fold.Unchoke})
		case fold.Interested, fold.NotInterested:
			all = append(all, change{e.At, other, log.Conns[e.Conv].Node[1-e.Dir], 1, e.Kind == fold.Interested})
		}
	}
	// A connection that is over counts no more; when two ends see that differs
	// by what is under way.
	for i := range log.Conns {
		if c := &log.Conns[i]; c.End >= 0 {
			for d := range decoders.Dir(2) {
				all = append(all, change{c.End, side{int32(i), d}, c.Node[d], 0, false})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b change) int { return int(min(max(a.at-b.at, -1), 1)) })
	state := map[side][2]bool{}
	count := map[int32]int{}
	lasting := map[int32]held{}
	largest := 0
	for i := range all {
		c := &all[i]
		s := state[c.side]
		was := s[0] && s[1]
		s[c.what] = c.on
		state[c.side] = s
		if is := s[0] && s[1]; is != was && c.node >= 0 {
			if is {
				count[c.node]++
			} else {
				count[c.node]--
			}
		}
		if i+1 < len(all) && all[i+1].at == c.at {
			continue
		}
		for node, n := range count {
			h, ok := lasting[node]
			if ok && h.n == n {
				continue
			}
			if ok && c.at-h.since >= moment {
				largest = max(largest, h.n)
			}
			lasting[node] = held{n, c.at}
		}
	}
	return largest
}

// held is how many peers had been unchoked and interested since a time.
type held struct {
	n     int
	since timeline.Time
}

// moment is how long a number must last to count: a choke leaves a moment after
// the interest that causes it, behind a block perhaps.
const moment timeline.Time = 100e6
