package packets

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// mouse is the place of a mouse message.
func mouse(msg tea.Msg) (tea.Mouse, bool) {
	switch m := msg.(type) {
	case tea.MouseClickMsg:
		return tea.Mouse(m), true
	case tea.MouseWheelMsg:
		return tea.Mouse(m), true
	}
	return tea.Mouse{}, false
}

// shift is the same mouse message at another place.
func shift(msg tea.Msg, x, y int) tea.Msg {
	switch m := msg.(type) {
	case tea.MouseClickMsg:
		m.X, m.Y = x, y
		return m
	case tea.MouseWheelMsg:
		m.X, m.Y = x, y
		return m
	}
	return msg
}

func repeat(s string, n int) string { return strings.Repeat(s, max(n, 0)) }

func join(lines []string) string { return strings.Join(lines, "\n") }
