package progress

import (
	"testing"

	"netscope/decoders/bittorrent/swarm/swarmtest"
	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/tui/chart"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

func TestPlots(t *testing.T) {
	s := swarmtest.TitForTat(8, 40, 6)
	f := viewtest.Frame(s)
	src := New()
	ps := settled(src, &f)
	if len(ps) != 2 || len(ps[0].Lines) != 7 || len(ps[1].Lines) != 1 {
		t.Fatalf("%d plots", len(ps))
	}
	for _, l := range ps[0].Lines {
		for i := 1; i < len(l.Points); i++ {
			if l.Points[i].Y < l.Points[i-1].Y || l.Points[i].X <= l.Points[i-1].X {
				t.Fatalf("%s loses pieces: %v", l.Name, l.Points)
			}
		}
	}
	// Up to an earlier playhead there is less, from the same samples.
	taken := len(src.samples)
	g := viewtest.At(f, s.End()/2)
	if qs := src.Plots(&g); len(qs) != 2 || len(qs[0].Lines[0].Points) >= len(ps[0].Lines[0].Points) || len(src.samples) != taken {
		t.Error("the chart goes on beyond the playhead, or begins anew")
	}
	v := chart.New(chart.Points{}, New())
	f.Width, f.Height = 80, 24
	viewtest.Settle(v, f)
	viewtest.Golden(t, "progress-80x24", render(v, f, 80, 24))
	viewtest.Sweep(t, v, f, 130, 40)
}

func TestBounded(t *testing.T) {
	s := swarmtest.TitForTat(3, 10, 60) // ten minutes
	f := viewtest.Frame(s)
	src := New()
	settled(src, &f)
	if n := len(src.samples); n >= maxSamples || n < maxSamples/4 {
		t.Errorf("%d samples", n)
	}
	for i, x := range src.samples {
		if x.at != src.step*timeline.Time(i) {
			t.Fatalf("sample %d at %v, step %v", i, x.at, src.step)
		}
	}
}

func TestNoSwarm(t *testing.T) {
	f := viewtest.Frame(viewtest.HTTP(http1.Decoder{}))
	if ps := New().Plots(&f); ps != nil {
		t.Error(ps)
	}
}

func render(v view.View, f view.Frame, w, h int) string {
	f.Width, f.Height = w, h
	return v.Render(f)
}

// settled takes in the whole timeline.
func settled(s *Source, f *view.Frame) []chart.Plot {
	ps := s.Plots(f)
	for s.Behind() {
		ps = s.Plots(f)
	}
	return ps
}
