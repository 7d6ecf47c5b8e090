package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/tui/session"
	"netscope/tui/start"
	"netscope/tui/view"
)

// handle changes the model by a message. changed says that the screen has to
// be drawn again.
func (a *App) handle(msg tea.Msg) (cmd tea.Cmd, changed bool) {
	switch msg := msg.(type) {
	case tickMsg:
		return nil, a.tick(time.Time(msg))
	case tea.WindowSizeMsg:
		a.w, a.h = msg.Width, msg.Height
		return nil, true
	case tea.BackgroundColorMsg:
		if !a.chosen && !msg.IsDark() {
			a.tint = 1
		}
		return nil, true
	case tea.MouseMotionMsg, tea.MouseReleaseMsg, tea.KeyReleaseMsg:
		return nil, false
	case tea.KeyPressMsg, tea.MouseClickMsg, tea.MouseWheelMsg, tea.PasteMsg:
		return a.input(msg), true
	case surveyMsg:
		a.start.Survey(msg.ifaces, msg.recent, msg.note)
		return nil, true
	case openedMsg:
		return a.opened(msg), true
	case measuredMsg:
		for _, t := range a.everyTrack() {
			if t.id == msg.track {
				t.take(msg)
			}
		}
		return nil, true
	case diffMsg:
		for c := a.cmp; c != nil; c = c.under {
			c.takeDiff(msg)
		}
		return nil, true
	case bodyMsg:
		for _, t := range a.everyTrack() {
			if t.id == msg.track {
				t.cache.take(msg)
			}
		}
		return nil, true
	case foundMsg:
		if a.ex != nil {
			if s := a.ex.takeFound(msg); s != "" {
				a.say(s)
			}
		}
		return nil, true
	case writtenMsg:
		a.written(msg)
		return nil, true
	case start.OpenMsg:
		return a.openTarget(msg), true
	case closedMsg:
		if msg.err != nil {
			a.complain(msg.err.Error())
		}
		return nil, true
	}
	return a.asked(msg)
}

// asked handles what views ask of the shell.
func (a *App) asked(msg tea.Msg) (cmd tea.Cmd, changed bool) {
	switch msg := msg.(type) {
	case view.StatusMsg:
		if msg.Bad {
			a.complain(msg.Text)
		} else {
			a.say(msg.Text)
		}
		return nil, true
	case view.CopyMsg:
		a.say("copied " + msg.What)
		return tea.SetClipboard(msg.Text), true
	}
	if a.ex == nil {
		return nil, false
	}
	t := a.ex.track
	if a.cmp != nil {
		t = a.cmp.focused()
	}
	switch msg := msg.(type) {
	case view.MoveMsg:
		t.head.Live, t.head.Playing = false, false
		if !t.head.to(t.snap, msg.Pos) {
			a.complain("That place has been let go of to save memory; this is the oldest that is kept.")
			return nil, true
		}
		if msg.HasPkt {
			t.head.Packet, t.head.HasPkt = msg.Packet, true
		}
		if first, end := t.snap.MessageRange(); msg.Message >= first && msg.Message < end {
			t.head.Message = msg.Message
		}
		if a.cmp != nil {
			a.cmp.follow()
		}
	case view.SelectFieldMsg:
		t.head.Field = msg.Field
	case view.OpenViewMsg:
		s := a.ex.slots[a.ex.focus]
		if a.cmp != nil {
			a.cmp.show(s.find(msg.Name))
		} else {
			s.show(s.find(msg.Name))
		}
	case view.ActMsg:
		return a.act(t, msg), true
	case view.FilterConvMsg:
		t.showOnly(msg.Conv)
	default:
		return nil, false
	}
	return nil, true
}

// input sends keys, mouse and paste to whatever is in front.
func (a *App) input(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "ctrl+c" && a.prompt == nil && a.over == nil {
		return a.quit()
	}
	switch {
	case a.opening != nil:
		if k, ok := msg.(tea.KeyPressMsg); ok {
			switch a.keys[k.String()] {
			case view.Back:
				return a.cancelOpening()
			case view.Quit:
				return a.quit()
			}
		}
		return nil
	case a.prompt != nil:
		p := a.prompt
		cmd, done := p.update(a, msg)
		if done && a.prompt == p {
			a.prompt = nil
		}
		return cmd
	case a.over != nil:
		o := a.over
		cmd, done := o.update(a, msg)
		if done && a.over == o {
			a.over = nil
		}
		return cmd
	case a.ex == nil:
		return a.startInput(msg)
	case a.cmp != nil:
		return a.compareInput(msg)
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		return a.explorerKey(k)
	}
	return a.explorerMouse(msg)
}

// startInput handles what the start page leaves to the shell.
func (a *App) startInput(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok && !a.start.Typing() {
		switch a.keys[k.String()] {
		case view.Quit:
			return a.quit()
		case view.Help:
			a.over = &helpSheet{}
			return nil
		case view.CycleTheme:
			a.nextTheme()
			return nil
		}
	}
	return a.start.Update(msg)
}

func (a *App) nextTheme() {
	a.tint, a.chosen = (a.tint+1)%len(a.themes), true
	a.say("theme: " + a.theme().Name)
}

// quit ends everything that is open and then the program.
func (a *App) quit() tea.Cmd {
	a.leaving = true
	sessions := a.release()
	return tea.Sequence(closeAll(sessions), tea.Quit)
}

// release takes all sessions out of the model.
func (a *App) release() []*session.Session {
	var out []*session.Session
	if a.opening != nil {
		a.opening.cancel()
		a.opening = nil
	}
	for c := a.cmp; c != nil; c = c.under {
		out = append(out, c.sessions()...)
	}
	a.cmp = nil
	if a.ex != nil {
		a.ex.stopSearch()
		out = append(out, a.ex.ses)
		a.ex = nil
	}
	return out
}

// closedMsg says that sessions have been closed.
type closedMsg struct{ err error }

func closeAll(sessions []*session.Session) tea.Cmd {
	return func() tea.Msg {
		var first error
		for _, s := range sessions {
			if s.Close != nil {
				if err := s.Close(); err != nil && first == nil {
					first = err
				}
			}
		}
		return closedMsg{first}
	}
}
