package tui

import (
	tea "charm.land/bubbletea/v2"

	"netscope/tui/view"
)

// overlay is something that lies over the page and takes all keys until it is
// done: help, a form, a question.
type overlay interface {
	// update handles a message; done closes the overlay.
	update(a *App, msg tea.Msg) (cmd tea.Cmd, done bool)
	// render draws a block that fits into w x h cells.
	render(a *App, w, h int) []string
}

// sheet frames lines of text as an overlay, with a margin of one cell.
func sheet(t *view.Theme, title, note string, lines []string, w, h int) []string {
	inner := view.Width(title) + view.Width(note) + 8
	for _, l := range lines {
		inner = max(inner, view.Width(l))
	}
	inner = min(inner, w-6)
	if len(lines) > h-4 {
		lines = lines[:max(0, h-4)]
	}
	content := make([]string, 0, len(lines)+2)
	content = append(content, "")
	for _, l := range lines {
		content = append(content, " "+view.Fit(l, inner)+" ")
	}
	content = append(content, "")
	return box(t, t.Title.Paint(title), t.Dim.Paint(note), inner+4, len(content)+2, true, content)
}

// closes reports the keys that close a sheet that only shows something.
func closes(a *App, msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		switch a.keys[msg.String()] {
		case view.Back, view.Quit, view.NavEnter, view.Help, view.Explain:
			return true
		}
	case tea.MouseClickMsg:
		return true
	}
	return false
}
