package resolution

import (
	"slices"
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

const (
	maxOpen = 64       // received queries of a node among which a parent is sought
	patient = 30 * 1e9 // nanoseconds for which a question can be open
	walking = 5 * 1e9  // … between two steps of a walk
)

// add takes a message in, in order of departure.
func (l *Log) add(m Msg, kvs []decoders.KV, s *timeline.Snapshot) {
	i := int32(len(l.Msgs))
	if m.ID != timeline.NoMessage {
		l.byID[m.ID] = i
	}
	if m.Of < -1 {
		id := timeline.MessageID(-2 - m.Of)
		m.Of = -1
		if q, ok := l.byID[id]; ok {
			m.Of = q
		}
	}
	l.Msgs = append(l.Msgs, m)
	x := &l.Msgs[i]
	if x.Query {
		l.query(i)
	} else {
		l.learn(x, kvs, s)
		l.response(i)
	}
	if r := x.Resolution; r >= 0 {
		l.Resolutions[r].Msgs = append(l.Resolutions[r].Msgs, i)
	}
}

func (l *Log) query(i int32) {
	x := &l.Msgs[i]
	x.Parent = l.parent(i)
	switch {
	case x.Parent >= 0:
		x.Resolution = l.Msgs[x.Parent].Resolution
	case l.goesOn(i):
		x.Resolution = l.last[x.From]
		if x.To != l.Msgs[l.Resolutions[x.Resolution].First].To {
			l.Resolutions[x.Resolution].Walk = true
		}
	default:
		x.Resolution = int32(len(l.Resolutions))
		l.Resolutions = append(l.Resolutions, Resolution{First: i})
		l.last[x.From] = x.Resolution
	}
	for _, j := range l.tail(x.Resolution, 32) {
		if o := &l.Msgs[j]; o.Query && o.From == x.From && o.Name == x.Name && o.Type == x.Type && o.Reply < 0 {
			x.Again = true
		}
	}
	l.Nodes[x.From].Asks = true
	n := &l.Nodes[x.To]
	n.Serves = true
	if x.Lost() {
		return
	}
	q := append(l.open[x.To], i)
	if len(q) > maxOpen {
		q = append(q[:0], q[len(q)-maxOpen/2:]...)
	}
	l.open[x.To] = q
}

// tail are the last messages of a resolution.
func (l *Log) tail(r int32, n int) []int32 {
	ms := l.Resolutions[r].Msgs
	return ms[max(0, len(ms)-n):]
}

// parent is the query that its sender has received and not answered yet; the
// one for the same name if there are several.
func (l *Log) parent(i int32) int32 {
	x := &l.Msgs[i]
	best, rank := int32(-1), 0
	list := l.open[x.From]
	for k := len(list) - 1; k >= 0; k-- {
		q := &l.Msgs[list[k]]
		if q.Done > x.Begun || x.Sent-q.Arrived > patient || q.Reply >= 0 && l.Msgs[q.Reply].Begun < x.Begun {
			continue
		}
		r := 1
		switch {
		case q.Name == x.Name && q.Type == x.Type:
			r = 4
		case q.Name == x.Name:
			r = 3
		case under(q.Name, x.Name) || l.mentioned(q.Resolution, x.Name):
			r = 2
		}
		if r > rank {
			best, rank = list[k], r
		}
	}
	return best
}

// under reports whether a name lies in a zone (or is its name).
func under(name, zone string) bool {
	return zone == "." || name == zone || strings.HasSuffix(name, "."+zone)
}

// mentioned reports whether one of the last responses of a resolution named a
// server or alias.
func (l *Log) mentioned(r int32, name string) bool {
	for _, j := range l.tail(r, 16) {
		if slices.Contains(l.Msgs[j].mentions, name) {
			return true
		}
	}
	return false
}

// goesOn reports whether a query is the next step of a walk that its sender
// makes itself, or asks again.
func (l *Log) goesOn(i int32) bool {
	x := &l.Msgs[i]
	r, ok := l.last[x.From]
	if !ok {
		return false
	}
	for _, j := range l.tail(r, 8) {
		p := &l.Msgs[j]
		if !p.Query || p.From != x.From || x.Sent-p.Sent > patient {
			continue
		}
		if p.Reply < 0 {
			if p.Name == x.Name && p.Type == x.Type && (p.Lost() || x.Sent-p.Sent > 1e8) {
				return true
			}
			continue
		}
		a := &l.Msgs[p.Reply]
		if x.Sent-a.Arrived > walking {
			continue
		}
		on := a.Refers != "" || strings.Contains(a.Summary, "truncated") || slices.Contains(a.mentions, x.Name)
		if on && (x.Name == p.Name || under(p.Name, x.Name) || slices.Contains(a.mentions, x.Name)) {
			return true
		}
	}
	return false
}

func (l *Log) response(i int32) {
	x := &l.Msgs[i]
	if x.Of >= 0 {
		q := &l.Msgs[x.Of]
		x.Resolution, x.Parent = q.Resolution, q.Parent
		if q.Reply < 0 {
			q.Reply = i
		} else {
			x.Stray = true
		}
		return
	}
	// Whom may it have been meant for? Of two that a resolver would accept, the
	// first to arrive counts, whichever was sent first: that is how answers are
	// forged.
	x.Stray = !x.Lost()
	if q := l.overtaken(x); q >= 0 {
		old := &l.Msgs[l.Msgs[q].Reply]
		old.Stray, old.Of, x.Stray, x.Of = true, -1, false, q
		l.Msgs[q].Reply = i
		x.Resolution, x.Parent = l.Msgs[q].Resolution, l.Msgs[q].Parent
		return
	}
	if r, ok := l.between(x.To, x.From, x.Name); ok {
		x.Resolution = r
	}
}

// overtaken is the query to which a response has arrived before the one that
// was taken for its answer, -1 none.
func (l *Log) overtaken(x *Msg) int32 {
	list := l.open[x.From]
	for k := len(list) - 1; k >= 0; k-- {
		q := &l.Msgs[list[k]]
		if q.conv == x.conv && q.id == x.id && q.Name == x.Name && q.Type == x.Type && q.From == x.To && q.Reply >= 0 && !x.Lost() {
			if r := &l.Msgs[q.Reply]; r.Done > x.Done && q.Done <= x.Done {
				return list[k]
			}
		}
	}
	return -1
}

// between is the resolution of the last query from one node to another.
func (l *Log) between(from, to int32, name string) (int32, bool) {
	list := l.open[to]
	for k := len(list) - 1; k >= 0; k-- {
		if q := &l.Msgs[list[k]]; q.From == from && q.Name == name {
			return q.Resolution, true
		}
	}
	return 0, false
}
