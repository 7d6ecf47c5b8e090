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

// simulated is the swarm of N peers that is simulated. Where there are very
// many, blocks are coarser: a quarter of a piece, so that a run ends in minutes.
func simulated(p lab.Params, n int, seed uint64) sim.Config {
	const piece = 256 << 10
	block := 16 << 10
	if n > 200 {
		block = piece / 4
	}
	u := float64(piece) * p["pieces"] / p["hour"]
	return sim.Config{
		Seed: seed, Pieces: p.Int("pieces"), PieceSize: piece, BlockSize: block,
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
		for next := 0.1; !s.Run(100_000); {
			if err := w.Clock().Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
			if done := s.Progress(); n >= 200 && done >= next {
				next = done + 0.1
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
