package run

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"

	"netscope/capture"
	"netscope/protocols/lab"
	"netscope/protocols/netlab"
)

// world is a network's World with what a run adds: lab.Exposed and
// lab.OnAction.
type world struct {
	netlab.World
	exposed bool

	mu       sync.Mutex
	onAction []func(lab.Action)
}

// Exposed tells whether real programs may talk to this run's hosts.
func (w *world) Exposed() bool { return w.exposed }

// OnAction has f called for every action of kind "param".
func (w *world) OnAction(f func(lab.Action)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onAction = append(w.onAction, f)
}

// schedule puts an action into the network's future.
func (s *session) schedule(a lab.Action) {
	s.net.Act(a.At, func() {
		if err := s.apply(a); err != nil {
			s.world.Note(capture.Note{Host: a.From, Proto: "run", Name: "action-failed", Summary: err.Error()})
			return
		}
		data, err := json.Marshal(a)
		if err != nil {
			data = nil
		}
		s.world.Note(capture.Note{Host: a.From, Proto: "run", Name: "action", Summary: describe(a), Data: data})
	})
}

// actNow gives an action the next instant, tells of it, and schedules it.
func (s *session) actNow(a lab.Action) error {
	a.At = s.net.Now() + 1
	if s.acted != nil {
		if err := s.acted(a); err != nil {
			return err
		}
	}
	s.schedule(a)
	return nil
}

// apply carries an action out. Driver goroutine.
func (s *session) apply(a lab.Action) error {
	switch a.Kind {
	case "path":
		if a.Path == nil {
			return fmt.Errorf("the action on %s→%s names no path", a.From, a.To)
		}
		return s.net.ChangePath(a.From, a.To, *a.Path)
	case "drop", "delay":
		drops, err := dropsOf(a)
		if err != nil {
			return err
		}
		return s.net.AddDrops(a.From, a.To, drops...)
	case "param":
		s.world.mu.Lock()
		defer s.world.mu.Unlock()
		for _, f := range s.world.onAction {
			go f(a)
		}
		return nil
	}
	return fmt.Errorf("there is no action %q: it is path, drop, delay or param", a.Kind)
}

// dropsOf says which packets a drop or delay action chooses: those of its
// path's drops, or the one whose number is its text, or the next.
func dropsOf(a lab.Action) ([]lab.Drop, error) {
	if a.Path != nil && len(a.Path.Drops) > 0 {
		return a.Path.Drops, nil
	}
	d := lab.Drop{Nth: 1}
	if a.Text != "" {
		n, err := strconv.Atoi(a.Text)
		if err != nil {
			return nil, fmt.Errorf("%q is not the number of a packet to %s", a.Text, a.Kind)
		}
		d.Nth = n
	}
	if a.Kind == "delay" {
		if a.By <= 0 {
			return nil, fmt.Errorf("a packet is delayed by more than nothing: say by how much")
		}
		d.Late = a.By
	}
	return []lab.Drop{d}, nil
}

// describe is an action as a sentence.
func describe(a lab.Action) string {
	what := "a packet"
	if a.Name != "" {
		what = a.Name
	}
	switch a.Kind {
	case "path":
		s := fmt.Sprintf("the link from %s to %s was changed", a.From, a.To)
		if a.Text != "" {
			s += ": " + a.Text
		}
		return s
	case "drop":
		return fmt.Sprintf("%s from %s to %s was chosen to be dropped", what, a.From, a.To)
	case "delay":
		return fmt.Sprintf("%s from %s to %s was chosen to arrive %v later", what, a.From, a.To, a.By)
	}
	return fmt.Sprintf("%s was set to %s", a.Name, a.Text)
}
