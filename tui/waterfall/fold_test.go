package waterfall

import (
	"fmt"
	"testing"

	"netscope/decoders/http1"
	"netscope/tui/view/viewtest"
)

func TestFolded(t *testing.T) {
	for n := 1; n < 40; n++ {
		for h := 1; h < n; h++ {
			ends := folded(n, h)
			last := 0
			for _, e := range ends {
				if e <= last {
					t.Fatalf("%d in %d rows: %v", n, h, ends)
				}
				last = e
			}
			if len(ends) != h || last != n || h > 1 && ends[0] != 1 {
				t.Fatalf("%d in %d rows: %v", n, h, ends)
			}
		}
	}
}

// A cell shows the latest phase of those that are folded, and nothing else of
// them is lost.
func TestFold(t *testing.T) {
	a := Bar{Label: "GET /a  200", Done: true, End: 60}
	b := Bar{Label: "GET /b  404", Failed: true, End: 90, Selected: true}
	r := fold([]Row{{Bar: &a, Runs: []Run{{2, 3, Wait}, {5, 2, Content}}}, {Bar: &b, Runs: []Run{{0, 3, Queued}, {3, 3, Wait}, {6, 99, Content}}}}, 10)
	if got := fmt.Sprint(r.Runs); got != fmt.Sprint([]Run{{0, 2, Queued}, {2, 3, Wait}, {5, 5, Content}}) {
		t.Error(got)
	}
	if r.Bar.Label != "GET /a, /b" || r.Bar.Done || !r.Bar.Failed || !r.Bar.Selected || r.Bar.End != 90 || a.Label != "GET /a  200" {
		t.Errorf("%+v", r.Bar)
	}
}

// Whatever the room, a race shows all exchanges.
func TestComparedIsWhole(t *testing.T) {
	s := viewtest.Exchanges(40, http1.Decoder{}).Done()
	f := frame(s)
	f.Horizon = s.Now()
	viewtest.Sweep(t, New(), f, 120, 12)
	f.Width, f.Height = 120, 4
	viewtest.Golden(t, "race-120x4", New().Render(f))
}
