package waterfall

import (
	"fmt"
	"strings"
)

// maxFold is how many exchanges are folded into a few rows, at most.
const maxFold = 200

// folded divides n exchanges, of which only h rows can be shown, into rows: the
// first stands alone if there is room, since others follow from it, and the
// rest is shared out. Each row is the index after its last exchange.
func folded(n, h int) []int {
	var ends []int
	from := 0
	if h > 1 {
		ends, from, h = append(ends, 1), 1, h-1
	}
	for i := range h {
		ends = append(ends, from+(n-from)*(i+1)/h)
	}
	return ends
}

// fold makes one row of several exchanges: a cell shows the latest phase that
// any of them is in.
func fold(rows []Row, w int) Row {
	bar := *rows[0].Bar
	out := Row{Bar: &bar}
	cells := make([]uint8, w) // phase + 1
	for i := range rows {
		b := rows[i].Bar
		bar.End = max(bar.End, b.End)
		bar.Begin[Connect] = min(bar.Begin[Connect], b.Begin[Connect])
		bar.Done, bar.Failed = bar.Done && b.Done, bar.Failed || b.Failed
		bar.Selected = bar.Selected || b.Selected
		if b.Mark != "" {
			bar.Mark = b.Mark
		}
		for _, r := range rows[i].Runs {
			for x := r.X; x < min(r.X+r.W, w); x++ {
				cells[x] = max(cells[x], uint8(r.Phase)+1)
			}
		}
	}
	for x := 0; x < w; {
		from := x
		for x++; x < w && cells[x] == cells[from]; x++ {
		}
		if p := cells[from]; p > 0 {
			out.Runs = append(out.Runs, Run{from, x - from, Phase(p - 1)})
		}
	}
	if len(rows) > 1 {
		bar.Label = together(rows)
	}
	return out
}

// together names several exchanges: "12 · GET /o1 … /o12", "GET /o1, /o2".
func together(rows []Row) string {
	a, _, _ := strings.Cut(rows[0].Bar.Label, "  ")
	z, _, _ := strings.Cut(rows[len(rows)-1].Bar.Label, "  ")
	if m, _, ok := strings.Cut(a, " "); ok {
		z = strings.TrimPrefix(z, m+" ")
	}
	if len(rows) == 2 {
		return a + ", " + z
	}
	return fmt.Sprintf("%d · %s … %s", len(rows), a, z)
}

// foldRows makes a chart's rows fit h lines.
func (c *Chart) foldRows(h, w int) {
	var out []Row
	from := 0
	for _, to := range folded(len(c.Rows), h) {
		if to > from {
			out = append(out, fold(c.Rows[from:to], w))
			from = to
		}
	}
	c.Rows = out
}
