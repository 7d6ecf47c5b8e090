package swarm

import (
	"fmt"
	"strconv"

	fold "netscope/decoders/bittorrent/swarm"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

const (
	reverse   = view.Style("\x1b[7m")
	bold      = view.Style("\x1b[1m")
	underline = view.Style("\x1b[4m")
)

// painter draws a scene.
type painter struct {
	g       *grid.Grid
	t       *view.Theme
	sc      *Scene
	l       Layout
	first   int
	log     *fold.Log
	message timeline.MessageID
	keys    []hint
}

func (p *painter) draw() {
	p.summary()
	p.pieces()
	y := p.l.Pieces + 1 + p.l.Rows
	if !p.l.OnlyOne {
		if !p.l.Beside {
			p.rule(y, "who unchokes whom", "")
		}
		p.chokes()
		y = p.l.Chokes + 1 + p.l.Rows
	}
	if p.l.Detail > 0 && p.sc.Selected >= 0 {
		p.detail(y)
		y += p.l.Detail
	}
	p.lines(y, p.l.Log)
	p.feet()
}

// summary is the first line.
func (p *painter) summary() {
	sc := p.sc
	seeds, here := 0, 0
	rate := 0.0
	for i := range sc.Peers {
		x := &sc.Peers[i]
		rate += x.Up
		if x.Here {
			here++
			if x.Seed {
				seeds++
			}
		}
	}
	n := view.FormatCount(int64(sc.Pieces))
	if !sc.Exact && sc.Pieces > 0 {
		n = "at least " + n
	}
	x := p.g.Text(0, 0, n+" pieces", p.t.Strong)
	x = p.g.Text(x, 0, fmt.Sprintf("  %d here, %d with all", here, seeds), p.t.Text)
	x = p.g.TextCut(x, 0, "  "+speed(rate)+" in all", p.l.W-x, p.t.Text)
	if sc.NoTracker {
		x = p.g.TextCut(x, 0, "  no tracker", p.l.W-x, p.t.Warn.Then(bold))
	}
	if sc.Torrents > 1 && len(sc.Hash) >= 8 {
		x = p.g.TextCut(x, 0, "  torrent "+sc.Hash[:8]+"… of "+strconv.Itoa(sc.Torrents), p.l.W-x, p.t.Dim)
	}
	if hidden := len(sc.Peers) - p.l.Rows; hidden > 0 {
		s := fmt.Sprintf(" %d to %d of %d peers ", p.first+1, p.first+p.l.Rows, len(sc.Peers))
		if x+view.Width(s) <= p.l.W {
			p.g.TextRight(p.l.W, 0, s, p.t.Dim)
		}
	}
}

// rule is a line with a caption.
func (p *painter) rule(y int, caption, right string) {
	p.g.HLine(0, y, p.l.W, "─", p.t.Border)
	p.g.TextCut(1, y, " "+caption+" ", p.l.W-2, p.t.Dim)
	if right != "" {
		p.g.TextRight(p.l.W-1, y, " "+right+" ", p.t.Dim)
	}
}

// face is the style of a peer, the selected one's marked by more than colour.
func (p *painter) face(i int) view.Style {
	switch {
	case i == p.sc.Selected:
		return p.t.SeriesStyle(i).Then(bold).Then(reverse)
	case i == p.sc.Other && p.sc.Selected >= 0:
		return p.t.SeriesStyle(i).Then(bold).Then(underline)
	case !p.sc.Peers[i].Here:
		return p.t.Faint
	}
	return p.t.SeriesStyle(i)
}

// label names a peer at the left of a row.
func (p *painter) label(i, y int) {
	x := &p.sc.Peers[i]
	w := p.l.Label - 1
	mark := " "
	if i == p.sc.Selected {
		mark = "▶"
	}
	c := p.g.TextCut(0, y, mark, min(1, w), p.t.Strong)
	c = p.g.TextCut(c, y, x.Letter, w-c, p.face(i))
	st := p.t.Text
	if !x.Here {
		st = p.t.Faint
	}
	if c+2 < w {
		p.g.TextCut(c+1, y, view.Clean(x.Name), w-c-1, st)
	}
}

// pieces is the matrix of pieces, below the row of rarity.
func (p *painter) pieces() {
	w := p.l.PieceW
	y := p.l.Pieces
	p.g.TextCut(1, y, "copies", p.l.Label-2, p.t.Dim)
	for x := range max(w, 0) {
		lo, hi := Spread(x, w, p.sc.Pieces)
		if lo >= hi {
			continue
		}
		least := p.sc.Copies[lo]
		for _, c := range p.sc.Copies[lo:hi] {
			least = min(least, c)
		}
		text, st := "+", p.t.Dim
		if least < 10 {
			text = strconv.Itoa(least)
		}
		switch {
		case least == 0:
			st = p.t.Error
		case least == 1:
			st = p.t.Warn.Then(bold)
		}
		p.g.Set(p.l.Label+x, y, text, st)
	}
	if p.l.Right >= 16 {
		right := p.l.Label + w
		p.g.Text(right+1, y, " got", p.t.Dim)
		p.g.TextRight(right+11, y, "↓", p.t.Dim)
		p.g.TextRight(right+17, y, "↑", p.t.Dim)
	}
	for r := range p.l.Rows {
		i := p.first + r
		p.label(i, y+1+r)
		p.pieceRow(i, y+1+r, w)
		p.progress(i, y+1+r)
	}
}

// pieceRow draws how much of each cell's pieces a peer has.
func (p *painter) pieceRow(i, y, w int) {
	x := &p.sc.Peers[i]
	st := p.t.SeriesStyle(i)
	if !x.Here {
		st = p.t.Faint
	}
	for c := range max(w, 0) {
		lo, hi := Spread(c, w, p.sc.Pieces)
		if lo >= hi {
			continue
		}
		n := x.State.CountIn(lo, hi)
		switch {
		case n == hi-lo:
			p.g.Set(p.l.Label+c, y, "█", st)
		case n > 0:
			p.g.Set(p.l.Label+c, y, [...]string{"░", "▒", "▓"}[min(3*n/(hi-lo), 2)], st)
		case x.State.PartlyIn(lo, hi):
			p.g.Set(p.l.Label+c, y, "▁", p.t.Warn)
		default:
			p.g.Set(p.l.Label+c, y, "·", p.t.Faint)
		}
	}
}

// progress is what stands right of the pieces.
func (p *painter) progress(i, y int) {
	x := &p.sc.Peers[i]
	right := p.l.Label + p.l.PieceW
	if p.l.Right < 5 {
		return
	}
	part := "  –"
	if p.sc.Pieces > 0 {
		part = fmt.Sprintf("%3d", 100*x.Pieces/p.sc.Pieces)
	}
	st := p.t.Text
	switch {
	case !x.Here && x.Gone:
		part, st = "gone", p.t.Faint
	case x.Seed:
		part, st = "all ", p.t.OK
	default:
		part += "%"
	}
	p.g.Text(right+1, y, part, st)
	if p.l.Right < 16 {
		return
	}
	for k, r := range [...]float64{x.Down, x.Up} {
		text, st := "–", p.t.Faint
		switch {
		case r > 0:
			text, st = speedShort(r), p.t.Text
		case k == 1 && x.Free:
			text, st = "free", p.t.Warn
		}
		p.g.TextRight(right+11+6*k, y, text, st)
	}
}

// speed writes a rate: "120 kB/s".
func speed(r float64) string { return view.FormatSize(int64(r)) + "/s" }

// speedShort is a rate in five cells or less: "120k".
func speedShort(r float64) string {
	switch {
	case r < 1000:
		return strconv.Itoa(int(r)) + " B"
	case r < 10e3:
		return strconv.FormatFloat(r/1e3, 'f', 1, 64) + "k"
	case r < 1e6:
		return strconv.Itoa(int(r/1e3)) + "k"
	case r < 10e6:
		return strconv.FormatFloat(r/1e6, 'f', 1, 64) + "M"
	}
	return strconv.Itoa(int(r/1e6)) + "M"
}

// speedTiny is a rate in three cells: "27k", ".2M".
func speedTiny(r float64) string {
	switch k := int(r/1e3 + 0.5); {
	case k < 1:
		return "<1k"
	case k < 100:
		return strconv.Itoa(k) + "k"
	case k < 950:
		return "." + strconv.Itoa((k+50)/100) + "M"
	case k < 99500:
		return strconv.Itoa((k+500)/1000) + "M"
	}
	return "99+"
}
