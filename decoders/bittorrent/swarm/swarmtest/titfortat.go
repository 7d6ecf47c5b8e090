package swarmtest

import (
	"math/rand/v2"
	"time"

	"netscope/decoders/timeline"
)

// TitForTat is a made-up swarm of n peers, peer 0 a seed, that trade pieces for
// a number of rounds of ten seconds. Its choices are simple and fixed by the
// seed of a generator; they only have to look like a swarm.
func TitForTat(n, pieces, rounds int) *timeline.Snapshot {
	s := New(n)
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	has := make([][]bool, n)
	for i := range n {
		has[i] = make([]bool, pieces)
		for k := range pieces {
			has[i][k] = i == 0 || n > 20 && rng.IntN(3) == 0
		}
	}
	for i := range n {
		for j := range i {
			s.Connect(i, j)
			s.Say(i, j, Bitfield(pieces, func(k int) bool { return has[i][k] }))
			s.Say(j, i, Bitfield(pieces, func(k int) bool { return has[j][k] }))
			s.Say(i, j, Message(2))
			if j > 0 {
				s.Say(j, i, Message(2))
			}
			s.Wait(time.Millisecond)
		}
	}
	open := map[[2]int]bool{}
	s.Wait(500 * time.Millisecond)
	for r := range rounds {
		for i := range n {
			var ranks []Rank
			for k, j := range rng.Perm(n) {
				if j == i || j == 0 && i != 0 && k > 3 || len(ranks) == 8 {
					continue
				}
				m := len(ranks)
				ranks = append(ranks, Rank{Peer: j, Rate: float64(200_000 / (m + 1)), Unchoked: m < 4 && r > 0 || m == 4, Optimistic: m == 4})
			}
			s.Round(i, r, ranks)
			for j := range n {
				now := false
				for _, x := range ranks {
					now = now || x.Peer == j && x.Unchoked
				}
				if j != i && now != open[[2]int{i, j}] {
					open[[2]int{i, j}] = now
					id := byte(0)
					if now {
						id = 1
					}
					s.Say(i, j, Message(id))
				}
			}
		}
		s.trade(rng, has, open, pieces)
	}
	return s.Done()
}

// trade lets everybody fetch a piece from who unchokes it, for ten seconds.
func (s *Script) trade(rng *rand.Rand, has [][]bool, open map[[2]int]bool, pieces int) {
	const steps = 4
	n := len(has)
	for range steps {
		s.Wait(10 * time.Second / steps)
		for i := range n {
			for _, j := range rng.Perm(n)[:min(n, 12)] {
				k := rng.IntN(pieces)
				if j == i || !open[[2]int{i, j}] || !has[i][k] || has[j][k] {
					continue
				}
				s.Say(j, i, Message(6, uint32(k), 0, 16384))
				s.Say(i, j, Block(uint32(k), 0, 16384))
				has[j][k] = true
				for o := range n {
					if o != j {
						s.Say(j, o, Message(4, uint32(k)))
					}
				}
			}
		}
	}
}
