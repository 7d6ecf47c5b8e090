package ladder

import (
	"cmp"
	"math"
	"slices"

	"netscope/decoders/timeline"
)

// The axis maps what happens to rows. It is to scale wherever that is
// readable: two arrows that would start or end in one row at the same side of
// a lifeline are put one row apart (or merged into a burst), and a long time
// in which nothing is in flight is cut out.

type what uint8

const (
	out what = iota
	outEnd
	in
	inEnd
)

type event struct {
	at    timeline.Time
	order int32 // among events of one time
	arrow int32
	what  what
}

// tick is a row at which something happens.
type tick struct {
	y        int
	at       timeline.Time
	happened bool
}

// pause is time that was cut out.
type pause struct {
	y    int // the row that shows it
	time timeline.Time
}

// placed is where an arrow's ends come to lie, in rows from the top of the
// diagram. An end at row y is at the upper edge of that row.
type placed struct {
	out, outEnd, in, inEnd int
	burst                  int // index of the arrow that leads the burst; itself if alone
	count                  int // of a leader: how many
	last                   int // of a leader: the last of them
}

type axis struct {
	in     *Input
	place  []placed
	ticks  []tick
	pauses []pause
	end    int // rows used
	now    int // row of the playhead
}

// side is one side of a lifeline: arrows between the same two neighbours meet
// there.
type side struct {
	host  int
	right bool
}

func sideOf(host, other int) side { return side{host, other > host} }

type sideState struct{ out, in, outLeader int }

// newAxis places every arrow. maxIdle is the most rows that nothing may take;
// maxBurst the most rows over which a burst may start.
func newAxis(inp *Input, maxIdle, maxBurst int) *axis {
	a := &axis{in: inp, place: make([]placed, len(inp.Arrows))}
	events := make([]event, 0, 2*len(inp.Arrows))
	for i := range inp.Arrows {
		w := &inp.Arrows[i]
		k := int32(i) * 4
		w.thin = w.Message && !w.Open && 2*max(w.OutEnd-w.Out, w.InEnd-w.In) < inp.PerRow
		late := func(t, left timeline.Time) int32 { // what arrives comes before what leaves at the same time
			if t > left {
				return k - math.MaxInt32/2
			}
			return k
		}
		events = append(events, event{w.Out, k, int32(i), out}, event{w.In, late(w.In, w.Out) + 1, int32(i), in})
		if w.band() && !w.Open {
			events = append(events, event{w.OutEnd, k + 2, int32(i), outEnd}, event{w.InEnd, late(w.InEnd, w.OutEnd) + 3, int32(i), inEnd})
		}
	}
	slices.SortFunc(events, func(x, y event) int {
		if c := cmp.Compare(x.at, y.at); c != 0 {
			return c
		}
		return cmp.Compare(x.order, y.order)
	})
	a.walk(events, maxIdle, maxBurst)
	return a
}

func (a *axis) walk(events []event, maxIdle, maxBurst int) {
	sides := map[side]*sideState{}
	at := func(s side) *sideState {
		st := sides[s]
		if st == nil {
			st = &sideState{-9, -9, -1}
			sides[s] = st
		}
		return st
	}
	per := float64(max(a.in.PerRow, 1))
	y, exact, flying := 0, 0.0, 0
	var last timeline.Time
	lastHappened, nextFuture := 0, -1
	lastTime := timeline.Time(0)
	for n, e := range events {
		w := &a.in.Arrows[e.arrow]
		p := &a.place[e.arrow]
		if n > 0 {
			gap := float64(e.at-last) / per
			if flying == 0 && gap > float64(maxIdle) {
				a.pauses = append(a.pauses, pause{y + 1, e.at - last})
				exact = float64(y + 3)
			} else {
				exact += gap
			}
		}
		last = e.at
		want := int(math.Round(exact))
		row := max(y, want)
		switch e.what {
		case out:
			s := at(sideOf(w.From, w.To))
			if l := a.mergeable(s.outLeader, int(e.arrow)); l >= 0 && row-a.place[l].out < maxBurst &&
				float64(e.at-a.in.Arrows[a.place[l].last].Out) < 0.95*per {
				p.burst = l
				a.place[l].count++
				a.place[l].last = int(e.arrow)
			} else {
				row = max(row, s.out+1, s.in)
				p.burst, p.count, p.last = int(e.arrow), 1, int(e.arrow)
				s.outLeader = int(e.arrow)
			}
			s.out, p.out = row, row
			p.outEnd = row
			flying++
		case in:
			s := at(sideOf(w.To, w.From))
			row = max(row, p.out+1)
			if p.burst == int(e.arrow) {
				row = max(row, s.in+1)
				if w.Kind > Ack && !w.Lost {
					row = max(row, s.out+2) // keep clear of what leaves there
				}
			}
			s.in, p.in, p.inEnd = max(s.in, row), row, row
			if !w.band() {
				flying--
			}
		case outEnd:
			s := at(sideOf(w.From, w.To))
			row = max(row, p.out+1)
			p.outEnd = row
			s.out = max(s.out, row-1)
		case inEnd:
			s := at(sideOf(w.To, w.From))
			row = max(row, p.in+1, p.outEnd+1)
			p.inEnd = row
			s.in = max(s.in, row)
			flying--
		}
		if row > want {
			exact += float64(row - want)
		}
		y = row
		if w.Lost && e.what == in {
			continue // where it would have arrived nothing happens
		}
		done := e.what == out || e.what == outEnd && e.at <= a.in.Now || e.what == in && w.Here || e.what == inEnd && w.Done
		if done {
			lastHappened, lastTime = y, e.at
		} else if nextFuture < 0 {
			nextFuture = y
		}
		if k := len(a.ticks); k == 0 || a.ticks[k-1].y != y {
			a.ticks = append(a.ticks, tick{y, e.at, done})
		}
	}
	a.now = lastHappened + min(maxIdle, max(0, int(math.Round(float64(a.in.Now-lastTime)/per))))
	if nextFuture >= 0 {
		a.now = min(a.now, max(nextFuture, lastHappened))
	}
	a.end = max(y, a.now) + 1
}

// mergeable gives the leader of the burst that arrow i may join, or -1.
func (a *axis) mergeable(leader, i int) int {
	if leader < 0 {
		return -1
	}
	l, w := &a.in.Arrows[leader], &a.in.Arrows[i]
	if l.Unit == "" || w.Unit == "" || l.Mark != w.Mark || l.Kind != w.Kind || l.Group != w.Group || l.From != w.From || l.To != w.To || l.Lost || w.Lost || l.Message || w.Message {
		return -1
	}
	return leader
}
