package resolver

import (
	"slices"
	"strconv"
	"strings"

	"netscope/decoders/dns/resolution"
	"netscope/tui/view"
)

// ordered are the caches in the order in which they are shown: the local
// server's first, unless another was asked for.
func (p *painter) ordered() []*resolution.Cache {
	out := slices.Clone(p.sc.Caches)
	slices.SortStableFunc(out, func(a, b *resolution.Cache) int {
		return boolInt(b.Host == p.sc.HubName()) - boolInt(a.Host == p.sc.HubName())
	})
	if n := len(out); n > 0 {
		k := p.other % n
		out = append(out[k:], out[:k]...)
	}
	return out
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// caches fills the place of the caches.
func (p *painter) caches() {
	r := p.l.Cache
	if r.H < 2 || r.W < 12 {
		return
	}
	all := p.ordered()
	if len(all) == 0 {
		p.history(r)
		return
	}
	y, end := r.Y, r.Y+r.H
	hs := share(all, r.H)
	for k, h := range hs {
		more := ""
		if k == len(hs)-1 && len(hs) < len(all) {
			more = "o: next of " + strconv.Itoa(len(all))
		}
		y += p.cache(Rect{r.X, y, r.W, h}, all[k], more)
		if k < len(hs)-1 && end-y > 3*(len(hs)-k) && end-y > len(all[k+1].Entries)+3 {
			y++
		}
	}
	if end-y >= 3 {
		p.history(Rect{r.X, y, r.W, end - y})
	}
}

// share gives caches their lines of h: two to as many as there is room for, the
// rest to the first ones, as much as they need.
func share(all []*resolution.Cache, h int) []int {
	hs := make([]int, min(len(all), max(h/2, 1)))
	for i := range hs {
		hs[i] = 2
		h -= 2
	}
	for i := range hs {
		more := max(min(h, len(all[i].Entries)), 0) // and a line for a miss
		hs[i] += more
		h -= more
	}
	return hs
}

// history are the last resolutions, one a line.
func (p *painter) history(r Rect) {
	if len(p.sc.Past) == 0 {
		return
	}
	p.g.HLine(r.X, r.Y, r.W, "─", p.t.Border)
	p.g.TextCut(r.X+1, r.Y, " resolutions ", r.W-2, p.t.Title)
	past := p.sc.Past
	past = past[max(0, len(past)-r.H+1):]
	for i, h := range past {
		y := r.Y + 1 + i
		st, sign := p.t.Text, "  "
		if h.Number == p.sc.Number {
			st, sign = p.t.Strong, "▶ "
		}
		right := strconv.Itoa(h.Messages) + " messages  "
		if h.Over {
			right += view.FitRight(span(h.Took), 8)
		} else {
			right += "  asking"
		}
		p.g.TextRight(r.X+r.W, y, right, p.t.Measured)
		x := p.g.TextCut(r.X, y, sign+strconv.Itoa(h.Number)+" ", r.W, st)
		p.g.TextCut(x, y, view.Clean(h.Who+": "+h.Question+"  "+h.Answer), r.X+r.W-x-view.Width(right)-1, st)
	}
}

// cache draws one, and returns how many lines that took.
func (p *painter) cache(r Rect, c *resolution.Cache, more string) int {
	p.g.HLine(r.X, r.Y, r.W, "─", p.t.Border)
	x := p.g.TextCut(r.X+1, r.Y, " cache of "+c.Host+" ", r.W-2, p.t.Title)
	for _, s := range [...]struct {
		n    int
		what string
		st   view.Style
	}{{c.Hits, "hit", p.t.OK}, {c.Misses, "miss", p.t.Note}, {c.Forged, "FORGED", p.t.Error}, {c.Rejected, "rejected", p.t.Warn}} {
		if text := " " + strconv.Itoa(s.n) + " " + s.what + " "; s.n > 0 && x+view.Width(text) < r.X+r.W-view.Width(more)-2 {
			x = p.g.Text(x, r.Y, text, s.st)
		}
	}
	if more != "" {
		p.g.TextRight(r.X+r.W, r.Y, " "+more, p.t.Dim)
	}
	list := p.entries(c)
	n := 0
	if a := c.Last; !a.Hit && a.Name != "" && a.At >= p.sc.Start && c.Host == p.sc.HubName() && r.H > 2 && !slices.ContainsFunc(list, func(e *resolution.Entry) bool { return e.Name == a.Name && e.Type == a.Type }) {
		x := p.g.TextCut(r.X, r.Y+1, "miss    ", r.W, p.t.Note.Then(bold))
		p.g.TextCut(x, r.Y+1, a.Type+" "+a.Name+" is not here", r.X+r.W-x, p.t.Note)
		n++
	}
	if len(list) == 0 && n == 0 {
		p.g.TextCut(r.X, r.Y+1, "empty", r.W, p.t.Faint)
		return 2
	}
	for k, e := range list {
		if n >= r.H-1 {
			break
		}
		if n == r.H-2 && k < len(list)-1 && r.H > 3 {
			p.g.TextCut(r.X+8, r.Y+1+n, "and "+strconv.Itoa(len(list)-k)+" more", r.W-8, p.t.Faint)
			n++
			break
		}
		p.entry(Rect{r.X, r.Y + 1 + n, r.W, 1}, e)
		n++
	}
	return 1 + n
}

// entries are a cache's, those that this resolution has touched first, then the
// youngest first.
func (p *painter) entries(c *resolution.Cache) []*resolution.Entry {
	out := make([]*resolution.Entry, 0, len(c.Entries))
	for i := len(c.Entries) - 1; i >= 0; i-- {
		out = append(out, &c.Entries[i])
	}
	slices.SortStableFunc(out, func(a, b *resolution.Entry) int { return p.weight(b) - p.weight(a) })
	return out
}

func (p *painter) weight(e *resolution.Entry) int {
	switch {
	case e.Forged:
		return 3
	case e.Hit >= p.sc.Start && p.sc.Number > 0 && e.Hits > 0:
		return 2
	case e.From >= p.sc.Start && p.sc.Number > 0:
		return 1
	}
	return 0
}

// entry is a line of a cache.
func (p *painter) entry(r Rect, e *resolution.Entry) {
	word, st := "", p.t.Dim
	line := p.t.Text
	d := e.Left(p.sc.Now)
	switch w := p.weight(e); {
	case e.Forged:
		word, st, line = "FORGED", p.t.Error.Then(bold), p.t.Error
	case d <= 0:
		word, line = "expired", p.t.Faint
	case e.Stale:
		word, st, line = "stale", p.t.Warn.Then(bold), p.t.Warn
	case w == 2:
		word, st = "hit", p.t.OK.Then(bold)
	case w == 1:
		word, st = "new", p.t.Request
	case e.Negative():
		word = "none"
	}
	right := left(d)
	if d <= 0 {
		right = "0 s"
	}
	end := r.X + r.W
	p.g.TextRight(end, r.Y, right, line)
	end -= max(9, view.Width(right)) + 1
	if r.W >= 70 && e.Until > e.From {
		n := int(max(d, 0)/(e.Until-e.From).Seconds()*8 + 0.5)
		p.g.HLine(end-9, r.Y, 8, "─", p.t.Faint)
		p.g.HLine(end-9, r.Y, n, "━", p.t.Predicted)
		end -= 11
	}
	x := r.X
	if r.W >= 34 {
		p.g.Text(x, r.Y, word, st)
		x += 8
	} else if word != "" && word != "none" {
		p.g.Text(x, r.Y, word[:1], st)
		x += 2
	}
	value := strings.Join(e.Value, ", ")
	switch e.Sort {
	case "nodata":
		value = "no such record"
	case "nxdomain":
		value = "no such name"
	}
	if e.Secure {
		value += " (secure)"
	}
	x = p.g.TextCut(x, r.Y, view.Clean(e.Name+" "+e.Type+" "), end-x, p.t.Strong)
	if e.Forged || d <= 0 {
		p.g.TextCut(x, r.Y, view.Clean(value), end-x, line)
		return
	}
	p.g.TextCut(x, r.Y, view.Clean(value), end-x, line)
}
