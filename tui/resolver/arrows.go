package resolver

import (
	"strconv"
	"strings"

	"netscope/tui/view"
)

// lane is what goes one way between two boxes.
type lane struct {
	nums     []int // indices of arrows, those that are counted
	stray    int
	lost     bool
	part     float64
	rtt      string
	text     string
	selected bool
	forged   bool
}

// lane gathers the messages from one node to another.
func (p *painter) lane(from, to int32) (q lane, ok bool) {
	q.part = 1
	for i := range p.sc.Arrows {
		a := &p.sc.Arrows[i]
		if a.From != from || a.To != to {
			continue
		}
		ok = true
		if a.Stray {
			q.stray++
			q.selected = q.selected || i == p.sc.Selected
			continue
		}
		q.nums = append(q.nums, i)
		q.part, q.text, q.lost = a.Part, a.Text, a.Lost
		q.forged = a.Forged
		if a.Timed {
			q.rtt = span(a.RTT)
		}
		q.selected = q.selected || i == p.sc.Selected
	}
	return q, ok
}

// label are the numbers of a lane, as many of the last ones as fit into w
// cells; the selected one is marked.
func (p *painter) label(q *lane, w int) (texts []string, marked int) {
	marked = -1
	used := 0
	for k := len(q.nums) - 1; k >= 0; k-- {
		s := ordinal(p.sc.Arrows[q.nums[k]].Num)
		if used += view.Width(s); used > w {
			break
		}
		texts = append([]string{s}, texts...)
		if marked >= 0 {
			marked++
		}
		if q.nums[k] == p.sc.Selected {
			marked = 0
		}
	}
	return texts, marked
}

// arrows draws all messages of the resolution.
func (p *painter) arrows() {
	hub := p.sc.Hub()
	if hub < 0 {
		return
	}
	for k, r := range p.l.Rows {
		v, at := &p.sc.Servers[r.Server], p.place(r)
		if r.H == 1 || v.Node < 0 {
			continue
		}
		y := r.Y
		if p.l.Boxed {
			y++
		}
		x0, x1 := p.l.Hub, at.X-1
		if q, ok := p.lane(hub, v.Node); ok && y < p.l.Top+p.l.Tall {
			p.across(x0, x1, y, &q, true)
		}
		if q, ok := p.lane(v.Node, hub); ok && y+1 < p.l.Top+p.l.Tall {
			p.across(x0, x1, y+1, &q, false)
			if q.stray > 0 {
				p.strays(x0, x1, y, &q)
			}
		}
		p.between(k)
	}
	if p.l.Client >= 0 {
		up, ok := p.lane(p.sc.Client, hub)
		down, back := p.lane(hub, p.sc.Client)
		p.vertical(2, p.l.Gap, p.l.Client, &up, &down, ok, back, false)
	}
}

// across draws a lane from left to right or back.
func (p *painter) across(x0, x1, y int, q *lane, right bool) {
	w := x1 - x0 + 1
	if w < 3 || len(q.nums) == 0 {
		return
	}
	st := p.t.Request
	if !right {
		st = p.t.Response
	}
	switch {
	case q.lost:
		st = p.t.Lost
	case q.forged:
		st = p.t.Error
	}
	n := w
	if q.part < 1 || q.lost {
		n = max(2, int(q.part*float64(w)))
		if q.lost {
			n = max(w*2/3, 3)
		}
	}
	from, head, tip := x0, "▶", x0+n-1
	if !right {
		from, head, tip = x1-n+1, "◀", x1-n+1
	}
	if q.lost {
		head = "✗"
	}
	p.g.HLine(from, y, n, "─", st)
	p.g.Set(tip, y, head, st.Then(bold))
	texts, marked := p.label(q, w-3)
	x := x0 + 1
	if !right {
		x = x0 + 2
	}
	if w > 14 {
		x++
	}
	total := 0
	for _, s := range texts {
		total += view.Width(s)
	}
	if right {
		x = max(x0+1, min(x, x0+w-total-2))
	}
	x = p.numbers(x, y, texts, marked, st)
	if q.forged && x1-x > 24 {
		x = p.g.Text(x+1, y, " FORGED ", p.t.Error.Then(bold))
	}
	if !right && q.rtt != "" && x+1+view.Width(q.rtt) < x1 {
		text := q.rtt
		if x+3+view.Width(text) < x1 {
			text = " " + text + " "
		}
		x = p.g.Text(x1-view.Width(text), y, text, p.t.Measured)
		x -= view.Width(text)
		return
	}
	if right && q.part >= 1 && !q.lost {
		if room := x1 - 3 - x; room >= 16 {
			p.g.TextCut(x+1, y, " "+view.Clean(q.text)+" ", room, p.t.Text)
		}
	}
}

func (p *painter) numbers(x, y int, texts []string, marked int, st view.Style) int {
	for i, s := range texts {
		ns := st.Then(bold)
		if i == marked {
			ns = p.t.Strong.Then(reverse)
		}
		x = p.g.Text(x, y, s, ns)
	}
	return x
}

// strays says how many answers came that nobody accepted.
func (p *painter) strays(x0, x1, y int, q *lane) {
	text := "✗ " + strconv.Itoa(q.stray) + " not accepted"
	w := x1 - x0 + 1
	if w < view.Width(text)+2 {
		text = "✗" + strconv.Itoa(q.stray)
	}
	at := y + 2
	if at >= p.l.Top+p.l.Tall || !p.g.Blank(x0+1, at) {
		at = y - 1
	}
	if at < p.l.Top {
		return
	}
	st := p.t.Error
	if q.selected {
		st = st.Then(bold)
	}
	p.g.TextCut(x0+1, at, text, w-1, st)
}

// between draws what goes between a server and those below it.
func (p *painter) between(k int) {
	r := p.l.Rows[k]
	v := &p.sc.Servers[r.Server]
	for j, o := range p.l.Rows {
		w := &p.sc.Servers[o.Server]
		if j == k || o.H == 1 || w.Node < 0 {
			continue
		}
		down, ok := p.lane(v.Node, w.Node)
		up, back := p.lane(w.Node, v.Node)
		if !ok && !back || j < k {
			continue
		}
		at := p.place(o)
		if j == k+1 && o.Y > r.Y+r.H {
			p.vertical(at.X+2+boolInt(p.l.Tree >= 60)*2, r.Y+r.H, o.Y, &up, &down, back, ok, true)
			continue
		}
		text := strings.Join(append(p.texts(&down), p.texts(&up)...), "") // no line can be drawn: say it
		p.g.TextRight(at.X+at.W-1, at.Y, " "+text+" with "+v.Name+" ", p.t.Request)
	}
}

func (p *painter) texts(q *lane) []string {
	out, _ := p.label(q, 12)
	return out
}

// vertical draws two lanes between a box that ends above y0 and one that begins
// at y1. In the one between client and local server the question goes up.
func (p *painter) vertical(x, y0, y1 int, up, down *lane, hasUp, hasDown, asksDown bool) {
	n := y1 - y0
	if n <= 0 {
		return
	}
	rise, fall := p.t.Request, p.t.Response
	if asksDown {
		rise, fall = fall, rise
	}
	draw := func(x int, q *lane, st view.Style, head string, top bool) int {
		if len(q.nums) == 0 && q.stray == 0 {
			return x
		}
		if q.lost {
			st, head = p.t.Lost, "✗"
		}
		len := n
		if q.part < 1 || q.lost {
			len = max(1, int(q.part*float64(n)+0.5))
		}
		for j := range len {
			y := y0 + j
			if top {
				y = y1 - 1 - j
			}
			s := "│"
			if j == len-1 {
				s = head
			}
			p.g.Set(x, y, s, st.Then(bold))
		}
		texts, marked := p.label(q, 8)
		y := y0 + n/2
		if n == 1 {
			y = y0
		}
		return p.numbers(x+1, y, texts, marked, st)
	}
	// The question first, from left to right.
	a, b := up, down
	if asksDown {
		a, b = down, up
	}
	var end int
	if asksDown {
		end = draw(x, a, fall, "▼", false)
		end = max(end+2, x+4+boolInt(p.l.Tree >= 60)*2)
		if hasUp {
			end = draw(end, b, rise, "▲", true)
		}
	} else {
		end = draw(x, a, rise, "▲", true)
		end = max(end+2, x+4+boolInt(p.l.Tree >= 60)*2)
		if hasDown {
			end = draw(end, b, fall, "▼", false)
		}
	}
	if b.rtt != "" {
		p.g.Text(end+1, y0+n/2, b.rtt, p.t.Measured)
	}
	if !asksDown && b.stray > 0 {
		p.g.Text(end+2+view.Width(b.rtt), y0+n/2, "✗"+strconv.Itoa(b.stray), p.t.Error)
	}
}
