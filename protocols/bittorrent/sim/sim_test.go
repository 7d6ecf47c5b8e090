package sim

import (
	"fmt"
	"math"
	"testing"
	"time"

	"netscope/protocols/bittorrent/choker"
)

// swarm is n equal peers and a seed ten times as fast; F/u is an hour.
func swarm(n, pieces, blocks int, seed uint64) Config {
	const piece = 256 << 10
	u := float64(pieces) * piece / 3600
	return Config{
		Seed: seed, Pieces: pieces, PieceSize: piece, BlockSize: piece / blocks, Policy: choker.Mainline4(), RandomFirst: 4,
		Classes: []Class{{Name: "seed", Count: 1, Up: 10 * u, Seed: true, Stay: -1}, {Name: "peers", Count: n, Up: u, Down: 10 * u, Stay: -1}},
	}
}

func run(t testing.TB, cfg Config) Result {
	t.Helper()
	s := New(cfg)
	for range 100_000 {
		if s.Run(10_000) {
			return s.Result()
		}
	}
	t.Fatal("the simulation does not end")
	return Result{}
}

// The worst time lies at most 5 % above max{F/us, F/dmin, NF/(us+Σui)}, and
// never below.
func TestNearTheBound(t *testing.T) {
	seeds := uint64(2)
	if testing.Short() {
		seeds = 1
	}
	for _, n := range []int{1, 5, 10, 20, 30} {
		for seed := uint64(1); seed <= seeds; seed++ {
			r := run(t, swarm(n, 512, 16, seed))
			bound := max(360, 3600*float64(n)/(10+float64(n)))
			above := r.Worst.Seconds() / bound
			t.Logf("N = %d: %.4f of the bound", n, above)
			if above < 1 || above > 1.05 {
				t.Errorf("N = %d, seed %d: %v, %.4f of the bound", n, seed, r.Worst, above)
			}
		}
	}
}

func TestRepeatable(t *testing.T) {
	a, b := run(t, swarm(20, 64, 4, 7)), run(t, swarm(20, 64, 4, 7))
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("two simulations with one seed differ")
	}
	if c := run(t, swarm(20, 64, 4, 8)); c.Worst == a.Worst {
		t.Error("another seed makes no difference")
	}
}

// Every byte that was got was sent, and all that was not wasted is the file.
func TestBytesAreConserved(t *testing.T) {
	cfg := swarm(15, 64, 4, 3)
	r := run(t, cfg)
	var sent, got, waste int64
	for _, p := range r.Peers {
		sent, got, waste = sent+p.Sent, got+p.Got, waste+p.Waste
		if p.Class == 1 && p.Got-p.Waste != int64(cfg.Pieces*cfg.PieceSize) {
			t.Errorf("a peer got %d bytes of use", p.Got-p.Waste)
		}
	}
	if sent < got || waste > got/25 {
		t.Errorf("sent %d, got %d, waste %d", sent, got, waste)
	}
}

// A sender's rate is shared fairly, and what a slow receiver leaves goes to the
// others: max-min.
func TestSharesAreMaxMin(t *testing.T) {
	cfg := Config{Seed: 1, Pieces: 200, PieceSize: 64 << 10, BlockSize: 16 << 10, Policy: choker.Textbook(),
		Classes: []Class{{Count: 1, Up: 300e3, Seed: true, Stay: -1}, {Count: 1, Down: 50e3, Stay: -1}, {Count: 2, Stay: -1}}}
	r := run(t, cfg)
	size := float64(cfg.Pieces * cfg.PieceSize)
	for i, want := range []float64{0, size / 50e3, size / 125e3, size / 125e3} {
		if got := r.Peers[i].Done.Seconds(); i > 0 && math.Abs(got-want) > 0.1*want {
			t.Errorf("peer %d is done after %.0f s, want about %.0f", i, got, want)
		}
	}
}

func TestChurn(t *testing.T) {
	cfg := swarm(40, 64, 4, 5)
	cfg.Classes[1].Spread, cfg.Classes[1].Stay = 20*time.Minute, time.Minute
	cfg.Classes = append(cfg.Classes, Class{Name: "free riders", Count: 5, Stay: 0})
	cfg.Initiate, cfg.Max = 8, 12
	r := run(t, cfg)
	if r.Worst < 0 || r.Done != 45 {
		t.Fatalf("%d of %d are done", r.Done, r.Leechers)
	}
	for i, p := range r.Peers {
		if p.Class == 1 && p.Left >= 0 && p.Left-p.Done != time.Minute {
			t.Errorf("peer %d stays for %v", i, p.Left-p.Done)
		}
		if p.Class == 2 && p.Sent != 0 {
			t.Errorf("a free rider sent %d bytes", p.Sent)
		}
	}
}

// Legout et al. 2007: with a fast seed the fast peers find each other, and all
// classes together do so more than by chance; with a starved seed there is
// nothing to choose by. The medium and slow classes stay below the 0.6 that the
// fast one exceeds. The extra optimistic unchokes and the order of the mainline
// client's list, meters that begin at the connection, and a window of 20 s that
// forgets at once were each tried instead and changed no index by more than .06.
// What limits them: a stranger from a faster class that unchokes a slow peer
// optimistically for 30 s stands above all of its own class, and goes on doing
// so for 30 s more, until it counts as snubbing.
func TestClustering(t *testing.T) {
	runs := uint64(10)
	if testing.Short() {
		runs = 2
	}
	index := func(up float64) (classes [3]float64, all float64) {
		for seed := uint64(1); seed <= runs; seed++ {
			r := run(t, Config{Seed: seed, Pieces: 453, PieceSize: 256 << 10, Policy: choker.Mainline4(), RandomFirst: 4, Initiate: 40, UntilFirst: true,
				Classes: []Class{{Up: 20e3, Count: 13}, {Up: 50e3, Count: 14}, {Up: 200e3, Count: 13}, {Up: up, Count: 1, Seed: true, Stay: -1}}})
			own, sum := 0.0, 0.0
			for i := range 3 {
				row := r.Regular[i][0] + r.Regular[i][1] + r.Regular[i][2]
				classes[i] += r.Regular[i][i] / row / float64(runs)
				own, sum = own+r.Regular[i][i], sum+row
			}
			all += own / sum / float64(runs)
		}
		return classes, all
	}
	classes, all := index(200e3)
	t.Logf("fast seed: %.3f, all %.3f", classes, all)
	if classes[2] < 0.7 || classes[1] < 0.42 || all < 0.5 {
		t.Errorf("fast seed: %.3f, all %.3f", classes, all)
	}
	classes, all = index(20e3)
	t.Logf("starved seed: %.3f, all %.3f", classes, all)
	if most := max(classes[0], classes[1], classes[2]); all > 0.35 || most > 0.43 || runs >= 10 && most > 0.4 {
		t.Errorf("starved seed: %.3f, all %.3f", classes, all)
	}
}

// BenchmarkSwarm tells the cost of a piece that arrives at a peer, and how it
// grows with the swarm: see the package's description. From 2,000 peers on a
// piece is sent as one block.
func BenchmarkSwarm(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			blocks := 4
			if n >= 2000 {
				blocks = 1
			}
			cfg := swarm(n, 512, blocks, 1)
			cfg.Initiate = 20
			for range b.N {
				r := run(b, cfg)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(r.Pieces), "ns/peer-piece")
			}
		})
	}
}
