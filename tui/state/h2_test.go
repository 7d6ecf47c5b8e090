package state

import (
	"fmt"
	"os"
	"testing"

	"netscope/capture/store"
	"netscope/decoders"
	"netscope/decoders/data"
	"netscope/decoders/http1"
	"netscope/decoders/http2"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
	"netscope/protocols/web"
	"netscope/tui/state/h2"
	"netscope/tui/view/viewtest"
)

// emulate is a run of the lab of HTTP/2's streams.
func emulate(t *testing.T, set lab.Params) *timeline.Snapshot {
	t.Helper()
	p := lab.Defaults(web.Multiplexing{}.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	b := timeline.NewBuilder(timeline.Options{Lab: true, Store: store.New(0), Details: store.New(0),
		Decoders: []decoders.Decoder{http2.Decoder{}, http1.Decoder{}, data.Decoder{}}})
	if _, end := run.InBubble(t, web.Multiplexing{}, run.Request{Variant: "round-robin", Params: p, Seed: 1}, b); end.Err != "" {
		t.Fatal(end.Err)
	}
	b.Finish(nil)
	return b.Snapshot()
}

func TestHTTP2(t *testing.T) {
	s := emulate(t, nil)
	f := viewtest.At(viewtest.Frame(s), s.End()/8)
	viewtest.View(t, "http2", New(), f)
	viewtest.Sweep(t, New(), f, 140, 50)
	if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
		for _, z := range viewtest.Sizes() {
			f.Width, f.Height = z.W, z.H
			_ = os.WriteFile(fmt.Sprintf("%s/h2-%dx%d.ansi", dir, z.W, z.H), []byte(New().Render(f)), 0o644)
		}
	}
}

// Forwards and back both ends know the same at every place, with loss, too.
func TestHTTP2SameGoingBack(t *testing.T) {
	for _, loss := range []float64{0, 0.03} {
		s := emulate(t, lab.Params{"big": 150_000, "loss": loss})
		v := New()
		var there []string
		f := viewtest.Frame(s)
		f.Width, f.Height = 200, 60
		for p := timeline.Position(1); p <= s.End(); p++ {
			there = append(there, v.Render(viewtest.At(f, p)))
		}
		for i := len(there) - 1; i >= 0; i -= 7 {
			if v.Render(viewtest.At(f, timeline.Position(i+1))) != there[i] {
				t.Fatalf("position %d differs going back", i+1)
			}
		}
	}
}

// When everything has arrived both ends agree, and no rule is broken.
func TestHTTP2EndsAgree(t *testing.T) {
	s := emulate(t, nil)
	source, upgrade, ok := h2.Find(s, 0)
	if !ok || upgrade || source != 0 {
		t.Fatalf("%v %v %v", source, upgrade, ok)
	}
	var text [2]string
	for i, e := range [2]timeline.End{timeline.AtA, timeline.AtB} {
		fold := timeline.Folder[*h2.State]{Conv: 0, End: e, Fold: h2.Fold{End: e, Source: source}}
		st := fold.At(s, s.End())
		text[i] = fmt.Sprint(st.Frames, st.Conn.Ends[0].Window, st.Conn.Ends[1].Window, st.Conn.Ends[0].Table, st.Conn.Ends[1].Table)
		for _, x := range st.Conn.List() {
			text[i] += fmt.Sprint(*x)
		}
		units := 0
		for _, id := range s.ConvMessages(0) {
			if m := s.Message(id); m.Level == decoders.UnitLevel && m.Name != "MAGIC" {
				units++
			}
		}
		if n := st.Frames[0] + st.Frames[1]; n != units {
			t.Errorf("end %d knows %d frames of %d", i, n, units)
		}
	}
	if text[0] != text[1] {
		t.Errorf("the ends differ:\n%s\n%s", text[0], text[1])
	}
}
