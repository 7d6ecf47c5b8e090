package swarm

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"netscope/capture/file"
	"netscope/decoders/all"
	"netscope/decoders/timeline"
)

func load(t testing.TB, name string) *timeline.Snapshot {
	t.Helper()
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES does not name a folder of captures")
	}
	r, err := file.Open(filepath.Join(dir, "bittorrent", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	o := timeline.Options{Decoders: all.List()}
	if at := r.ReaderAt(); at != nil {
		o.File = at
	}
	b := timeline.NewBuilder(o)
	b.Finish(r.Run(context.Background(), b))
	return b.Snapshot()
}

func TestCapturedSwarm(t *testing.T) {
	s := load(t, "local-transmission-aria2-opentracker.pcap")
	tr := &Tracker{}
	st := tr.At(s, s.End())
	for i := range tr.Log.Nodes {
		n := &st.Nodes[i]
		t.Logf("%s %s: %d pieces, seed %v, full %v, sent %d, got %d", tr.Log.Nodes[i].Name(), tr.Log.Nodes[i].Client, n.Has, n.Seed, n.Full, n.Flow[0].Total, n.Flow[1].Total)
	}
	var lines []string
	for _, l := range tr.Lines() {
		lines = append(lines, l.String(&tr.Log))
	}
	t.Log("\n" + strings.Join(lines, "\n"))
	if st.Torrents[0].Pieces != 25 || len(tr.Log.Nodes) != 2 {
		t.Errorf("%d pieces, %d peers", st.Torrents[0].Pieces, len(tr.Log.Nodes))
	}
	if n := st.Nodes[1]; n.Flow[1].Total != 790014 || n.Has != 25 && !n.Seed || n.Full < 0 {
		t.Errorf("the leecher has %d of the pieces, got %d bytes", n.Has, n.Flow[1].Total)
	}
}

// TestSameGoingBack compares states reached forwards and backwards.
func TestSameGoingBack(t *testing.T) {
	for _, name := range []string{"local-transmission-aria2-opentracker.pcap", "ndpi-bittorrent.pcap", "ndpi-bittorrent_utp.pcap"} {
		s := load(t, name)
		tr := &Tracker{}
		var there []State
		for p := timeline.Position(0); p <= s.End(); p += 7 {
			there = append(there, *tr.At(s, p).Clone())
		}
		for i := len(there) - 1; i >= 0; i-- {
			got := tr.At(s, timeline.Position(7*i)).Clone()
			if len(got.Nodes) != len(there[i].Nodes) || !reflect.DeepEqual(plain(got), plain(&there[i])) {
				t.Fatalf("%s: position %d differs going back", name, 7*i)
			}
		}
	}
}

// plain is a state without what sharing leaves in it.
func plain(s *State) *State {
	c := s.Clone()
	for i := range c.Nodes {
		c.Nodes[i].shared = false
	}
	return c
}

func TestRate(t *testing.T) {
	var r Rate
	for i := range 60 {
		r.Add(timeline.Time(i)*1e9, 1000)
	}
	if x := r.PerSecond(60e9); x < 900 || x > 1100 {
		t.Errorf("%.0f B/s", x)
	}
	if x := r.PerSecond(90e9); x != 0 {
		t.Errorf("%.0f B/s after half a minute of silence", x)
	}
}

func TestFindStory(t *testing.T) {
	const s = timeline.Time(1e9)
	un := func(at int, from, to int32, opt bool) Change {
		return Change{At: timeline.Time(at) * s, From: from, To: to, Unchokes: true, Optimistic: opt}
	}
	top := func(at int, of int32, who ...int32) Top { return Top{At: timeline.Time(at) * s, Of: of, Regular: who} }
	changes := []Change{un(30, 1, 2, true), un(40, 2, 1, false)}
	tops := []Top{top(30, 1, 5), top(30, 2, 6), top(40, 2, 1, 6), top(50, 1, 2, 5)}
	st, ok := FindStory(changes, tops)
	if !ok || st.A != 1 || st.B != 2 || st.Steps != [3]timeline.Time{30 * s, 40 * s, 50 * s} || st.Reply != 40*s {
		t.Errorf("%+v %v", st, ok)
	}
	for name, c := range map[string]struct {
		changes []Change
		tops    []Top
	}{
		"no optimistic unchoke":  {[]Change{un(30, 1, 2, false), un(40, 2, 1, false)}, tops},
		"B does not unchoke A":   {changes[:1], tops},
		"A is choked again":      {append(changes[:2:2], Change{At: 41 * s, From: 2, To: 1}), tops},
		"A was among B's before": {changes, append([]Top{top(20, 2, 1), top(29, 2, 1)}, top(40, 2, 1), top(50, 1, 2))},
		"B never among A's":      {changes, tops[:3]},
	} {
		if _, ok := FindStory(c.changes, c.tops); ok {
			t.Errorf("%s, and yet a story", name)
		}
	}
}
