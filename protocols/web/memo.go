package web

import (
	"fmt"
	"slices"
	"sync"
	"weak"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// memo remembers a few predictions: a measure is wanted for every picture that
// is drawn, and the prediction in it is always the same. A nil memo remembers
// nothing.
type memo struct {
	mu   sync.Mutex
	keys []string // oldest first
	kept map[string][]lab.Measure

	// The frames of the conversation that was looked at last, and of what.
	of     weak.Pointer[timeline.Snapshot]
	conv   timeline.ConvID
	frames []sentFrame
}

// remembered is how many predictions are kept: a few variants of a few runs.
const remembered = 16

func newMemo() *memo { return &memo{kept: map[string][]lab.Measure{}} }

// do gives what f gives, computed once. The caller may change the list, and
// append to its causes.
func (m *memo) do(variant string, p lab.Params, f func(string, lab.Params) []lab.Measure) []lab.Measure {
	if m == nil {
		return f(variant, p)
	}
	key := variant + fmt.Sprint(p) // maps are printed in order of their keys
	m.mu.Lock()
	defer m.mu.Unlock()
	list, ok := m.kept[key]
	if !ok {
		list = f(variant, p)
		if len(m.keys) == remembered {
			delete(m.kept, m.keys[0])
			m.keys = m.keys[1:]
		}
		m.keys = append(m.keys, key)
		m.kept[key] = list
	}
	list = slices.Clone(list)
	for i := range list {
		list[i].Causes = slices.Clip(list[i].Causes)
	}
	return list
}

// sent is sentFrames, computed once for a snapshot.
func (m *memo) sent(s *timeline.Snapshot, c timeline.ConvID) []sentFrame {
	if m == nil {
		return sentFrames(s, c)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if of := weak.Make(s); m.of != of || m.conv != c {
		m.of, m.conv, m.frames = of, c, sentFrames(s, c)
	}
	return m.frames
}
