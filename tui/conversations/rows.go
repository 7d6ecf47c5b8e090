// Package conversations is the table of conversations: who talks to whom, how
// much, for how long, and in what state; with the throughput of the selected
// one over time.
package conversations

import (
	"cmp"
	"slices"
	"sort"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Key is a column that the table can be sorted by.
type Key uint8

// The sort keys.
const (
	ByStart Key = iota
	ByPackets
	ByBytes
	ByDuration
	ByRTT
	keys
)

// String names the column.
func (k Key) String() string {
	return [...]string{"start", "packets", "bytes", "duration", "RTT"}[k%keys]
}

// Row is a conversation at the playhead.
type Row struct {
	timeline.Conversation
	Count    int64 // packets so far
	Sent     [2]int64
	Duration timeline.Time
}

// read is a conversation at a position. What a conversation's own record says
// is as of the end of the snapshot; before that it is found by searching.
func read(s *timeline.Snapshot, id timeline.ConvID, p timeline.Position, now timeline.Time) Row {
	c := s.Conversation(id)
	r := Row{Conversation: c, Count: int64(c.Packets[0]) + int64(c.Packets[1]), Sent: c.Bytes}
	if p >= s.End() {
		r.Duration = c.End - c.Start
		return r
	}
	for d := range r.Sent {
		r.Sent[d] = s.Delivered(id, decoders.Dir(d), p)
	}
	r.Duration = max(0, min(c.End, now)-c.Start)
	if r.Count <= maxCounted {
		ps := s.ConvPackets(id)
		r.Count = int64(sort.Search(len(ps), func(i int) bool { return s.DeparturePosition(ps[i]) > p }))
		if s.DeparturePosition(c.Last) > p {
			r.State = timeline.ConvOpen // how it ends is not known yet
			if r.Count == 1 && c.Transport == decoders.TCP && !c.Midway {
				r.State = timeline.ConvSynSent
			}
		}
	}
	return r
}

// maxCounted is the most packets of a conversation that are counted up to the
// playhead; of longer ones the total is shown.
const maxCounted = 20_000

// begun is how many conversations have begun by a position; they are numbered
// in that order.
func begun(s *timeline.Snapshot, p timeline.Position) int {
	n := s.Conversations()
	if p >= s.End() {
		return n
	}
	return sort.Search(n, func(i int) bool {
		return s.DeparturePosition(s.Conversation(timeline.ConvID(i)).First) > p
	})
}

// order sorts the first n conversations, those on the wire, by a key, the largest first (by start:
// the first first); reverse turns it round.
func order(s *timeline.Snapshot, n int, k Key, reverse bool) []timeline.ConvID {
	ids := make([]timeline.ConvID, 0, n)
	val := make([]int64, n)
	for i := range val {
		c := s.Conversation(timeline.ConvID(i))
		if c.Parent != timeline.NoConv {
			continue // what was decrypted belongs to the one on the wire
		}
		ids = append(ids, c.ID)
		switch k {
		case ByPackets:
			val[i] = int64(c.Packets[0]) + int64(c.Packets[1])
		case ByBytes:
			val[i] = c.Bytes[0] + c.Bytes[1]
		case ByDuration:
			val[i] = int64(c.End - c.Start)
		case ByRTT:
			val[i] = int64(c.RTT)
		}
	}
	slices.SortStableFunc(ids, func(a, b timeline.ConvID) int { return cmp.Compare(val[b], val[a]) })
	if reverse {
		slices.Reverse(ids)
	}
	return ids
}

// throughput is the bytes delivered in each of n equal parts of the time from
// a to b, per direction.
func throughput(s *timeline.Snapshot, id timeline.ConvID, d decoders.Dir, a, b timeline.Time, n int, end timeline.Position) []float64 {
	out := make([]float64, max(n, 0))
	prev := int64(0)
	for i := range out {
		t := a + timeline.Time(float64(b-a)*float64(i+1)/float64(n))
		got := s.Delivered(id, d, min(s.PositionAt(t), end))
		out[i] = float64(got - prev)
		prev = got
	}
	return out
}

// stateWord says in a word how far a conversation has come.
func stateWord(c *timeline.Conversation) string {
	if c.Transport != decoders.TCP {
		return ""
	}
	switch c.State {
	case timeline.ConvSynSent:
		return "SYN sent"
	case timeline.ConvHalf:
		return "half closed"
	case timeline.ConvClosed:
		return "closed"
	case timeline.ConvReset:
		return "reset"
	}
	return "open"
}
