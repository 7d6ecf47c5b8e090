package session

import (
	"context"
	"os"
	"testing"

	labs "netscope/protocols/all"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
	"netscope/tui/view"
)

// TestMain lets this test binary be the child process of a lab.
func TestMain(m *testing.M) {
	if run.IsChild() {
		os.Exit(run.Child(labs.List()))
	}
	os.Exit(m.Run())
}

func TestALabRunsAndIsMeasured(t *testing.T) {
	r := real(t)
	l := labs.List()[0]
	spec := l.Spec()
	q := LabRequest{Lab: l, Variant: spec.Variants[len(spec.Variants)-1].ID, Params: lab.Defaults(spec.Params), Seed: 1}
	s, err := r.OpenLab(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	snap := done(t, s)
	if err := snap.Err(); err != nil {
		t.Fatal(err)
	}
	if s.Subject.Kind != view.LabSubject || len(s.Subject.Hosts) < 2 || s.Subject.Hosts[0].Role != "client" {
		t.Errorf("subject %+v", s.Subject)
	}
	ms := s.Measures(snap, snap.End())
	if len(ms) == 0 || ms[0].Measured == nil {
		t.Errorf("nothing is measured at the end: %+v", ms)
	}
	s.Pace(3 * firstPace)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpeningALabCanBeStopped(t *testing.T) {
	l := labs.List()[0]
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if s, err := real(t).OpenLab(ctx, LabRequest{Lab: l, Params: lab.Defaults(l.Spec().Params)}); err == nil {
		s.Close()
		t.Error("a stopped opening opened something")
	}
}
