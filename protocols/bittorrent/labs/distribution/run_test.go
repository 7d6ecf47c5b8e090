package distribution

import (
	"math"
	"testing"

	decoders "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

func params(set lab.Params) lab.Params {
	p := lab.Defaults(Lab{}.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	return p
}

func emulate(t *testing.T, variant string, p lab.Params) []lab.Measure {
	t.Helper()
	b := timeline.NewBuilder(timeline.Options{Decoders: decoders.List(), Lab: true})
	_, end := run.InBubble(t, Lab{}, run.Request{Variant: variant, Params: p, Seed: 1}, b)
	if end.Err != "" {
		t.Fatalf("%s: %s", variant, end.Err)
	}
	b.Finish(nil)
	s := b.Snapshot()
	return Lab{}.Measure(variant, p, s, s.End())
}

func TestFormulas(t *testing.T) {
	for _, x := range []struct {
		n       float64
		p2p, cs float64
	}{{1, .1, .1}, {10, .5, 1}, {30, .75, 3}, {49, 49.0 / 59, 4.9}} {
		for variant, want := range map[string]float64{peerToPeer: x.p2p, clientServer: x.cs} {
			seen := 0
			for _, m := range (Lab{}).Predict(variant, params(nil)) {
				if m.Name == timeName && *m.X == x.n {
					seen++
					if math.Abs(*m.Ideal-want) > 1e-9 || m.Unit != "h" {
						t.Errorf("%s, N = %v: %v %s, want %v h", variant, x.n, *m.Ideal, m.Unit, want)
					}
				}
			}
			if seen != 1 {
				t.Errorf("%s, N = %v: %d points", variant, x.n, seen)
			}
		}
	}
}

// The real transfers are small here; what they lose to headers and to the start
// is larger for it.
func TestRealTransfers(t *testing.T) {
	for variant, most := range map[string]float64{clientServer: 1.06, peerToPeer: 1.35} {
		p := params(lab.Params{"peers": 3, "size": 4 << 20, "simulate": 5, "pieces": 128})
		points, sims := 0, 0
		for _, m := range emulate(t, variant, p) {
			switch {
			case m.Measured == nil:
			case m.Name == timeName && m.X != nil:
				points++
				if above := *m.Measured / *m.Ideal; above < 0.999 || above > most {
					t.Errorf("%s, N = %v: measured %v h, bound %v h", variant, *m.X, *m.Measured, *m.Ideal)
				}
				t.Logf("%s N = %v: measured/bound %.4f", variant, *m.X, *m.Measured / *m.Ideal)
			case m.Name == simName:
				sims++
			}
		}
		if points != 3 || variant == peerToPeer && sims != 2 {
			t.Errorf("%s: %d measured and %d simulated points", variant, points, sims)
		}
	}
}
