package swarm

import (
	"fmt"
	"slices"
	"strings"

	fold "netscope/decoders/bittorrent/swarm"
	"netscope/tui/view"
)

// chokes is the matrix of who unchokes whom, and beside it each peer's ranking.
func (p *painter) chokes() {
	y := p.l.Chokes
	from := Window(p.first, p.sc.Selected, len(p.sc.Peers), p.l.Cols)
	if p.sc.Other >= 0 {
		from = Window(from, p.sc.Other, len(p.sc.Peers), p.l.Cols)
	}
	if !p.l.Beside {
		p.g.TextCut(1, y, "from \\ to", p.l.Label-2, p.t.Dim)
	}
	for c := range p.l.Cols {
		p.column(from+c, p.l.ChokeX+c*p.l.Cell, y)
	}
	if p.l.Ranks > 0 {
		head := "its top four, ◎ optimistic, next round"
		if p.l.Ranks < rankWide {
			head = "top four, round"
		}
		p.g.TextCut(p.l.W-p.l.Ranks+1, y, head, p.l.Ranks-1, p.t.Dim)
	}
	for r := range p.l.Rows {
		i := p.first + r
		if !p.l.Beside {
			p.label(i, y+1+r)
		}
		for c := range p.l.Cols {
			p.link(i, from+c, p.l.ChokeX+c*p.l.Cell, y+1+r)
		}
		if p.l.Ranks > 0 {
			p.ranking(i, p.l.W-p.l.Ranks+1, y+1+r, p.l.Ranks-1)
		}
	}
}

// column heads a column: by letter and name if there is room for all of both.
func (p *painter) column(j, x, y int) {
	letter := p.sc.Peers[j].Letter
	if len(letter) > p.l.Cell {
		letter = letter[len(letter)-p.l.Cell:]
	}
	end := p.g.Text(x, y, letter, p.face(j))
	if name := view.Clean(p.sc.Peers[j].Name); end+1+view.Width(name) < x+p.l.Cell {
		p.g.Text(end+1, y, name, p.t.Dim)
	}
}

// link is a cell: a sign for the choke, a number for the rate.
func (p *painter) link(i, j, x, y int) {
	k := &p.sc.Links[i][j]
	if i == j {
		p.g.Set(x, y, "\\", p.t.Faint)
		return
	}
	sign, st := linkSign(k), p.t.Faint
	switch {
	case !k.Up:
	case k.Optimistic && k.Unchoked:
		st = p.t.Note.Then(bold)
	case k.Unchoked:
		st = p.t.OK.Then(bold)
	case k.Wanted:
		st = p.t.Warn
	}
	if i == p.sc.Selected || j == p.sc.Selected {
		bar := p.t.Bar
		if i == p.sc.Other || j == p.sc.Other {
			bar = p.t.Selection
		}
		p.g.Fill(x, y, min(p.l.Cell, p.l.W-x), 1, bar)
	}
	if k.Recent {
		st = st.Then(reverse)
	}
	p.g.Set(x, y, sign, st)
	if p.l.Cell >= 4 && k.Rate > 0 {
		text := speedShort(k.Rate)
		if view.Width(text) >= p.l.Cell-1 {
			text = speedTiny(k.Rate)
		}
		p.g.TextCut(x+1, y, text, p.l.Cell-1, p.t.Text)
	}
}

// linkSign says without colour what a link is.
func linkSign(k *Link) string {
	switch {
	case !k.Up:
		return " "
	case k.Unchoked && k.Optimistic:
		return "◎"
	case k.Unchoked && k.Wanted:
		return "●"
	case k.Unchoked:
		return "◌"
	case k.Wanted:
		return "×"
	}
	return "·"
}

// ranking is one peer's top four, the optimistic one, and the seconds to its
// next round.
func (p *painter) ranking(i, x, y, w int) {
	r := &p.sc.Rankings[i]
	end := x + w
	if r.Next >= 0 {
		s := fmt.Sprintf("%2.0f s", r.Next)
		if r.Rotate && w >= 30 {
			s = "◎ in " + s
		}
		p.g.TextRight(end, y, s, p.t.Dim)
		end -= view.Width(s) + 1
	}
	for _, form := range [...]struct {
		rates bool
		gap   int
	}{{true, 2}, {true, 1}, {false, 2}, {false, 1}} {
		texts, total := p.slots(r, form.rates), 0
		for _, s := range texts {
			total += view.Width(s.text) + form.gap
		}
		if total-form.gap > end-x && (form.rates || form.gap > 1) {
			continue
		}
		if total-form.gap > end-x { // then the optimistic one first, who must not be cut off
			slices.SortStableFunc(texts, func(a, b piece) int { return strings.Index(b.text, "◎") - strings.Index(a.text, "◎") })
		}
		for _, s := range texts {
			x = p.g.TextCut(x, y, s.text, end-x, s.st) + form.gap
		}
		if len(texts) == 0 {
			p.g.TextCut(x, y, "nobody", end-x, p.t.Faint)
		}
		return
	}
}

// piece is a piece of a line with its style.
type piece struct {
	text string
	st   view.Style
}

// slots are those whom a ranking unchokes.
func (p *painter) slots(r *Ranking, rates bool) []piece {
	var out []piece
	for k := range r.Top {
		s := &r.Top[k]
		if !s.Unchoked || s.Peer < 0 {
			continue
		}
		x := piece{p.sc.Peers[s.Peer].Letter, p.t.SeriesStyle(s.Peer)}
		if s.Rate > 0 && rates {
			x.text += " " + speedShort(s.Rate)
		}
		if s.Optimistic {
			x.text, x.st = "◎"+x.text, p.t.Note.Then(bold)
		}
		out = append(out, x)
	}
	return out
}

// lines are the last sentences, those of who is followed if there is one.
func (p *painter) lines(y, h int) {
	if h <= 0 {
		return
	}
	sc := p.sc
	rows := h
	if h >= 3 {
		p.rule(y, "what has happened", "")
		y, rows = y+1, h-1
	}
	var show []int
	for k := len(sc.Lines) - 1; k >= 0 && len(show) < rows; k-- {
		l := &sc.Lines[k]
		if !p.concerns(l) {
			continue
		}
		show = append(show, k)
	}
	for r := range show {
		l := &sc.Lines[show[len(show)-1-r]]
		st := p.t.Text
		switch {
		case l.Kind == fold.UnchokesOptimistically:
			st = p.t.Note
		case l.Kind == fold.Says:
			st = p.t.Warn
		case !l.Kind.Changes():
			st = p.t.Dim
		}
		mark := "  "
		if p.message == l.Message {
			mark = "▶ "
		}
		x := p.g.TextCut(0, y+r, mark, p.l.W, p.t.Strong)
		x = p.g.TextCut(x, y+r, fmt.Sprintf("%7.1f s: ", l.At.Seconds()), p.l.W-x, p.t.Dim)
		p.g.TextCut(x, y+r, view.Clean(l.Text(p.log)), p.l.W-x, st)
	}
}
