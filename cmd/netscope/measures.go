package main

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"netscope/protocols/lab"
)

// textWidth is the number of columns for which text reports are laid out: the
// output goes to terminals and into exercises alike.
const textWidth = 80

// maxRows is how many points of a line a text report shows. A chart has all, and
// so has --json.
const maxRows = 8

// measures writes the summary, then one small table for each line of a chart.
func (r *textReport) measures(ms []lab.Measure) {
	summary, points := lab.Points(ms)
	for _, m := range summary {
		r.line(m)
	}
	for len(points) > 0 {
		n := 1
		for n < len(points) && points[n].Name == points[0].Name && points[n].XName == points[0].XName {
			n++
		}
		r.points(points[:n])
		points = points[n:]
	}
}

// line writes one measure: name, by the formula, predicted, measured, and why
// they differ.
func (r *textReport) line(m lab.Measure) {
	fmt.Fprint(r.w, wrap(fmt.Sprintf("    %-28s  ", m.Name), strings.Repeat(" ", 34), values(m), "  "))
	r.formula(m)
	for _, c := range m.Causes {
		if m.Measured != nil {
			sign := ""
			if c.Value > 0 {
				sign = "+"
			}
			fmt.Fprintf(r.w, "      %14s  %s\n", sign+quantity(c.Value, m.Unit), c.Name)
		}
	}
	r.once("", "      ", m.Note)
}

// values are the numbers of a measure, each with what it is.
func values(m lab.Measure) []string {
	var out []string
	switch {
	case m.Ideal != nil && m.Predicted != nil && *m.Ideal == *m.Predicted:
		out = append(out, "predicted "+quantity(*m.Predicted, m.Unit))
	default:
		if m.Ideal != nil {
			out = append(out, "ideal "+quantity(*m.Ideal, m.Unit))
		}
		if m.Predicted != nil {
			out = append(out, "predicted "+quantity(*m.Predicted, m.Unit))
		}
	}
	if m.Band != nil {
		out = append(out, fmt.Sprintf("expect %s to %s", quantity(m.Band[0], m.Unit), quantity(m.Band[1], m.Unit)))
	}
	if m.Measured != nil {
		s := "measured " + quantity(*m.Measured, m.Unit)
		if m.Predicted != nil && *m.Predicted != 0 {
			// A difference of less than what is shown has no sign.
			if d := 100 * (*m.Measured / *m.Predicted - 1); math.Abs(d) >= 0.005 {
				s += fmt.Sprintf(" (%+.2f %%)", d)
			}
		}
		out = append(out, s)
	}
	return out
}

// points writes one line of a chart: its measured points if it has some, and
// otherwise a few of all.
func (r *textReport) points(ms []lab.Measure) {
	show := make([]lab.Measure, 0, maxRows)
	for _, m := range ms {
		if m.Measured != nil {
			show = append(show, m)
		}
	}
	if len(show) == 0 && r.running {
		return // the prediction has been written
	}
	if len(show) == 0 {
		show = ms
	}
	show = spread(show, maxRows)
	title := ms[0].Name
	if len(show) < len(ms) {
		title += fmt.Sprintf(" (%d of %d points; --json has all)", len(show), len(ms))
	}
	fmt.Fprintf(r.w, "    %s\n", title)
	r.formula(ms[0])
	for _, m := range show {
		fmt.Fprintf(r.w, "      %-14s %s\n", fmt.Sprintf("%s = %g", m.XName, *m.X), strings.Join(values(m), "  "))
	}
	r.once("", "      ", show[0].Note)
}

// spread chooses n of the points, with the first and the last.
func spread(ms []lab.Measure, n int) []lab.Measure {
	if len(ms) <= n {
		return ms
	}
	out := make([]lab.Measure, 0, n)
	for i := range n {
		out = append(out, ms[i*(len(ms)-1)/(n-1)])
	}
	return out
}

// formula writes how a measure is predicted; what is arithmetic, not words, after
// an equals sign.
func (r *textReport) formula(m lab.Measure) {
	first := "      "
	if strings.ContainsAny(m.Formula, "·/+−") && !strings.Contains(m.Formula, ";") {
		first += "= "
	}
	r.once(m.Name, first, m.Formula)
}

// once writes a text below its measure, unless it has been said of the same
// variant: predictions come first, a run would repeat them, and so would several
// measures that share a note.
func (r *textReport) once(name, indent, text string) {
	key := [3]string{r.variantID, name, text}
	if text == "" || r.said[key] {
		return
	}
	if r.said == nil {
		r.said = map[[3]string]bool{}
	}
	r.said[key] = true
	fmt.Fprint(r.w, wrap(indent, strings.Repeat(" ", len(indent)), strings.Fields(text), " "))
}

// wrap lays words out in lines of textWidth columns. Words are never divided.
func wrap(first, rest string, words []string, sep string) string {
	var b strings.Builder
	b.WriteString(first)
	col := utf8.RuneCountInString(first)
	for i, w := range words {
		n := utf8.RuneCountInString(w)
		switch {
		case i == 0:
		case col+len(sep)+n > textWidth:
			b.WriteString("\n" + rest)
			col = utf8.RuneCountInString(rest)
		default:
			b.WriteString(sep)
			col += len(sep)
		}
		b.WriteString(w)
		col += n
	}
	b.WriteByte('\n')
	return b.String()
}

// quantity writes a number with as many digits as a person can use.
func quantity(x float64, unit string) string {
	if unit == "s" {
		switch a := math.Abs(x); {
		case x == 0:
		case a < 1e-3:
			x, unit = x*1e6, "µs"
		case a < 1:
			x, unit = x*1e3, "ms"
		}
	}
	format := "%.4g %s"
	if x == math.Trunc(x) || math.Abs(x) >= 1e4 {
		format = "%.0f %s"
	}
	return strings.TrimSpace(fmt.Sprintf(format, x, unit))
}
