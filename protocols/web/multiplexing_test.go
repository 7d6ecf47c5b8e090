package web

import (
	"fmt"
	"math"
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
