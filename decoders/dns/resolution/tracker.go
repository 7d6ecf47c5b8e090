package resolution

import (
	"sort"

	"netscope/decoders/timeline"
)

// Tracker evaluates the fold over a whole timeline at any position. Going
// forwards costs what has happened since; going back at most the events between
// two checkpoints, of which there are a bounded number. It is not safe for
// concurrent use; each view has its own.
type Tracker struct {
	Log   Log
	state *State
	marks []*State
	every int
	epoch int64
	begun bool
}

const (
	markEvery = 256
	maxMarks  = 64
)

// At is the state at a position. It must not be changed, and is valid until the
// next call.
func (t *Tracker) At(s *timeline.Snapshot, p timeline.Position) *State {
	if e := s.Epoch().UnixNano(); t.begun && (t.epoch != e || s.End() < t.Log.seen) {
		*t = Tracker{} // another timeline
	}
	if !t.begun {
		t.begun, t.epoch, t.every = true, s.Epoch().UnixNano(), markEvery
		t.state, t.marks = &State{}, []*State{{}}
	}
	t.Log.Read(s)
	want := sort.Search(len(t.Log.Events), func(i int) bool { return t.Log.Events[i].Pos > p })
	if want < t.state.Count {
		i := sort.Search(len(t.marks), func(i int) bool { return t.marks[i].Count > want }) - 1
		t.state = t.marks[i].Clone()
	}
	for t.state.Count < want {
		t.state.Apply(&t.Log.Events[t.state.Count])
		t.mark()
	}
	return t.state
}

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
