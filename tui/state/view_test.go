package state

import (
	"os"
	"reflect"
	"testing"

	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/tui/state/tcp"
	"netscope/tui/view/viewtest"
)

func TestView(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	f := viewtest.Frame(s)
	viewtest.View(t, "state", New(), f)
	viewtest.Sweep(t, New(), f, 140, 50)
	f = viewtest.At(f, s.End()*2/3)
	f.Width, f.Height = 38, 16
	viewtest.Golden(t, "halfway-38x16", New().Render(f))
	if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
		f.Width, f.Height = 120, 44
		_ = os.WriteFile(dir+"/state.ansi", []byte(New().Render(f)), 0o644)
	}
}

func TestSameGoingBack(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	v := New()
	var there []string
	for p := timeline.Position(0); p <= s.End(); p++ {
		there = append(there, v.Render(viewtest.At(viewtest.Frame(s), p)))
	}
	for p := int(s.End()); p > 0; p-- {
		if v.Render(viewtest.At(viewtest.Frame(s), timeline.Position(p))) != there[p] {
			t.Fatalf("position %d differs going back", p)
		}
	}
}

func TestBars(t *testing.T) {
	ps := []tcp.Point{{At: 10, V: 5}, {At: 20, V: 9}, {At: 21, V: 0}, {At: 90, V: 3}}
	if got, want := Bars(ps, 0, 100, 5), []int64{9, 9, 0, 0, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func BenchmarkRender(b *testing.B) {
	s := viewtest.Exchanges(30_000, http1.Decoder{}).Done()
	f := viewtest.Frame(s)
	v := New()
	i := timeline.Position(0)
	for b.Loop() {
		i++
		g := viewtest.At(f, s.End()-i%100)
		g.Width, g.Height = 200, 60
		v.Render(g)
	}
}
