package resolver

import "netscope/tui/view"

// Layout says where a pane's parts are. A height or width of 0 leaves one out.
type Layout struct {
	W, H   int
	Tree   int   // width of the picture of servers
	Hub    int   // width of the boxes at the left
	Server int   // width of a server's box
	Top    int   // first line of the tree
	Rows   []Row // lines of it
	Boxed  bool  // servers have borders
	Tall   int   // lines of the hub's box
	Gap    int   // line of the arrows between client and hub
	Client int   // line of the client's box; -1 none
	Foot   int   // first line of the sentences below
	Cache  Rect
	Lists  bool // only the caches are shown
	Hidden int  // servers that find no room
}

// Row is the place of a server.
type Row struct {
	Server int
	Y, H   int // relative to the pane; H 1: one line
}

// Rect is a place.
type Rect struct{ X, Y, W, H int }

const (
	sideWidth = 132 // of a pane from which on the caches stand beside the tree
	clientBox = 3
)

// Divide gives the parts of a pane their places.
func Divide(w, h int, sc *Scene, lists bool) Layout {
	l := Layout{W: w, H: h, Tree: w, Top: 1, Client: -1}
	foot := 1
	if sc.Validates && h >= 12 {
		foot = 2
	}
	if h < 8 {
		foot = 0
	}
	l.Foot = h - foot
	if lists {
		l.Lists, l.Tree = true, 0
		l.Cache = Rect{0, 1, w, max(h-1-foot, 0)}
		return l
	}
	body := max(h-1-foot, 0)
	entries := sc.Remembers || sc.Count > 1 // … or what has been resolved
	side := w >= sideWidth && entries
	if side {
		l.Tree = w - max(w*2/5, 56) - 2
	}
	name := max(view.Width(sc.ClientName), view.Width(sc.LocalName))
	l.Hub = min(max(l.Tree*26/100, min(name+6, l.Tree*33/100), 13), 36)
	l.Server = min(max(l.Tree*36/100, 16), 46)
	below := 0 // lines for the client, and the caches beside it
	if sc.Local >= 0 {
		below = clientBox + 1
	}
	want := below
	if !side && entries && w >= 60 {
		want = max(want, 3+body/5)
	}
	l.stack(sc, body, below, want)
	if sc.Local >= 0 {
		l.Gap = l.Top + l.Tall
		l.Client = min(l.Gap+1, l.Foot-clientBox)
		if room := l.Foot - l.Gap - clientBox; room >= 3 {
			l.Client = l.Gap + 2
		}
	}
	switch {
	case side:
		l.Cache = Rect{l.Tree + 2, 1, w - l.Tree - 2, body}
	case entries:
		x := 0
		if l.Client >= 0 {
			x = l.Hub + 2
		}
		y := l.end() + 1
		if l.Client < 0 || w-x < 20 {
			x = 0
			if l.Client >= 0 {
				y = max(y, l.Client+clientBox)
			}
		}
		if l.Foot-y >= 2 {
			l.Cache = Rect{x, y, w - x, l.Foot - y}
		}
	}
	return l
}

// end is the line after the last server.
func (l *Layout) end() int {
	n := l.Top + l.Tall
	if k := len(l.Rows); k > 0 {
		n = max(n, l.Rows[k-1].Y+l.Rows[k-1].H)
	}
	return n
}

// shape is a way to draw the servers.
type shape struct {
	h, gap int
	boxed  bool
	idle   bool // those without a part have lines of their own
}

// stack gives every server its lines: as much as there is room for.
func (l *Layout) stack(sc *Scene, body, below, want int) {
	// Boxes for all that were ever asked if there is room, so that nothing jumps
	// from one resolution to the next; else for those of this one.
	big := func(v *Server) bool { return v.Used || v.Asked }
	used, asked := 0, 0
	for i := range sc.Servers {
		if sc.Servers[i].Used {
			used++
		}
		if big(&sc.Servers[i]) {
			asked++
		}
	}
	if n := len(sc.Servers); asked*3-1+n-asked <= body-below {
		used = asked
	} else {
		big = func(v *Server) bool { return v.Used }
	}
	idle := len(sc.Servers) - used
	fit := shape{h: 2}
	for k, try := range []shape{{5, 3, true, true}, {5, 2, true, true}, {4, 2, true, true}, {4, 1, true, true}, {2, 1, false, true}, {4, 1, true, false}, {2, 1, false, false}, {2, 0, false, false}} {
		n := used*(try.h+try.gap) - try.gap
		if try.idle {
			n += idle
		} else if idle > 0 {
			n++
		}
		room := body - want
		if k >= 4 { // tight: the caches may have less
			room = body - below
		}
		fit = try
		if n <= room {
			break
		}
	}
	if fit.idle && fit.boxed && used > 1 { // what is left over lies between them
		fit.gap = min(max(fit.gap, (body-want-idle-used*fit.h)/(used-1)), 6)
	}
	l.Boxed = fit.boxed
	y, bottom := l.Top, l.Top+max(body-below, 2)
	from := 0
	if n := used*(fit.h+fit.gap) - fit.gap; n > bottom-y && used > 0 { // scroll to the one that matters
		from = max(0, l.latest(sc, big)-(bottom-y)/(fit.h+fit.gap)+1)
	}
	seen := 0
	for i := range sc.Servers {
		v := &sc.Servers[i]
		h, gap := fit.h, fit.gap
		if !big(v) {
			if h, gap = 1, 0; !fit.idle {
				l.Hidden++
				continue
			}
		} else if seen++; seen <= from {
			l.Hidden++
			continue
		}
		if y+h > bottom {
			l.Hidden++
			continue
		}
		l.Rows = append(l.Rows, Row{i, y, h})
		y += h + gap
	}
	l.Tall = 4
	if k := len(l.Rows); k > 0 {
		last := l.Rows[k-1]
		for j := k - 1; j >= 0; j-- {
			if l.Rows[j].H > 1 {
				last = l.Rows[j]
				break
			}
		}
		l.Tall = max(l.Tall, last.Y+last.H-l.Top)
	}
	l.Tall = max(min(l.Tall, body-below), min(3, body))
}

// latest is the index, among the servers that have boxes, of the one of the selected
// message.
func (l *Layout) latest(sc *Scene, big func(*Server) bool) int {
	if sc.Selected < 0 {
		return 0
	}
	a, n := &sc.Arrows[sc.Selected], -1
	for i := range sc.Servers {
		if v := &sc.Servers[i]; big(v) {
			n++
			if v.Node == a.To || v.Node == a.From {
				return n
			}
		}
	}
	return 0
}
