package view

import (
	tea "charm.land/bubbletea/v2"
)

// List is a windowed list: it knows how many rows there are and draws only
// those that can be seen. The rows belong to the caller; so does what is
// selected, which usually is the playhead.
type List struct {
	Top int // first visible row
	Sel int // selected row; -1 none
}

// Clamp keeps the window inside n rows of which h are visible. Follow, if
// true, also scrolls so that the selection is seen, with a margin of a few rows.
func (l *List) Clamp(n, h int, follow bool) {
	if l.Sel >= n {
		l.Sel = n - 1
	}
	if follow && l.Sel >= 0 && h > 0 {
		margin := min(2, (h-1)/2)
		if l.Sel < l.Top+margin {
			l.Top = l.Sel - margin
		}
		if l.Sel > l.Top+h-1-margin {
			l.Top = l.Sel - h + 1 + margin
		}
	}
	if l.Top > n-h {
		l.Top = n - h
	}
	if l.Top < 0 {
		l.Top = 0
	}
}

// Select puts the selection on row i and scrolls it into the window.
func (l *List) Select(i, n, h int) {
	l.Sel = i
	l.Clamp(n, h, true)
}

// Update applies a key or mouse message to n rows of which h are visible. Its
// rows start at the pane's line first. moved says that the person asked for
// another selection; a wheel scrolls without selecting.
func (l *List) Update(msg tea.Msg, n, h, first int) (moved bool) {
	if n <= 0 {
		return false
	}
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			l.Top -= 3
		case tea.MouseWheelDown:
			l.Top += 3
		}
		l.Clamp(n, h, false)
		return false
	case tea.MouseClickMsg:
		row := msg.Y - first
		if msg.Button != tea.MouseLeft || row < 0 || row >= h || l.Top+row >= n {
			return false
		}
		l.Select(l.Top+row, n, h)
		return true
	}
	sel := l.Sel
	switch NavOf(msg) {
	case NavDown:
		sel++
	case NavUp:
		sel--
	case NavHalfDown:
		sel += max(1, h/2)
	case NavHalfUp:
		sel -= max(1, h/2)
	case NavPageDown:
		sel += max(1, h-1)
	case NavPageUp:
		sel -= max(1, h-1)
	case NavFirst:
		sel = 0
	case NavLast:
		sel = n - 1
	default:
		return false
	}
	sel = max(0, min(n-1, sel))
	moved = sel != l.Sel
	l.Select(sel, n, h)
	return moved
}

// Render draws the visible rows of n into w cells and h lines; row draws row i
// in w cells without its selection. A bar at the right edge tells where the
// window stands if there is more than can be seen.
func (l *List) Render(t *Theme, n, w, h int, focused bool, row func(i, w int) string) []string {
	if h <= 0 || w <= 0 {
		return nil
	}
	lines := make([]string, 0, h)
	l.Clamp(n, h, false)
	inner := w
	bar := n > h && w > 8
	if bar {
		inner = w - 1
	}
	from, to := thumb(l.Top, n, h)
	for y := range h {
		i := l.Top + y
		s := ""
		if i < n {
			s = row(i, inner)
		}
		s = Fit(s, inner)
		if i == l.Sel && i < n {
			s = t.Selected(focused).Over(s)
		}
		if bar {
			if y >= from && y < to {
				s += t.Border.Paint("┃")
			} else {
				s += " "
			}
		}
		lines = append(lines, s)
	}
	return lines
}

// thumb is the half-open range of lines that a scroll bar covers.
func thumb(top, n, h int) (from, to int) {
	if n <= 0 || h <= 0 {
		return 0, 0
	}
	size := max(1, h*h/n)
	room := n - h
	if room <= 0 {
		return 0, h
	}
	from = (top*(h-size) + room/2) / room
	return from, from + size
}

// Selected is the background of the selected row.
func (t *Theme) Selected(focused bool) Style {
	if !focused && t.Bar != "" {
		return t.Bar
	}
	return t.Selection
}
