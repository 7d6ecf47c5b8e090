package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	decs "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

func kill(who string) view.ActMsg {
	return view.ActMsg{Action: lab.Action{Kind: "param", Name: "kill", Text: who}}
}

// In the past an action starts a fork there, shown beside the run.
func TestActInThePastForks(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("1", "g", ".", ".")
	at, cur := r.a.ex.head.Time, r.a.ex.slots[r.a.ex.focus].cur
	r.send(kill("alice"))
	c := r.a.cmp
	if c == nil || c.fork == nil || c.cols[1].slot.cur != cur {
		t.Fatalf("no fork with the same view; status %q", r.a.status)
	}
	if j := r.o.last.Journal; len(j) != 1 || j[0].Name != "kill" || j[0].Text != "alice" || j[0].At != time.Duration(at)+1 {
		t.Errorf("%+v", j)
	}
	// A question is asked on the bottom line first.
	r.send(view.ActMsg{Action: lab.Action{Kind: "param", Name: "rate", Text: "bob"}, Ask: "kbit/s:", Offer: "64"})
	if r.a.prompt == nil || !strings.Contains(r.a.content, "kbit/s:") {
		t.Fatal("nothing is asked")
	}
	r.keys("enter")
	if j := r.o.last.Journal; len(j) != 2 || j[1].Text != "bob 64" {
		t.Errorf("%+v", j)
	}
	r.keys("q")
}

// At the live end the run itself is told, and its journal has it for the runs
// that are made after it.
func TestActAtTheLiveEnd(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("1")
	s := r.a.ex.ses
	growing := viewtest.Exchanges(3, decs.List()...).B.Snapshot()
	s.Snapshot = func() *timeline.Snapshot { return growing }
	var told []lab.Action
	s.Act = func(a lab.Action) error {
		if len(told) == 1 {
			return errors.New("the run has ended: change something in a new one")
		}
		told = append(told, a)
		return nil
	}
	s.Journal = func() []lab.Action { return told }
	r.tick(2)
	r.keys("G")
	r.send(kill("alice"))
	if len(told) != 1 || told[0].Text != "alice" || r.a.cmp != nil || r.a.bad {
		t.Fatalf("told %v, status %q", told, r.a.status)
	}
	r.send(kill("bob"))
	if !r.a.bad {
		t.Errorf("status %q", r.a.status)
	}
	r.keys("r")
	if j := r.o.last.Journal; len(j) != 1 || j[0].Text != "alice" {
		t.Errorf("run again with %v", j)
	}
	r.keys("q")
}

func TestOnlyLabsAct(t *testing.T) {
	r := newRig(t, 120, 36)
	r.keys("o")
	r.typed("/a.pcap")
	r.keys("enter")
	r.send(kill("alice"))
	if r.a.cmp != nil || !r.a.bad {
		t.Errorf("status %q", r.a.status)
	}
}
