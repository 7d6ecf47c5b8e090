package tui

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	tea "charm.land/bubbletea/v2"

	"netscope/tui/line"
	"netscope/tui/session"
	"netscope/tui/view"
)

// prompt asks for a line of text, or for a single key, on the bottom line.
type prompt struct {
	label  string
	line   line.Line
	single bool // any key ends it
	enter  func(a *App, text string) tea.Cmd
}

// update handles a message; done ends the prompt.
func (p *prompt) update(a *App, msg tea.Msg) (cmd tea.Cmd, done bool) {
	k, isKey := msg.(tea.KeyPressMsg)
	if isKey {
		switch s := k.String(); {
		case s == "esc" || s == "ctrl+c":
			return nil, true
		case p.single:
			return p.enter(a, k.Text), true
		case s == "enter":
			return p.enter(a, p.line.String()), true
		}
	}
	p.line.Update(msg)
	return nil, false
}

func (p *prompt) render(t *view.Theme, w int) string {
	label := " " + t.Key.Paint(p.label) + " "
	if p.single {
		return view.Fit(label, w)
	}
	return view.Fit(label+p.line.Render(max(1, w-view.Width(label)-1)), w)
}

// askSearch, askMark, askGoMark and askWrite are the explorer's questions.
func (a *App) askSearch() {
	a.prompt = &prompt{label: "search", enter: func(a *App, text string) tea.Cmd {
		text = strings.TrimSpace(text)
		if text == "" {
			a.ex.stopSearch()
			return nil
		}
		a.say("searching for “" + text + "” …")
		return a.ex.search(text, 1)
	}}
}

func (a *App) askMark() {
	a.prompt = &prompt{label: "mark this place with a letter:", single: true, enter: func(a *App, text string) tea.Cmd {
		r := []rune(text)
		if len(r) != 1 || r[0] < 'a' || r[0] > 'z' {
			a.complain("A mark is a letter from a to z.")
			return nil
		}
		a.ex.marks[r[0]] = mark{a.ex.head.Pos, a.ex.head.Time, true}
		a.say("marked " + text + " at " + view.FormatTime(a.ex.head.Time) + "; '" + text + " comes back here")
		return nil
	}}
}

func (a *App) askGoMark() {
	a.prompt = &prompt{label: "go to mark: " + a.ex.markNames() + ",  ' back to where you were", single: true,
		enter: func(a *App, text string) tea.Cmd {
			m, ok := a.ex.head.before, a.ex.head.before.set
			if r := []rune(text); len(r) == 1 && r[0] != '\'' {
				m, ok = a.ex.marks[r[0]], a.ex.marks[r[0]].set
			}
			switch {
			case !ok:
				a.complain("There is no such mark; m and a letter set one.")
			case !a.ex.head.goTo(a.ex.snap, m):
				a.complain("That place has been let go of to save memory; this is the oldest that is kept.")
			}
			return nil
		}}
}

// markNames lists the marks that are set.
func (e *explorer) markNames() string {
	s := ""
	for r := 'a'; r <= 'z'; r++ {
		if e.marks[r].set {
			s += " " + string(r)
		}
	}
	if s == "" {
		return "none set"
	}
	return s[1:]
}

func (a *App) askWrite() {
	if a.ex.ses.Write == nil {
		a.complain("This source cannot be written to a file.")
		return
	}
	a.prompt = &prompt{label: "write the capture to", line: line.New(a.ex.fileName()), enter: func(a *App, path string) tea.Cmd {
		path = strings.TrimSpace(path)
		if path == "" {
			return nil
		}
		a.say("writing " + path + " …")
		return writeCmd(a.ex.ses, path, false)
	}}
}

// fileName is what to call the file if nobody says otherwise.
func (e *explorer) fileName() string {
	if r := e.ses.Run; r.Lab != nil {
		n := r.Lab.Spec().ID
		if r.Variant != "" {
			n += "-" + r.Variant
		}
		return n + ".pcapng"
	}
	return "capture.pcapng"
}

// writtenMsg says how writing ended.
type writtenMsg struct {
	ses  *session.Session
	path string
	err  error
}

func writeCmd(s *session.Session, path string, replace bool) tea.Cmd {
	return func() tea.Msg {
		return writtenMsg{s, path, s.Write(context.Background(), path, replace)}
	}
}

// written shows how writing ended; an existing file is replaced only if the
// person says so again.
func (a *App) written(m writtenMsg) {
	switch {
	case m.err == nil:
		a.say("wrote " + m.path)
	case errors.Is(m.err, fs.ErrExist):
		a.prompt = &prompt{label: m.path + " exists. Replace it? y replaces, any other key keeps it:", single: true,
			enter: func(a *App, text string) tea.Cmd {
				if text != "y" && text != "Y" {
					a.say("kept " + m.path + "; nothing was written")
					return nil
				}
				return writeCmd(m.ses, m.path, true)
			}}
	default:
		a.complain(m.err.Error())
	}
}
