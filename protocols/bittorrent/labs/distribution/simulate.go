package distribution

import (
	"context"
	"fmt"
	"time"

	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/bittorrent/picker"
	"netscope/protocols/bittorrent/sim"
	"netscope/protocols/lab"
)

// grain is how a swarm of n peers is simulated: what is transferred at a time,
// and how many peers of the tracker's list a newcomer connects to (it has twice
// as many neighbours, with those that connect to it). Blocks are those of the
// protocol as long as that is affordable; in swarms that no client could show
// anyway a piece is sent in four blocks, and in very large ones in one, so that
// ten thousand peers end in minutes. A piece at a time is coarse for the choker:
// with an hour for 512 pieces one takes longer than its rates look back, so it
// tells less well who gives most; among peers that are all alike that costs
// little.
func grain(n int) (blocks, initiate int) {
	switch {
	case n <= 200:
		return 16, 25
	case n < 2000:
		return 4, 20
	}
	return 1, 20
}

// simulated is the swarm of N peers that is simulated.
func simulated(p lab.Params, n int, seed uint64) sim.Config {
	const piece = 256 << 10
	blocks, initiate := grain(n)
	u := float64(piece) * p["pieces"] / p["hour"]
	return sim.Config{
		Seed: seed, Pieces: p.Int("pieces"), PieceSize: piece, BlockSize: piece / blocks, Initiate: initiate,
		Policy: choker.Mainline4(), RandomFirst: picker.MainlineRandomFirst,
		Classes: []sim.Class{
			{Name: "server", Count: 1, Up: u * p["us"], Seed: true, Stay: -1},
			{Name: "peers", Count: n, Up: u, Down: u * p["dmin"], Stay: -1},
		},
	}
}

// simulate runs all simulations; they take no time on the run's clock but for
// moments in which what was found can be seen, and in which it can be stopped.
func simulate(ctx context.Context, w lab.World, p lab.Params) error {
	for _, n := range simulatedAt(p) {
		s := sim.New(simulated(p, n, w.Rand(fmt.Sprintf("simulation/%d", n)).Uint64()))
		for next := 0.05; !s.Run(20_000); {
			if err := w.Clock().Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
			if done := s.Progress(); n >= 200 && done >= next {
				next = done + 0.05
				tell(w, "simulating", fmt.Sprintf("simulated: %d peers have %.0f %% of all pieces", n, 100*done), map[string]any{"n": n, "share": done})
			}
		}
		r := s.Result()
		least := bound(peerToPeer, p, n)
		if r.Worst < 0 {
			return fmt.Errorf("the simulated swarm of %d peers did not end: choose fewer peers", n)
		}
		tell(w, "simulated", fmt.Sprintf("simulated: the last of %d peers has the file after %.4g h, %.1f %% above the bound", n, r.Worst.Hours(), 100*(r.Worst.Seconds()/least-1)),
			outcome{N: n, Seconds: r.Worst.Seconds(), Bound: least, Kind: "simulated"})
		if err := w.Clock().Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}
