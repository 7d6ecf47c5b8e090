package resolution

import (
	"slices"
	"sort"

	"netscope/decoders/timeline"
)

// Wait is an open question: one node waits for another.
type Wait struct {
	From, To int32
	Query    int32
}

// Upto are the messages of a resolution that have left by a position, in order
// of departure.
func (l *Log) Upto(r int32, p timeline.Position) []int32 {
	if r < 0 || int(r) >= len(l.Resolutions) {
		return nil
	}
	var out []int32
	for _, i := range l.Resolutions[r].Msgs {
		if l.Msgs[i].Begun <= p {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int32) int { return int(int64(l.Msgs[a].Begun) - int64(l.Msgs[b].Begun)) })
	return out
}

// Before is how many messages have left by a position, as far as they were read
// in that order.
func (l *Log) Before(p timeline.Position) int {
	return sort.Search(len(l.Msgs), func(i int) bool { return l.Msgs[i].Begun > p })
}

// sought is how many messages are looked back at for open questions.
const sought = 1024

// Waits are the questions that are open at a position and a time: asked, not
// answered, not asked again, and the asker has not given up.
func (l *Log) Waits(p timeline.Position, now timeline.Time) []Wait {
	var out []Wait
	n := l.Before(p)
	for i := max(0, n-sought); i < n; i++ {
		q := &l.Msgs[i]
		if !q.Query || q.Begun > p || now-q.Sent > patient || l.arrived(q.Reply, p) || q.Parent >= 0 && l.begun(l.Msgs[q.Parent].Reply, p) {
			continue
		}
		again := slices.ContainsFunc(out, func(w Wait) bool { return w.From == q.From && l.same(w.Query, q) })
		if again {
			out = slices.DeleteFunc(out, func(w Wait) bool { return w.From == q.From && l.same(w.Query, q) })
		}
		out = append(out, Wait{q.From, q.To, int32(i)})
	}
	return slices.DeleteFunc(out, func(w Wait) bool { return l.retried(w.Query, n) })
}

func (l *Log) same(i int32, q *Msg) bool {
	o := &l.Msgs[i]
	return o.Name == q.Name && o.Type == q.Type && o.Parent == q.Parent && o.Resolution == q.Resolution
}

// retried reports whether a question was asked again, with success or not.
func (l *Log) retried(i int32, n int) bool {
	q := &l.Msgs[i]
	for _, j := range l.Resolutions[q.Resolution].Msgs {
		o := &l.Msgs[j]
		if j > i && int(j) < n && o.Query && o.From == q.From && o.Name == q.Name && o.Type == q.Type && o.Parent == q.Parent {
			return true
		}
	}
	return false
}

func (l *Log) arrived(i int32, p timeline.Position) bool { return i >= 0 && l.Msgs[i].Done <= p }
func (l *Log) begun(i int32, p timeline.Position) bool   { return i >= 0 && l.Msgs[i].Begun <= p }

// Own is how long an exchange took without the exchanges that the server made
// to answer it: the round trip between the two. ok is false until the response
// has arrived by p.
func (l *Log) Own(i int32, p timeline.Position) (rtt timeline.Time, ok bool) {
	q := &l.Msgs[i]
	if !q.Query || !l.arrived(q.Reply, p) || l.Msgs[q.Reply].Lost() {
		return 0, false
	}
	rtt = l.Msgs[q.Reply].Arrived - q.Sent
	at := q.Sent
	for _, j := range l.Upto(q.Resolution, p) { // children in order: what they overlap counts once
		k := &l.Msgs[j]
		if !k.Query || k.Parent != i {
			continue
		}
		end := k.Sent
		if k.Reply >= 0 {
			end = l.Msgs[k.Reply].Arrived
		}
		if from := max(at, k.Sent); end > from {
			rtt -= end - from
			at = end
		}
	}
	return max(rtt, 0), true
}
