package tui

import (
	"os"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/capture"
	decs "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/fork"
	"netscope/protocols/lab/run"
	"netscope/protocols/web"
	"netscope/tui/session"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// The test binary is its own child, as the program is.
func TestMain(m *testing.M) {
	if run.IsChild() {
		os.Exit(run.Child([]lab.Lab{web.Connections{}}))
	}
	os.Exit(m.Run())
}

func TestForkShowsOldAndNew(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("1", "g", ".", ".", ".", "d")
	if _, ok := r.a.over.(*forkSheet); !ok {
		t.Fatalf("no menu; status %q", r.a.status)
	}
	r.keys("enter")
	c := r.a.cmp
	if c == nil || c.fork == nil || len(c.cols) != 2 || !c.cols[0].borrowed || c.cols[1].borrowed {
		t.Fatalf("no fork: %+v, status %q", c, r.a.status)
	}
	j := r.o.last.Journal
	if len(j) != 1 || j[0].Kind != "drop" || c.time != timeline.Time(j[0].At) {
		t.Errorf("journal %+v, shown at %v", j, c.time)
	}
	if c.fork.diff == nil || c.fork.diff.Broken != "" || c.fork.diff.New.AloneMessages == 0 {
		t.Errorf("compared: %+v", c.fork.diff)
	}
	if !strings.Contains(r.a.content, "fork at ") || !strings.Contains(r.a.content, "the same until") {
		t.Error("the screen does not name the fork or the first difference")
	}
	// A fork of the fork: the journal grows, and Esc goes back page by page.
	r.keys("D", "enter")
	if j := r.o.last.Journal; len(j) != 2 || j[1].Kind != "delay" || j[1].By != 100*time.Millisecond {
		t.Errorf("journal %+v", j)
	}
	if r.a.cmp.under != c || r.o.opened != 3 || r.o.closed != 0 {
		t.Errorf("%d opened, %d closed", r.o.opened, r.o.closed)
	}
	r.keys("esc")
	if r.a.cmp != c || r.o.closed != 1 {
		t.Errorf("%d closed", r.o.closed)
	}
	r.keys("esc")
	if r.a.cmp != nil || r.a.ex == nil || r.o.closed != 2 {
		t.Errorf("%d closed", r.o.closed)
	}
	r.keys("d", "enter", "d", "enter", "q")
	if r.o.opened != r.o.closed || !r.quit {
		t.Errorf("%d opened, %d closed", r.o.opened, r.o.closed)
	}
}

func TestParametersFromHereOn(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("1", "g", ".", ".", ".", "D", "down", "enter", "ctrl+u")
	at := r.a.ex.head.Time
	r.typed("300ms")
	r.keys("enter")
	if r.a.cmp == nil || r.a.cmp.fork == nil {
		t.Fatalf("no fork; status %q", r.a.status)
	}
	q := r.o.last
	if len(q.Journal) != 2 || q.Journal[0].Path.Delay != 150*time.Millisecond || q.Journal[0].At != time.Duration(at)+1 || q.Params["rtt"] != 0.1 {
		t.Errorf("%+v", q.Journal)
	}
	if s := forkTitle(q); !strings.HasPrefix(s, "fork at ") || !strings.HasSuffix(s, ": RTT 300 ms") {
		t.Error(s)
	}
	r.keys("esc", "e", "down", "down", "down", "ctrl+u")
	r.typed("5")
	r.keys("down", "down", "down", "right", "enter")
	f, ok := r.a.over.(*form)
	if !ok || !strings.Contains(f.rows[f.at].err, "from the start") {
		t.Errorf("objects were changed on the way: %+v", r.a.cmp)
	}
}

func TestOnlyLabsFork(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("o")
	r.typed("/a.pcap")
	r.keys("enter", "G", "d")
	if r.a.over != nil || !r.a.bad {
		t.Errorf("status %q", r.a.status)
	}
}

func TestTargetIsTheFirstThatIsStillUnderWay(t *testing.T) {
	s := viewtest.Exchanges(3, decs.List()...).Done()
	var reply timeline.Message
	for id := timeline.MessageID(0); reply.Reply == timeline.NoMessage || id == 0; id++ {
		if reply = s.Message(id); reply.Reply != timeline.NoMessage {
			reply = s.Message(reply.Reply)
			break
		}
	}
	ps := s.MessagePackets(reply.ID)
	h := view.Playhead{Granularity: timeline.ByMessage, Message: reply.ID, Pos: s.End()}
	if id, ok := target(s, h); !ok || id != ps[0] {
		t.Errorf("at the end: %d, want the first of %d", id, ps)
	}
	h.Pos = s.ArrivalPosition(ps[0])
	if id, ok := target(s, h); !ok || id != ps[1] {
		t.Errorf("when the first has arrived: %d of %d", id, ps)
	}
	h.Granularity, h.Packet, h.HasPkt = timeline.ByPacket, 5, true
	if id, ok := target(s, h); !ok || id != 5 {
		t.Errorf("by packet: %d", id)
	}
	if _, ok := target(s, view.Playhead{Message: timeline.NoMessage}); ok {
		t.Error("found a packet where there is none")
	}
}

func TestForkSentences(t *testing.T) {
	d := &fork.Diff{First: 412e6, Prefix: fork.Prefix{Packets: 41, Messages: 12}}
	d.New.MovedPackets, d.New.MovedMessages, d.New.AlonePackets, d.Old.AlonePackets = 7, 1, 2, 1
	same, differ := forkSentences(d)
	if !strings.Contains(same, "the same until 0.412 s: 41 packets, 12 messages") {
		t.Error(same)
	}
	if differ != "≠ at another time: 7 packets, 1 message   ◆ only before: 1 packet   ◆ only now: 2 packets" {
		t.Error(differ)
	}
	d.Broken = "They differ."
	if same, _ := forkSentences(d); same != "✗ They differ." {
		t.Error(same)
	}
	if same, differ := forkSentences(&fork.Diff{First: -1}); !strings.Contains(same, "so far") || differ != "" {
		t.Error(same, differ)
	}
}

func TestCommandReproduces(t *testing.T) {
	l := fakeLab{}
	q := session.LabRequest{Lab: l, Variant: "persistent", Params: lab.Defaults(l.Spec().Params), Seed: 7,
		Journal: []lab.Action{{At: 412e6, Kind: "drop", From: "server", To: "client", Text: "2"}}}
	q.Params["rtt"], q.Params["order"] = 0.02, 1
	want := "netscope run http-connections --variant persistent --set rtt=0.02 --set 'order=short first' --seed 7 --action drop@412ms:server:client#2"
	if got := command(q); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTallyCountsWhatIsSteppedBy(t *testing.T) {
	s := viewtest.Exchanges(11, decs.List()...).Done()
	_, end := s.MessageRange()
	for g, want := range map[timeline.Granularity]int{timeline.ByMessage: 22, timeline.ByExchange: 11, timeline.ByUnit: int(end)} {
		var y tally
		y.follow(s, g, nil)
		if _, n := y.count(0); n != want || !y.complete(s) {
			t.Errorf("by %s: %d, want %d", g, n, want)
		}
	}
	r := newRig(t, 120, 36)
	r.o.exchanges = 11
	r.keys("1", "G", "f")
	if !strings.Contains(r.a.content, "exchange 11/11") {
		t.Error("the top line does not count exchanges")
	}
}

// web1 opens real labs and nothing else.
type web1 struct{ session.Real }

func (w web1) Interfaces() ([]session.Interface, error) { return nil, nil }

// A real lab is forked by keys: the packet is lost in the new run, once, and
// what lies before is the same.
func TestForkOfARealLab(t *testing.T) {
	l := web.Connections{}
	p := lab.Defaults(l.Spec().Params)
	p["objects"] = 3
	r := newRigOf(t, 120, 36, testViews())
	r.a.opt.Opener = web1{session.Real{Config: session.Config{Known: []lab.Lab{l}, Decoders: decs.List(), Now: func() time.Time { return viewtest.Epoch }}}}
	r.run(r.a.openLab(session.LabRequest{Lab: l, Variant: "persistent", Params: p, Seed: 1}))
	settle := func(ready func() bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !ready(); r.tick(1) {
			if time.Now().After(end) {
				t.Fatalf("never ready; status %q", r.a.status)
			}
		}
	}
	settle(func() bool { return r.a.ex != nil && r.a.ex.snap.Done() })
	r.keys("G", ",", ",", "d", "enter")
	settle(func() bool {
		c := r.a.cmp
		return c != nil && c.cols[1].snap.Done() && c.fork.diff != nil && c.fork.compared[1].done
	})
	c := r.a.cmp
	a := c.cols[1].ses.Run.Journal[0]
	lost := 0
	_, end := c.cols[1].snap.PacketRange()
	for id := range end {
		if row := c.cols[1].snap.Packet(id); row.Loss != capture.NotLost {
			lost++
			if time.Duration(row.At) != a.At {
				t.Errorf("lost at %v, want %v", row.At, a.At)
			}
		}
	}
	if lost != 1 {
		t.Errorf("%d packets lost, want one", lost)
	}
	if d := c.fork.diff; d.Broken != "" || d.First != timeline.Time(a.At) || d.Prefix.Packets == 0 {
		t.Errorf("%+v", d)
	}
	viewtest.Exact(t, r.a.content, 120, 36)
	r.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	viewtest.Exact(t, r.a.content, 80, 24)
	r.keys("q")
}
