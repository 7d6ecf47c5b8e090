package choker

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2)) }

// givers are n interested peers; number i gives i·1000 bytes per second.
func givers(n int) (out []Peer) {
	for i := 1; i <= n; i++ {
		out = append(out, Peer{ID: ID(i), Interested: true, Down: float64(1000 * i), Up: float64(1000 * (n - i)), Connected: -time.Hour})
	}
	return out
}

func why(d *Decision, id ID) Reason {
	for _, r := range d.Ranking {
		if r.ID == id {
			return r.Reason
		}
	}
	return 255
}

func count(d *Decision, r Reason) (n int) {
	for _, x := range d.Ranking {
		if x.Reason == r {
			n++
		}
	}
	return n
}

func TestTextbookUnchokesFourAndOne(t *testing.T) {
	d := Textbook().Decide(Input{Peers: givers(10)}, source(1), nil)
	for id := ID(7); id <= 10; id++ {
		if why(d, id) != Fastest {
			t.Errorf("peer %d: %v", id, why(d, id))
		}
	}
	if len(d.Unchoked) != 5 || count(d, Chance) != 1 || !d.State.Chosen {
		t.Errorf("unchoked %v, state %+v", d.Unchoked, d.State)
	}
	if d.Ranking[0].ID != 10 || d.Ranking[0].Rate != 10000 {
		t.Errorf("ranking begins with %+v", d.Ranking[0])
	}
}

func TestOptimisticRotatesEveryThirdRound(t *testing.T) {
	for seed := range uint64(50) {
		var s State
		rng, last := source(seed), ID(0)
		for round := range 12 {
			d := Textbook().Decide(Input{Peers: givers(12), State: s, Now: time.Duration(round) * Round}, rng, nil)
			if d.Rotated != (round%3 == 0) {
				t.Fatalf("round %d: rotated %v", round, d.Rotated)
			}
			if d.Rotated == (d.State.Optimistic == last) {
				t.Fatalf("round %d: optimistic %d after %d", round, d.State.Optimistic, last)
			}
			last, s = d.State.Optimistic, d.State
		}
	}
}

func TestBetweenRoundsNothingRotates(t *testing.T) {
	rng := source(1)
	a := Textbook().Decide(Input{Peers: givers(12)}, rng, nil)
	b := Textbook().Decide(Input{Peers: givers(12), State: a.State, Between: true}, rng, nil)
	if b.State != a.State {
		t.Errorf("%+v after %+v", b.State, a.State)
	}
}

func TestBEP3CountsTheOptimisticOneAmongTheFour(t *testing.T) {
	for seed := range uint64(50) {
		ps := givers(10)
		ps = append(ps, Peer{ID: 11, Down: 8500}, Peer{ID: 12, Down: 100}, Peer{ID: 13, Complete: true, Down: 1e6})
		d := BEP3().Decide(Input{Peers: ps}, source(seed), nil)
		interested := 0
		for _, id := range d.Unchoked {
			if id <= 10 {
				interested++
			}
		}
		if interested != 4 {
			t.Fatalf("seed %d: %d interested peers unchoked", seed, interested)
		}
		if r := why(d, 11); r != Early && r != Chance {
			t.Errorf("the faster, uninterested peer: %v", r)
		}
		if r := why(d, 12); r != NotInterested && r != Chance {
			t.Errorf("the slower, uninterested peer: %v", r)
		}
	}
}

func TestSnubbingPeersGetNoRegularSlot(t *testing.T) {
	ps := givers(6)
	ps[5].Snubbed = true // the fastest
	for seed := range uint64(20) {
		if r := why(Textbook().Decide(Input{Peers: ps}, source(seed), nil), 6); r != Snubbing && r != Chance {
			t.Errorf("a snubbing peer: %v", r)
		}
	}
	for _, x := range []struct {
		now, last, since time.Duration
		want             bool
	}{{61, 0, 0, true}, {60, 0, 0, false}, {100, 50, 0, false}, {111, 50, 0, true}, {111, 50, 80, false}} {
		if got := Snubbed(x.now*time.Second, x.last*time.Second, x.since*time.Second, time.Minute); got != x.want {
			t.Errorf("%+v: %v", x, got)
		}
	}
}

func TestNewPeersAreThreeTimesLikelier(t *testing.T) {
	ps := givers(4 + 2)
	ps[0].Connected, ps[1].Connected = 99*time.Second, 0
	fresh := 0
	const n = 4000
	rng := source(3)
	for range n {
		if Textbook().Decide(Input{Peers: ps, Now: 100 * time.Second}, rng, nil).State.Optimistic == 1 {
			fresh++
		}
	}
	if fresh < n*70/100 || fresh > n*80/100 {
		t.Errorf("the new one of two is chosen %d times of %d", fresh, n)
	}
}

func TestSeedByUploadRate(t *testing.T) {
	d := Textbook().Decide(Input{Peers: givers(10), Seed: true}, source(1), nil)
	if why(d, 1) != Fastest || d.Ranking[0].ID != 1 || len(d.Unchoked) != 5 {
		t.Errorf("unchoked %v", d.Unchoked)
	}
}

// A seed in rotation lets everybody have nearly the same time.
func TestSeedRotationServesAllAlike(t *testing.T) {
	p, rng := Mainline4(), source(5)
	ps := givers(20)
	for i := range ps {
		ps[i].Pending = true // as of everybody who is served
	}
	served := make([]int, len(ps))
	var s State
	const rounds = 6000
	for round := range rounds {
		now := time.Duration(round) * Round
		d := p.Decide(Input{Peers: ps, Seed: true, State: s, Now: now}, rng, nil)
		s = d.State
		if len(d.Unchoked) != 4 {
			t.Fatalf("round %d: %d unchoked", round, len(d.Unchoked))
		}
		if begun := count(d, Turn); round > 3 && begun != map[bool]int{true: 0, false: 1}[round%3 == 2] {
			t.Fatalf("round %d: %d turns begin", round, begun)
		}
		for i := range ps {
			on := slices.Contains(d.Unchoked, ps[i].ID)
			if on && !ps[i].Unchoked {
				ps[i].Unchoking = now
			}
			ps[i].Unchoked = on
			if on {
				served[i]++
			}
		}
	}
	mean := rounds * 4 / len(ps)
	for i, n := range served {
		if n < mean*85/100 || n > mean*115/100 {
			t.Errorf("peer %d is served in %d rounds, the mean is %d", i+1, n, mean)
		}
	}
}

// No decision depends on what the peers are called, nor on their order.
func TestNamesDoNotMatter(t *testing.T) {
	ps := givers(12)
	for i := range ps {
		ps[i].Down = float64(1000 * (i + 1)) // no ties
	}
	for _, p := range []Policy{Textbook(), BEP3(), Mainline4()} {
		a := p.Decide(Input{Peers: ps}, source(9), nil)
		qs := slices.Clone(ps)
		for i := range qs {
			qs[i].ID = ID(1000 - i)
		}
		b := p.Decide(Input{Peers: qs}, source(9), nil)
		for k := range a.Ranking {
			if b.Ranking[k].ID != 1001-a.Ranking[k].ID || a.Ranking[k].Reason != b.Ranking[k].Reason {
				t.Fatalf("place %d: %+v and %+v", k, a.Ranking[k], b.Ranking[k])
			}
		}
	}
}
