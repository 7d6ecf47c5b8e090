package swarm

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"netscope/capture"
	"netscope/decoders/timeline"
	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/bittorrent/sim"
	"netscope/protocols/lab"
)

// Legout, Liogkas, Kohler and Zhang, "Clustering and Sharing Incentives in
// BitTorrent Systems" (2007): upload classes and file of their experiments.
const (
	legoutPieces = 453
	legoutPiece  = 256 << 10
	fastSeed     = 200e3 // bytes per second
	starvedSeed  = 20e3
)

func legoutClasses() []sim.Class {
	return []sim.Class{
		{Name: "20 kB/s", Count: 13, Up: 20e3},
		{Name: "50 kB/s", Count: 14, Up: 50e3},
		{Name: "200 kB/s", Count: 13, Up: 200e3},
	}
}

// clustering is the outcome of one simulation: for each class, and for all
// together, the share of regular unchokes between leechers that stays in the
// own class.
type clustering struct {
	Seed    float64   `json:"seed_Bps"`
	Run     int       `json:"run"`
	Classes []float64 `json:"classes"`
	All     float64   `json:"all"`
	First   float64   `json:"first_leaves_s"`
}

// legout is one simulation until the first leecher leaves.
func legout(seedUp float64, seed uint64) sim.Config {
	classes := append(legoutClasses(), sim.Class{Name: "seed", Count: 1, Up: seedUp, Seed: true, Stay: -1})
	return sim.Config{Seed: seed, Classes: classes, Pieces: legoutPieces, PieceSize: legoutPiece, Policy: choker.Mainline4(),
		RandomFirst: 4, Initiate: 40, Max: 80, UntilFirst: true, Horizon: 24 * time.Hour}
}

func indexOf(r sim.Result) (classes []float64, all float64) {
	own, total := 0.0, 0.0
	for i := range 3 {
		row := 0.0
		for j := range 3 {
			row += r.Regular[i][j]
		}
		x := 0.0
		if row > 0 {
			x = r.Regular[i][i] / row
		}
		classes = append(classes, x)
		own, total = own+r.Regular[i][i], total+row
	}
	if total > 0 {
		all = own / total
	}
	return classes, all
}

// simulate runs the scenario and notes what came of each run.
func simulate(ctx context.Context, w lab.World, p lab.Params) error {
	first := w.Rand("clustering").Uint64()
	for _, up := range []float64{fastSeed, starvedSeed} {
		for i := range p.Int("runs") {
			s := sim.New(legout(up, first+uint64(i)))
			for !s.Run(200_000) {
				if err := w.Clock().Sleep(ctx, time.Millisecond); err != nil {
					return err
				}
			}
			r := s.Result()
			c := clustering{Seed: up, Run: i + 1, First: r.Now.Seconds()}
			c.Classes, c.All = indexOf(r)
			data, _ := json.Marshal(c)
			w.Note(capture.Note{Host: "simulation", Proto: "bittorrent", Name: "clustering", Data: data,
				Summary: fmt.Sprintf("simulated, seed %.0f kB/s, run %d: %.2f of regular unchokes stay in the class (%.2f, %.2f, %.2f)",
					up/1e3, c.Run, c.All, c.Classes[0], c.Classes[1], c.Classes[2])})
			if err := w.Clock().Sleep(ctx, time.Second); err != nil {
				return err
			}
		}
	}
	return nil
}

func predictClustering() []lab.Measure {
	var out []lab.Measure
	for _, k := range []struct {
		seed string
		band [2]float64
	}{{"fast seed", [2]float64{0.6, 1}}, {"starved seed", [2]float64{0, 0.4}}} {
		names := []string{"all"}
		for _, c := range legoutClasses() {
			names = append(names, c.Name)
		}
		for _, n := range names {
			band := k.band
			out = append(out, lab.Measure{Name: "clustering, " + k.seed + ", " + n, Formula: "regular unchokes that stay in the own class / all; by chance .31 to .33",
				Band: &band, Note: "simulated; About tells what keeps the slow and the medium class lower"})
		}
	}
	return out
}

// measureClustering averages over the runs that are done.
func measureClustering(ms []lab.Measure, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	sums := make([]float64, len(ms))
	runs := [2]int{}
	for _, n := range s.Notes() {
		if n.Name != "clustering" || n.Position > at {
			continue
		}
		var c clustering
		if json.Unmarshal(n.Data, &c) != nil || len(c.Classes) != 3 {
			continue
		}
		k := 0
		if c.Seed == starvedSeed {
			k = 1
		}
		runs[k]++
		for i, x := range append([]float64{c.All}, c.Classes...) {
			sums[4*k+i] += x
		}
	}
	for i := range ms {
		if n := runs[i/4]; n > 0 {
			x := sums[i] / float64(n)
			ms[i].Measured = &x
			ms[i].Note = fmt.Sprintf("simulated, mean of %d runs", n)
		}
	}
	return ms
}
