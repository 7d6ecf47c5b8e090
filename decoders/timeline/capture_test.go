package timeline_test

import (
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"netscope/capture"
	"netscope/decoders/timeline"
)

// TestEveryCapture walks all given captures through everything that a view may
// ask, and checks that the answers agree with each other.
func TestEveryCapture(t *testing.T) {
	for _, path := range captures(t) {
		t.Run(strings.ReplaceAll(path[len(corpus(t))+1:], "/", "-"), func(t *testing.T) {
			t.Parallel()
			check(t, load(t, path, timeline.Options{}))
		})
	}
}

func check(t *testing.T, s *timeline.Snapshot) {
	first, end := s.PacketRange()
	if first != 0 || int(end) != int(s.End()) && s.End() < timeline.Position(end) {
		t.Fatalf("packets %d…%d, moments %d", first, end, s.End())
	}
	for id := first; id < end; id++ {
		row := s.Packet(id)
		data, err := s.PacketData(id)
		if err != nil || len(data) != int(row.CapLen) {
			t.Fatalf("packet %d: %d bytes of %d, %v", id, len(data), row.CapLen, err)
		}
		if p := s.ArrivalPosition(id); s.PacketAt(id, p) == timeline.NotYet || s.PacketAt(id, s.DeparturePosition(id)-1) != timeline.NotYet {
			t.Fatalf("packet %d is not where it says", id)
		}
		for _, m := range s.PacketMessages(id) {
			if !has(s.MessagePackets(m), id) {
				t.Errorf("packet %d has message %d, but not the other way round", id, m)
			}
		}
	}
	mf, me := s.MessageRange()
	for id := mf; id < me; id++ {
		m := s.Message(id)
		if !m.Closed {
			t.Errorf("message %d %q is open at the end", id, m.Summary)
		}
		begun, open, closed := s.MessagePosition(id)
		if begun > open || open > closed || closed > s.End() {
			t.Errorf("message %d %q: begun %d, open %d, closed %d, of %d", id, m.Summary, begun, open, closed, s.End())
		}
		if m.Total < m.HeadLen || m.Off < 0 {
			t.Errorf("message %d %q: %d bytes at %d, head %d", id, m.Summary, m.Total, m.Off, m.HeadLen)
		}
		if m.ReplyTo != timeline.NoMessage && s.Message(m.ReplyTo).Conv != m.Conv {
			t.Errorf("message %d answers one of another conversation", id)
		}
		s.Explain(id)
		if len(s.MessagePackets(id)) == 0 && m.Total > 0 && m.Err == "" {
			t.Errorf("message %d %q has no packets", id, m.Summary)
		}
	}
	stepping(t, s)
}

func has(ids []capture.PacketID, id capture.PacketID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

// stepping goes forwards and back at every granularity and must see the same
// stops both ways.
func stepping(t *testing.T, s *timeline.Snapshot) {
	for g := timeline.ByPacket; g <= timeline.ByExchange; g++ {
		var there, back []timeline.Position
		for p, ok := timeline.Position(0), true; ok; {
			var st timeline.Stop
			if st, ok = s.Step(p, g, 1, nil); ok {
				if st.Pos <= p {
					t.Fatalf("by %v from %d: to %d", g, p, st.Pos)
				}
				p = st.Pos
				there = append(there, p)
			}
		}
		for p, ok := s.End()+1, true; ok; {
			var st timeline.Stop
			if st, ok = s.Step(p, g, -1, nil); ok {
				if st.Pos >= p {
					t.Fatalf("by %v back from %d: to %d", g, p, st.Pos)
				}
				p = st.Pos
				back = append([]timeline.Position{p}, back...)
			}
		}
		if !reflect.DeepEqual(there, back) {
			t.Errorf("by %v: %d stops forwards, %d back", g, len(there), len(back))
		}
	}
}

// counting is a fold that remembers what it has seen, so that any difference
// between going forwards and back shows.
type counting struct{}

type counts struct {
	packets, closed int
	hash            uint64
}

func (counting) Zero() counts { return counts{} }
func (counting) Apply(c counts, _ *timeline.Snapshot, o timeline.Occurrence) counts {
	c.packets++
	c.closed += len(o.Closed)
	c.hash = c.hash*1099511628211 + uint64(o.Packet)*2 + uint64(o.At)
	if o.Received {
		c.hash++
	}
	return c
}
func (counting) Clone(c counts) counts { return c }

func TestFoldBackIsFoldForth(t *testing.T) {
	s := load(t, filepath.Join(corpus(t), "http/zeek-1000-requests-one-dropped-response.pcap.gz"), timeline.Options{})
	for _, end := range []timeline.End{timeline.OnWire, timeline.AtA, timeline.AtB} {
		want := map[timeline.Position]counts{}
		f := timeline.Folder[counts]{Fold: counting{}, Conv: 0, End: end}
		for p := timeline.Position(0); p <= s.End(); p++ {
			want[p] = f.At(s, p)
		}
		if want[s.End()].packets == 0 || want[s.End()].closed == 0 {
			t.Fatal("nothing was folded")
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for range 2000 {
			p := timeline.Position(rng.Uint64N(uint64(s.End()) + 1))
			if got := f.At(s, p); got != want[p] {
				t.Fatalf("at %d: %+v, going there the first time %+v", p, got, want[p])
			}
		}
	}
}

func TestEvictionBounds(t *testing.T) {
	s := load(t, filepath.Join(corpus(t), "http/zeek-1000-requests-one-dropped-response.pcap.gz"), timeline.Options{MaxPackets: 500})
	first, end := s.PacketRange()
	if end-first > 500+125+1024+1 || first == 0 {
		t.Fatalf("packets %d…%d are kept, want about 500", first, end)
	}
	if s.Oldest() == 0 {
		t.Error("the oldest position did not move")
	}
	mf, me := s.MessageRange()
	for id := mf; id < me; id++ {
		if m := s.Message(id); m.ID == timeline.NoMessage {
			t.Fatalf("message %d in range is gone", id)
		}
	}
	if m := s.Message(0); m.ID != timeline.NoMessage && me > 2000 && mf > 1100 {
		t.Errorf("message 0 is still there: %v", m)
	}
	stepping2 := 0
	for p, ok := s.Oldest(), true; ok; stepping2++ {
		var st timeline.Stop
		st, ok = s.Step(p, timeline.ByUnit, 1, nil)
		p = st.Pos
	}
	if stepping2 < 100 {
		t.Errorf("%d steps", stepping2)
	}
}
