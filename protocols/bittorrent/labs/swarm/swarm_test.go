package swarm

import (
	"encoding/json"
	"slices"
	"testing"

	"netscope/capture/store"
	"netscope/decoders"
	"netscope/decoders/bittorrent"
	"netscope/decoders/data"
	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/protocols/bittorrent/model"
	"netscope/protocols/lab"
	"netscope/protocols/lab/fork"
	"netscope/protocols/lab/run"
)

// emulate runs the lab and decodes it.
func emulate(t *testing.T, variant string, seed uint64, set lab.Params) *timeline.Snapshot {
	t.Helper()
	p := params(set)
	b := timeline.NewBuilder(timeline.Options{Lab: true, Store: store.New(0), Details: store.New(0), Decoders: []decoders.Decoder{
		bittorrent.Decoder{}, bittorrent.OverHTTP{HTTP: http1.Decoder{}}, bittorrent.Datagrams{}, data.Decoder{}}})
	if _, end := run.InBubble(t, Lab{}, run.Request{Variant: variant, Params: p, Seed: seed}, b); end.Err != "" {
		t.Fatal(end.Err)
	}
	b.Finish(nil)
	return b.Snapshot()
}

func params(set lab.Params) lab.Params {
	p := lab.Defaults(Lab{}.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	return p
}

// small is a swarm that costs little.
func small(more lab.Params) lab.Params {
	p := lab.Params{"leechers": 6, "size": 1 << 20, "arrive": 1}
	for k, v := range more {
		p[k] = v
	}
	return p
}

// finished counts the leechers that have told that their file is right.
func finished(t *testing.T, s *timeline.Snapshot) (right int) {
	t.Helper()
	for _, n := range s.Notes() {
		if n.Name != "finished" {
			continue
		}
		var d struct{ Right bool }
		if err := json.Unmarshal(n.Data, &d); err != nil || !d.Right {
			t.Errorf("%s: %s", n.Host, n.Data)
		}
		right++
	}
	return right
}

// The default lab: every leecher gets the right file, the choker's clock is
// kept, nobody serves more than its slots, and the story of Alice and Bob is in
// the decoded messages.
func TestDefaults(t *testing.T) {
	if testing.Short() {
		t.Skip("a swarm of thirteen takes seconds")
	}
	s := emulate(t, textbook, 1, nil)
	if n := finished(t, s); n != 12 {
		t.Errorf("%d leechers have finished", n)
	}
	ms := Lab{}.Measure(textbook, params(nil), s, s.End())
	for i, want := range []string{lastDownload, roundsApart, chanceApart, mostUnchoked, storyAfter} {
		m := ms[i]
		switch {
		case m.Name != want || m.Measured == nil:
			t.Errorf("%s was not measured", m.Name)
		case m.Band != nil && (*m.Measured < m.Band[0] || *m.Measured > m.Band[1]):
			t.Errorf("%s: %v is not in %v", m.Name, *m.Measured, *m.Band)
		case m.Band == nil && *m.Measured > *m.Ideal, want != mostUnchoked && m.Band == nil && *m.Measured != *m.Ideal:
			t.Errorf("%s: %v, ideal %v", m.Name, *m.Measured, *m.Ideal)
		}
	}
}

// Other ways of taking part end well, too.
func TestWays(t *testing.T) {
	for name, set := range map[string]lab.Params{
		"UDP tracker, selfish": {"tracker": 1, "selfish": 1},
		"churn":                {"churn": 15, "free": 0},
		"all at once":          {"arrive": 0, "seeds": 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := emulate(t, bep3, 2, small(set))
			if n := finished(t, s); n != 6 {
				t.Errorf("%d leechers have finished", n)
			}
			m := Lab{}.Measure(bep3, params(small(set)), s, s.End())
			if x := m[3].Measured; x == nil || *x > 5 { // a faster peer that is not interested may become so
				t.Errorf("unchoked and interested: %v", x)
			}
		})
	}
}

// A seed fixes everything.
func TestRepeats(t *testing.T) {
	set := small(lab.Params{"leechers": 4})
	a := emulate(t, mainline, 3, set)
	b := emulate(t, mainline, 3, set)
	if x, y := fork.PrefixOf(a, 1<<62), fork.PrefixOf(b, 1<<62); x != y {
		t.Errorf("%d packets and %d messages, then %d and %d: %s, %s", x.Packets, x.Messages, y.Packets, y.Messages, x, y)
	}
}

func TestMembers(t *testing.T) {
	ms := members(params(lab.Params{"leechers": 50, "free": 2, "seeds": 2}))
	var names []string
	for _, m := range ms {
		if slices.Contains(names, m.Name) {
			t.Errorf("two peers are called %s", m.Name)
		}
		names = append(names, m.Name)
	}
	if len(ms) != 2+50+spares || ms[2].Name != "alice" || ms[3].Name != "bob" || ms[51].Class != freeClass || !ms[52].Spare {
		t.Errorf("%v", names)
	}
	if n := len(members(params(lab.Params{"leechers": 1, "free": 49}))); n != 2+spares {
		t.Errorf("%d members", n)
	}
}

// The bound is the textbook's where peers are alike.
func TestBound(t *testing.T) {
	p := params(lab.Params{"leechers": 10, "free": 0, "medium": 1e6, "fast": 1e6, "slow": 1e6, "seed-up": 10e6, "down": 100e6, "size": 45e4})
	got, most := bounds(p)
	want := model.PeerToPeer(model.Distribution{Peers: 10, File: 45e4 * 8, ServerUp: 10e6, PeerUp: 1e6, PeerDownLo: 100e6})
	if got != want || most < got {
		t.Errorf("%v to %v, want %v", got, most, want)
	}
}

func TestPieceLength(t *testing.T) {
	for in, want := range map[float64]int64{16 << 10: 16 << 10, 32 << 10: 32 << 10, 40000: 32 << 10, 4 << 20: 4 << 20} {
		if got := pieceOf(lab.Params{"piece": in}); got != want {
			t.Errorf("piece %v: %d, want %d", in, got, want)
		}
	}
}
