package timeline_test

import (
	"os"
	"runtime"
	"strconv"
	"testing"

	"netscope/capture"
	"netscope/capture/store"
	"netscope/decoders/all"
	"netscope/decoders/timeline"
)

// TestEndless: what a capture without an end needs does not grow. NETSCOPE_ENDLESS
// says how many packets there are, if it should be more than a test has time for.
func TestEndless(t *testing.T) {
	packets := 120_000
	if n, err := strconv.Atoi(os.Getenv("NETSCOPE_ENDLESS")); err == nil {
		packets = n
	}
	for name, o := range map[string]timeline.Options{
		"memory": {},
		"rings":  {Store: store.NewRing(8 << 20), Details: store.NewRing(8 << 20)},
	} {
		t.Run(name, func(t *testing.T) {
			if o.Store != nil {
				t.Cleanup(func() { o.Store.Close(); o.Details.Close() })
			}
			o.Decoders, o.MaxPackets = all.List(), 20_000
			b := timeline.NewBuilder(o)
			// One conversation that never ends, one that is silent for long, many
			// short ones, and web traffic.
			m := newMaker(b)
			m.ref = false
			if err := m.tap(); err != nil {
				t.Fatal(err)
			}
			var heap [4]uint64
			for round := range heap {
				for m.id < capture.PacketID(packets*(round+1)/len(heap)) {
					if err := m.udp(1, 2, 1000, 53, []byte("for ever\n")); err != nil {
						t.Fatal(err)
					}
					if m.id%100_000 < 10 {
						if err := m.udp(3, 4, 1000, 53, []byte("still there\n")); err != nil {
							t.Fatal(err)
						}
					}
					if err := m.dns(400, 1); err != nil {
						t.Fatal(err)
					}
					if err := m.web(m.off + 100_000); err != nil {
						t.Fatal(err)
					}
				}
				runtime.GC()
				var ms runtime.MemStats
				runtime.ReadMemStats(&ms)
				heap[round] = ms.HeapAlloc >> 10
			}
			t.Logf("%d packets, heap after each quarter in kB: %d", m.id, heap)
			// The flow table is still filling in the first half.
			if packets >= 1_000_000 && heap[3] > heap[1]+heap[1]/10 || heap[3] > 300<<10 {
				t.Errorf("memory grows: %d kB", heap)
			}
			s := b.Snapshot()
			live(t, s)
			runtime.KeepAlive(b)
		})
	}
}

// live checks what is kept of an endless capture.
func live(t *testing.T, s *timeline.Snapshot) {
	t.Helper()
	first, end := s.PacketRange()
	if n := end - first; n < 20_000 || n > 27_000 {
		t.Errorf("%d packets are kept", n)
	}
	c := s.Conversation(0)
	if c.A.Port() != 1000 || len(s.ConvPackets(0)) == 0 || len(s.ConvMessageRange(0, 0, 10)) != 10 {
		t.Errorf("the conversation that never ends is gone: %+v", c)
	}
	unread := 0
	for id := first; id < end; id++ {
		row := s.Packet(id)
		if data, err := s.PacketData(id); err != nil || len(data) != int(row.CapLen) {
			unread++
		}
		if row.Conv != timeline.NoConv && s.Conversation(row.Conv).Transport != row.Transport {
			t.Fatalf("packet %d is kept, its conversation %d is not", id, row.Conv)
		}
	}
	mf, me := s.MessageRange()
	for id := mf; id < me; id++ {
		if m := s.Message(id); m.ID == timeline.NoMessage || m.Proto == "" {
			t.Fatalf("message %d of %d to %d is gone", id, mf, me)
		}
	}
	if unread > 0 {
		t.Errorf("%d packets of %d cannot be read", unread, end-first)
	}
}
