package timeline_test

import (
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"netscope/capture"
	"netscope/capture/store"
	"netscope/decoders/all"
	"netscope/decoders/timeline"
)

// early is a timeline whose old rows leave memory almost at once.
func early(t testing.TB) *timeline.Builder {
	o := options(t)
	b := timeline.NewBuilder(o)
	b.SpillEarly(o.Details)
	return b
}

// TestArchive: what has left memory reads as it was.
func TestArchive(t *testing.T) {
	const packets = 60_000
	o := options(t)
	o.Details = nil
	o.MaxPackets = 1 << 30 // nothing is evicted, and nothing leaves memory
	want, got := long(t, packets, timeline.NewBuilder(o)), long(t, packets, early(t))
	if want.End() != got.End() || want.Conversations() != got.Conversations() {
		t.Fatalf("%d packets, %d conversations, want %d, %d", got.End(), got.Conversations(), want.End(), want.Conversations())
	}
	same := func(what string, id uint64, a, b any) {
		t.Helper()
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%s %d is\n\t%+v\nnot\n\t%+v", what, id, b, a)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 600 {
		id := capture.PacketID(rng.Uint64N(uint64(want.End())))
		same("packet", uint64(id), want.Packet(id), got.Packet(id))
		same("messages of packet", uint64(id), want.PacketMessages(id), got.PacketMessages(id))
		_, me := want.MessageRange()
		m := timeline.MessageID(rng.Uint64N(uint64(me)))
		same("message", uint64(m), want.Message(m), got.Message(m))
		same("packets of message", uint64(m), want.MessagePackets(m), got.MessagePackets(m))
		from, n := timeline.MessageID(rng.Uint64N(uint64(me))), rng.IntN(100)
		same("range of messages", uint64(from), want.ConvMessageRange(0, from, n), got.ConvMessageRange(0, from, n))
		p := timeline.Position(rng.Uint64N(uint64(want.End())))
		for g := timeline.ByPacket; g <= timeline.ByExchange; g++ {
			a, _ := want.Step(p, g, 1, nil)
			b, _ := got.Step(p, g, 1, nil)
			same("step from", uint64(p), a, b)
			same("latest at", uint64(p), want.Latest(p, g), got.Latest(p, g))
		}
	}
	for id := range timeline.ConvID(want.Conversations()) {
		same("conversation", uint64(id), want.Conversation(id), got.Conversation(id))
		same("packets of conversation", uint64(id), want.ConvPackets(id), got.ConvPackets(id))
		same("messages of conversation", uint64(id), want.ConvMessages(id), got.ConvMessages(id))
		same("spans", uint64(id), want.StreamSpans(id, 1, 0, 1e6), got.StreamSpans(id, 1, 0, 1e6))
	}
}

// TestSmallConversations: those that are over leave memory.
func TestSmallConversations(t *testing.T) {
	b := timeline.NewBuilder(options(t))
	if err := newMaker(b).dns(20_000, 1); err != nil {
		t.Fatal(err)
	}
	before := b.InMemory()
	b.Finish(nil)
	if after := b.InMemory(); before != 10_000 || after != 0 {
		t.Errorf("%d conversations in memory, %d at the end; want 10000 and 0", before, after)
	}
	if c := b.Snapshot().Conversation(7777); c.Messages != 2 || c.Packets != [2]uint32{1, 1} || c.B.Port() != 53 {
		t.Errorf("a conversation read back: %+v", c)
	}
}

// TestReadersOfArchive is for the race detector.
func TestReadersOfArchive(t *testing.T) {
	b := early(t)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for r := range 2 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(r), 1))
			for {
				if s := b.Snapshot(); s.End() > 0 {
					id := capture.PacketID(rng.Uint64N(uint64(s.End())))
					s.PacketMessages(id)
					if _, me := s.MessageRange(); me > 0 {
						m := timeline.MessageID(rng.Uint64N(uint64(me)))
						s.Message(m)
						s.MessagePackets(m)
					}
					c := timeline.ConvID(rng.IntN(s.Conversations()))
					s.Conversation(c)
					s.ConvMessageRange(c, 0, 10)
					s.Step(timeline.Position(rng.Uint64N(uint64(s.End()))), timeline.ByMessage, 1, nil)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	long(t, 40_000, b)
	close(done)
	wg.Wait()
}

// TestFullStore: a store without room loses nothing that fits in memory.
func TestFullStore(t *testing.T) {
	o := timeline.Options{Decoders: all.List(), File: nothing{}}
	b := timeline.NewBuilder(o)
	closed := store.New(0)
	closed.Close()
	b.SpillEarly(closed)
	s := long(t, 40_000, b)
	for _, id := range []capture.PacketID{0, 20_000, 39_999} {
		if s.Packet(id).Length == 0 {
			t.Errorf("packet %d is gone", id)
		}
	}
}
