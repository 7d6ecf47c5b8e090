package ladder

import (
	"strconv"
	"strings"

	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// where along an arrow a label may stand, in hundredths, best first.
var stands = [...]int{50, 42, 58, 34, 66, 26, 74, 18, 82}

// label writes one label. A label that finds no place free of other labels is
// shortened, and left out in the end: the arrow remains.
func (p *painter) label(l *Label, taken []bool) {
	w := &p.in.Arrows[l.Arrow]
	text := view.Clean(l.Text)
	if w.Mark != "" {
		text = w.Mark + " " + text
	}
	if p.in.Letters {
		text = grid.Letters(w.Group) + " " + text
	}
	lo, hi := min(l.Line.X0, l.Line.X1), max(l.Line.X0, l.Line.X1)
	room := hi - lo - 3
	for room > 3 {
		s := " " + grid.Cut(text, room) + " "
		if x, y, ok := p.stand(l, view.Width(s), lo, hi, taken); ok {
			p.write(x, y, s, l, w, taken)
			return
		}
		short := strings.LastIndex(text, " · ")
		if short < 0 {
			return
		}
		text = text[:short]
	}
}

// stand finds the best place: on the arrow, over no other label, and hiding as
// little as possible of other arrows.
func (p *painter) stand(l *Label, width, lo, hi int, taken []bool) (bx, by int, ok bool) {
	n := hi - lo + 1
	rows := max(l.Line.Y1-l.Line.Y0, 1)
	best := 1 << 30
	for i, c := range stands {
		if l.Line.Cut && c > 30 {
			continue
		}
		k := n * c / 100
		y := l.Line.Y0 + (2*k+1)*rows/(2*n)
		x := l.Line.X0 + k
		if l.Line.X1 < l.Line.X0 {
			x = l.Line.X0 - k
		}
		x = max(lo+1, min(x-width/2, hi-width))
		if y < p.d.Head || y >= p.d.H {
			continue
		}
		cost, hit := 4*i, false
		for j := x; j < x+width; j++ {
			if taken[y*p.d.W+j] {
				hit = true
				break
			}
			if !p.g.Blank(j, y) {
				cost++
			}
		}
		if !hit && cost < best {
			best, bx, by, ok = cost, x, y, true
		}
	}
	return bx, by, ok
}

func (p *painter) write(x, y int, s string, l *Label, w *Arrow, taken []bool) {
	st := p.kindStyle(w)
	if w.Kind == Request || w.Kind == Response {
		st = st.Then("\x1b[1m")
	}
	p.g.Text(x, y, s, st)
	for j := range view.Width(s) {
		taken[y*p.d.W+x+j] = true
	}
	if p.in.Letters {
		n := len(grid.Letters(w.Group))
		p.g.Text(x+1, y, s[1:1+n], p.t.SeriesStyle(w.Group).Then("\x1b[1m"))
	}
	if i := strings.Index(s, w.Mark); w.Mark != "" && i >= 0 {
		p.g.Text(x+view.Width(s[:i]), y, w.Mark, p.t.Warn.Then("\x1b[1m"))
	}
	if l.Selected {
		p.g.Fill(x, y, view.Width(s), 1, p.t.Selection)
	}
}

// stamp is a time in seconds for the axis.
func stamp(t timeline.Time, decimals int) string {
	return strconv.FormatFloat(t.Seconds(), 'f', decimals, 64)
}
