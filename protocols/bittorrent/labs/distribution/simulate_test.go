package distribution

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

// quiet is a world with notes, chance and a clock, and nothing else.
type quiet struct {
	lab.World
	note func(capture.Note)
}

func (q quiet) Clock() lab.Clock                               { return q }
func (q quiet) Rand(string) *rand.Rand                         { return rand.New(rand.NewPCG(1, 2)) }
func (q quiet) Note(n capture.Note)                            { q.note(n) }
func (quiet) Now() time.Time                                   { return time.Unix(0, 0) }
func (quiet) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// A large simulation tells how far it is, and ends when it is cancelled.
func TestLargeSimulation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told, ended := 0, 0
	w := quiet{note: func(n capture.Note) {
		switch n.Name {
		case "simulating":
			if told++; told == 5 {
				cancel()
			}
		case "simulated":
			ended++
		}
	}}
	err := simulate(ctx, w, params(lab.Params{"simulate": 10_000, "pieces": 16}))
	if !errors.Is(err, context.Canceled) || told != 5 || ended != 7 {
		t.Errorf("%v after %d notes of progress and %d ends", err, told, ended)
	}
}

// Blocks are the protocol's for all swarms that the bound is judged by, and a
// whole piece at most.
func TestGrain(t *testing.T) {
	last := 16
	for _, n := range simulatedAt(params(lab.Params{"simulate": 10_000})) {
		blocks, _ := grain(n)
		if blocks < 1 || blocks > last || n <= 49 && blocks != 16 {
			t.Errorf("N = %d: %d blocks a piece", n, blocks)
		}
		last = blocks
	}
}
