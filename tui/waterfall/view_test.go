package waterfall

import (
	"os"
	"testing"

	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

func frame(s *timeline.Snapshot) view.Frame {
	f := viewtest.Frame(s)
	ideal, real, seen := 0.7, 0.74, 0.741
	f.Subject.Measures = []lab.Measure{{Name: "page time", Formula: "2·RTT + N·(RTT + L/R)", Ideal: &ideal, Predicted: &real,
		Measured: &seen, Unit: "s", Causes: []lab.Cause{{Name: "headers", Value: 0.03}, {Name: "slow start", Value: 0.01}}}}
	return f
}

func TestView(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	f := frame(s)
	viewtest.View(t, "waterfall", New(), f)
	viewtest.Sweep(t, New(), f, 120, 30)
	f = frame(s)
	at := viewtest.At(f, s.End()*2/3)
	at.Width, at.Height = 38, 16
	viewtest.Golden(t, "halfway-38x16", New().Render(at))
	f = viewtest.At(frame(viewtest.Exchanges(40, http1.Decoder{}).Done()), 500)
	f.Width, f.Height = 120, 20
	viewtest.Golden(t, "many-120x20", New().Render(f))
	if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
		_ = os.WriteFile(dir+"/waterfall.ansi", []byte(New().Render(f)), 0o644)
	}
}

func TestSameGoingBack(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	v := New()
	var there []string
	for p := timeline.Position(0); p <= s.End(); p++ {
		there = append(there, v.Render(viewtest.At(viewtest.Frame(s), p)))
	}
	for p := int(s.End()); p >= 0; p-- {
		if v.Render(viewtest.At(viewtest.Frame(s), timeline.Position(p))) != there[p] {
			t.Fatalf("position %d differs going back", p)
		}
	}
}

// The runs of a bar follow each other without hole or overlap.
func TestRunsAreContiguous(t *testing.T) {
	b := Bar{Begin: [phases]timeline.Time{0, 100, 200, 210, 400}, End: 900, Reached: int(phases), Done: true}
	for w := 22; w < 200; w++ {
		in := Input{Bars: []Bar{b}, To: 1000, Now: 1000}
		c := Layout(&in, w)
		if len(c.Rows) == 0 {
			continue
		}
		x := c.X
		for _, r := range c.Rows[0].Runs {
			if r.X != x {
				t.Fatalf("width %d: run of %v begins at %d, want %d", w, r.Phase, r.X, x)
			}
			x += r.W
		}
	}
}

func BenchmarkRender(b *testing.B) {
	s := viewtest.Exchanges(50_000, http1.Decoder{}).Done()
	f := frame(s)
	f.Width, f.Height = 200, 60
	v := New()
	for b.Loop() {
		v.Render(f)
	}
}
