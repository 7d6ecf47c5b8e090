package messages

import (
	"fmt"
	"os"
	"testing"

	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/tui/view/viewtest"
)

func TestView(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	for _, side := range []Side{Both, Client, Server} {
		v := New(side)
		f := viewtest.Frame(s)
		viewtest.View(t, v.Name(), v, f)
		f = viewtest.At(f, s.End()*2/3) // a response is on its way
		f.Width, f.Height = 38, 16
		viewtest.Golden(t, v.Name()+"-38x16", v.Render(f))
		viewtest.Sweep(t, New(side), f, 100, 40)
		if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
			f.Width, f.Height = 60, 24
			if side == Both {
				f.Width = 120
			}
			_ = os.WriteFile(fmt.Sprintf("%s/%s.ansi", dir, v.Name()), []byte(v.Render(f)), 0o644)
		}
	}
}

func TestSameGoingBack(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	for _, side := range []Side{Both, Client, Server} {
		v := New(side)
		var there []string
		for p := timeline.Position(0); p <= s.End(); p++ {
			there = append(there, v.Render(viewtest.At(viewtest.Frame(s), p)))
		}
		for p := int(s.End()); p >= 0; p-- {
			if v.Render(viewtest.At(viewtest.Frame(s), timeline.Position(p))) != there[p] {
				t.Fatalf("%s: position %d differs going back", v.Name(), p)
			}
		}
	}
}

func TestSeen(t *testing.T) {
	for _, c := range []struct {
		name                          string
		total, sent, got              int64
		known, closed, failed, sender bool
		want                          Progress
	}{
		{"nothing yet", 100, 0, 0, true, false, false, false, Progress{Waiting, 0, 100, true}},
		{"leaving", 100, 40, 0, true, false, false, true, Progress{Partial, 40, 100, true}},
		{"has left", 100, 100, 40, true, false, false, true, Progress{InFlight, 100, 100, true}},
		{"arriving", 100, 100, 40, true, false, false, false, Progress{Partial, 40, 100, true}},
		{"arrived", 100, 300, 300, true, true, false, false, Progress{Complete, 100, 100, true}},
		{"broken", 100, 300, 300, true, true, true, false, Progress{Failed, 100, 100, true}},
		{"no end known", 100, 150, 120, false, false, false, false, Progress{Partial, 120, 150, false}},
	} {
		if got := Seen(c.total, c.sent, c.got, c.known, c.closed, c.failed, c.sender); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestTextual(t *testing.T) {
	for s, want := range map[string]bool{"GET / HTTP/1.1\r\n": true, "\x00\x01": false, "größe": true, "": true, "\xff\xfe..": false} {
		if Textual([]byte(s)) != want {
			t.Errorf("%q: want %v", s, want)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	s := viewtest.Exchanges(50_000, http1.Decoder{}).Done()
	for _, side := range []Side{Both, Client} {
		b.Run(New(side).Name(), func(b *testing.B) {
			v := New(side)
			f := viewtest.Frame(s)
			f.Width, f.Height = 200, 60
			for b.Loop() {
				v.Render(f)
			}
		})
	}
}
