package all

import (
	"slices"
	"testing"

	decs "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// own are the shell's keys that no view may take for itself. Moving keys are
// meant to be taken.
func own() map[string]string {
	m := map[string]string{}
	for _, b := range view.Keys() {
		if b.Action < view.NavDown || b.Action > view.NavEnter {
			for _, k := range b.Keys {
				m[k] = b.Name
			}
		}
	}
	return m
}

func TestViewsAreWellBehaved(t *testing.T) {
	shell, names := own(), map[string]bool{}
	for _, mk := range Views() {
		v := mk()
		if names[v.Name()] {
			t.Errorf("two views are called %s", v.Name())
		}
		names[v.Name()] = true
		var used []string
		for _, b := range v.Keys() {
			if b.Help().Key == "" || b.Help().Desc == "" {
				t.Errorf("%s: a key without help: %v", v.Name(), b.Keys())
			}
			for _, k := range b.Keys() {
				if who, taken := shell[k]; taken {
					t.Errorf("%s takes %s, which is %s everywhere", v.Name(), k, who)
				}
				if slices.Contains(used, k) {
					t.Errorf("%s uses %s twice", v.Name(), k)
				}
				used = append(used, k)
			}
		}
	}
}

func TestEveryViewAtEverySize(t *testing.T) {
	full := viewtest.Exchanges(12, decs.List()...).Done()
	empty := viewtest.NewScript(decs.List()...).Done()
	for _, mk := range Views() {
		for _, s := range []*timeline.Snapshot{full, empty} {
			v := mk()
			t.Run(v.Name(), func(t *testing.T) {
				f := viewtest.Frame(s)
				viewtest.Sweep(t, v, f, 130, 40)
				for p := s.Oldest(); p <= s.End(); p += 3 {
					g := viewtest.At(f, p)
					g.Width, g.Height = 60, 14
					viewtest.Exact(t, v.Render(g), 60, 14)
					_ = v.Title(g)
				}
			})
		}
	}
}
