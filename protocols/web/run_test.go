package web

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	decoders "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

// params are the defaults with some values set.
func params(set lab.Params) lab.Params {
	p := lab.Defaults(Connections{}.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	return p
}

// emulate runs a variant on the emulated network in virtual time.
func emulate(t testing.TB, variant string, p lab.Params, seed uint64) *timeline.Snapshot {
	t.Helper()
	b := timeline.NewBuilder(timeline.Options{Decoders: decoders.List(), Lab: true})
	_, end := run.InBubble(t.(*testing.T), Connections{}, run.Request{Variant: variant, Params: p, Seed: seed}, b)
	if end.Err != "" {
		t.Errorf("%s %v: %s", variant, p, end.Err)
	}
	b.Finish(nil)
	return b.Snapshot()
}

// check runs a variant and compares what is measured with what is predicted.
// It returns the largest relative difference.
func check(t *testing.T, variant string, p lab.Params, tolerance float64) float64 {
	t.Helper()
	s := emulate(t, variant, p, 1)
	worst := 0.0
	for _, m := range (Connections{}).Measure(variant, p, s, s.End()) {
		if m.Measured == nil || m.Predicted == nil {
			if m.Predicted != nil {
				t.Errorf("%s %v: %s was not measured", variant, p, m.Name)
			}
			continue
		}
		// Waiting can be a small difference of two long times: it is judged
		// against the page time.
		scale := math.Abs(*m.Predicted)
		if m.Name == roundTrips {
			scale = max(scale, p["rtt"])
		}
		d := math.Abs(*m.Measured - *m.Predicted)
		if d > tolerance*scale {
			t.Errorf("%s %v: %s is %v, predicted %v", variant, p, m.Name, *m.Measured, *m.Predicted)
		}
		if m.Name == pageTime {
			worst = d / scale
		}
	}
	return worst
}

// digest depends on every packet's time and fate, and on every message.
func digest(s *timeline.Snapshot) string {
	h := sha256.New()
	put := func(x ...any) {
		for _, v := range x {
			_ = binary.Write(h, binary.BigEndian, v)
		}
	}
	first, end := s.PacketRange()
	for id := first; id < end; id++ {
		r := s.Packet(id)
		put(r.At, r.Arrived, r.Length, r.Flags, r.Dir)
	}
	m, last := s.MessageRange()
	for ; m < last; m++ {
		x := s.Message(m)
		put(x.Start, x.End, x.Total)
		h.Write([]byte(x.Name + x.Summary))
	}
	for _, n := range s.Notes() {
		put(n.At)
		h.Write([]byte(n.Name + n.Summary))
	}
	return fmt.Sprintf("%d packets, %d messages, %x", end-first, last, h.Sum(nil)[:8])
}
