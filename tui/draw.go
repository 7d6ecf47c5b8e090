package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"netscope/tui/view"
)

// draw makes the screen: exactly a.h lines of exactly a.w cells.
func (a *App) draw() {
	if a.w <= 0 || a.h <= 0 {
		a.content = ""
		return
	}
	if a.w < minWidth || a.h < minHeight {
		a.content = view.Block(view.Wrap(fmt.Sprintf(
			"netscope needs a terminal of at least %d columns and %d lines; this one has %d and %d.",
			minWidth, minHeight, a.w, a.h), a.w), a.w, a.h)
		return
	}
	var lines []string
	switch {
	case a.cmp != nil:
		lines = a.cmp.draw(a)
	case a.ex != nil:
		lines = a.drawExplorer()
	default:
		lines = view.Lines(a.start.Render(a.theme(), a.w, a.h-1))
		lines = append(lines, a.bottom(a.start.Hints(a.theme(), a.w)))
	}
	if a.over != nil || a.opening != nil && a.opening.passed >= openingShown {
		recede(a.theme(), lines)
	}
	if a.over != nil {
		center(lines, a.over.render(a, a.w, a.h), a.w, a.h)
	}
	if a.opening != nil {
		center(lines, a.openingSheet(), a.w, a.h)
	}
	a.content = view.Block(lines, a.w, a.h)
}

func (a *App) drawExplorer() []string {
	t := a.theme()
	lines := make([]string, 0, a.h)
	lines = append(lines, a.ex.topLine(t, a.w))
	body := rect{0, 1, a.w, a.h - 2}
	if n := a.notices(t, a.ex.track, a.w); len(n) > 0 {
		lines = append(lines, n...)
		body.y, body.h = body.y+len(n), body.h-len(n)
	}
	lines = append(lines, a.ex.draw(t, body, a.over == nil && a.opening == nil)...)
	return append(lines, a.bottom(keyLine(t, a.table, hints(a.ex.head.Granularity), a.ex.ses.Run.Lab != nil, a.w)))
}

// bottom is the last line: a question, what has just happened, or the keys.
func (a *App) bottom(keys string) string {
	t := a.theme()
	switch {
	case a.prompt != nil:
		return a.prompt.render(t, a.w)
	case a.status != "" && a.bad:
		return view.Fit(" "+t.Error.Paint("✗ "+view.Clean(a.status)), a.w)
	case a.status != "":
		return view.Fit(" "+t.Text.Paint(view.Clean(a.status)), a.w)
	}
	return view.Fit(keys, a.w)
}

// openingShown is how long opening lasts before the screen says so.
const openingShown = loadingShown / 4

// recede draws what lies behind an overlay faintly and without colours, so
// that the eye goes to the overlay.
func recede(t *view.Theme, lines []string) {
	for i, l := range lines {
		lines[i] = t.Faint.Paint(ansi.Strip(l))
	}
}

// openingSheet says what is being opened, once it takes long enough to be read.
func (a *App) openingSheet() []string {
	if a.opening.passed < openingShown {
		return nil
	}
	t := a.theme()
	dots := strings.Repeat("·", 1+int(a.opening.passed/(loadingShown/3))%3)
	return sheet(t, view.Clean(a.opening.what), "Esc stops", []string{t.Dim.Paint(view.Fit(dots, 24))}, a.w, a.h)
}
