package swarm

// Layout says which lines and columns of a pane show what. A height of 0 leaves
// a part out.
type Layout struct {
	W, H    int
	Label   int // width of the column of names
	Right   int // width of the columns right of the pieces
	Rows    int // peers in sight in each matrix
	Pieces  int // line at which the matrix of pieces begins; its first line is the rarity
	Chokes  int // line at which the matrix of chokes begins; its first line names the columns
	Cell    int // width of a cell of the matrix of chokes
	Cols    int // cells in sight
	Ranks   int // width of the ranking beside it
	Detail  int // lines about the peer that is followed
	Log     int // lines of sentences
	Legend  bool
	OnlyOne bool // no room for the matrix of chokes
}

// Divide gives the parts of a pane of w by h their places, for n peers.
func Divide(w, h, n int, followed bool) Layout {
	l := Layout{W: w, H: h, Pieces: 1}
	switch {
	case w >= 150:
		l.Label, l.Right = 26, 32
	case w >= 100:
		l.Label, l.Right = 20, 29
	case w >= 70:
		l.Label, l.Right = 16, 19
	case w >= 40:
		l.Label, l.Right = 10, 5
	default:
		l.Label, l.Right = min(4, w), 0
	}
	left := h - 1
	if h >= 16 {
		l.Legend = true
		left--
	}
	if followed && h >= 18 {
		l.Detail = 3
	}
	left -= l.Detail
	l.Log = min(max(3, left/4), max(0, left-4))
	if h < 10 {
		l.Log = min(2, max(0, left-3))
	}
	left -= l.Log
	l.Rows = min(n, (left-3)/2)
	if l.OnlyOne = l.Rows < 2 && n >= 2 || l.Rows < 1; l.OnlyOne {
		l.Rows = max(min(n, left-1), 0)
		l.Log = max(h-1-l.Rows-1-l.Detail-one(l.Legend), 0)
		return l
	}
	l.Chokes = l.Pieces + 1 + l.Rows + 1
	l.Log = max(h-l.Chokes-1-l.Rows-l.Detail-one(l.Legend), 0)
	l.columns(n)
	return l
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// columns gives the matrix of chokes and the ranking their widths.
func (l *Layout) columns(n int) {
	room := l.W - l.Label
	least := 0
	switch {
	case room >= 90:
		least = 38
	case room >= 48:
		least = 26
	}
	if n > 24 && room < 120 {
		least = min(least, 18)
	}
	l.Cell = min(max((room-least)/max(n, 1), 1), 7)
	if l.Cell < 4 { // no room for a rate
		l.Cell = min(l.Cell, 2)
	}
	l.Cols = min(n, (room-least)/l.Cell)
	l.Ranks = room - l.Cols*l.Cell
	if l.Ranks < 12 {
		l.Ranks = 0
		l.Cols = min(n, room/max(l.Cell, 1))
	}
}

// Spread gives cell number i of w its pieces of n: from lo up to hi. With more
// cells than pieces a piece has several.
func Spread(i, w, n int) (lo, hi int) {
	if w <= 0 || n <= 0 {
		return 0, 0
	}
	lo, hi = i*n/w, (i+1)*n/w
	if hi == lo {
		hi = lo + 1
	}
	return lo, min(hi, n)
}

// Window is the first of n rows to show so that the selected one is among the
// rows in sight.
func Window(first, selected, n, rows int) int {
	if selected >= 0 {
		if selected < first {
			first = selected
		}
		if selected >= first+rows {
			first = selected - rows + 1
		}
	}
	return max(0, min(first, n-rows))
}
