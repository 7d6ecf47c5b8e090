package swarm_test

import (
	"testing"

	"netscope/decoders/bittorrent/swarm"
	"netscope/decoders/bittorrent/swarm/swarmtest"
)

// With a budget a call takes in no more than that, and calls enough give what
// one without a budget gives: the same events at the same positions.
func TestBudget(t *testing.T) {
	s := swarmtest.TitForTat(8, 40, 6)
	whole := &swarm.Tracker{}
	whole.At(s, s.End())
	bit := &swarm.Tracker{Budget: 100}
	calls, read := 0, 0
	for share := -1.0; ; calls++ {
		bit.At(s, s.End())
		if n := len(bit.Log.Events) - read; n > 100+len(s.Notes()) {
			t.Fatalf("%d events in one call", n)
		}
		read = len(bit.Log.Events)
		if !bit.Behind() {
			break
		}
		if bit.Share() < share {
			t.Fatal("reading goes back")
		}
		share = bit.Share()
	}
	if calls < 10 || bit.Share() != 1 || len(whole.Log.Events) != read {
		t.Fatalf("%d calls, share %v, %d events of %d", calls, bit.Share(), read, len(whole.Log.Events))
	}
	for i := range whole.Log.Events {
		a, b := &whole.Log.Events[i], &bit.Log.Events[i]
		if a.Pos != b.Pos || a.Kind != b.Kind || a.Message != b.Message {
			t.Fatalf("event %d: %+v, in pieces %+v", i, a, b)
		}
	}
}
