package tui

import (
	tea "charm.land/bubbletea/v2"

	"netscope/tui/view"
)

// helpSheet is the page of all keys, made from the key table and from what
// the focused view says of its own.
type helpSheet struct {
	top   int
	extra view.View // may be nil
}

func (s *helpSheet) update(a *App, msg tea.Msg) (tea.Cmd, bool) {
	switch view.NavOf(msg) {
	case view.NavDown:
		s.top++
	case view.NavUp:
		s.top = max(0, s.top-1)
	case view.NavHalfDown, view.NavPageDown:
		s.top += 8
	case view.NavHalfUp, view.NavPageUp:
		s.top = max(0, s.top-8)
	default:
		if m, ok := msg.(tea.MouseWheelMsg); ok {
			if m.Button == tea.MouseWheelDown {
				s.top += 3
			} else {
				s.top = max(0, s.top-3)
			}
			return nil, false
		}
		return nil, closes(a, msg)
	}
	return nil, false
}

func (s *helpSheet) render(a *App, w, h int) []string {
	t := a.theme()
	groups := helpGroups(a.table)
	if s.extra != nil {
		g := helpGroup{name: "The " + s.extra.Name() + " view"}
		for _, b := range s.extra.Keys() {
			g.rows = append(g.rows, [2]string{b.Help().Key, b.Help().Desc})
		}
		if len(g.rows) > 0 {
			groups = append(groups, g)
		}
	}
	columns := 1
	if w >= 118 {
		columns = 2
	}
	lines := helpLines(t, groups, columns, (w-8-3*(columns-1))/columns)
	room := max(1, h-4)
	s.top = max(0, min(s.top, len(lines)-room))
	note := "Esc closes"
	if len(lines) > room {
		note = "j k scroll, Esc closes"
		lines = lines[s.top:]
	}
	return sheet(t, "keys", note, lines, w, h)
}

type helpGroup struct {
	name string
	rows [][2]string
}

// helpGroups puts the key table into groups, in order of first appearance.
func helpGroups(table []view.Binding) []helpGroup {
	var out []helpGroup
	for _, b := range table {
		i := 0
		for i < len(out) && out[i].name != b.Group {
			i++
		}
		if i == len(out) {
			out = append(out, helpGroup{name: b.Group})
		}
		out[i].rows = append(out[i].rows, [2]string{b.Show, b.Help})
	}
	return out
}

// helpLines sets groups in columns of w cells, filling the shortest first.
func helpLines(t *view.Theme, groups []helpGroup, columns, w int) []string {
	w = min(w, 66)
	cols := make([][]string, columns)
	for _, g := range groups {
		c := 0
		for i := range cols {
			if len(cols[i]) < len(cols[c]) {
				c = i
			}
		}
		if len(cols[c]) > 0 {
			cols[c] = append(cols[c], "")
		}
		cols[c] = append(cols[c], t.Title.Paint(g.name))
		for _, r := range g.rows {
			for i, l := range view.Wrap(r[1], w-9) {
				k := ""
				if i == 0 {
					k = r[0]
				}
				cols[c] = append(cols[c], view.FitRight(t.Key.Paint(k), 7)+"  "+l)
			}
		}
	}
	n := 0
	for _, c := range cols {
		n = max(n, len(c))
	}
	lines := make([]string, n)
	for i := range lines {
		for j, c := range cols {
			s := ""
			if i < len(c) {
				s = c[i]
			}
			if j > 0 {
				lines[i] += "   "
			}
			lines[i] += view.Fit(s, w)
		}
	}
	return lines
}
