package ladder

import (
	"fmt"
	"os"
	"testing"

	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

func TestView(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	f := viewtest.Frame(s)
	viewtest.View(t, "messages", New(), f)
	viewtest.Sweep(t, New(), f, 100, 40)
	f.Head.Granularity = timeline.ByPacket
	viewtest.View(t, "packets", New(), f)
	viewtest.Sweep(t, New(), f, 100, 40)
	if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
		for _, g := range []timeline.Granularity{timeline.ByPacket, timeline.ByMessage} {
			f := viewtest.At(viewtest.Frame(s), s.End()/2)
			f.Head.Granularity, f.Width, f.Height = g, 100, 36
			_ = os.WriteFile(fmt.Sprintf("%s/ladder-%s.ansi", dir, g), []byte(New().Render(f)), 0o644)
		}
	}
}

// Whatever way the playhead came, the picture at a place is the same.
func TestSameGoingBack(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	v := New()
	for _, g := range []timeline.Granularity{timeline.ByPacket, timeline.ByMessage} {
		var there []string
		for p := timeline.Position(1); p <= s.End(); p++ {
			f := viewtest.At(viewtest.Frame(s), p)
			f.Head.Granularity = g
			there = append(there, v.Render(f))
		}
		for p := s.End(); p >= 1; p-- {
			f := viewtest.At(viewtest.Frame(s), p)
			f.Head.Granularity = g
			if v.Render(f) != there[p-1] {
				t.Fatalf("by %v, position %d differs going back", g, p)
			}
		}
	}
}

func BenchmarkRender(b *testing.B) {
	s := viewtest.Exchanges(20_000, http1.Decoder{}).Done()
	for _, g := range []timeline.Granularity{timeline.ByPacket, timeline.ByMessage} {
		b.Run(g.String(), func(b *testing.B) {
			v := New()
			f := viewtest.Frame(s)
			f.Width, f.Height, f.Head.Granularity = 200, 60, g
			for i := range b.N {
				f.Head = view.Playhead{Pos: s.End() - timeline.Position(i%50), Time: f.Head.Time, Granularity: g, Message: f.Head.Message}
				v.Render(f)
			}
		})
	}
}
