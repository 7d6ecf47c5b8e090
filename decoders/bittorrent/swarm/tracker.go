package swarm

import (
	"math"
	"sort"

	"netscope/decoders/timeline"
)

// Tracker evaluates the fold over a whole timeline at any position. Going
// forwards costs what has happened since; going back at most the events between
// two checkpoints, of which there are a bounded number. It is not safe for
// concurrent use; each view has its own.
type Tracker struct {
	Log Log
	// Budget is how many messages one call of At reads at most, so that a view
	// of a long capture draws while it is being read; 0: all.
	Budget int
	behind bool // At has stopped at the budget
	share  float64

	state *State
	marks []*State
	every int
	lines []Line // of all that was folded
	upTo  int    // events of which lines were made
	epoch int64
	begun bool
}

const (
	markEvery = 1024
	maxMarks  = 64
)

// At is the state at a position. It must not be changed, and is valid until the
// next call. With a budget it may be an earlier state: see [Tracker.Behind].
func (t *Tracker) At(s *timeline.Snapshot, p timeline.Position) *State {
	if e := s.Epoch().UnixNano(); t.begun && (t.epoch != e || s.End() < t.Log.seen) {
		*t = Tracker{Budget: t.Budget} // another timeline
	}
	if !t.begun {
		t.begun, t.epoch, t.every = true, s.Epoch().UnixNano(), markEvery
		t.state = &State{}
		t.marks = []*State{{}}
	}
	read, steps := math.MaxInt, math.MaxInt
	if t.Budget > 0 {
		read, steps = t.Budget, applied*t.Budget
	}
	t.behind = t.Log.some(s, read)
	t.share = s.CompletionsShare(t.Log.next)
	want := t.Log.Before(p)
	if want < t.state.Count {
		i := sort.Search(len(t.marks), func(i int) bool { return t.marks[i].Count > want }) - 1
		t.state = t.marks[i].Clone()
	}
	for ; t.state.Count < want; steps-- {
		if steps == 0 {
			t.behind = true
			break
		}
		e := &t.Log.Events[t.state.Count]
		i := t.state.Count
		t.state.Apply(&t.Log, e)
		if i == t.upTo {
			t.lines = appendLines(t.lines, &t.Log, t.state, e, i)
			t.upTo++
		}
		t.mark()
	}
	return t.state
}

// applied is how many events are applied in the time that it takes to read a
// message.
const applied = 4

// Behind reports whether At has given an earlier state than was asked for,
// having come to its budget: calling it again goes on.
func (t *Tracker) Behind() bool { return t.behind }

// Share is how much of the timeline has been read, from 0 to 1.
func (t *Tracker) Share() float64 { return t.share }

func (t *Tracker) mark() {
	if t.state.Count < t.marks[len(t.marks)-1].Count+t.every {
		return
	}
	t.marks = append(t.marks, t.state.Clone())
	if len(t.marks) < maxMarks {
		return
	}
	t.every *= 2
	kept := t.marks[:1]
	for i := 2; i < len(t.marks); i += 2 {
		kept = append(kept, t.marks[i])
	}
	clear(t.marks[len(kept):])
	t.marks = kept
}

// Before is how many events have happened by a position.
func (l *Log) Before(p timeline.Position) int {
	return sort.Search(len(l.Events), func(i int) bool { return l.Events[i].Pos > p })
}

// Lines are the sentences up to the state that was asked for last.
func (t *Tracker) Lines() []Line {
	n := sort.Search(len(t.lines), func(i int) bool { return t.lines[i].Event >= t.state.Count })
	return t.lines[:n]
}
