package packets

import (
	"os"
	"testing"

	"netscope/capture"
	"netscope/capture/layers"
	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/tui/hexdump"
	"netscope/tui/tree"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

func TestView(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	f := viewtest.At(viewtest.Frame(s), s.End()*3/4)
	f.Head.Granularity = timeline.ByPacket
	v := New(tree.New(), hexdump.New())
	viewtest.View(t, "packets", v, f)
	viewtest.Sweep(t, v, f, 180, 50)
	f.Width, f.Height = 38, 16
	viewtest.Golden(t, "packets-38x16", v.Render(f))
	if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
		f.Width, f.Height = 140, 40
		_ = os.WriteFile(dir+"/packets.ansi", []byte(v.Render(f)), 0o644)
	}
}

func TestWindowShowsTheSelection(t *testing.T) {
	odd := func(id capture.PacketID) bool { return id%2 == 1 }
	var ids []capture.PacketID
	for id := capture.PacketID(11); id < 60; id += 2 {
		ids = append(ids, id)
	}
	for _, w := range []window{{want: nil}, {want: odd}, {ids: ids, listed: true}} {
		w.first, w.end = 10, 60
		top := capture.PacketID(0)
		for _, sel := range []capture.PacketID{11, 13, 59, 31, 33, 35, 57, 11, 45} {
			var rows []capture.PacketID
			rows, top = w.rows(top, sel, true, 8)
			if _, ok := find(rows, sel); !ok || len(rows) != 8 {
				t.Errorf("selection %d: rows %v", sel, rows)
			}
		}
	}
}

// remembering caches lines as the shell does.
type remembering struct {
	view.Explainer
	seen map[capture.PacketID]layers.Summary
}

func (r remembering) PacketInfo(id capture.PacketID) layers.Summary {
	l, ok := r.seen[id]
	if !ok {
		l = r.Explainer.PacketInfo(id)
		r.seen[id] = l
	}
	return l
}

func BenchmarkRender(b *testing.B) {
	s := viewtest.Exchanges(20_000, http1.Decoder{}).Done()
	f := viewtest.Frame(s)
	f.Width, f.Height = 200, 60
	f.Explain = remembering{f.Explain, map[capture.PacketID]layers.Summary{}}
	v := New(nil, nil)
	for b.Loop() {
		v.Render(f)
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[string]string{"a Seq=123 Ack=9": "a Seq=7 Ack=9", "none": "none", "Seq=": "Seq=7"} {
		if got := number(in, "Seq=", 7); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
