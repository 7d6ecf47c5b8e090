package frames

import (
	"fmt"
	"os"
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
		there = append(there, place{p, draw(p)})
	}
	if n < 1000 {
		t.Errorf("%d places only", n)
	}
	for i := len(there) - 1; i >= 0; i-- {
		if draw(there[i].pos) != there[i].text {
			t.Fatalf("position %d differs going back", there[i].pos)
		}
	}
}

// BenchmarkStep is what a step through the frames costs, drawing included; the
// longest of a pass is reported beside the mean.
func BenchmarkStep(b *testing.B) {
	s := thousand()
	f := viewtest.Frame(s)
	v := New()
	p := timeline.Position(0)
	longest := time.Duration(0)
	for b.Loop() {
		st, ok := s.Step(p, timeline.ByUnit, 1, nil)
		if !ok {
			p = 0
			continue
		}
		p = st.Pos
		began := time.Now()
		g := viewtest.At(f, p)
		g.Width, g.Height = 120, 36
		v.Render(g)
		longest = max(longest, time.Since(began))
	}
	b.ReportMetric(float64(longest)/1e6, "longest-ms")
}

// thousand is a connection on which six streams take turns, a thousand times.
func thousand() *timeline.Snapshot {
	frame := func(kind, flags byte, stream uint32, payload string) string {
		n := len(payload)
		return string([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, 0, 0, 0, byte(stream)}) + payload
	}
	const data, headers, settings, endHeaders, endStream = 0, 1, 4, 4, 1
	script := viewtest.NewScript(http2.Decoder{})
	c := script.Dial(80)
	ask := "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(settings, 0, 0, "")
	give := frame(settings, 0, 0, "")
	for i := range uint32(6) {
		ask += frame(headers, endHeaders|endStream, 2*i+1, "\x82\x84\x86") // GET / http
		give += frame(headers, endHeaders, 2*i+1, "\x88")                  // 200
	}
	c.Send(decoders.AtoB, ask)
	c.Send(decoders.BtoA, give)
	block := strings.Repeat("x", 1000)
	for i := range uint32(1000) {
		script.Wait(time.Millisecond)
		c.Send(decoders.BtoA, frame(data, 0, 2*(i%6)+1, block))
	}
	return script.Done()
}
