package view

import "strings"

// Reset closes any style.
const Reset = "\x1b[m"

// Over lays a background (a selection, a mark) over text that may hold painted
// parts: it opens the style again after each of their resets. A background
// that brings its own text colour (high contrast) wins over the parts.
func (st Style) Over(s string) string {
	if st == "" || s == "" {
		return s
	}
	if strings.Contains(string(st), ";38;2;") {
		return st.Paint(strip(s))
	}
	return string(st) + strings.ReplaceAll(s, Reset, Reset+string(st)) + Reset
}

// Then joins two styles: what the second says is added to the first.
func (st Style) Then(more Style) Style { return st + more }

// SeriesStyle is the style of the i-th host, stream or variant; it goes round.
func (t *Theme) SeriesStyle(i int) Style {
	if len(t.Series) == 0 {
		return ""
	}
	return t.Series[i%len(t.Series)]
}
