package timeline_test

import (
	"testing"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// wrap is a decoder that finds all of its bytes again in an inner stream, which
// it wants to decode itself, for ever.
type wrap struct{ plain }

type wrapParser struct{ key uint64 }

func (wrap) Name() string                                          { return "wrap" }
func (wrap) NewParser(decoders.Hint, decoders.Env) decoders.Parser { return &wrapParser{} }

func (p *wrapParser) Next(c decoders.Chunk) (decoders.Step, error) {
	if len(c.Buf) == 0 {
		return decoders.Step{}, nil
	}
	p.key++
	end := c.Off + int64(len(c.Buf))
	return decoders.Step{Advance: len(c.Buf), Inner: []decoders.Inner{{Dir: c.Dir, Data: c.Buf, Proto: "wrap"}},
		Events: []decoders.Event{{Op: decoders.Open, Key: p.key, Dir: c.Dir, Proto: "wrap", Name: "wrapped", Stream: -1, Off: c.Off},
			{Op: decoders.Close, Key: p.key, Dir: c.Dir, End: end, Len: end - c.Off}}}, nil
}

// TestNested: conversations may lie in each other, but not for ever, and
// packets know the one that they are of.
func TestNested(t *testing.T) {
	b := timeline.NewBuilder(timeline.Options{Decoders: []decoders.Decoder{wrap{}}})
	m := newMaker(b)
	m.ref = false
	for port := range uint16(20) {
		for range 3 {
			if err := m.udp(1, 2, 1000+port, 53, []byte("in a box")); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.Finish(nil)
	s := b.Snapshot()
	if n := s.Conversations(); n < 40 || n > 20*10 {
		t.Errorf("%d conversations", n)
	}
	for id := capture.PacketID(0); id < 60; id++ {
		c := s.Conversation(s.Packet(id).Conv)
		if want := 1000 + uint16(id/3); c.A.Port() != want || c.Packets[0] != 3 {
			t.Errorf("packet %d is of port %d (%v packets), want %d", id, c.A.Port(), c.Packets, want)
		}
		if len(s.PacketMessages(id)) == 0 {
			t.Errorf("packet %d has no message", id)
		}
	}
	_, end := s.MessageRange()
	for id := timeline.MessageID(0); id < end; id++ {
		if m := s.Message(id); !m.Closed || m.Total != 8 {
			t.Errorf("message %d: %+v", id, m)
		}
	}
}
