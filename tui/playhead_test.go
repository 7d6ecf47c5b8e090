package tui

import (
	"testing"
	"time"

	decs "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/tui/view/viewtest"
)

func mustDuration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPlayingGoesByTime(t *testing.T) {
	s := viewtest.HTTP(decs.List()...)
	h := newHead()
	h.rate, h.Playing = 0.5, true
	for range 30 {
		h.advance(s, frameTime)
	}
	if got, want := h.Time, timeline.Time(500e6); got < want-1e6 || got > want+1e6 {
		t.Errorf("after a second at half speed the time is %v, want about %v", got, want)
	}
	if h.Pos != s.PositionAt(h.Time) {
		t.Errorf("position %d does not go with time %v", h.Pos, h.Time)
	}
	h.rate = asFast
	h.advance(s, frameTime)
	if h.Pos != s.End() || h.Playing {
		t.Errorf("at once: position %d of %d, playing %v", h.Pos, s.End(), h.Playing)
	}
	h.togglePlay(s)
	if !h.Playing || h.Time != 0 {
		t.Errorf("playing at the end must begin again: %+v", h.Playhead)
	}
}

func TestLiveFollowsTheEnd(t *testing.T) {
	script := viewtest.NewScript(decs.List()...)
	c := script.Dial(49152)
	h := newHead()
	h.last(script.B.Snapshot())
	if !h.Live {
		t.Fatal("at a growing end the playhead must follow")
	}
	was := h.Pos
	c.Send(0, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	h.advance(script.B.Snapshot(), frameTime)
	if h.Pos <= was {
		t.Errorf("still at %d", h.Pos)
	}
	h.step(script.B.Snapshot(), -1)
	if h.Live {
		t.Error("a step back must leave the live end")
	}
}

func TestSpeeds(t *testing.T) {
	r := 1.0
	for range 20 {
		r = faster(r)
	}
	if r != asFast {
		t.Errorf("the fastest is %v", r)
	}
	for range 20 {
		r = slower(r)
	}
	if r != 0.01 {
		t.Errorf("the slowest is %v", r)
	}
	if got := slower(0.37); got != 0.2 {
		t.Errorf("slower than 0.37 is %v", got)
	}
	for _, tt := range []struct {
		length timeline.Time
		want   float64
	}{{0, 1}, {9e9, 1}, {3_390_000_000, 0.38}, {1, 0.01}, {1e15, 100}} {
		if got := rateFor(tt.length); got != tt.want {
			t.Errorf("rateFor(%v) = %v, want %v", tt.length, got, tt.want)
		}
	}
}
