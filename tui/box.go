package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"netscope/tui/view"
)

// rect is a place on the screen, borders included.
type rect struct{ x, y, w, h int }

func (r rect) contains(x, y int) bool {
	return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h
}

// inner is the place inside the borders.
func (r rect) inner() rect { return rect{r.x + 1, r.y + 1, max(0, r.w-2), max(0, r.h-2)} }

// box draws a frame of w x h cells around content, which must be made of
// lines of w-2 cells. The title stands in the upper border at the left, the
// note at the right.
func box(t *view.Theme, title, note string, w, h int, focused bool, content []string) []string {
	if w < 2 || h < 2 {
		return view.Lines(view.Block(nil, w, h))
	}
	edge := t.Border
	if focused {
		edge = t.BorderFocus
	}
	lines := make([]string, 0, h)
	lines = append(lines, topEdge(t, edge, title, note, w, focused))
	side := edge.Paint("│")
	for i := range h - 2 {
		s := view.Blank(w - 2)
		if i < len(content) {
			s = view.Fit(content[i], w-2)
		}
		lines = append(lines, side+s+side)
	}
	return append(lines, edge.Paint("╰"+strings.Repeat("─", w-2)+"╯"))
}

// topEdge draws "╭ title ──────── note ╮". The pane that has the focus is
// told by a mark, not by its colour alone.
func topEdge(t *view.Theme, edge view.Style, title, note string, w int, focused bool) string {
	room := w - 4 // corners and a line at either side
	if room < 4 || title == "" {
		return edge.Paint("╭" + strings.Repeat("─", w-2) + "╮")
	}
	mark := "─"
	if focused {
		mark = "▸"
	}
	nw := view.Width(note)
	room--
	if nw > 0 && view.Width(title)+nw+6 > room {
		note, nw = "", 0
	}
	if nw > 0 {
		nw += 2
	}
	if view.Width(title) > room-nw-2 {
		title = view.Fit(title, room-nw-2)
	}
	fill := room - view.Width(title) - nw - 2
	s := edge.Paint("╭"+mark+" ") + title + edge.Paint(" "+strings.Repeat("─", fill+1))
	if nw > 0 {
		s += " " + note + " "
	}
	return s + edge.Paint("─╮")
}

// beside puts blocks of equal height next to each other.
func beside(blocks ...[]string) []string {
	if len(blocks) == 0 {
		return nil
	}
	out := make([]string, len(blocks[0]))
	for i := range out {
		var b strings.Builder
		for _, bl := range blocks {
			if i < len(bl) {
				b.WriteString(bl[i])
			}
		}
		out[i] = b.String()
	}
	return out
}

// lay puts a block over the screen with its upper left corner at x, y.
func lay(screen, block []string, x, y int) {
	for i, l := range block {
		if y+i < 0 || y+i >= len(screen) {
			continue
		}
		under := screen[y+i]
		w := ansi.StringWidth(under)
		lw := view.Width(l)
		left := view.Fit(ansi.Truncate(under, x, ""), x)
		right := ansi.TruncateLeft(under, x+lw, "")
		right = view.FitRight(right, max(0, w-x-lw))
		screen[y+i] = left + view.Reset + l + view.Reset + right
	}
}

// center lays a block in the middle of a screen of w x h cells.
func center(screen, block []string, w, h int) {
	bw := 0
	if len(block) > 0 {
		bw = view.Width(block[0])
	}
	lay(screen, block, max(0, (w-bw)/2), max(0, (h-len(block))/2))
}

// bar is a bar of w cells, filled from 0 to 1.
func bar(x float64, w int) string {
	if w <= 0 {
		return ""
	}
	n := int(x*float64(w) + 0.5)
	n = max(0, min(w, n))
	return strings.Repeat("▓", n) + strings.Repeat("░", w-n)
}
