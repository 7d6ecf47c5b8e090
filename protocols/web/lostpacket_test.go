package web

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/cryptotest"

	decoders "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

func defaultsOf(l lab.Lab, set lab.Params) lab.Params {
	p := lab.Defaults(l.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	return p
}

// emulateLab runs a variant of any lab. What QUIC draws from crypto/rand
// follows from the seed, as in a child process.
func emulateLab(t *testing.T, l lab.Lab, variant string, p lab.Params, seed uint64) *timeline.Snapshot {
	t.Helper()
	cryptotest.SetGlobalRandom(t, seed)
	b := timeline.NewBuilder(timeline.Options{Decoders: decoders.List(), Lab: true})
	_, end := run.InBubble(t, l, run.Request{Variant: variant, Params: p, Seed: seed}, b)
	if end.Err != "" {
		t.Errorf("%s %s %v: %s", l.Spec().ID, variant, p, end.Err)
	}
	b.Finish(nil)
	return b.Snapshot()
}

func measureNamed(t *testing.T, list []lab.Measure, name string) lab.Measure {
	t.Helper()
	for _, m := range list {
		if m.Name == name {
			return m
		}
	}
	t.Fatalf("no measure is called %q", name)
	return lab.Measure{}
}

// stalled are the names that "streams stalled" gives as causes.
func stalled(m lab.Measure) string {
	var names []string
	for _, c := range m.Causes {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

// One packet is lost: over HTTP/2 all streams wait, over HTTP/3 only those with
// bytes in it, and the others finish no later for want of them.
func TestOneLostPacket(t *testing.T) {
	for _, c := range []struct {
		drop         float64
		http2, http3 string
	}{
		{0, "", ""},
		{3, "O1 O2 O3 O4 O5", "O1"},              // in the burst of the first response
		{11, "O1 O2 O3 O4 O5", "O1 O2 O3 O4 O5"}, // the packet with all heads
		{14, "O1 O2 O3 O4 O5", "O4"},
		{20, "O1 O2 O3 O4 O5", "O5"},
		{100, "O1 O2 O3 O4 O5", "O5"},
		{1000, "", ""}, // there are not so many
	} {
		p := defaultsOf(LostPacket{}, lab.Params{"drop": c.drop})
		for variant, want := range map[string]string{overHTTP2: c.http2, overHTTP3: c.http3} {
			s := emulateLab(t, LostPacket{}, variant, p, 1)
			list := LostPacket{}.Measure(variant, p, s, s.End())
			m := measureNamed(t, list, streamsStalled)
			if got := stalled(m); got != want || *m.Measured != float64(len(m.Causes)) {
				t.Errorf("packet %v over %s: %v streams stalled, %s; want %s", c.drop, variant, *m.Measured, got, want)
			}
			for _, m := range list {
				if name, ok := strings.CutPrefix(m.Name, "stall of "); ok && strings.Contains(want, name) != (*m.Measured > 0) {
					t.Errorf("packet %v over %s: %s is %v", c.drop, variant, m.Name, *m.Measured)
				}
			}
			checkCompletions(t, variant, p, list, 1e-3)
		}
	}
}

// checkCompletions compares the objects' times with what is predicted or
// expected, and causes with what they explain.
func checkCompletions(t *testing.T, variant string, p lab.Params, list []lab.Measure, tolerance float64) {
	t.Helper()
	for _, m := range list[:p.Int("objects")] {
		switch {
		case m.Measured == nil:
			t.Errorf("%s %v: %s is not measured", variant, p, m.Name)
			continue
		case m.Predicted != nil:
			if d := math.Abs(*m.Measured - *m.Predicted); d > tolerance**m.Predicted {
				t.Errorf("%s %v: %s takes %v, predicted %v", variant, p, m.Name, *m.Measured, *m.Predicted)
			}
		case m.Band == nil || *m.Measured < m.Band[0] || *m.Measured > m.Band[1]:
			t.Errorf("%s %v: %s takes %v, expected %v", variant, p, m.Name, *m.Measured, m.Band)
		}
		sum := *m.Ideal
		for _, c := range m.Causes {
			sum += c.Value
		}
		near(t, variant+" "+m.Name+" causes", sum, *m.Measured, 1e-6)
	}
}

// Other parameters: predictions over TCP hold with the loss, times over QUIC
// lie in the band.
func TestLostPacketEverywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 114))
	between := func(a, b float64) float64 { return a * math.Exp(r.Float64()*math.Log(b/a)) }
	for range sweep(20, 4) {
		p := defaultsOf(LostPacket{}, lab.Params{
			"rtt": between(1e-3, 1), "rate": between(1e6, 1e8), "objects": math.Floor(between(1, 20)), "frame": math.Floor(between(300, 2e4)),
			"size": math.Floor(between(100, 1e5)), "big": math.Floor(between(1, 3e5)) * float64(r.IntN(2)), "drop": math.Floor(between(1, 200)) * float64(r.IntN(3)),
		})
		for _, variant := range []string{overHTTP2, overHTTP3} {
			s := emulateLab(t, LostPacket{}, variant, p, 1)
			checkCompletions(t, variant, p, LostPacket{}.Measure(variant, p, s, s.End()), 0.01)
		}
	}
}

// Times, sizes and order are fixed by the seed, over QUIC too, although its
// bytes are not.
func TestLostPacketSameSeedSameRun(t *testing.T) {
	if shuffled {
		t.Skip("quic-go's goroutines run in the order that the scheduler likes")
	}
	for _, loss := range []float64{0, 0.03} {
		p := defaultsOf(LostPacket{}, lab.Params{"loss": loss})
		a, b := emulateLab(t, LostPacket{}, overHTTP3, p, 7), emulateLab(t, LostPacket{}, overHTTP3, p, 7)
		if x, y := packetRows(a), packetRows(b); !reflect.DeepEqual(x, y) {
			t.Errorf("loss %v: %d packets, then %d, which differ", loss, len(x), len(y))
		}
	}
}

type packetRow struct {
	at, arrived timeline.Time
	length      uint32
}

func packetRows(s *timeline.Snapshot) (rows []packetRow) {
	first, end := s.PacketRange()
	for id := first; id < end; id++ {
		r := s.Packet(id)
		rows = append(rows, packetRow{r.At, r.Arrived, r.Length})
	}
	return rows
}

// At the playhead nothing is known before it has happened.
func TestStallsOnTheWay(t *testing.T) {
	p := defaultsOf(LostPacket{}, nil)
	for _, variant := range []string{overHTTP2, overHTTP3} {
		s := emulateLab(t, LostPacket{}, variant, p, 1)
		last := 0.0
		for at := timeline.Position(0); at <= s.End(); at += timeline.Position(sweep(7, 90)) {
			m := measureNamed(t, LostPacket{}.Measure(variant, p, s, at), streamsStalled)
			if *m.Measured < last {
				t.Fatalf("%s: %v streams had stalled at %d, %v before", variant, *m.Measured, at, last)
			}
			last = *m.Measured
		}
	}
}
