package swarm

import (
	"fmt"
	"strconv"

	fold "netscope/decoders/bittorrent/swarm"
	"netscope/tui/view"
)

// detail is the side of the peer that is followed, or what lies between it and
// the other that was chosen.
func (p *painter) detail(y int) {
	i := p.sc.Selected
	x := &p.sc.Peers[i]
	caption := "following " + x.Letter + " " + view.Clean(x.Name)
	if j := p.sc.Other; j >= 0 && j != i {
		o := &p.sc.Peers[j]
		p.rule(y, caption+", with "+o.Letter+" "+view.Clean(o.Name), "")
		c := p.way(0, y+1, x, o, &p.sc.Links[i][j])
		p.way(c, y+1, o, x, &p.sc.Links[j][i])
		return
	}
	if x.Free {
		caption += ", a free rider"
	} else if x.Limit > 0 {
		caption += fmt.Sprintf(", may upload %.0f kbit/s", x.Limit*8/1e3)
	}
	right := fmt.Sprintf("%s of %s pieces, got %s, sent %s, %s requests out", view.FormatCount(int64(x.Pieces)), view.FormatCount(int64(p.sc.Pieces)),
		view.FormatSize(x.Got), view.FormatSize(x.Sent), strconv.Itoa(x.Pending))
	if view.Width(caption)+view.Width(right)+8 > p.l.W {
		right = ""
	}
	p.rule(y, caption, right)
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
	c := 0
	for _, s := range [...][2]string{{"unchoked by", in}, {"   unchokes", out}, {"   lets wait", want}} {
		if s[1] == "" {
			s[1] = " nobody"
		}
		c = p.g.TextCut(c, y+1, s[0], p.l.W-c, p.t.Dim)
		c = p.g.TextCut(c, y+1, s[1], p.l.W-c, p.t.Strong)
	}
}

// way says what one of two peers does to the other: "Alice unchokes Bob since
// 12.0 s, 14k".
func (p *painter) way(c, y int, a, b *Peer, k *Link) int {
	text := a.Letter + " has no connection to " + b.Letter
	switch {
	case k.Up && k.Unchoked && k.Optimistic:
		text = "◎ " + a.Letter + " optimistically unchokes " + b.Letter
	case k.Up && k.Unchoked:
		text = "● " + a.Letter + " unchokes " + b.Letter
	case k.Up && k.Wanted:
		text = "× " + a.Letter + " chokes " + b.Letter + ", who wants"
	case k.Up:
		text = "· " + a.Letter + " chokes " + b.Letter
	}
	c = p.g.TextCut(c, y, text, p.l.W-c, p.t.Strong)
	if k.Told {
		c = p.g.TextCut(c, y, fmt.Sprintf(" since %.1f s", k.Since.Seconds()), p.l.W-c, p.t.Dim)
	}
	if k.Rate > 0 {
		c = p.g.TextCut(c, y, ", "+speed(k.Rate), p.l.W-c, p.t.Text)
	}
	return c + 3
}

// concerns reports that a line is about who is followed, and with the other if
// one is chosen.
func (p *painter) concerns(l *fold.Line) bool {
	sc := p.sc
	if sc.Selected < 0 || l.From < 0 {
		return true
	}
	a := sc.Peers[sc.Selected].Node
	if sc.Other >= 0 && sc.Other != sc.Selected && l.To >= 0 {
		b := sc.Peers[sc.Other].Node
		return l.From == a && l.To == b || l.From == b && l.To == a
	}
	return l.From == a || l.To == a
}
