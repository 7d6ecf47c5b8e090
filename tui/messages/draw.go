package messages

import (
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// item draws a message within columns x … x+w of a row.
func (v *View) item(f *view.Frame, m *timeline.Message, x, y, w int) {
	t := f.Theme
	sender := v.side.sends(m.Dir)
	if v.side == Both {
		sender = false
	}
	pr := progress(f.Timeline, m, f.Head.Pos, sender)
	right := x + w
	right = v.state(f, pr, x, y, right)
	st := kindStyle(t, m.Kind)
	if v.side != Both {
		arrow := "← "
		if sender {
			arrow = "→ "
		}
		x = v.g.Text(x, y, arrow, st)
	}
	if f.Timeline.Conversations() > 1 {
		l := grid.Letters(int(m.Conv))
		x = v.g.Text(x, y, l+" ", t.SeriesStyle(int(m.Conv)).Then("\x1b[1m"))
	}
	name := m.Summary
	if name == "" {
		name = m.Name
	}
	if pr.State == Waiting {
		st = t.Faint
		if !sender {
			name = "…"
		}
	}
	name = view.Clean(name)
	if short, _, ok := strings.Cut(name, "  "); ok && view.Width(name) > right-x-1 {
		name = short // what follows two blanks is a remark
	}
	v.g.TextCut(x, y, name, right-x-1, st)
}

// state draws how far a message has come, right-aligned, and returns the
// column where it begins.
func (v *View) state(f *view.Frame, pr Progress, x, y, right int) int {
	t := f.Theme
	room := right - x
	if room < 10 {
		return right
	}
	switch pr.State {
	case Complete:
		v.g.Text(right-1, y, "✓", t.OK)
		s := view.FormatSize(pr.Total)
		if room >= 20 {
			v.g.TextRight(right-2, y, s, t.Dim)
			return right - 3 - len(s)
		}
		return right - 2
	case Failed:
		v.g.Text(right-1, y, "✗", t.Error)
		return right - 2
	case InFlight:
		s := "in flight ⇢"
		if room < 24 {
			s = "⇢"
		}
		v.g.TextRight(right, y, s, t.Dim)
		return right - view.Width(s) - 1
	case Waiting:
		return right
	}
	s := view.FormatSize(pr.Have)
	if pr.TotalKnown && room >= 36 {
		s += " of " + view.FormatSize(pr.Total)
	}
	bar := 8
	if room < 26 {
		bar, s = 4, ""
	}
	if s != "" {
		v.g.TextRight(right, y, s, t.Text)
		right -= view.Width(s) + 1
	}
	if !pr.TotalKnown {
		v.g.HLine(right-bar, y, bar, "▒", t.Dim)
		return right - bar - 1
	}
	full := min(bar-1, int(pr.Fraction()*float64(bar)))
	for i := range bar {
		switch {
		case i < full:
			v.g.Set(right-bar+i, y, "▓", t.OK)
		case i == full:
			v.g.Set(right-bar+i, y, "▒", t.OK)
		default:
			v.g.Set(right-bar+i, y, "░", t.Faint)
		}
	}
	return right - bar - 1
}

func kindStyle(t *view.Theme, k decoders.Kind) view.Style {
	switch k {
	case decoders.Request:
		return t.Request
	case decoders.Response:
		return t.Response
	}
	return t.Event
}

// text draws lines of a message into a rectangle, long ones folded.
func (v *View) text(f *view.Frame, ls []TextLine, x, y, w, h int) {
	t := f.Theme
	if w <= 0 {
		return
	}
	end := y + h
	for _, l := range ls {
		s := l.Text
		if l.Part == Remark || l.Part == BadLine {
			st := t.Dim
			if l.Part == BadLine {
				st = t.Error
			}
			for _, part := range view.Wrap(s, w) {
				if y >= end {
					return
				}
				v.g.TextCut(x, y, part, w, st)
				y++
			}
			continue
		}
		if y >= end {
			return
		}
		switch l.Part {
		case StartLine:
			v.g.TextCut(x, y, s, w, t.Strong)
		case FieldLine:
			n := min(l.Name, len(s))
			at := v.g.TextCut(x, y, s[:n], w, t.FieldName)
			v.g.TextCut(at, y, s[n:], w-(at-x), t.FieldValue)
		default:
			v.g.TextCut(x, y, s, w, t.Text)
		}
		y++
	}
}
