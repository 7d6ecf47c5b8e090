package timeline_test

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// datagram is a raw IPv4 packet between 10.1.0.1:1000 and 10.1.0.2:53.
func datagram(toB bool, text string) []byte {
	b := make([]byte, 28+len(text))
	b[0], b[8], b[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	copy(b[12:], []byte{10, 1, 0, 1})
	copy(b[16:], []byte{10, 1, 0, 2})
	binary.BigEndian.PutUint16(b[20:], 1000)
	binary.BigEndian.PutUint16(b[22:], 53)
	if !toB {
		copy(b[12:], []byte{10, 1, 0, 2, 10, 1, 0, 1})
		binary.BigEndian.PutUint16(b[20:], 53)
		binary.BigEndian.PutUint16(b[22:], 1000)
	}
	binary.BigEndian.PutUint16(b[24:], uint16(8+len(text)))
	copy(b[28:], text)
	return b
}

func ms(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }

func send(b *timeline.Builder, at, arrived int, loss capture.Loss, toB bool, text string) {
	p := capture.Packet{At: ms(at), Link: capture.LinkRaw, Data: datagram(toB, text), Loss: loss, Ref: -1}
	p.Length = len(p.Data)
	if loss == capture.NotLost {
		p.Arrived = ms(arrived)
	}
	if err := b.Packet(p); err != nil {
		panic(err)
	}
}

func newLab() *timeline.Builder {
	b := timeline.NewBuilder(timeline.Options{Decoders: []decoders.Decoder{plain{}}, Lab: true})
	b.Meta(capture.Tap{ID: 0, Name: "client–server", Link: capture.LinkRaw})
	b.Meta(capture.Clock{At: epoch})
	return b
}

// TestMoments follows a query, a lost copy, and an answer that crosses another
// query on its way.
func TestMoments(t *testing.T) {
	b := newLab()
	send(b, 0, 50, 0, true, "q1\n")
	send(b, 10, 0, capture.LostWire, true, "q2\n")
	send(b, 50, 100, 0, false, "a1\n")
	send(b, 60, 110, 0, true, "q3\n")
	b.Finish(nil)
	s := b.Snapshot()

	type want struct {
		packet capture.PacketID
		kind   timeline.MomentKind
		ms     int
	}
	for i, w := range []want{{0, timeline.Departs, 0}, {1, timeline.Departs, 10}, {0, timeline.Arrives, 50}, {2, timeline.Departs, 50},
		{3, timeline.Departs, 60}, {2, timeline.Arrives, 100}, {3, timeline.Arrives, 110}} {
		m := s.Moment(timeline.Position(i))
		if m.Packet != w.packet || m.Kind != w.kind || m.At != timeline.Time(w.ms)*1e6 {
			t.Errorf("moment %d: %+v, want %+v", i, m, w)
		}
	}
	if s.End() != 7 {
		t.Fatalf("%d moments, want 7", s.End())
	}
	at := func(ms int) timeline.Position { return s.PositionAt(timeline.Time(ms) * 1e6) }
	for _, w := range []struct {
		packet capture.PacketID
		ms     int
		where  timeline.Where
	}{{0, 0, timeline.InFlight}, {0, 49, timeline.InFlight}, {0, 50, timeline.Arrived}, {1, 9, timeline.NotYet}, {1, 500, timeline.InFlight}, {2, 60, timeline.InFlight}, {2, 100, timeline.Arrived}} {
		if got := s.PacketAt(w.packet, at(w.ms)); got != w.where {
			t.Errorf("packet %d at %d ms: %d, want %d", w.packet, w.ms, got, w.where)
		}
	}
	if _, n := s.MessageRange(); n != 3 {
		t.Fatalf("%d messages, want 3: the lost one never came", n)
	}
	for id, w := range []struct{ start, end int }{{0, 50}, {50, 100}, {60, 110}} {
		m := s.Message(timeline.MessageID(id))
		if m.Start != timeline.Time(w.start)*1e6 || m.End != timeline.Time(w.end)*1e6 || !m.Closed {
			t.Errorf("message %d: from %v to %v", id, m.Start, m.End)
		}
	}
	if m := s.Message(0); m.Reply != 1 || s.Message(1).ReplyTo != 0 {
		t.Errorf("the answer is not tied to its query: %+v", m)
	}
	// What each end knows at 60 ms: A has not yet its answer, B has sent it.
	a := timeline.Folder[counts]{Fold: counting{}, Conv: 0, End: timeline.AtA}
	e := timeline.Folder[counts]{Fold: counting{}, Conv: 0, End: timeline.AtB}
	if got := a.At(s, at(60)); got.packets != 3 || got.closed != 0 {
		t.Errorf("A at 60 ms: %+v, want three sent, nothing received", got)
	}
	if got := e.At(s, at(60)); got.packets != 2 || got.closed != 1 {
		t.Errorf("B at 60 ms: %+v, want one received, one sent", got)
	}
	if got := s.Sent(0, decoders.AtoB, at(60)); got != 9 {
		t.Errorf("A had sent %d bytes by 60 ms, want 9", got)
	}
	if got := s.Delivered(0, decoders.AtoB, at(60)); got != 3 {
		t.Errorf("B had received %d bytes by 60 ms, want 3", got)
	}
	check(t, s)
}

// TestReadersDuringWrites is for the race detector: readers look at everything
// while the builder appends and evicts.
func TestReadersDuringWrites(t *testing.T) {
	b := timeline.NewBuilder(timeline.Options{Decoders: []decoders.Decoder{plain{}}, Lab: true, MaxPackets: 1000})
	b.Meta(capture.Clock{At: epoch})
	done := make(chan struct{})
	var wg sync.WaitGroup
	for r := range 3 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(r), 1))
			for {
				s := b.Snapshot()
				first, end := s.PacketRange()
				if n := uint64(end - first); n > 0 {
					id := first + capture.PacketID(rng.Uint64N(n))
					s.PacketData(id)
					s.PacketMessages(id)
					s.ArrivalPosition(id)
				}
				mf, me := s.MessageRange()
				if n := uint64(me - mf); n > 0 {
					id := mf + timeline.MessageID(rng.Uint64N(n))
					s.Message(id)
					s.MessagePackets(id)
				}
				s.Conversation(0)
				s.ConvMessages(0)
				s.Latest(s.End(), timeline.ByMessage)
				s.Step(s.PositionAt(s.Now()/2), timeline.ByMessage, 1, nil)
				f := timeline.Folder[counts]{Fold: counting{}}
				f.At(s, s.End())
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 6000 {
		send(b, i, i+7+i%5, capture.Loss(0), i%2 == 0, "line\n")
	}
	b.Finish(nil)
	close(done)
	wg.Wait()
	checkKept(t, b.Snapshot())
}

func checkKept(t *testing.T, s *timeline.Snapshot) {
	t.Helper()
	if first, end := s.PacketRange(); end != 6000 || first == 0 {
		t.Errorf("packets %d…%d", first, end)
	}
	stepping(t, s)
}
