package state

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"netscope/capture/store"
	"netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
	"netscope/protocols/web"
	"netscope/tui/state/quic"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// emulate3 is a run of the lab http3 over QUIC.
func emulate3(t *testing.T) *timeline.Snapshot {
	t.Helper()
	p := lab.Defaults(web.LostPacket{}.Spec().Params)
	b := timeline.NewBuilder(timeline.Options{Lab: true, Store: store.New(0), Details: store.New(0), Decoders: all.List()})
	if _, end := run.InBubble(t, web.LostPacket{}, run.Request{Variant: "http3", Params: p, Seed: 1}, b); end.Err != "" {
		t.Fatal(end.Err)
	}
	b.Finish(nil)
	return b.Snapshot()
}

// on puts the playhead on the last packet before a position, so that its
// connection is shown.
func on(f view.Frame, p timeline.Position) view.Frame {
	f = viewtest.At(f, p)
	m := f.Timeline.Moment(p - 1)
	f.Head.Packet, f.Head.HasPkt, f.Head.Message = m.Packet, true, timeline.NoMessage
	f.Head.Granularity = timeline.ByPacket
	return f
}

func TestQUIC(t *testing.T) {
	s := emulate3(t)
	f := viewtest.Frame(s)
	for name, p := range map[string]timeline.Position{"early": s.End() / 8, "half": s.End() / 2, "end": s.End()} {
		v, g := New(), on(f, p)
		viewtest.Sweep(t, v, g, 140, 50)
		if dir := os.Getenv("NETSCOPE_PICTURES"); dir != "" {
			for _, z := range viewtest.Sizes() {
				g.Width, g.Height = z.W, z.H
				_ = os.WriteFile(fmt.Sprintf("%s/quic-%s-%dx%d.ansi", dir, name, z.W, z.H), []byte(v.Render(g)), 0o644)
			}
		}
	}
	// Both ends have seen the same streams when everything has arrived.
	var lines [2]string
	for i, e := range [2]timeline.End{timeline.AtA, timeline.AtB} {
		fold := timeline.Folder[*quic.State]{Conv: 0, End: e, Fold: quic.Fold{End: e}}
		st := fold.At(s, s.End())
		if len(st.Conn.Streams) < 5 || st.Suite == 0 || st.ALPN != "h3" || st.RTT <= 0 || len(st.Spaces[1][2].Acked) == 0 || len(st.IDs[0])+len(st.IDs[1]) == 0 || st.Conn.Limit[0] == 0 {
			t.Errorf("end %d knows %+v", i, *st)
		}
		for id, x := range st.Conn.Streams {
			if id&3 == 0 {
				lines[i] += fmt.Sprint(id, x.Half[0].State, x.Half[1].Sent, " ")
			}
		}
		if st.Sealed > 0 {
			t.Errorf("end %d: %d packets are sealed", i, st.Sealed)
		}
	}
	if len(lines[0]) != len(lines[1]) {
		t.Errorf("the ends differ:\n%s\n%s", lines[0], lines[1])
	}
	// The server has noticed the packet that was dropped.
	lost := false
	fold := timeline.Folder[*quic.State]{Conv: 0, End: timeline.AtB, Fold: quic.Fold{End: timeline.AtB}}
	for p := timeline.Position(1); p <= s.End(); p++ {
		lost = lost || len(fold.At(s, p).Spaces[1][2].Lost) > 0
	}
	if !lost {
		t.Error("no packet counts as lost")
	}
}

// Forwards and back both ends know the same at every place.
func TestQUICSameGoingBack(t *testing.T) {
	s := emulate3(t)
	v := New()
	var there []string
	f := viewtest.Frame(s)
	f.Width, f.Height = 200, 60
	for p := timeline.Position(1); p <= s.End(); p++ {
		there = append(there, v.Render(on(f, p)))
	}
	if !strings.Contains(there[len(there)-1], "QPACK") {
		t.Error("no tables of QPACK")
	}
	for i := len(there) - 1; i >= 0; i -= 7 {
		if v.Render(on(f, timeline.Position(i+1))) != there[i] {
			t.Fatalf("position %d differs going back", i+1)
		}
	}
}
