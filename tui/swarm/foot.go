package swarm

import "netscope/tui/view"

// hint says what a sign means, or a key does.
type hint struct{ sign, text string }

// signs are the legend, the most important first.
func signs() []hint {
	return []hint{
		{"●", "unchoked"}, {"◎", "optimistically"}, {"×", "choked, wants"}, {"·", "choked"}, {"◌", "unchoked, wants nothing"},
		{"█", "has"}, {"▒", "some of them"}, {"▁", "a part has come"}, {"0…9+", "copies of the rarest"},
	}
}

// feet are the last lines: what the signs mean, and what keys do. On one line,
// who follows a peer wants the keys.
func (p *painter) feet() {
	y := p.l.H - 1
	switch {
	case p.l.Legend && p.l.Foot:
		p.foot(y-1, signs())
		p.foot(y, p.keys)
	case !p.l.Foot:
	case p.sc.Selected >= 0:
		p.foot(y, append(append([]hint(nil), p.keys...), signs()...))
	default:
		p.foot(y, append(signs()[:4], p.keys...))
	}
}

// foot draws as many hints as there is room for.
func (p *painter) foot(y int, hs []hint) {
	x := 0
	for _, h := range hs {
		n := view.Width(h.sign) + 1 + view.Width(h.text) + 2
		if x+n-2 > p.l.W {
			continue
		}
		st := p.t.Strong
		if h.sign[0] < 0x80 && h.sign[0] != '0' {
			st = p.t.Key
		}
		p.g.Text(x, y, h.sign, st)
		p.g.Text(x+view.Width(h.sign)+1, y, h.text, p.t.Dim)
		x += n
	}
}
