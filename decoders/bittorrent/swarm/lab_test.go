package swarm

import (
	"strings"
	"testing"
	"time"

	"netscope/decoders/bittorrent/swarm/swarmtest"
)

// The story of Alice and Bob is found in what they say and what is noted of
// their rankings.
func TestStoryFromMessages(t *testing.T) {
	s := swarmtest.New(3)
	const seed, alice, bob = 0, 1, 2
	s.Connect(alice, bob)
	s.Connect(alice, seed)
	none := swarmtest.Message(15)
	for _, p := range [][2]int{{alice, bob}, {bob, alice}} {
		s.Say(p[0], p[1], none)
		s.Say(p[0], p[1], swarmtest.Message(2))
	}
	s.Say(seed, alice, swarmtest.Message(14))
	s.Wait(30 * time.Second)
	s.Round(alice, 3, []swarmtest.Rank{{Peer: seed, Rate: 9000}, {Peer: bob, Unchoked: true, Optimistic: true}})
	s.Say(alice, bob, swarmtest.Message(1))
	s.Wait(10 * time.Second)
	s.Round(bob, 4, []swarmtest.Rank{{Peer: alice, Rate: 5000, Unchoked: true}})
	s.Say(bob, alice, swarmtest.Message(1))
	s.Wait(10 * time.Second)
	s.Round(alice, 5, []swarmtest.Rank{{Peer: bob, Rate: 5000, Unchoked: true}})
	s.Say(alice, seed, swarmtest.Message(4, 1))
	snap := s.Done()

	tr := &Tracker{}
	st := tr.At(snap, snap.End())
	var text []string
	for _, l := range tr.Lines() {
		text = append(text, l.String(&tr.Log))
	}
	all := strings.Join(text, "\n")
	t.Log("\n" + all)
	for _, want := range []string{"30.0 s: Alice optimistically unchokes Bob", "40.0 s: Bob unchokes Alice"} {
		if !strings.Contains(all, want) {
			t.Errorf("no sentence %q", want)
		}
	}
	story, ok := FindStory(tr.History())
	if !ok || tr.Log.Nodes[story.A].Name() != "Alice" || tr.Log.Nodes[story.B].Name() != "Bob" {
		t.Errorf("%v %+v", ok, story)
	}
	if n := tr.Log.Nodes[story.A]; n.Client != "netscope 0.1.0" || !st.Nodes[story.A].Seen {
		t.Errorf("%+v", n)
	}
	// Before Alice's second round there is no story yet.
	tr.At(snap, snap.PositionAt(45e9))
	if _, ok := FindStory(tr.History()); ok {
		t.Error("the story is found before it ends")
	}
}

func TestStateOfManyPeers(t *testing.T) {
	snap := swarmtest.TitForTat(20, 200, 4)
	tr := &Tracker{}
	st := tr.At(snap, snap.End())
	if st.Torrents[0].Pieces != 200 || !st.Torrents[0].Exact || len(st.Nodes) != 20 {
		t.Errorf("%+v, %d peers", st.Torrents[0], len(st.Nodes))
	}
	// Who has what by the messages is what was traded.
	var got, pieces int
	for i := range st.Nodes {
		got += int(st.Nodes[i].Flow[1].Total)
		if tr.Log.Nodes[i].Host != "seed" {
			pieces += st.Nodes[i].Pieces(200)
		}
	}
	if got != 16384*pieces {
		t.Errorf("%d bytes and %d pieces", got, pieces)
	}
	open := 0
	for i := range st.Conns {
		for d := range 2 {
			if !st.Conns[i].Choking[d] {
				open++
			}
		}
	}
	if open == 0 || open > 20*5 {
		t.Errorf("%d unchokes", open)
	}
}

// From zero, and step by step back: the cost of a whole fold and of a step.
func BenchmarkFold(b *testing.B) {
	snap := swarmtest.TitForTat(50, 1000, 6)
	b.Run("zero", func(b *testing.B) {
		n := 0
		for b.Loop() {
			tr := &Tracker{}
			n = tr.At(snap, snap.End()).Count
		}
		b.ReportMetric(float64(n), "events")
	})
	b.Run("back", func(b *testing.B) {
		tr := &Tracker{}
		tr.At(snap, snap.End())
		p := snap.End()
		for b.Loop() {
			if p--; p < 2 {
				p = snap.End()
			}
			tr.At(snap, p)
		}
	})
}
