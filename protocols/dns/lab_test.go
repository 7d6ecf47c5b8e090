package dns

import (
	"math"
	"slices"
	"strings"
	"testing"

	decoders "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

// emulate runs a variant on the emulated network in virtual time.
func emulate(t testing.TB, l lab.Lab, variant string, set lab.Params, seed uint64, journal ...lab.Action) (*timeline.Snapshot, lab.Params) {
	t.Helper()
	p := lab.Defaults(l.Spec().Params)
	for k, v := range set {
		if _, ok := p[k]; !ok {
			t.Fatalf("no parameter %s", k)
		}
		p[k] = v
	}
	b := timeline.NewBuilder(timeline.Options{Decoders: decoders.List(), Lab: true})
	_, end := run.InBubble(t.(*testing.T), l, run.Request{Variant: variant, Params: p, Seed: seed, Journal: journal}, b)
	if end.Err != "" {
		t.Errorf("%s %v: %s", variant, p, end.Err)
	}
	b.Finish(nil)
	return b.Snapshot(), p
}

// check compares what is measured with what is predicted.
func check(t *testing.T, l lab.Lab, variant string, s *timeline.Snapshot, p lab.Params) map[string]float64 {
	t.Helper()
	got := map[string]float64{}
	for _, m := range l.Measure(variant, p, s, s.End()) {
		if m.Measured == nil {
			if m.Predicted != nil || m.Band != nil {
				t.Errorf("%s %v: %s was not measured", variant, p, m.Name)
			}
			continue
		}
		got[m.Name] = *m.Measured
		t.Logf("%s: %s = %v", variant, m.Name, *m.Measured)
		if m.Predicted != nil && math.Abs(*m.Measured-*m.Predicted) > 0.01*math.Abs(*m.Predicted) {
			t.Errorf("%s %v: %s is %v, predicted %v", variant, p, m.Name, *m.Measured, *m.Predicted)
		}
		if m.Band != nil && (*m.Measured < m.Band[0] || *m.Measured > m.Band[1]) {
			t.Errorf("%s %v: %s is %v, outside %v", variant, p, m.Name, *m.Measured, *m.Band)
		}
	}
	return got
}

// way is who sent each DNS message to whom.
func way(s *timeline.Snapshot) []string {
	var out []string
	first, end := s.PacketRange()
	for id := first; id < end; id++ {
		r := s.Packet(id)
		if r.Conv == timeline.NoConv || r.Payload == 0 {
			continue
		}
		c := s.Conversation(r.Conv)
		a, b := s.HostName(c.A.Addr()), s.HostName(c.B.Addr())
		if r.Dir != 0 {
			a, b = b, a
		}
		out = append(out, a+" > "+b)
	}
	return out
}

// notes counts notes by name.
func notes(s *timeline.Snapshot) map[string]int {
	out := map[string]int{}
	for _, n := range s.Notes() {
		out[n.Name]++
	}
	return out
}

func containsAny(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
