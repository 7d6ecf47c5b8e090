package frames

import (
	"slices"
	"testing"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// A stream waits from when bytes behind a hole arrive until the hole is filled;
// what is lost of one stream holds no other back.
func TestStalls(t *testing.T) {
	carrier := func(at, n int64, arrive timeline.Time) Block {
		return Block{Dir: decoders.BtoA, Carrier: true, At: at, N: n, Arrive: arrive, closed: true}
	}
	for name, c := range map[string]struct {
		blocks []Block
		want   []Stall
	}{
		"in order":   {[]Block{carrier(0, 10, 1), carrier(10, 10, 2)}, nil},
		"one hole":   {[]Block{carrier(0, 10, 1), carrier(20, 10, 2), carrier(30, 10, 3), carrier(10, 10, 7)}, []Stall{{2, 7, decoders.BtoA}}},
		"two holes":  {[]Block{carrier(0, 10, 1), carrier(20, 10, 2), carrier(40, 10, 3), carrier(10, 10, 7), carrier(30, 10, 9)}, []Stall{{2, 9, decoders.BtoA}}},
		"again":      {[]Block{carrier(0, 10, 1), carrier(0, 10, 2)}, nil},
		"it lasts":   {[]Block{carrier(0, 10, 1), carrier(20, 10, 2)}, []Stall{{2, -1, decoders.BtoA}}},
		"not begun":  {[]Block{carrier(10, 10, 1), carrier(30, 10, 2)}, nil},
		"the others": {[]Block{carrier(0, 10, 1)}, nil},
	} {
		in := Input{Nested: true, Blocks: c.blocks}
		var l Lane
		for i := range c.blocks {
			l.Blocks = append(l.Blocks, i)
		}
		if in.stalls(&l); !slices.Equal(l.Stalls, c.want) {
			t.Errorf("%s: %v, not %v", name, l.Stalls, c.want)
		}
	}
}
