package tui

import (
	"fmt"
	"strings"

	"netscope/protocols/lab"
	"netscope/tui/session"
	"netscope/tui/view"
)

// Sizes below which a variant's picture cannot be read.
const (
	columnWidth = 36
	tableRoom   = 12 // lines of pictures that a table must leave
)

// rowHeight is the least lines that a view needs that draws time from left to
// right, so that variants stand below each other; 0 for all other views.
func rowHeight(name string) int {
	switch name {
	case "waterfall": // it folds exchanges into the rows that there are
		return 5
	case "frames":
		return 10
	}
	return 0
}

// draw draws the compare page.
func (c *compare) draw(a *App) []string {
	t := a.theme()
	lines := []string{""}
	body := rect{0, 1, a.w, a.h - 2}
	var table []string
	extra := c.forkLines(t, a.w-4)
	if n := len(c.cols) + 3 + len(extra); body.h-n >= tableRoom && !c.maxed {
		table = c.table(t, a.w, n, extra)
		body.h -= n
	}
	lines = append(lines, c.pictures(t, body, a.over == nil && a.opening == nil)...)
	lines = append(lines, table...)
	lines[0] = c.topLine(t, a.w) // last: it says which variants are seen
	hs := []hint{
		{[]view.Action{view.StepBack, view.StepForward}, "step this variant", false},
		{[]view.Action{view.PlayPause}, "play", false},
		{[]view.Action{view.NextPane}, "variant", false},
		{[]view.Action{view.CycleView}, "view", false},
		{[]view.Action{view.Back}, c.leads(), false},
		{[]view.Action{view.Help}, "help", false},
		{[]view.Action{view.ForkDrop}, "drop packet", false},
		{[]view.Action{view.CycleGranularity}, "by " + c.gran.String(), false},
		{[]view.Action{view.Slower, view.Faster}, "speed", false},
		{[]view.Action{view.Maximise}, "maximise", false},
	}
	return append(lines, a.bottom(keyLine(t, a.table, hs, true, a.w)))
}

func (c *compare) topLine(t *view.Theme, w int) string {
	sign, st := "■ paused", t.Warn
	if c.playing {
		sign, st = "▶ playing", t.OK
	}
	right := st.Paint(sign) + "  " + t.Strong.Paint(view.FormatTime(c.time)) + "  " + t.Dim.Paint("in lockstep  "+formatRate(c.rate))
	if a, b := c.seen(); a >= 0 && b-a+1 < len(c.cols) {
		right = t.Dim.Paint(fmt.Sprintf("%s–%s of %d variants  ", letter(a), letter(b), len(c.cols))) + right
	}
	sub := c.cols[0].ses.Subject
	var texts []string
	if c.fork != nil {
		texts = append(texts, forkTitle(c.cols[1].ses.Run))
	}
	return t.Bar.Over(barLine(t, sub, texts, paramTexts(sub), right, w))
}

// leads says where Esc leads.
func (c *compare) leads() string {
	switch {
	case c.under != nil:
		return "back"
	case c.fork != nil:
		return "the run alone"
	}
	return "one variant"
}

// seen are the first and the last variant on the screen, as last drawn.
func (c *compare) seen() (first, last int) {
	first = -1
	for i, p := range c.panes {
		if p.w > 0 {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	return first, last
}

// pictures draws the variants: pictures that are wide below each other, with
// one time axis, all others side by side.
func (c *compare) pictures(t *view.Theme, r rect, lit bool) []string {
	c.panes = make([]rect, len(c.cols))
	least := rowHeight(c.cols[0].slot.names[c.cols[0].slot.cur])
	rows := least > 0
	n := r.w / columnWidth
	if rows {
		n = r.h / least
	}
	if c.maxed {
		n = 1
	}
	n = max(1, min(n, len(c.cols)))
	from := max(0, min(c.focus-n/2, len(c.cols)-n))
	var blocks [][]string
	for i := range n {
		p := rect{r.x + r.w*i/n, r.y, r.w*(i+1)/n - r.w*i/n, r.h}
		if rows {
			p = rect{r.x, r.y + r.h*i/n, r.w, r.h*(i+1)/n - r.h*i/n}
		}
		c.panes[from+i] = p
		blocks = append(blocks, c.picture(t, from+i, p, lit))
	}
	if !rows {
		return beside(blocks...)
	}
	var out []string
	for _, b := range blocks {
		out = append(out, b...)
	}
	return out
}

func (c *compare) picture(t *view.Theme, i int, p rect, lit bool) []string {
	col := c.cols[i]
	in := p.inner()
	f := col.frame(t, in.w, in.h, lit && i == c.focus)
	f.Horizon, f.Differs = c.length(), c.differ(i)
	content := strings.Split(safely(
		view.Sentence(t, "This view has failed; press v for another one.", in.w, in.h),
		func() string { return col.slot.view().Render(f) }), "\n")
	col.slot.note()
	title := t.SeriesStyle(i).Paint(letter(i)) + " " + t.Title.Paint(col.name())
	note := measureText(t, col.measures)
	if col.snap.Done() && c.time > col.snap.Now() {
		title += t.Dim.Paint(" finished")
	}
	return box(t, title, note, p.w, p.h, lit && i == c.focus, content)
}

// letter tells variants apart beside their colour.
func letter(i int) string { return string(rune('A' + i%26)) }

func (col *column) name() string {
	r := col.ses.Run
	if r.Lab == nil {
		return col.ses.Subject.Title
	}
	if s := forkTitle(r); s != "" {
		return s
	}
	return session.VariantTitle(r.Lab.Spec(), r.Variant)
}

// table puts the first measure of the variants below each other, with bars of
// one scale.
func (c *compare) table(t *view.Theme, w, h int, extra []string) []string {
	name, most, differ := "", 0.0, false
	var ms []*lab.Measure
	for _, col := range c.cols {
		m := mainMeasure(col.measures)
		ms = append(ms, m)
		if m == nil {
			continue
		}
		differ = differ || name != "" && name != m.Name
		name = m.Name
		for _, x := range []*float64{m.Ideal, m.Predicted, m.Measured} {
			if x != nil {
				most = max(most, *x)
			}
		}
	}
	wide := 12
	for _, col := range c.cols {
		wide = max(wide, view.Width(col.name()))
	}
	wide = min(wide, w/3)
	cell := 13
	for _, m := range ms {
		if m != nil {
			cell = max(cell, view.Width(predicted(*m))+3)
		}
	}
	formula := 0 // cells for what the textbook's formula says of who is when there
	for _, m := range ms {
		if m != nil && w > 100 {
			formula = max(formula, view.Width(shortFormula(m))+2)
		}
	}
	num := func(st view.Style, s string) string { return st.Paint(view.FitRight(s, 13)) }
	wider := func(st view.Style, s string) string { return st.Paint(view.FitRight(s, cell)) }
	lines := []string{view.Fit("   "+view.Blank(wide)+num(t.Dim, "ideal")+wider(t.Dim, "predicted")+num(t.Dim, "measured"), w-2)}
	for i, m := range ms {
		mark := t.SeriesStyle(i).Paint(letter(i))
		s := " " + mark + " " + t.Text.Paint(view.Fit(c.cols[i].name(), wide))
		if m != nil {
			s += num(t.Dim, view.FormatValue(m.Ideal, m.Unit)) + wider(t.Predicted, predicted(*m)) + num(t.Measured, measured(m))
			if room := w - 2 - view.Width(s) - 4; room > 10 {
				if room > formula+20 {
					room -= formula
				}
				if differ { // no scale is common to them
					s += "  " + t.Dim.Paint(view.Fit(m.Name, room))
				} else {
					s += "  " + c.lane(t, i, m, most, room)
				}
				if why := shortFormula(m); why != "" && formula > 0 && !differ {
					s += t.Dim.Paint("  " + why)
				}
			}
		}
		lines = append(lines, view.Fit(s, w-2))
	}
	lines = append(lines, extra...)
	if name == "" || differ {
		name = "measures"
	}
	return box(t, t.Title.Paint(name), "", w, h, false, lines)
}

// lane is a variant's bar in the race: how far it has come, then how long it
// took. most is as long as the whole lane.
func (c *compare) lane(t *view.Theme, i int, m *lab.Measure, most float64, room int) string {
	cells := func(x float64) int { return max(0, min(room, int(x/most*float64(room)+0.5))) }
	switch {
	case m.Unit != "s" || most <= 0:
		return ""
	case m.Measured != nil:
		return t.SeriesStyle(i).Paint(strings.Repeat("▇", max(1, cells(*m.Measured))))
	}
	return t.Faint.Paint(strings.Repeat("▇", cells(c.time.Seconds())))
}

// shortFormula is the textbook's formula if it is short enough to stand beside a
// bar.
func shortFormula(m *lab.Measure) string {
	if m.Ideal == nil || view.Width(m.Formula) > 32 {
		return ""
	}
	return m.Formula
}

func measured(m *lab.Measure) string {
	if m.Measured == nil {
		return "not yet"
	}
	return view.FormatValue(m.Measured, m.Unit)
}

// mainMeasure is the first measure that has something to compare with.
func mainMeasure(ms []lab.Measure) *lab.Measure {
	for i, m := range ms {
		if m.Ideal != nil || m.Predicted != nil || m.Band != nil {
			return &ms[i]
		}
	}
	return nil
}
