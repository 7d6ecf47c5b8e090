package swarm

// Layout says which lines and columns of a pane show what. A height or width of
// 0 leaves a part out.
type Layout struct {
	W, H    int
	Label   int // width of the column of names
	PieceW  int // width of the matrix of pieces, which follows
	Right   int // width of the columns right of the pieces
	Rows    int // peers in sight in each matrix
	Pieces  int // line at which the matrix of pieces begins; its first line is the rarity
	Chokes  int // line at which the matrix of chokes begins; its first line names the columns
	ChokeX  int // its first column
	Cell    int // width of a cell of the matrix of chokes
	Cols    int // cells in sight
	Ranks   int // width of the ranking beside it
	Detail  int // lines about the peer that is followed
	Log     int // lines of sentences
	Legend  bool
	Foot    bool // what keys do, or if there is no Legend line, that too
	Beside  bool // both matrices share their lines
	OnlyOne bool // no room for the matrix of chokes
}

const (
	rankWide   = 41 // five peers with their rates, and the round
	rankNarrow = 18 // … without rates
	besideFrom = 52 // width
)

// Divide gives the parts of a pane of w by h their places, for n peers.
func Divide(w, h, n int, followed bool) Layout {
	l := Layout{W: w, H: h, Pieces: 1, Foot: h >= 12, Legend: h >= 26}
	if followed && h >= 16 {
		l.Detail = 2
	}
	left := h - 1 - l.Detail - one(l.Foot) - one(l.Legend)
	if w >= besideFrom && n >= 2 && h >= 8 && left < 2*n+3+6 {
		l.beside(left, n)
		return l
	}
	switch {
	case w >= 150:
		l.Label, l.Right = 18, 19
	case w >= 100:
		l.Label, l.Right = 14, 19
	case w >= 70:
		l.Label, l.Right = 12, 19
	case w >= 40:
		l.Label, l.Right = 10, 5
	default:
		l.Label, l.Right = min(4, w), 0
	}
	l.PieceW, l.ChokeX = max(w-l.Label-l.Right, 0), l.Label
	l.Log = min(max(3, left/4), max(0, left-4))
	if h < 10 {
		l.Log = min(2, max(0, left-3))
	}
	l.Rows = min(n, (left-l.Log-3)/2)
	if l.OnlyOne = l.Rows < 2 && n >= 2 || l.Rows < 1; l.OnlyOne {
		l.Rows = max(min(n, left-l.Log-1), 0)
		l.Log = max(left-l.Rows-1, 0)
		return l
	}
	l.Chokes = l.Pieces + 1 + l.Rows + 1
	l.Log = max(left-2*l.Rows-3, 0)
	l.columns(w-l.Label, n)
	return l
}

// beside puts both matrices into the same lines, so that a peer needs one only.
func (l *Layout) beside(left, n int) {
	l.Beside, l.Chokes = true, l.Pieces
	switch {
	case l.W >= 150:
		l.Label, l.Right = 16, 18
	case l.W >= 100:
		l.Label, l.Right = 12, 18
	default:
		l.Label, l.Right = 10, 6
	}
	l.Log = 3
	if l.H < 12 {
		l.Log = 2
	}
	l.Rows = max(min(n, left-1-l.Log), 1)
	l.Log = max(left-1-l.Rows, 0)
	l.columns(l.W-l.Label-l.Right, n)
	l.PieceW = l.W - l.Label - l.Right - l.Cols*l.Cell - l.Ranks
	l.ChokeX = l.Label + l.PieceW + l.Right
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// columns gives the matrix of chokes and the ranking their widths. Beside the
// pieces these get what is left, but something.
func (l *Layout) columns(room, n int) {
	pieces := 0
	if l.Beside {
		pieces = min(16, room/4)
	}
	widest := 10
	switch {
	case l.Beside && room >= 160:
		widest = 6 // a rate
	case l.Beside:
		widest = 2
	}
	l.Ranks = 0
	switch n := max(n, 1); {
	case room-pieces-rankWide >= 2*min(n, 24):
		l.Ranks = rankWide
	case room-pieces-rankNarrow >= min(n, 24):
		l.Ranks = rankNarrow
	}
	room -= pieces
	l.Cell = min(max((room-l.Ranks)/max(n, 1), 1), widest)
	if l.Cell < 4 { // no room for a rate
		l.Cell = min(l.Cell, 2)
	}
	l.Cols = max(min(n, (room-l.Ranks)/l.Cell), 0)
	if !l.Beside {
		l.Ranks = room - l.Cols*l.Cell
		if l.Ranks < 12 {
			l.Ranks = 0
			l.Cols = min(n, room/l.Cell)
		}
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
