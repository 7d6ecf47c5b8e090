package swarm

import (
	"testing"

	decoders "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

// The scenario tells every run, and its measures are the means of them: the fast
// class clusters with a fast seed, and no class does with a starved one.
func TestClusteringScenario(t *testing.T) {
	p := lab.Defaults(Lab{}.Spec().Params)
	p["scenario"], p["runs"] = clusteringScenario, 2
	b := timeline.NewBuilder(timeline.Options{Decoders: decoders.List(), Lab: true})
	if _, end := run.InBubble(t, Lab{}, run.Request{Variant: mainline, Params: p, Seed: 1}, b); end.Err != "" {
		t.Fatal(end.Err)
	}
	b.Finish(nil)
	s := b.Snapshot()
	got := map[string]float64{}
	for _, m := range (Lab{}).Measure(mainline, p, s, s.End()) {
		if m.Measured != nil {
			got[m.Name] = *m.Measured
		}
	}
	for name, in := range map[string][2]float64{
		"clustering, fast seed, all": {0.48, 1}, "clustering, fast seed, 200 kB/s": {0.65, 1}, "clustering, fast seed, 50 kB/s": {0.4, 1},
		"clustering, starved seed, all": {0, 0.4}, "clustering, starved seed, 20 kB/s": {0, 0.4},
		"clustering, starved seed, 50 kB/s": {0, 0.4}, "clustering, starved seed, 200 kB/s": {0, 0.45},
	} {
		if x, ok := got[name]; !ok || x < in[0] || x > in[1] {
			t.Errorf("%s: %.3f (measured: %v), want %v", name, x, ok, in)
		}
	}
}
