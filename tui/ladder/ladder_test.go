package ladder

import (
	"fmt"
	"os"
	"testing"

	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
	"netscope/tui/view/viewtest"
)

const ms = timeline.Time(1_000_000)

// film is a made-up lab: packets on a path with a round trip of 100 ms.
type film struct {
	arrows []Arrow
	owd    timeline.Time
}

func (f *film) send(from int, at timeline.Time, k Kind, group int, label, unit string) *Arrow {
	f.arrows = append(f.arrows, Arrow{ID: uint64(len(f.arrows)), From: from, To: 1 - from, Out: at, OutEnd: at,
		In: at + f.owd, InEnd: at + f.owd, Kind: k, Group: group, Label: label, Unit: unit})
	return &f.arrows[len(f.arrows)-1]
}

// connection is one TCP connection that fetches one object in n segments.
func (f *film) connection(t timeline.Time, group, n int) timeline.Time {
	d := f.owd
	f.send(0, t, Handshake, group, "SYN", "")
	f.send(1, t+d, Handshake, group, "SYN ACK", "")
	f.send(0, t+2*d, Handshake, group, "ACK", "")
	f.send(0, t+2*d, Request, group, "GET /o1 · 120 B", "")
	first := t + 3*d
	for i := range n {
		k, l := Data, "data 1,448 B"
		if i == 0 {
			k, l = Response, "200 OK · 1,448 B"
		}
		f.send(1, first+timeline.Time(i)*12*ms, k, group, l, "data 1,448 B")
		f.send(0, first+timeline.Time(i)*12*ms+d, Ack, group, "ACK", "ACK")
	}
	return first + timeline.Time(n)*12*ms + d
}

func (f *film) input(now timeline.Time, per timeline.Time) Input {
	in := Input{Hosts: []Host{{"client", "10.1.0.1"}, {"server", "10.1.0.2"}}, Now: now, PerRow: per,
		Spans: []Span{{0, 1, "RTT", 100 * ms}}}
	for _, a := range f.sorted() {
		if a.Out <= now {
			a.Here = a.In <= now
			a.Done = a.InEnd <= now
			in.Arrows = append(in.Arrows, a)
		}
	}
	return in
}

func (f *film) sorted() []Arrow {
	s := append([]Arrow(nil), f.arrows...)
	for i := range s {
		for j := i; j > 0 && s[j].Out < s[j-1].Out; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
	return s
}

func serial() *film {
	f := &film{owd: 50 * ms}
	f.connection(f.connection(0, 0, 9), 0, 9)
	return f
}

func withLoss() *film {
	f := &film{owd: 50 * ms}
	f.connection(0, 0, 1)
	f.send(1, 162*ms, Data, 0, "data 1,448 B", "").Lost = true
	f.send(1, 174*ms, Data, 0, "data 1,448 B", "data 1,448 B")
	f.send(0, 224*ms, Ack, 0, "dup ACK 1,449", "")
	f.send(1, 2400*ms, Data, 0, "data 1,448 B · retransmission", "").Again = true
	return f
}

func messages() *film {
	f := &film{owd: 50 * ms}
	for g := range timeline.Time(2) {
		t := g * 40 * ms
		f.send(0, t, Handshake, int(g), "SYN", "")
		f.send(1, t+50*ms, Handshake, int(g), "SYN ACK", "")
		q := f.send(0, t+100*ms, Request, int(g), "GET /o1 · 120 B", "")
		q.Message, q.OutEnd, q.InEnd = true, q.Out+1*ms, q.In+1*ms
		r := f.send(1, t+151*ms, Response, int(g), "200 OK · 12,500 B", "")
		r.Message, r.OutEnd, r.InEnd = true, r.Out+100*ms, r.In+100*ms
	}
	return f
}

// threeHosts is a request that a proxy passes on.
func threeHosts() Input {
	f := &film{owd: 20 * ms}
	f.send(0, 0, Request, 0, "GET /a · 80 B", "")
	q := f.send(1, 20*ms, Request, 1, "GET /a · 90 B", "")
	q.To, q.In, q.InEnd = 2, 70*ms, 70*ms
	r := f.send(2, 80*ms, Response, 1, "304 Not Modified · 60 B", "")
	r.To, r.In, r.InEnd = 1, 130*ms, 130*ms
	b := f.send(1, 130*ms, Response, 0, "200 OK · 9,000 B", "")
	b.To, b.Message, b.OutEnd, b.InEnd = 0, true, b.Out+40*ms, b.In+40*ms
	in := f.input(165*ms, 5*ms)
	in.Hosts = []Host{{"client", "10.1.0.1"}, {"proxy", "10.1.0.2"}, {"server", "10.2.0.2"}}
	in.Letters, in.Spans = true, nil
	return in
}

type scene struct {
	name string
	in   Input
}

func scenes() []scene {
	a := serial().input(245*ms, 10*ms)
	b := withLoss().input(2460*ms, 10*ms)
	c := messages().input(225*ms, 10*ms)
	c.Letters = true
	c.Arrows[len(c.Arrows)-1].Open = false
	sel := serial().input(205*ms, 10*ms)
	sel.HasSel, sel.Selected = true, 6
	coarse := serial().input(700*ms, 50*ms)
	three := threeHosts()
	return []scene{{"three", three}, {"serial", a}, {"loss", b}, {"messages", c}, {"selected", sel}, {"coarse", coarse}}
}

func TestGoldens(t *testing.T) {
	for _, s := range scenes() {
		for _, z := range append(viewtest.Sizes(), viewtest.Size{W: 38, H: 16}) {
			d := Layout(s.in, z.W, z.H)
			for _, th := range view.Themes() {
				viewtest.Exact(t, Draw(grid.New(0, 0), &d, &s.in, th), z.W, z.H)
			}
			viewtest.Golden(t, fmt.Sprintf("scene-%s-%dx%d", s.name, z.W, z.H), Draw(grid.New(0, 0), &d, &s.in, view.DefaultTheme(true)))
		}
	}
}

// TestPictures writes coloured pictures when asked to, for looking at.
func TestPictures(t *testing.T) {
	dir := os.Getenv("NETSCOPE_PICTURES")
	if dir == "" {
		t.Skip("NETSCOPE_PICTURES names no folder to write pictures to")
	}
	for _, s := range scenes() {
		for _, dark := range []bool{true, false} {
			d := Layout(s.in, 100, 36)
			name := fmt.Sprintf("%s/ladder-%s-%v.ansi", dir, s.name, dark)
			if err := os.WriteFile(name, []byte(Draw(grid.New(0, 0), &d, &s.in, view.DefaultTheme(dark))), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
