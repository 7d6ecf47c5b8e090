package swarm

import (
	"testing"
	"time"

	"netscope/capture/store"
	"netscope/decoders"
	"netscope/decoders/bittorrent"
	fold "netscope/decoders/bittorrent/swarm"
	"netscope/decoders/data"
	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

// did runs a small swarm with a journal.
func did(t *testing.T, journal ...lab.Action) *timeline.Snapshot {
	t.Helper()
	b := timeline.NewBuilder(timeline.Options{Lab: true, Store: store.New(0), Details: store.New(0), Decoders: []decoders.Decoder{
		bittorrent.Decoder{}, bittorrent.OverHTTP{HTTP: http1.Decoder{}}, bittorrent.Datagrams{}, data.Decoder{}}})
	p := params(lab.Params{"leechers": 4, "size": 256 << 10, "arrive": 0, "free": 0, "seed-up": 128e3})
	if _, end := run.InBubble(t, Lab{}, run.Request{Variant: textbook, Params: p, Seed: 3, Journal: journal}, b); end.Err != "" {
		t.Fatal(end.Err)
	}
	b.Finish(nil)
	return b.Snapshot()
}

func deed(at time.Duration, name, text string) lab.Action {
	return lab.Action{At: at, Kind: "param", Name: name, Text: text}
}

// What a journal says is done: in notes, and in what peers and the tracker say
// from then on.
func TestJournalOfDeeds(t *testing.T) {
	const killed, off = 4 * time.Second, 6 * time.Second
	s := did(t, deed(killed, "kill", "alice"), deed(5*time.Second, "rate", "bob 64"), deed(off, "tracker", "off"),
		deed(off+time.Second, "add", ""), deed(8*time.Second, "free", "carol on"), deed(9*time.Second, "kill", "nobody"))
	said := map[string]string{}
	for _, n := range s.Notes() {
		if n.At >= timeline.Time(killed) {
			said[n.Name+" "+n.Host] = n.Summary
		}
	}
	for _, want := range []string{"killed alice", "changed bob", "changed tracker", "changed carol", "refused tracker"} {
		if said[want] == "" {
			t.Errorf("no note %q in %v", want, said)
		}
	}
	var tr fold.Tracker
	st := tr.At(s, s.PositionAt(timeline.Time(10*time.Second)))
	if !st.TrackerOff {
		t.Error("the tracker is not off")
	}
	for i := range st.Nodes {
		h := st.HostOf(&tr.Log, i)
		switch tr.Log.Nodes[i].Host {
		case "alice":
			if !h.Gone {
				t.Error("alice is there")
			}
		case "bob":
			if h.Up != 8000 {
				t.Errorf("bob uploads at %v", h.Up)
			}
		case "carol":
			if !h.Free {
				t.Error("carol is no free rider")
			}
		}
	}
	// Nothing leaves alice's client any more, and no tracker answers.
	first, end := s.MessageRange()
	for id := first; id < end; id++ {
		m := s.Message(id)
		v := s.Conversation(m.Conv)
		from := s.HostName(v.A.Addr())
		if m.Dir != 0 {
			from = s.HostName(v.B.Addr())
		}
		if from == "alice" && m.Start > timeline.Time(killed+time.Second) {
			t.Errorf("alice says %s at %v", m.Name, m.Start)
		}
		if from == trackerHost && m.Start > timeline.Time(off+time.Second) {
			t.Errorf("the tracker says %s at %v", m.Name, m.Start)
		}
	}
}

// The same journal gives the same run.
func TestDeedsRepeat(t *testing.T) {
	j := []lab.Action{deed(3*time.Second, "kill", "bob"), deed(4*time.Second, "add", "")}
	a, b := did(t, j...), did(t, j...)
	if a.Now() != b.Now() || a.End() != b.End() || len(a.Notes()) != len(b.Notes()) {
		t.Errorf("%v and %v, %d and %d moments", a.Now(), b.Now(), a.End(), b.End())
	}
	first, end := a.MessageRange()
	for id := first; id < end; id++ {
		if x, y := a.Message(id), b.Message(id); x.Start != y.Start || x.Name != y.Name {
			t.Fatalf("message %d: %s at %v, %s at %v", id, x.Name, x.Start, y.Name, y.Start)
		}
	}
}
