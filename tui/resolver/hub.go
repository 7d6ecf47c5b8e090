package resolver

import (
	"strings"

	"netscope/tui/view"
)

// hub is whoever asks the servers, and below it the client.
func (p *painter) hub() {
	sc, l := p.sc, &p.l
	if sc.Client < 0 {
		return
	}
	at := Rect{0, l.Top, l.Hub, l.Tall}
	title, state, waits, role := sc.LocalName, sc.LocalState, sc.LocalWaits, "local DNS server"
	if sc.Local < 0 {
		title, state, waits, role = sc.ClientName, sc.ClientState, sc.ClientWaits, "asks the servers itself"
	}
	p.box(at, title, "", p.face(waits), true)
	if at.H < 3 {
		return
	}
	st := p.t.Text
	if waits {
		st = p.t.Warn
	}
	y := at.Y + 1
	put := func(s string, st view.Style) {
		for _, line := range words(s, at.W-4) {
			if y < at.Y+at.H-1 {
				p.g.TextCut(2, y, line, at.W-4, st)
				y++
			}
		}
	}
	if at.W < 16 && sc.Local >= 0 {
		role = "local"
	}
	put(role, p.t.Dim)
	if sc.Local >= 0 && sc.LocalLine != "" {
		ls := p.t.Text
		switch sc.LocalLine {
		case "cache hit":
			ls = p.t.OK.Then(bold)
		case "cache miss":
			ls = p.t.Note
		}
		put(sc.LocalLine, ls)
	}
	if state != "" {
		if w := at.W - 4; strings.HasPrefix(state, "has ") && view.Width(title) > w-2 {
			state = brief(state, w)
		}
		put(state, st)
	}
	if l.Client < 0 {
		return
	}
	p.box(Rect{0, l.Client, l.Hub, clientBox}, sc.ClientName, "", p.face(sc.ClientWaits), true)
	st = p.t.Text
	if sc.ClientWaits {
		st = p.t.Warn
	}
	p.g.TextCut(2, l.Client+1, or(sc.ClientState, "client"), l.Hub-4, st)
	p.besides(l.Client + clientBox)
}

// besides says who else there is, and who of them waits, if there is room.
func (p *painter) besides(y int) {
	sc, l := p.sc, &p.l
	end := l.Foot
	if l.Cache.H > 0 && l.Cache.X < l.Hub {
		end = min(end, l.Cache.Y)
	}
	if len(sc.Others) == 0 || end-y < 2 {
		return
	}
	for _, s := range view.Wrap("also here: "+strings.Join(sc.Others, ", "), l.Hub) {
		if y < end {
			p.g.TextCut(0, y, s, l.Hub, p.t.Dim)
			y++
		}
	}
	for _, s := range sc.Waits {
		if y < end {
			p.g.TextCut(0, y, s, l.Hub, p.t.Warn)
			y++
		}
	}
}
