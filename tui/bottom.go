package tui

import (
	"fmt"
	"strings"
	"time"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/tui/view"
)

// loadingShown is how long a load lasts before its progress is shown.
const loadingShown = time.Second

// remaining estimates the time that the rest of a load takes.
func remaining(done, total int64, passed time.Duration) string {
	if done <= 0 || done >= total {
		return ""
	}
	left := time.Duration(float64(passed) * float64(total-done) / float64(done)).Round(time.Second)
	switch {
	case left < 2*time.Second:
		return ", a moment left"
	case left < 2*time.Minute:
		return fmt.Sprintf(", about %d s left", int(left.Seconds()))
	}
	return fmt.Sprintf(", about %d min left", int(left.Minutes()+0.5))
}

// hint is a short form of a row of the key table for the bottom line.
type hint struct {
	actions []view.Action
	text    string
	labOnly bool
}

// hints in order of importance: what does not fit is left out from the end.
func hints(g timeline.Granularity) []hint {
	return []hint{
		{[]view.Action{view.StepBack, view.StepForward}, "step", false},
		{[]view.Action{view.PlayPause}, "play", false},
		{[]view.Action{view.Help}, "help", false},
		{[]view.Action{view.CycleGranularity}, "by " + g.String(), false},
		{[]view.Action{view.NextPane}, "pane", false},
		{[]view.Action{view.CycleView}, "view", false},
		{[]view.Action{view.EditParams}, "edit", true},
		{[]view.Action{view.Compare}, "compare", true},
		{[]view.Action{view.ForkDrop}, "drop packet", true},
		{[]view.Action{view.Explain}, "explain", false},
		{[]view.Action{view.Slower, view.Faster}, "speed", false},
		{[]view.Action{view.Maximise}, "maximise", false},
		{[]view.Action{view.Search}, "search", false},
		{[]view.Action{view.RunAgain}, "again", true},
		{[]view.Action{view.Write}, "write", false},
		{[]view.Action{view.Quit}, "quit", false},
	}
}

// keyLine draws as many hints as fit into w cells, in the order of the table.
func keyLine(t *view.Theme, table []view.Binding, hs []hint, isLab bool, w int) string {
	show := map[view.Action]string{}
	for _, b := range table {
		show[b.Action] = b.Show
	}
	var b strings.Builder
	b.WriteByte(' ')
	used := 1
	for _, h := range hs {
		if h.labOnly && !isLab {
			continue
		}
		var ks []string
		for _, a := range h.actions {
			ks = append(ks, show[a])
		}
		k := strings.Join(ks, " ")
		n := view.Width(k) + 1 + view.Width(h.text) + 3
		if used+n-2 > w {
			continue
		}
		b.WriteString(t.Key.Paint(k) + " " + t.Dim.Paint(h.text) + "   ")
		used += n
	}
	return view.Fit(strings.TrimRight(b.String(), " "), w)
}

// measureText is "page time: predicted 0.881 s, measured 0.884 s".
func measureText(t *view.Theme, ms []lab.Measure) string {
	for _, m := range ms {
		if m.Predicted == nil && m.Ideal == nil && m.Band == nil {
			continue
		}
		s := t.Dim.Paint("predicted ") + t.Predicted.Paint(predicted(m)) + t.Dim.Paint(", measured ")
		if m.Measured == nil {
			return s + t.Dim.Paint("not yet")
		}
		return s + t.Measured.Paint(view.FormatValue(m.Measured, m.Unit))
	}
	return ""
}

// predicted is what the model says: a value or a band.
func predicted(m lab.Measure) string {
	switch {
	case m.Predicted != nil:
		return view.FormatValue(m.Predicted, m.Unit)
	case m.Band != nil:
		return view.FormatValue(&m.Band[0], m.Unit) + " … " + view.FormatValue(&m.Band[1], m.Unit)
	}
	return view.FormatValue(m.Ideal, m.Unit)
}
