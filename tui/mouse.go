package tui

import (
	tea "charm.land/bubbletea/v2"
)

// explorerMouse gives the mouse to the pane below it. A click also moves the
// focus there, or changes the tab.
func (a *App) explorerMouse(msg tea.Msg) tea.Cmd {
	m, ok := msg.(tea.MouseMsg)
	if !ok {
		return nil
	}
	at := m.Mouse()
	for _, p := range a.ex.panes {
		if !p.at.contains(at.X, at.Y) {
			continue
		}
		focus := a.ex.focus
		a.ex.focus = p.id
		if _, click := msg.(tea.MouseClickMsg); click && at.Y == p.at.y {
			a.clickTab(p, at.X-p.at.x)
			return nil
		}
		var cmd tea.Cmd
		if in := p.at.inner(); in.contains(at.X, at.Y) {
			cmd = a.toView(shift(msg, in.x, in.y))
		}
		if _, wheel := msg.(tea.MouseWheelMsg); wheel {
			a.ex.focus = focus // a wheel only scrolls
		}
		return cmd
	}
	return nil
}

func (a *App) clickTab(p placed, x int) {
	s := a.ex.slots[p.id]
	for _, t := range s.tabs {
		if x >= t.from && x < t.to {
			s.show(t.view)
		}
	}
}

// shift makes coordinates relative to a place.
func shift(msg tea.Msg, x, y int) tea.Msg {
	switch m := msg.(type) {
	case tea.MouseClickMsg:
		m.X, m.Y = m.X-x, m.Y-y
		return m
	case tea.MouseWheelMsg:
		m.X, m.Y = m.X-x, m.Y-y
		return m
	}
	return msg
}
