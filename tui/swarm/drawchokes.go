package swarm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	fold "netscope/decoders/bittorrent/swarm"
	"netscope/tui/view"
)

// chokes is the matrix of who unchokes whom, and beside it each peer's ranking.
func (p *painter) chokes() {
	y := p.l.Chokes
	from := Window(p.first, p.sc.Selected, len(p.sc.Peers), p.l.Cols)
	p.g.TextCut(1, y, "from \\ to", p.l.Label-2, p.t.Dim)
	for c := range p.l.Cols {
		j := from + c
		letter := p.sc.Peers[j].Letter
		if len(letter) > p.l.Cell {
			letter = letter[len(letter)-p.l.Cell:]
		}
		p.g.Text(p.l.Label+c*p.l.Cell, y, letter, p.face(j))
	}
	if p.l.Ranks > 0 {
		p.g.TextCut(p.l.W-p.l.Ranks+1, y, "its top four, ◎ optimistic, next round", p.l.Ranks-1, p.t.Dim)
	}
	for r := range p.l.Rows {
		i := p.first + r
		p.label(i, y+1+r)
		for c := range p.l.Cols {
			p.link(i, from+c, p.l.Label+c*p.l.Cell, y+1+r)
		}
		if p.l.Ranks > 0 {
			p.ranking(i, p.l.W-p.l.Ranks+1, y+1+r, p.l.Ranks-1)
		}
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
		p.g.Fill(x, y, min(p.l.Cell, p.l.W-x), 1, p.t.Bar)
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

// detail is the side of the peer that is followed.
func (p *painter) detail(y int) {
	i := p.sc.Selected
	x := &p.sc.Peers[i]
	p.rule(y, "following "+x.Letter+" "+view.Clean(x.Name), "")
	c := p.g.TextCut(0, y+1, x.Client, p.l.W, p.t.Text)
	for _, s := range []string{
		fmt.Sprintf("  %s of %s pieces", view.FormatCount(int64(x.Pieces)), view.FormatCount(int64(p.sc.Pieces))),
		"  got " + view.FormatSize(x.Got), "  sent " + view.FormatSize(x.Sent),
		"  ↓ " + speedShort(x.Down) + "  ↑ " + speedShort(x.Up), "  " + strconv.Itoa(x.Pending) + " requests out",
	} {
		c = p.g.TextCut(c, y+1, s, p.l.W-c, p.t.Text)
	}
	var in, out, want string
	for j := range p.sc.Peers {
		if a := &p.sc.Links[j][i]; a.Up && a.Unchoked {
			in += " " + p.sc.Peers[j].Letter
		}
		switch b := &p.sc.Links[i][j]; {
		case b.Up && b.Unchoked && b.Optimistic:
			out += " ◎" + p.sc.Peers[j].Letter
		case b.Up && b.Unchoked:
			out += " " + p.sc.Peers[j].Letter
		case b.Up && b.Wanted:
			want += " " + p.sc.Peers[j].Letter
		}
	}
	c = 0
	for _, s := range [...][2]string{{"unchoked by", in}, {"   unchokes", out}, {"   lets wait", want}} {
		if s[1] == "" {
			s[1] = " nobody"
		}
		c = p.g.TextCut(c, y+2, s[0], p.l.W-c, p.t.Dim)
		c = p.g.TextCut(c, y+2, s[1], p.l.W-c, p.t.Strong)
	}
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
		if sc.Selected >= 0 && l.From != sc.Peers[sc.Selected].Node && l.To != sc.Peers[sc.Selected].Node {
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

// legend says what the signs mean.
func (p *painter) legend(y int) {
	x := 0
	for _, e := range [...][2]string{
		{"●", "unchoked"}, {"◎", "optimistically"}, {"×", "choked, wants"}, {"·", "choked"}, {"◌", "unchoked, wants nothing"},
		{"█", "has"}, {"▒", "some of them"}, {"▁", "a part has come"}, {"0…9+", "copies of the rarest"}, {"?n", "requests out"},
	} {
		n := view.Width(e[0]) + 1 + view.Width(e[1]) + 2
		if x+n-2 > p.l.W {
			continue
		}
		p.g.Text(x, y, e[0], p.t.Strong)
		p.g.Text(x+view.Width(e[0])+1, y, e[1], p.t.Dim)
		x += n
	}
}
