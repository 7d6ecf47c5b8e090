package web

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// race runs a variant and gives its page time, which must be as predicted.
func race(t *testing.T, variant string, p lab.Params, tolerance float64) float64 {
	t.Helper()
	s := emulateLab(t, Race{}, variant, p, 1)
	list := Race{}.Measure(variant, p, s, s.End())
	m := measureNamed(t, list, pageTime)
	switch {
	case m.Measured == nil:
		t.Fatalf("%s %v: the page time is not measured", variant, p)
	case m.Predicted != nil:
		if d := math.Abs(*m.Measured - *m.Predicted); d > tolerance**m.Predicted {
			t.Errorf("%s %v: the page takes %v, predicted %v", variant, p, *m.Measured, *m.Predicted)
		}
	case m.Band == nil || *m.Measured < m.Band[0] || *m.Measured > m.Band[1]:
		t.Errorf("%s %v: the page takes %v, expected %v", variant, p, *m.Measured, m.Band)
	}
	sum := *m.Ideal
	for _, c := range m.Causes {
		sum += c.Value
	}
	near(t, variant+" causes", sum, *m.Measured, 1e-6)
	if conns := measureNamed(t, list, connections); *conns.Measured != *conns.Ideal {
		t.Errorf("%s %v: %v connections, want %v", variant, p, *conns.Measured, *conns.Ideal)
	}
	return *m.Measured
}

// Who finishes when, by default, and what the formulas say of it.
func TestRaceOrder(t *testing.T) {
	p := defaultsOf(Race{}, nil)
	var times []float64
	for _, r := range racers {
		times = append(times, race(t, r.ID, p, 1e-3))
	}
	for i := 1; i < len(times); i++ {
		if times[i] >= times[i-1] {
			t.Errorf("%s takes %v, %s %v", racers[i].ID, times[i], racers[i-1].ID, times[i-1])
		}
	}
	// 1 + 12 objects of 10 kB: content takes 0.104 s.
	for variant, want := range map[string]float64{"http1.0": 26*0.05 + 0.104, "http1.1": 14*0.05 + 0.104, "http1.1x6": 0.306, overHTTP2: 3*0.05 + 0.104, overHTTP3: 3*0.05 + 0.104} {
		near(t, variant, *measureNamed(t, Race{}.Predict(variant, p), pageTime).Ideal, want, 1e-9)
	}
}

func TestRaceWithALoss(t *testing.T) {
	for _, drop := range []float64{1, 10, 40} {
		p := defaultsOf(Race{}, lab.Params{"drop": drop, "objects": 8})
		for _, r := range racers {
			race(t, r.ID, p, 1e-3)
		}
	}
	// The packet has bytes of O1; behind it wait others on TCP, none on QUIC.
	p := defaultsOf(Race{}, lab.Params{"drop": 10})
	for variant, want := range map[string]string{overHTTP2: "O1, O2, O3", overHTTP3: "O1", "http1.1": "O1"} {
		s := emulateLab(t, Race{}, variant, p, 1)
		if m := measureNamed(t, Race{}.Measure(variant, p, s, s.End()), lossWaiting); !strings.HasSuffix(m.Note, "waited; "+want) {
			t.Errorf("%s: %s; want %s", variant, m.Note, want)
		}
	}
}

func TestRaceEverywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 114))
	between := func(a, b float64) float64 { return a * math.Exp(r.Float64()*math.Log(b/a)) }
	for range sweep(12, 2) {
		p := defaultsOf(Race{}, lab.Params{
			"rtt": between(1e-3, 1), "rate": between(3e5, 1e8), "objects": math.Floor(between(1, 30)) - 1, "connections": math.Floor(between(1, 12)),
			"size": math.Floor(between(1, 1e5)), "page": math.Floor(between(1, 5e4)) * float64(r.IntN(2)),
		})
		for _, x := range racers {
			if m := measureNamed(t, Race{}.Predict(x.ID, p), pageTime); m.Predicted == nil && m.Band == nil {
				continue // the prediction says why there is none
			}
			race(t, x.ID, p, 0.01)
		}
	}
}

func TestRaceSameSeedSameRun(t *testing.T) {
	p := defaultsOf(Race{}, lab.Params{"loss": 0.02, "objects": 8})
	for _, r := range racers {
		if r.ID == overHTTP3 && shuffled {
			continue // quic-go's goroutines run in the order that the scheduler likes
		}
		a, b := emulateLab(t, Race{}, r.ID, p, 7), emulateLab(t, Race{}, r.ID, p, 7)
		if x, y := packetRows(a), packetRows(b); !reflect.DeepEqual(x, y) {
			t.Errorf("%s: %d packets, then %d, which differ", r.ID, len(x), len(y))
		}
	}
}

func TestRaceMeasureOnTheWay(t *testing.T) {
	p := defaultsOf(Race{}, nil)
	s := emulateLab(t, Race{}, overHTTP3, p, 1)
	for at := timeline.Position(0); at < s.End()/2; at += 5 {
		if m := measureNamed(t, Race{}.Measure(overHTTP3, p, s, at), pageTime); m.Measured != nil {
			t.Fatalf("the page time is known at %d", at)
		}
	}
}
