package web

import (
	"math"
	"math/rand/v2"
	"testing"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/web/model"
)

// The textbook's example, and what real TCP makes of it.
func TestTextbookExample(t *testing.T) {
	for _, c := range []struct {
		variant     string
		ideal, real float64
		connections float64
	}{
		{"non-persistent", 3.3, 3.392344, 11},
		{"persistent", 2.3, 2.372752, 1},
		{"pipelined", 1.4, 1.461520, 1},
		{"parallel", 1.5, 1.995592, 11},
		{"parallel-waves", 1.7, 2.095536, 11},
	} {
		p := params(nil)
		s := emulate(t, c.variant, p, 1)
		ms := Connections{}.Measure(c.variant, p, s, s.End())
		near(t, c.variant+" ideal", *ms[0].Ideal, c.ideal, 1e-9)
		near(t, c.variant+" predicted", *ms[0].Predicted, c.real, 1e-6)
		if ms[0].Measured == nil {
			t.Fatalf("%s: nothing was measured", c.variant)
		}
		near(t, c.variant+" measured", *ms[0].Measured, c.real, 1e-6)
		near(t, c.variant+" connections", *ms[1].Measured, c.connections, 0)
		sum := 0.0
		for _, cause := range ms[0].Causes {
			sum += cause.Value
		}
		near(t, c.variant+" causes", sum, *ms[0].Measured-c.ideal, 1e-6)
		if c.variant == "parallel" {
			near(t, "waves beside the pool", *ms[4].Ideal, 1.7, 1e-9)
		}
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// Without loss the measurement is the prediction, whatever the parameters.
func TestPredictionsHold(t *testing.T) {
	for i, p := range []lab.Params{
		{"objects": 0},
		{"objects": 1, "size": 1},
		{"rtt": 0.001, "rate": 1e5, "size": 8e3, "objects": 40, "connections": 10}, // time-outs in the queue
		{"rtt": 0.0001, "rate": 1e9, "size": 8e6},
		{"rtt": 1, "rate": 1e8, "size": 8e6, "objects": 3},         // slow start all the way
		{"rtt": 0.3, "rate": 5e8, "size": 6e7, "objects": 2},       // the window is the limit
		{"rtt": 10, "rate": 1e6, "objects": 3},                     // the SYN is sent again
		{"rtt": 0.02, "rate": 1e7, "size": 1e3, "objects": 200},    // references do not fit the page
		{"rtt": 0.05, "rate": 2e6, "page": 8e5, "connections": 1},  // one at a time
		{"rtt": 0.03, "rate": 1e4, "size": 4e3, "connections": 3},  // slower than the time-outs
		{"rtt": 0.1, "size": 12345, "page": 777, "connections": 2}, // nothing is round
	} {
		p := params(p)
		for k, v := range variants {
			if brief() && (k != i%len(variants) || p["objects"]*p["size"] > 3e6) {
				continue
			}
			check(t, v.ID, p, 1e-3)
		}
	}
}

// A wide sweep: every parameter over its useful range, at random.
func TestPredictionsHoldEverywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 26))
	between := func(a, b float64) float64 { return a * math.Exp(r.Float64()*math.Log(b/a)) }
	worst, points := 0.0, 0
	for points < sweep(250, 10) {
		p := params(lab.Params{
			"rtt": between(1e-4, 10), "rate": between(1e4, 1e9), "size": between(8, 2e7), "page": between(8, 1e6),
			"objects": math.Floor(between(1, 200)) - 1, "connections": math.Floor(between(1, 40)),
		})
		v := variants[r.IntN(len(variants))]
		if p["objects"]*p["size"] > 3e7 {
			continue
		}
		if m := modelOf(v.way, p); model.Run(m, model.Real(), 0, 0).Stuck {
			continue // a connection times out; the prediction says so
		}
		worst = max(worst, check(t, v.ID, p, 0.01))
		points++
	}
	t.Logf("%d points, largest difference %.3f %%", points, 100*worst)
}

// Time and order of everything are fixed by the seed.
func TestSameSeedSameRun(t *testing.T) {
	for _, v := range variants {
		for _, loss := range []float64{0, 0.03} {
			p := params(lab.Params{"loss": loss})
			a, b := digest(emulate(t, v.ID, p, 7)), digest(emulate(t, v.ID, p, 7))
			if a != b {
				t.Errorf("%s, loss %v: %s, then %s", v.ID, loss, a, b)
			}
		}
	}
}

// Under loss there is a band, and runs on the network fall into it about as
// often as it says.
func TestBandUnderLoss(t *testing.T) {
	for _, v := range variants {
		p := params(lab.Params{"loss": 0.02})
		page := Connections{}.Predict(v.ID, p)[0]
		if page.Predicted != nil || page.Band == nil || page.Note == "" {
			t.Fatalf("%s: under loss a band and a note are due, not %+v", v.ID, page)
		}
		runs := sweep(30, 6)
		in := 0
		for seed := range uint64(runs) {
			s := emulate(t, v.ID, p, seed)
			seen, ok := observe(s, s.End(), 11)
			if !ok {
				t.Fatalf("%s, seed %d: nothing was measured", v.ID, seed)
			}
			if seen.time >= page.Band[0] && seen.time <= page.Band[1] {
				in++
			}
		}
		t.Logf("%s: band %.2f…%.2f s, %d of %d runs inside", v.ID, page.Band[0], page.Band[1], in, runs)
		if in < runs*7/10 {
			t.Errorf("%s: only %d of %d runs lie in the 90 %% band", v.ID, in, runs)
		}
	}
}

// Before the last byte has arrived nothing is known.
func TestMeasureBeforeTheEnd(t *testing.T) {
	p := params(nil)
	s := emulate(t, "persistent", p, 1)
	_, last := s.MessageRange()
	_, _, closed := s.MessagePosition(last - 1)
	for _, c := range []struct {
		at    uint64
		known bool
	}{{0, false}, {uint64(closed) / 2, false}, {uint64(closed) - 1, false}, {uint64(closed), true}} {
		for _, m := range (Connections{}).Measure("persistent", p, s, timeline.Position(c.at)) {
			if (m.Measured != nil) != c.known {
				t.Errorf("position %d of %d: %s measured %v, want known=%v", c.at, closed, m.Name, m.Measured, c.known)
			}
		}
	}
}
