package chart

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"

	"netscope/protocols/lab"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		n      int
		want   []float64
		dec    int
	}{
		{0, 4.9, 5, []float64{0, 1, 2, 3, 4}, 0},
		{0, 49, 6, []float64{0, 10, 20, 30, 40}, 0},
		{0, 0.83, 5, []float64{0, 0.2, 0.4, 0.6, 0.8}, 1},
		{1, 1, 5, nil, 0},
		{0, math.Inf(1), 5, nil, 0},
		{-3, 3, 3, []float64{-2, 0, 2}, 0},
	} {
		got, dec := Ticks(c.lo, c.hi, c.n)
		if dec != c.dec || !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("Ticks(%v, %v, %d) = %v, %d; want %v, %d", c.lo, c.hi, c.n, got, dec, c.want, c.dec)
		}
	}
	if got := Decades(1, 10000); !slices.Equal(got, []float64{1, 10, 100, 1000, 10000}) {
		t.Errorf("Decades: %v", got)
	}
}

func TestValue(t *testing.T) {
	ps := []Point{{1, 10}, {3, 30}}
	for _, c := range []struct {
		kind Kind
		x, y float64
		ok   bool
	}{
		{Formula, 2, 20, true}, {Formula, 3, 30, true}, {Formula, 0, 0, false}, {Formula, 4, 0, false},
		{Steps, 2.9, 10, true}, {Steps, 9, 30, true}, {Measured, 2, 0, false}, {Measured, 1, 10, true},
	} {
		l := Line{Kind: c.kind, Points: ps}
		if y, ok := l.Value(c.x); y != c.y || ok != c.ok {
			t.Errorf("kind %d at %v: %v, %v", c.kind, c.x, y, ok)
		}
	}
}

// distribution is the textbook's chart: client-server against P2P.
func distribution(most int) []lab.Measure {
	var ms []lab.Measure
	for i := range most {
		n := float64(i + 1)
		x, cs, p2p := n, n/10, max(0.1, n/(10+n))
		a := lab.Measure{Name: "client-server", Ideal: &cs, X: &x, XName: "peers N", Unit: "h"}
		b := lab.Measure{Name: "P2P", Ideal: &p2p, X: &x, XName: "peers N", Unit: "h"}
		if i%10 == 9 {
			m, k := cs*1.02, p2p*1.1
			a.Measured, b.Measured = &m, &k
		}
		ms = append(ms, a, b)
	}
	return ms
}

func frame(ms []lab.Measure, w, h int, theme *view.Theme) view.Frame {
	f := viewtest.Frame(viewtest.HTTP())
	f.Width, f.Height, f.Theme, f.Subject.Points = w, h, theme, ms
	return f
}

func TestPlotsOf(t *testing.T) {
	ps := PlotsOf(distribution(49))
	if len(ps) != 1 || len(ps[0].Lines) != 4 || ps[0].LogX {
		t.Fatalf("%d plots", len(ps))
	}
	if y, ok := ps[0].Lines[1].Value(49); !ok || math.Abs(y-0.8305084746) > 1e-9 {
		t.Errorf("P2P at 49: %v", y)
	}
	if !PlotsOf(distribution(1000))[0].LogX {
		t.Error("three decades are not drawn as decades")
	}
	if PlotsOf(nil) != nil {
		t.Error("plots of nothing")
	}
}

func TestView(t *testing.T) {
	v := New(Points{})
	viewtest.View(t, "distribution", v, frame(distribution(49), 80, 24, view.DefaultTheme(true)))
	viewtest.Sweep(t, v, frame(distribution(49), 80, 24, view.DefaultTheme(true)), 60, 20)
	viewtest.Sweep(t, v, frame(nil, 80, 24, view.DefaultTheme(true)), 40, 5)
}

func TestCursor(t *testing.T) {
	v := New(Points{})
	f := frame(distribution(49), 80, 24, view.DefaultTheme(true))
	for range 30 {
		v.Update(f, tea.KeyPressMsg{Code: tea.KeyRight})
	}
	if v.cursor != 30 {
		t.Errorf("the cursor is at %v", v.cursor)
	}
	v.Update(f, tea.KeyPressMsg{Code: tea.KeyLeft})
	if v.cursor != 29 {
		t.Errorf("the cursor is at %v", v.cursor)
	}
	picture(t, "chart.txt", v.Render(frame(distribution(49), 118, 30, view.DefaultTheme(true))))
}

func picture(t *testing.T, name, s string) {
	if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Points that cannot be drawn are left out, and do no harm.
func TestHostilePoints(t *testing.T) {
	nan, inf, x, neg := math.NaN(), math.Inf(1), 3.0, -1e300
	ms := []lab.Measure{{Name: "a", X: &nan, Measured: &x}, {Name: "a", X: &x, Measured: &inf}, {Name: "a", X: &neg, Ideal: &neg}, {Name: "b", X: &inf, Ideal: &x}}
	v := New(Points{})
	viewtest.Sweep(t, v, frame(ms, 80, 24, view.DefaultTheme(true)), 60, 20)
}
