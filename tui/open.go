package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/tui/session"
	"netscope/tui/start"
)

// opening is a source that is being opened.
type opening struct {
	what   string
	cancel context.CancelFunc
	gen    int
	passed time.Duration
	again  bool // replaces a lab by itself with other parameters
	fork   *forking
}

// openedMsg brings a source that has been opened, or why not.
type openedMsg struct {
	gen int
	ses []*session.Session
	err error
}

// surveyMsg brings what the start page offers beside labs.
type surveyMsg struct {
	ifaces []session.Interface
	recent []session.Recent
	note   string
}

// survey looks for interfaces and recent files.
func (a *App) survey() tea.Cmd {
	o := a.opt.Opener
	return rescue(func() tea.Msg {
		m := surveyMsg{recent: o.Recent()}
		var err error
		if m.ifaces, err = o.Interfaces(); err != nil {
			m.note = err.Error()
		}
		return m
	})
}

// open runs a function that opens sources, in a command that Esc cancels.
func (a *App) open(what string, f func(ctx context.Context) ([]*session.Session, error)) tea.Cmd {
	if a.opening != nil {
		a.opening.cancel()
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.tracks++
	gen := a.tracks
	a.opening = &opening{what: what, cancel: cancel, gen: gen}
	return rescue(func() tea.Msg {
		ses, err := f(ctx)
		return openedMsg{gen, ses, err}
	})
}

func one(s *session.Session, err error) ([]*session.Session, error) {
	if err != nil {
		return nil, err
	}
	return []*session.Session{s}, nil
}

func (a *App) openLab(r session.LabRequest) tea.Cmd {
	o := a.opt.Opener
	if r.Variant == "" {
		if vs := r.Lab.Spec().Variants; len(vs) > 0 {
			r.Variant = vs[0].ID
		}
	}
	again := a.ex != nil && a.ex.ses.Run.Lab != nil && a.ex.ses.Run.Lab.Spec().ID == r.Lab.Spec().ID
	var first []*session.Session
	if again && r.Wall {
		first = append(first, a.ex.ses) // it holds the ports that the new run wants
	}
	cmd := a.open("starting "+r.Lab.Spec().Title, func(ctx context.Context) ([]*session.Session, error) {
		closeAll(first)()
		return one(o.OpenLab(ctx, r))
	})
	a.opening.again = again
	return cmd
}

func (a *App) openFile(path string) tea.Cmd {
	o := a.opt.Opener
	return a.open("opening "+path, func(ctx context.Context) ([]*session.Session, error) { return one(o.OpenFile(ctx, path)) })
}

func (a *App) openLive(name string) tea.Cmd {
	o := a.opt.Opener
	return a.open("capturing on "+name, func(ctx context.Context) ([]*session.Session, error) { return one(o.OpenLive(ctx, name)) })
}

// openTarget opens what was chosen on the start page.
func (a *App) openTarget(m start.OpenMsg) tea.Cmd {
	switch {
	case m.Lab != nil:
		return a.openLab(session.LabRequest{Lab: m.Lab, Params: lab.Defaults(m.Lab.Spec().Params), Seed: a.opt.Seed})
	case m.Interface != "":
		return a.openLive(m.Interface)
	}
	return a.openFile(m.Path)
}

// opened shows what has been opened. What was asked for before something else
// was, is closed again.
func (a *App) opened(m openedMsg) tea.Cmd {
	op := a.opening
	if op == nil || op.gen != m.gen {
		return closeAll(m.ses)
	}
	a.opening = nil
	if m.err != nil {
		op.cancel()
		if !errors.Is(m.err, context.Canceled) {
			a.complain(m.err.Error())
		}
		return closeAll(m.ses)
	}
	if op.fork != nil {
		a.cmp = newFork(a, op.fork, m.ses[0])
		return nil
	}
	if len(m.ses) > 1 {
		a.cmp = newCompare(a, m.ses)
		return nil
	}
	ex := newExplorer(newTrack(m.gen, m.ses[0]), a.opt.Views, a.names)
	ex.only = a.opt.Filter
	ex.showOnly(timeline.NoConv)
	var old []*session.Session
	if a.ex != nil {
		if op.again {
			ex.carry(a.ex)
		}
		old = a.release()
	}
	a.ex, a.loading, a.last = ex, 0, time.Time{}
	return closeAll(old)
}

func (a *App) cancelOpening() tea.Cmd {
	a.opening.cancel()
	a.opening = nil
	a.say("stopped")
	return nil
}
