package web

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	decoders "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
	"netscope/protocols/web/model"
)

func muxParams(set lab.Params) lab.Params {
	p := lab.Defaults(Multiplexing{}.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	return p
}

func emulateMux(t testing.TB, variant string, p lab.Params, seed uint64) *timeline.Snapshot {
	t.Helper()
	b := timeline.NewBuilder(timeline.Options{Decoders: decoders.List(), Lab: true})
	_, end := run.InBubble(t.(*testing.T), Multiplexing{}, run.Request{Variant: variant, Params: p, Seed: seed}, b)
	if end.Err != "" {
		t.Errorf("%s %v: %s", variant, p, end.Err)
	}
	b.Finish(nil)
	return b.Snapshot()
}

// The textbook's example: the ideal to the millisecond, and any other numbers
// by the same formula.
func TestIdealSchedules(t *testing.T) {
	for _, c := range []struct {
		variant string
		set     lab.Params
		want    []float64
	}{
		{"first-come", nil, []float64{0.800, 0.816, 0.832, 0.848}},
		{"round-robin", nil, []float64{0.848, 0.068, 0.071, 0.074}},
		{"priority", nil, []float64{0.848, 0.016, 0.032, 0.048}},
		{"priority", lab.Params{"incremental": yes}, []float64{0.848, 0.042, 0.045, 0.048}},
		{"priority", lab.Params{"big-urgency": 1}, []float64{0.800, 0.816, 0.832, 0.848}},
		{"priority", lab.Params{"update": 0.1}, []float64{0.848, 0.121, 0.137, 0.153}},
		{"first-come", lab.Params{"later": 0.1}, []float64{0.800, 0.716, 0.732, 0.748}},
		{"round-robin", lab.Params{"later": 0.1}, []float64{0.848, 0.060, 0.063, 0.066}},
		{"round-robin", lab.Params{"push": yes}, []float64{0.848, 0.068, 0.071, 0.074}},
		{"round-robin", lab.Params{"frame": 20000}, []float64{0.848, 0.032, 0.048, 0.064}},
		{"round-robin", lab.Params{"objects": 0}, []float64{0.800}},
	} {
		p := muxParams(c.set)
		got := model.MuxIdeal(objectsOf(c.variant, p).model(p))
		if len(got) != len(c.want) {
			t.Fatalf("%s %v: %v", c.variant, c.set, got)
		}
		for i := range got {
			near(t, fmt.Sprintf("%s %v O%d", c.variant, c.set, i+1), got[i], c.want[i], 0.0006)
		}
	}
}

// checkMux runs a variant and compares what is measured with what is predicted,
// and the sum of the causes with the difference.
func checkMux(t *testing.T, variant string, p lab.Params, tolerance float64) (worst float64) {
	t.Helper()
	s := emulateMux(t, variant, p, 1)
	for _, m := range (Multiplexing{}).Measure(variant, p, s, s.End()) {
		if m.Measured == nil || m.Predicted == nil {
			t.Fatalf("%s %v: %s is measured %v, predicted %v (%s)", variant, p, m.Name, m.Measured, m.Predicted, m.Note)
		}
		d := math.Abs(*m.Measured-*m.Predicted) / *m.Predicted
		worst = max(worst, d)
		if d > tolerance {
			t.Errorf("%s %v: %s takes %v, predicted %v (%.3f %%)", variant, p, m.Name, *m.Measured, *m.Predicted, 100*d)
		}
		sum := *m.Ideal
		for _, c := range m.Causes {
			sum += c.Value
		}
		near(t, variant+" "+m.Name+" causes", sum, *m.Measured, 1e-6)
	}
	return worst
}

func TestDefaults(t *testing.T) {
	for _, o := range orders {
		p := muxParams(nil)
		checkMux(t, o.ID, p, 1e-3)
		for _, m := range (Multiplexing{}).Predict(o.ID, p) {
			t.Log(o.ID, m.Name, *m.Ideal, *m.Predicted, m.Causes)
		}
	}
}

// Without loss the measurement is the prediction, whatever the parameters.
func TestMultiplexingHolds(t *testing.T) {
	for i, set := range []lab.Params{
		{"rtt": 0.1},
		{"rtt": 0.1, "window": 65535, "stream-window": 65535},
		{"window": 65535, "stream-window": 20000},
		{"stream-window": 300, "big": 20000, "small": 1000},
		{"frame": 1000, "big": 2e5},
		{"frame": 1 << 18},
		{"frame": 256, "rate": 1e6, "big": 5e4, "small": 3000},
		{"objects": 0},
		{"objects": 100, "small": 1000, "big": 1e5},
		{"big": 1, "small": 1},
		{"big": 1, "small": 3e5, "objects": 5},
		{"buffer": 4096},
		{"buffer": 1 << 20, "later": 0.05},
		{"later": 0.3},
		{"push": yes},
		{"push": yes, "objects": 20, "rtt": 0.05},
		{"update": 0.05},
		{"update": 0.05, "later": 0.1},
		{"update": 0.1, "push": yes},
		{"incremental": yes},
		{"incremental": yes, "big-urgency": 2},
		{"rate": 1e5, "big": 1e5, "small": 1e4},
		{"rate": 1e4, "big": 2e4, "small": 2e3, "frame": 500},
		{"rate": 1e9, "big": 3e6, "window": 1 << 24, "stream-window": 1 << 24},
		{"rtt": 1.5, "big": 1e5},
		{"rtt": 0.0001},
		{"rtt": 0.03, "rate": 3.3e6, "big": 123457, "small": 7777, "frame": 3001, "objects": 7, "later": 0.01},
	} {
		for _, o := range orders {
			p := muxParams(set)
			if brief() {
				if int(o.scheduler) != i%3 || p["big"] > 1e6 {
					continue
				}
				p["big"] = min(p["big"], 1e5)
			}
			if w := checkMux(t, o.ID, p, 1e-3); w > 1e-4 {
				t.Logf("%s %v: %.4f %%", o.ID, set, 100*w)
			}
		}
	}
}

// A sweep at random: every parameter over its useful range.
func TestMultiplexingHoldsEverywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 113))
	between := func(a, b float64) float64 { return a * math.Exp(r.Float64()*math.Log(b/a)) }
	sometimes := func(x float64) float64 { return x * float64(r.IntN(2)) }
	worst, points := 0.0, 0
	for points < sweep(60, 5) {
		p := muxParams(lab.Params{
			"rtt": between(1e-4, 3), "rate": between(1e4, 1e9),
			"big": math.Floor(between(1, 3e6)), "small": math.Floor(between(1, 2e5)), "objects": math.Floor(between(1, 60)) - 1,
			"frame": math.Floor(between(256, 1<<20)), "window": math.Floor(between(65535, 1e7)), "stream-window": math.Floor(between(1000, 1e7)),
			"buffer": sometimes(math.Floor(between(4096, 1e6))), "push": sometimes(yes), "later": sometimes(between(1e-3, 1)),
			"big-urgency": float64(r.IntN(8)), "small-urgency": float64(r.IntN(8)), "incremental": sometimes(yes), "update": sometimes(between(1e-3, 1)),
		})
		o := orders[r.IntN(len(orders))]
		if p["big"]+p["small"]*p["objects"] > 4e6 {
			continue
		}
		if m := (Multiplexing{}).Predict(o.ID, p)[0]; m.Predicted == nil {
			continue
		}
		worst = max(worst, checkMux(t, o.ID, p, 0.01))
		points++
	}
	t.Logf("%d points, largest difference %.4f %%", points, 100*worst)
}

// Time and order of everything are fixed by the seed.
func TestMultiplexingSameSeedSameRun(t *testing.T) {
	for _, o := range orders {
		for _, loss := range []float64{0, 0.02} {
			p := muxParams(lab.Params{"loss": loss, "big": 2e5, "later": 0.02})
			a, b := digest(emulateMux(t, o.ID, p, 7)), digest(emulateMux(t, o.ID, p, 7))
			if a != b {
				t.Errorf("%s, loss %v: %s, then %s", o.ID, loss, a, b)
			}
		}
	}
}

// Under loss there is a band, and runs fall into it about as often as it says.
func TestMultiplexingUnderLoss(t *testing.T) {
	o := orders[1]
	p := muxParams(lab.Params{"loss": 0.02, "big": 3e5})
	ms := Multiplexing{}.Predict(o.ID, p)
	runs := sweep(20, 6)
	in := make([]int, len(ms))
	for seed := range uint64(runs) {
		s := emulateMux(t, o.ID, p, seed)
		for i, x := range completions(s, s.End(), len(ms)) {
			if x < 0 {
				t.Fatalf("seed %d: O%d was not complete", seed, i+1)
			}
			if b := ms[i].Band; b != nil && x >= b[0] && x <= b[1] {
				in[i]++
			}
		}
	}
	for i, n := range in {
		if ms[i].Band == nil || ms[i].Predicted != nil || ms[i].Note == "" || n < runs*7/10 {
			t.Errorf("%s: %d of %d runs in the 90 %% band %v", ms[i].Name, n, runs, ms[i].Band)
		}
	}
}

// Each object is known as soon as it is complete, not before; the others later.
func TestMultiplexingMeasureOnTheWay(t *testing.T) {
	p, l := muxParams(nil), NewMultiplexing()
	s := emulateMux(t, "round-robin", p, 1)
	known := func(at timeline.Position) (n int) {
		for _, m := range l.Measure("round-robin", p, s, at) {
			if m.Measured != nil {
				n++
			}
		}
		return n
	}
	last := 0
	seen := map[int]bool{}
	for at := timeline.Position(0); at <= s.End(); at += 10 {
		n := known(at)
		if n < last {
			t.Fatalf("%d objects at position %d, %d before", n, at, last)
		}
		last = n
		seen[n] = true
	}
	if !seen[0] || !seen[3] || known(s.End()) != 4 {
		t.Errorf("objects were known %v, in the end %d", seen, known(s.End()))
	}
	if avg := testing.AllocsPerRun(10, func() { l.Measure("round-robin", p, s, 0) }); avg > 2000 {
		t.Errorf("a measure costs %v allocations", avg)
	}
}
