package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/tui/line"
	"netscope/tui/view"
)

// act has a run changed as a view asks: the run itself at its live end, else a
// fork from the playhead on.
func (a *App) act(t *track, m view.ActMsg) tea.Cmd {
	if t.ses.Run.Lab == nil {
		a.complain("Only a lab can be changed: what was captured has happened.")
		return nil
	}
	if m.Ask == "" {
		return a.doAct(t, m.Action, t.head.Time)
	}
	// The moment is the one at which the question was asked.
	at := t.head.Time
	if !t.live() {
		t.head.Playing = false
	}
	a.prompt = &prompt{label: m.Ask, line: line.New(m.Offer), enter: func(a *App, text string) tea.Cmd {
		if text = strings.TrimSpace(text); text == "" {
			return nil
		}
		act := m.Action
		act.Text = strings.TrimSpace(act.Text + " " + text)
		return a.doAct(t, act, at)
	}}
	return nil
}

// live reports that the playhead stands at the end of a run that goes on, or so
// near to it as the run is kept.
func (t *track) live() bool {
	if t.ses.Act == nil || t.snap.Done() {
		return false
	}
	behind := time.Duration(t.snap.Now() - t.head.Time)
	return t.head.Live || t.head.Pos >= t.snap.End() || t.ses.Ahead > 0 && behind <= 2*t.ses.Ahead
}

func (a *App) doAct(t *track, act lab.Action, at timeline.Time) tea.Cmd {
	what := strings.TrimSpace(act.Name + " " + act.Text)
	switch {
	case t.live():
		if err := t.ses.Act(act); err != nil {
			a.complain(err.Error())
			return nil
		}
		a.say("told the lab: " + what)
		return nil
	case t.ses.Run.Wall:
		a.complain("A run on the wall clock can be changed at its live end only; G goes there.")
		return nil
	}
	t.head.Playing, t.head.Live = false, false
	if a.cmp != nil {
		a.cmp.pause()
	}
	act.At = time.Duration(at) + 1
	return a.openFork(t, []lab.Action{act})
}
