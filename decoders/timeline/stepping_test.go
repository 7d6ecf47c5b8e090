package timeline_test

import (
	"testing"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// long builds a timeline of n packets: half of them in one conversation of
// lines, each a message, the other half made-up web traffic.
func long(t testing.TB, n int, b *timeline.Builder) *timeline.Snapshot {
	m := newMaker(b)
	if err := m.tap(); err != nil {
		t.Fatal(err)
	}
	line := []byte("a line of a conversation that never ends\n")
	for i := range n / 2 {
		from, to := uint32(1), uint32(2)
		sport, dport := uint16(1000), uint16(53)
		if i%2 == 1 {
			from, to, sport, dport = to, from, dport, sport
		}
		if err := m.udp(from, to, sport, dport, line); err != nil {
			t.Fatal(err)
		}
	}
	for end := m.id * 2; m.id < end; {
		if err := m.web(m.off + 1e5); err != nil {
			t.Fatal(err)
		}
	}
	b.Finish(nil)
	return b.Snapshot()
}

// BenchmarkAsk measures what views ask each frame or on each key, on a timeline
// of a million packets and half a million messages.
func BenchmarkAsk(b *testing.B) {
	builder := timeline.NewBuilder(options(b))
	s := long(b, 1_000_000, builder)
	mid := s.End() / 3
	var folder timeline.Folder[counts]
	folder.Fold = counting{}
	folder.At(s, s.End())
	n := uint64(0)
	scatter := func() uint64 { n = n*6364136223846793005 + 1442695040888963407; return n >> 33 }
	_, me := s.MessageRange()
	for _, ask := range []struct {
		name string
		f    func()
	}{
		{"Snapshot", func() { builder.Snapshot() }},
		{"Packet", func() { s.Packet(capture.PacketID(scatter() % uint64(s.End()))) }},
		{"Message", func() { s.Message(timeline.MessageID(scatter() % uint64(me))) }},
		{"Message/near", func() { s.Message(me/2 + timeline.MessageID(scatter()%50)) }},
		{"Step/packet", func() { s.Step(mid, timeline.ByPacket, 1, nil) }},
		{"Step/message", func() { s.Step(mid, timeline.ByMessage, 1, nil) }},
		{"Step/message/back", func() { s.Step(mid, timeline.ByMessage, -1, nil) }},
		{"Step/exchange/far", func() { s.Step(1, timeline.ByExchange, 1, nil) }},
		{"Latest", func() { s.Latest(timeline.Position(scatter()%uint64(s.End())), timeline.ByMessage) }},
		{"PositionAt", func() { s.PositionAt(s.Now() * timeline.Time(scatter()%100) / 100) }},
		{"PacketMessages", func() { s.PacketMessages(capture.PacketID(scatter() % uint64(s.End()))) }},
		{"ConvMessageRange", func() { s.ConvMessageRange(0, me/3, 50) }},
		{"ConvMessages/500000", func() { s.ConvMessages(0) }},
		{"Conversation", func() { s.Conversation(timeline.ConvID(scatter() % uint64(s.Conversations()))) }},
		{"Delivered", func() { s.Delivered(0, decoders.AtoB, mid) }},
		{"Folder/back", func() { folder.At(s, timeline.Position(scatter()%500_000)) }},
		{"Folder/step", func() { mid++; folder.At(s, mid) }},
		{"Folder/first", func() { f := timeline.Folder[counts]{Fold: counting{}}; f.At(s, s.End()) }},
	} {
		b.Run(ask.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				ask.f()
			}
		})
	}
}
