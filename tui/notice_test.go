package tui

import (
	"context"
	"strings"
	"testing"

	"netscope/capture"
	"netscope/decoders"
	decs "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/tui/session"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// slowOpener opens a file that is still being read.
type slowOpener struct {
	fakeOpener
	b *timeline.Builder
}

func (o *slowOpener) OpenFile(context.Context, string) (*session.Session, error) {
	o.opened++
	return &session.Session{
		Subject:  view.Subject{Title: "big.pcap", Kind: view.FileSubject, Source: "/data/big.pcap"},
		Snapshot: o.b.Snapshot,
		Close:    func() error { o.closed++; return nil },
	}, nil
}

func TestLoadingAndTroubleAreSaid(t *testing.T) {
	s := viewtest.NewScript(decs.List()...)
	c := s.Dial(49152)
	r := newRigOf(t, 120, 36, plainViews())
	r.a.opt.Opener = &slowOpener{b: s.B}
	if err := s.B.Meta(capture.Progress{Done: 40_000, Total: 100_000}); err != nil {
		t.Fatal(err)
	}
	c.Send(decoders.AtoB, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	r.keys("o")
	r.typed("/data/big.pcap")
	r.keys("enter")
	r.tick(15)
	if strings.Contains(r.a.content, "reading") {
		t.Error("a load of half a second needs no progress bar")
	}
	r.tick(40)
	if !strings.Contains(r.a.content, "40 %") || !strings.Contains(r.a.content, "about 3 s left") {
		t.Errorf("no progress:\n%s", strings.Split(r.a.content, "\n")[1])
	}
	viewtest.Exact(t, r.a.content, 120, 36)
	for _, m := range []capture.Meta{
		capture.Drops{Kernel: 1234}, capture.Truncated{Offset: 98_765, Reason: "a record of 1,514 bytes begins here, 20 are left"},
	} {
		if err := s.B.Meta(m); err != nil {
			t.Fatal(err)
		}
	}
	s.B.Finish(nil)
	r.tick(2)
	for _, want := range []string{"missed 1,234 packets", "breaks off at byte 98,765"} {
		if !strings.Contains(r.a.content, want) {
			t.Errorf("%q is not said", want)
		}
	}
	if r.a.ex.restless() {
		t.Error("still restless when all has been read")
	}
}

func TestRemaining(t *testing.T) {
	for _, tt := range []struct {
		done, total int64
		passed      string
		want        string
	}{
		{0, 100, "5s", ""},
		{99, 100, "10s", ", a moment left"},
		{50, 100, "10s", ", about 10 s left"},
		{1, 100, "10s", ", about 17 min left"},
	} {
		if got := remaining(tt.done, tt.total, mustDuration(t, tt.passed)); got != tt.want {
			t.Errorf("remaining(%d, %d, %s) = %q, want %q", tt.done, tt.total, tt.passed, got, tt.want)
		}
	}
}
