package why

import (
	"fmt"
	"os"
	"strings"
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

// find is the n-th message or unit whose summary begins so.
func find(t *testing.T, s *timeline.Snapshot, level decoders.Level, summary string, n int) timeline.Message {
	t.Helper()
	first, end := s.MessageRange()
	for id := first; id < end; id++ {
		if m := s.Message(id); m.Level == level && strings.HasPrefix(m.Summary, summary) {
			if n--; n < 0 {
				return m
			}
		}
	}
	t.Fatalf("there is no %q", summary)
	return timeline.Message{}
}

// count says how often each reason is given for all messages at all positions.
func count(s *timeline.Snapshot, by timeline.Position) map[Kind]int {
	var a Asker
	out := map[Kind]int{}
	first, end := s.MessageRange()
	for p := timeline.Position(0); p <= s.End(); p += by {
		for id := first; id < end; id++ {
			r := a.Why(s, p, id)
			out[r.Kind]++
			if r.Text == "" || !strings.HasSuffix(r.Text, ".") {
				panic(fmt.Sprintf("%v: %q", r.Kind, r.Text))
			}
		}
	}
	return out
}

func TestBehindAnotherStream(t *testing.T) {
	s := emulate(t, "first-come", nil)
	o2 := find(t, s, decoders.MessageLevel, "GET /o2", 0)
	r := Why(s, s.End()/2, o2.ID)
	if r.Kind != OtherStream || !strings.Contains(r.Text, "stream 1, GET /o1") {
		t.Errorf("%v: %s", r.Kind, r.Text)
	}
	if m := s.Message(r.Message); m.Stream != 1 {
		t.Errorf("it names %s", m.Summary)
	}
	// The first frame of its response says the same afterwards.
	h := find(t, s, decoders.UnitLevel, "HEADERS 3  200", 0)
	if r := Why(s, s.End(), h.ID); r.Kind != OtherStream || !strings.Contains(r.Text, "GET /o1") {
		t.Errorf("%v: %s", r.Kind, r.Text)
	}
	// O1 never waits for others.
	d := find(t, s, decoders.UnitLevel, "DATA 1", 5)
	if r := Why(s, s.End(), d.ID); r.Kind == OtherStream {
		t.Errorf("%v: %s", r.Kind, r.Text)
	}
}

func TestInterleaved(t *testing.T) {
	s := emulate(t, "round-robin", nil)
	d := find(t, s, decoders.UnitLevel, "DATA 1", 1)
	r := Why(s, s.End(), d.ID)
	if r.Kind != OtherStream || !strings.Contains(r.Text, "and 2 other streams") {
		t.Errorf("%v: %s", r.Kind, r.Text)
	}
}

func TestStreamWindow(t *testing.T) {
	s := emulate(t, "first-come", lab.Params{"rtt": 0.1, "stream-window": 32768, "objects": 0, "big": 200_000})
	waited := 0
	for i := range 10 {
		d := find(t, s, decoders.UnitLevel, "DATA 1", i)
		if r := Why(s, s.End(), d.ID); r.Kind == StreamWindow {
			waited++
			if u := s.Message(r.Message); u.Name != "WINDOW_UPDATE" || u.Stream != 1 || u.End > d.Start {
				t.Errorf("%s: not by %s", r.Text, u.Summary)
			}
		}
	}
	if waited == 0 {
		t.Error("no frame has waited for the window")
	}
	if n := count(s, 20); n[StreamWindow] == 0 {
		t.Errorf("%v", n)
	}
}

func TestLostSegment(t *testing.T) {
	s := emulate(t, "first-come", lab.Params{"loss": 0.02, "big": 300_000})
	var a Asker
	seen := 0
	first, end := s.MessageRange()
	for p := timeline.Position(0); p <= s.End(); p += 2 {
		for id := first; id < end; id++ {
			r := a.Why(s, p, id)
			if r.Kind != Lost {
				continue
			}
			seen++
			if !r.HasPacket || s.Packet(r.Packet).Arrived >= 0 {
				t.Fatalf("position %d: %s: packet %d was not lost", p, r.Text, r.Packet+1)
			}
		}
	}
	if seen == 0 {
		t.Error("nothing waited for a lost segment")
	}
}

func TestHTTP1(t *testing.T) {
	s := viewtest.HTTP(http1.Decoder{})
	n := count(s, 1)
	if n[Lost] == 0 || n[InFlight]+n[Leaving] == 0 {
		t.Errorf("%v", n)
	}
	rq := find(t, s, decoders.MessageLevel, "GET /o1", 0)
	_, _, arrived := s.MessagePosition(rq.ID)
	if r := Why(s, arrived, rq.ID); r.Kind != Server {
		t.Errorf("%v: %s", r.Kind, r.Text)
	}
	if r := Why(s, s.End(), timeline.NoMessage); r.Kind != Unknown {
		t.Errorf("%v", r)
	}
}

// What is answered does not depend on what has been asked before.
func TestAskedInAnyOrder(t *testing.T) {
	s := emulate(t, "round-robin", lab.Params{"big": 100_000, "loss": 0.02})
	var a Asker
	_, end := s.MessageRange()
	for i := range 300 {
		p := timeline.Position(i*7919) % (s.End() + 1)
		id := timeline.MessageID(i*104729) % end
		if got, want := a.Why(s, p, id), Why(s, p, id); got != want {
			t.Fatalf("position %d, message %d: %+v, alone %+v", p, id, got, want)
		}
	}
}

// TestShow prints the answers for people to judge.
func TestShow(t *testing.T) {
	if os.Getenv("NETSCOPE_PICTURES") == "" {
		t.Skip("set NETSCOPE_PICTURES to read the answers")
	}
	for _, c := range []struct {
		variant string
		set     lab.Params
	}{
		{"round-robin", nil}, {"first-come", lab.Params{"rtt": 0.1, "window": 65535, "objects": 1}}, {"round-robin", lab.Params{"loss": 0.02, "big": 200_000}},
	} {
		s := emulate(t, c.variant, c.set)
		t.Log(c.variant, c.set)
		var a Asker
		p := timeline.Position(0)
		for range 60 {
			st, ok := s.Step(p, timeline.ByUnit, 1, nil)
			if !ok {
				break
			}
			p = st.Pos
			m := s.Message(st.Message)
			t.Logf("%7.4f  %-34.34s %s", s.TimeOf(p).Seconds(), m.Summary, a.Why(s, p, m.ID).Text)
			for _, path := range []string{"GET /o1", "GET /o2"} {
				rq := find(t, s, decoders.MessageLevel, path, 0)
				t.Logf("             %s: %s", path, a.Why(s, p, rq.ID).Text)
			}
		}
	}
}
