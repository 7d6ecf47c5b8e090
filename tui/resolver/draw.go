package resolver

import (
	"fmt"
	"strconv"
	"strings"

	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

const (
	reverse = view.Style("\x1b[7m")
	bold    = view.Style("\x1b[1m")
)

// painter draws a scene.
type painter struct {
	g     *grid.Grid
	t     *view.Theme
	sc    *Scene
	l     Layout
	other int // which cache comes first
}

func (p *painter) draw() {
	p.head()
	if !p.l.Lists {
		p.tree()
		p.hub()
		p.arrows()
	}
	p.caches()
	p.foot()
}

// head is the first line: which question, for whom.
func (p *painter) head() {
	sc := p.sc
	if sc.Number == 0 {
		p.g.TextCut(0, 0, "nothing has been asked yet", p.l.W, p.t.Dim)
		return
	}
	x := p.g.TextCut(0, 0, sc.Question, p.l.W, p.t.Strong)
	right := "resolution " + strconv.Itoa(sc.Number) + " of " + strconv.Itoa(sc.Count)
	if x+2+view.Width(right) > p.l.W {
		right = strconv.Itoa(sc.Number) + "/" + strconv.Itoa(sc.Count)
	}
	if x+2+view.Width(right) <= p.l.W {
		p.g.TextRight(p.l.W, 0, right, p.t.Dim)
		p.g.TextCut(x, 0, "  for "+sc.ClientName, p.l.W-x-view.Width(right)-2, p.t.Text)
	}
}

// box draws a frame with a title, or without borders a bar with it.
func (p *painter) box(r Rect, title, note string, st view.Style, boxed bool) {
	if r.H < 3 || !boxed {
		for j := range r.H {
			p.g.Set(r.X, r.Y+j, "▌", st)
		}
		x := p.g.TextCut(r.X+1, r.Y, title, r.W-1, p.t.Strong)
		if note != "" {
			p.g.TextCut(x+1, r.Y, note, r.X+r.W-x-1, p.t.Dim)
		}
		return
	}
	p.g.HLine(r.X+1, r.Y, r.W-2, "─", st)
	p.g.HLine(r.X+1, r.Y+r.H-1, r.W-2, "─", st)
	p.g.VLine(r.X, r.Y+1, r.H-2, "│", st)
	p.g.VLine(r.X+r.W-1, r.Y+1, r.H-2, "│", st)
	for _, c := range [...]struct {
		x, y int
		s    string
	}{{r.X, r.Y, "╭"}, {r.X + r.W - 1, r.Y, "╮"}, {r.X, r.Y + r.H - 1, "╰"}, {r.X + r.W - 1, r.Y + r.H - 1, "╯"}} {
		p.g.Set(c.x, c.y, c.s, st)
	}
	if r.W < view.Width(title)+6 { // then the name needs every cell
		p.g.TextCut(r.X+1, r.Y, title, r.W-2, p.t.Strong)
		return
	}
	x := p.g.TextCut(r.X+2, r.Y, " "+title+" ", r.W-4, p.t.Strong)
	if left := r.X + r.W - 2 - x; note != "" && view.Width(note)+2 <= left {
		p.g.TextRight(r.X+r.W-2, r.Y, " "+note+" ", p.t.Dim)
	}
}

// face is the style of a box: one that waits, or is waited for, stands out.
func (p *painter) face(waits bool) view.Style {
	if waits {
		return p.t.Warn
	}
	return p.t.Border
}

// what says which part a server has.
func what(zone string) string {
	switch {
	case zone == "":
		return "server"
	case zone == ".":
		return "root server"
	case !strings.Contains(zone, "."):
		return "TLD server: " + zone
	}
	return "authoritative: " + zone
}

// place is where a server's box is.
func (p *painter) place(r Row) Rect {
	v := &p.sc.Servers[r.Server]
	step := 2
	if p.l.Tree < 70 {
		step = 1
	}
	deepest := 0
	for i := range p.sc.Servers {
		deepest = max(deepest, min(p.sc.Servers[i].Indent, 3))
	}
	x := p.l.Tree - p.l.Server - deepest*step + min(v.Indent, 3)*step
	return Rect{x, r.Y, p.l.Server, r.H}
}

// line draws a piece of the tree; where two meet, one branches off.
func (p *painter) line(x, y int, s string) {
	if c := p.g.At(x, y); c != nil && (c.Text == "│" || c.Text == "╰" || c.Text == "├") && (c.Text != "│" || s != "│") {
		s = "├"
	}
	p.g.Set(x, y, s, p.t.Faint)
}

// tree draws the servers and who delegates to whom.
func (p *painter) tree() {
	for k := range p.l.Rows { // lines first: boxes lie over them
		r := p.l.Rows[k]
		v := &p.sc.Servers[r.Server]
		if v.Parent < 0 {
			continue
		}
		for j := range k {
			if up := p.l.Rows[j]; up.Server == v.Parent {
				x := p.place(up).X
				y := r.Y
				if r.H > 1 && p.l.Boxed {
					y++
				}
				for yy := up.Y + up.H; yy < y; yy++ {
					p.line(x, yy, "│")
				}
				p.line(x, y, "╰")
				p.g.HLine(x+1, y, p.place(r).X-x-1, "─", p.t.Faint)
			}
		}
	}
	for _, r := range p.l.Rows {
		v, at := &p.sc.Servers[r.Server], p.place(r)
		if r.H == 1 {
			x := p.g.TextCut(at.X, at.Y, "· "+v.Name, at.W, p.t.Dim)
			p.g.TextCut(x+1, at.Y, zoneShort(v.Zone), at.X+at.W-x-1, p.t.Faint)
			continue
		}
		note := ""
		if !p.l.Boxed {
			note = zoneShort(v.Zone)
		}
		face := p.face(v.Waits)
		if !v.Active {
			face = p.t.Faint
		}
		p.box(at, v.Name, note, face, p.l.Boxed)
		st := p.t.Text
		if v.Waits {
			st = p.t.Warn
		}
		if !p.l.Boxed {
			p.g.TextCut(at.X+1, at.Y+1, or(brief(v.State, at.W-1), what(v.Zone)), at.W-1, st)
			continue
		}
		p.g.TextCut(at.X+2, at.Y+1, what(v.Zone), at.W-4, p.t.Dim)
		p.g.TextCut(at.X+2, at.Y+2, brief(v.State, at.W-4), at.W-4, st)
		if v.Chain != "" {
			cs := p.t.OK
			if strings.Contains(v.Chain, "✗") {
				cs = p.t.Error
			}
			p.g.TextCut(at.X+2, at.Y+at.H-1, " "+v.Chain+" ", at.W-4, cs)
		}
	}
	if p.l.Hidden > 0 && len(p.l.Rows) > 0 {
		last := p.l.Rows[len(p.l.Rows)-1]
		at := p.place(last)
		if y := last.Y + last.H; y < p.l.Foot && (p.l.Cache.H == 0 || y < p.l.Cache.Y) {
			p.g.TextCut(at.X, y, "and "+strconv.Itoa(p.l.Hidden)+" other servers", p.l.Tree-at.X, p.t.Dim)
		}
	}
}

// brief is what somebody does, in w cells if that can be said.
func brief(s string, w int) string {
	switch {
	case view.Width(s) <= w:
		return s
	case strings.HasPrefix(s, "has ") && strings.HasSuffix(s, "question"):
		return "is asked"
	}
	return strings.TrimPrefix(s, "said: ")
}

func zoneShort(zone string) string {
	switch zone {
	case "":
		return ""
	case ".":
		return "root"
	}
	return zone
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// words breaks text into lines of at most w cells, between words only.
func words(s string, w int) (out []string) {
	for _, word := range strings.Fields(s) {
		if k := len(out) - 1; k >= 0 && view.Width(out[k])+1+view.Width(word) <= w {
			out[k] += " " + word
			continue
		}
		out = append(out, word)
	}
	return out
}

// foot says what the selected message is, the round trips, and the chain of
// signatures.
func (p *painter) foot() {
	sc := p.sc
	y := p.l.Foot
	if y >= p.l.H {
		return
	}
	if len(sc.Chain) > 0 && y+1 < p.l.H {
		p.chainLine(y)
		y++
	}
	sum := ""
	if n := len(sc.RTTs); n > 0 {
		var parts []string
		for _, d := range sc.RTTs {
			parts = append(parts, strings.TrimSuffix(span(d), " ms"))
		}
		word := "so far "
		if sc.Over {
			word = ""
		}
		total := word + span(sc.Total)
		if sc.Over {
			total = count(sc.Arrows) + " messages, " + total
		}
		sum = total
		if n > 1 && n <= 8 {
			sum = "RTTs " + strings.Join(parts, " + ") + " = " + total
			if sc.Over {
				sum = count(sc.Arrows) + " messages, RTTs " + strings.Join(parts, " + ") + " = " + span(sc.Total)
			}
		}
		if view.Width(sum) > p.l.W*3/5 {
			sum = total
		}
	}
	room := p.l.W
	if sum != "" {
		p.g.TextRight(p.l.W, y, grid.Cut(sum, p.l.W), p.t.Measured)
		room -= view.Width(sum) + 2
	}
	if sc.Selected >= 0 && room > 8 {
		a := &sc.Arrows[sc.Selected]
		text := a.Text
		switch {
		case a.Lost:
			text = "lost on its way"
		case a.Stray:
			text = "not accepted: " + a.Text
		case a.Forged:
			text = "FORGED, and taken for true: " + a.Text
		case a.Late:
			text += " (late: it was asked again)"
		case a.Again:
			text += " (asked again)"
		}
		x := p.g.TextCut(0, y, mark(a), room, p.t.Strong)
		p.g.TextCut(x+1, y, view.Clean(text), room-x-1, p.t.Text)
	}
}

func mark(a *Arrow) string {
	if a.Num == 0 {
		return "✗"
	}
	return ordinal(a.Num)
}

func count(as []Arrow) string {
	n := 0
	for i := range as {
		if as[i].Num > 0 {
			n++
		}
	}
	return strconv.Itoa(n)
}

// left is a time to live as it counts down.
func left(d float64) string {
	switch {
	case d <= 0:
		return "expired"
	case d < 10:
		return fmt.Sprintf("%.1f s", d)
	case d < 60:
		return fmt.Sprintf("%d s", int(d))
	case d < 3600:
		return fmt.Sprintf("%d:%02d", int(d)/60, int(d)%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", int(d)/3600, int(d)/60%60, int(d)%60)
}

// span is a duration; whole milliseconds have no decimals.
func span(d timeline.Time) string { return strings.Replace(view.FormatSpan(d), ".0 ", " ", 1) }
