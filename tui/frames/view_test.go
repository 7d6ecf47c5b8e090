package frames

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/capture/store"
	"netscope/decoders"
	"netscope/decoders/data"
	"netscope/decoders/http1"
	"netscope/decoders/http2"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
	"netscope/protocols/web"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// emulate is a run of the lab of HTTP/2's streams.
func emulate(t *testing.T, variant string, set lab.Params) *timeline.Snapshot {
	t.Helper()
	p := lab.Defaults(web.Multiplexing{}.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	b := timeline.NewBuilder(timeline.Options{Lab: true, Store: store.New(0), Details: store.New(0),
		Decoders: []decoders.Decoder{http2.Decoder{}, http1.Decoder{}, data.Decoder{}}})
	if _, end := run.InBubble(t, web.Multiplexing{}, run.Request{Variant: variant, Params: p, Seed: 1}, b); end.Err != "" {
		t.Fatal(end.Err)
	}
	b.Finish(nil)
	return b.Snapshot()
}

// at is the frame after n units.
func at(f view.Frame, n int) view.Frame {
	p := f.Timeline.Oldest()
	var stop timeline.Stop
	for range n {
		s, ok := f.Timeline.Step(p, timeline.ByUnit, 1, nil)
		if !ok {
			break
		}
		p, stop = s.Pos, s
	}
	f = viewtest.At(f, p)
	f.Head.Granularity, f.Head.Message, f.Head.Packet = timeline.ByUnit, stop.Message, stop.Packet
	return f
}

// picture writes a screen for people to look at.
func picture(t *testing.T, name string, v view.View, f view.Frame) {
	dir := os.Getenv("NETSCOPE_PICTURES")
	if dir == "" {
		return
	}
	for _, s := range append(viewtest.Sizes(), viewtest.Size{W: 50, H: 15}, viewtest.Size{W: 118, H: 6}) {
		f.Width, f.Height = s.W, s.H
		file := fmt.Sprintf("%s/%s-%dx%d.ansi", dir, name, s.W, s.H)
		if err := os.WriteFile(file, []byte(v.Render(f)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestView(t *testing.T) {
	s := emulate(t, "round-robin", nil)
	f := viewtest.Frame(s)
	byTime, inOrder := New(), New()
	inOrder.scale.Mode = InOrder
	for _, c := range []struct {
		name string
		v    *View
		f    view.Frame
	}{
		{"time", byTime, at(f, 24)}, {"order", inOrder, at(f, 24)}, {"time-end", byTime, at(f, 1000)}, {"order-far", inOrder, at(f, 60)},
	} {
		picture(t, c.name, c.v, c.f)
		viewtest.View(t, c.name, c.v, c.f)
		viewtest.Sweep(t, c.v, c.f, 130, 40)
	}
	lossy := emulate(t, "round-robin", lab.Params{"loss": 0.02})
	g := viewtest.Frame(lossy)
	picture(t, "loss", byTime, at(g, 40))
}

// Forwards and back every position looks the same.
func TestSameGoingBack(t *testing.T) {
	s := emulate(t, "first-come", lab.Params{"big": 100_000})
	f := viewtest.Frame(s)
	for _, mode := range []Mode{ByTime, InOrder} {
		v := New()
		v.scale.Mode = mode
		var there []string
		for p := timeline.Position(0); p <= s.End(); p += 3 {
			there = append(there, v.Render(viewtest.At(f, p)))
		}
		for i := len(there) - 1; i >= 0; i-- {
			if v.Render(viewtest.At(f, timeline.Position(i*3))) != there[i] {
				t.Fatalf("position %d differs going back", i*3)
			}
		}
	}
}

// odd says that every frame of an odd number differs.
type odd struct{}

func (odd) Packet(capture.PacketID) view.Difference { return view.Difference{} }
func (odd) Message(id timeline.MessageID) view.Difference {
	return view.Difference{Kind: view.DifferenceKind(id % 3)}
}

// What is compared has one axis, from 0 to the horizon, and differences marked.
func TestCompared(t *testing.T) {
	f := viewtest.Frame(emulate(t, "round-robin", nil))
	f = at(f, 24)
	f.Horizon, f.Differs = 2*f.Timeline.Now(), odd{}
	f.Width, f.Height = 120, 36
	v := New()
	text := v.Render(f)
	if v.last.p.Start != 0 || v.last.p.Order {
		t.Errorf("the axis begins at %v", v.last.p.Start)
	}
	if end := timeline.Time(v.last.p.PerCell * float64(v.last.p.W)); end < f.Horizon || end > f.Horizon*11/10 {
		t.Errorf("the axis ends at %v, the horizon is %v", end, f.Horizon)
	}
	if !strings.Contains(text, "≠") && !strings.Contains(text, "◆") {
		t.Error("no difference is marked")
	}
	viewtest.Sweep(t, v, f, 100, 30)
}

func TestNothingWithStreams(t *testing.T) {
	v := New()
	f := viewtest.Frame(viewtest.HTTP(http1.Decoder{}))
	viewtest.Sweep(t, v, f, 100, 30)
	viewtest.Golden(t, "none-80x24", v.Render(f))
}

// A step through a thousand frames, forwards and back, draws the same at
// the same place.
func TestThousandFrames(t *testing.T) {
	s := emulate(t, "round-robin", lab.Params{"big": 2_400_000, "frame": 2048, "objects": 6})
	f := viewtest.Frame(s)
	v := New()
	p, n := timeline.Position(0), 0
	type place struct {
		pos  timeline.Position
		text string
	}
	var there []place
	var took []time.Duration
	draw := func(p timeline.Position) string {
		g := viewtest.At(f, p)
		g.Width, g.Height = 120, 36
		return v.Render(g)
	}
	for {
		st, ok := s.Step(p, timeline.ByUnit, 1, nil)
		if !ok {
			break
		}
		p = st.Pos
		n++
		began := time.Now()
		there = append(there, place{p, draw(p)})
		took = append(took, time.Since(began))
	}
	if n < 1000 {
		t.Errorf("%d places only", n)
	}
	for i := len(there) - 1; i >= 0; i-- {
		if draw(there[i].pos) != there[i].text {
			t.Fatalf("position %d differs going back", there[i].pos)
		}
	}
	// Every step is shorter than a frame. The machine may have paused during
	// one that was long: it is made again, from the place before it, and the
	// shortest time counts.
	for i := 1; i < n; i++ {
		for try := 0; took[i] > 16*time.Millisecond && try < 5; try++ {
			v = New()
			draw(there[i-1].pos)
			began := time.Now()
			draw(there[i].pos)
			took[i] = min(took[i], time.Since(began))
		}
		if took[i] > 16*time.Millisecond {
			t.Errorf("the step to position %d takes %v, longer than a frame at 60 Hz", there[i].pos, took[i])
		}
	}
	slices.Sort(took[1:])
	t.Logf("%d steps, half of them under %v, the longest %v", n, took[n/2], took[n-1])
}
