package frames

import (
	"math"
	"strconv"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
	"netscope/tui/why"
)

const (
	reverse = view.Style("\x1b[7m")
	bold    = view.Style("\x1b[1m")
	under   = view.Style("\x1b[4m")
)

// painter draws a picture.
type painter struct {
	g     *grid.Grid
	t     *view.Theme
	in    *Input
	p     *Picture
	at    Place
	k     Heights
	label int               // width of the column of names
	right int               // width of the column of progress
	got   [2]int64          // bytes delivered in order by the playhead
	seen  timeline.Position // end of what is known
	names [2]string         // who receives what is sent from A, from B
	first int               // first lane that is seen
	why   why.Reason
	lanes []int // lanes in order of the screen

	differs view.Differ // nil: there is nothing to compare with
}

// mark is how a frame differs from what it is compared with, "" if not at all.
func (q *painter) mark(b *Block) string {
	if q.differs == nil {
		return ""
	}
	return q.differs.Message(b.ID).Kind.Glyph()
}

// columns are the widths of the columns beside the axis.
func columns(w int) (label, right int) {
	switch {
	case w >= 150:
		return 26, 16
	case w >= 100:
		return 20, 14
	case w >= 70:
		return 15, 9
	case w >= 48:
		return 13, 0
	case w >= 44:
		return 11, 0
	case w >= 24:
		return 5, 0
	}
	return 0, 0
}

func (q *painter) style(l *Lane) view.Style {
	if l.Letter == "" {
		return q.t.Dim
	}
	return q.t.SeriesStyle(l.Series)
}

// face is the style of a block: filled if the side that opened the connection
// receives it, else not; the selected one in the strongest colour.
func (q *painter) face(b *Block, i int) view.Style {
	st := q.style(&q.in.Lanes[b.Lane])
	if i == q.at.Select {
		st = q.t.Strong.Then(bold)
	}
	if b.Dir == decoders.BtoA {
		return st.Then(reverse)
	}
	return st.Then(bold).Then(under)
}

// block draws a run with a text in its cells.
func (q *painter) block(r *Run, y int, text string) {
	b := &q.in.Blocks[r.Block]
	st := q.face(b, r.Block)
	x0 := q.label
	w := r.W
	if q.p.Order && b.Closed > q.at.Pos { // on its way
		q.g.HLine(x0+max(r.X, 0), y, min(r.X+w, q.p.W)-max(r.X, 0), "░", q.style(&q.in.Lanes[b.Lane]))
		q.clip(r.X, y, text[:min(1, len(text))], 1, q.style(&q.in.Lanes[b.Lane]).Then(bold))
		return
	}
	edge := w > 1 && (!r.Growing || q.p.Order)
	for i := range w {
		ch := " "
		if i < len(text) {
			ch = text[i : i+1]
		}
		s := st
		if edge && i == w-1 {
			if b.Dir == decoders.BtoA {
				ch, s = "▉", q.plain(b, r.Block)
			} else {
				ch, s = " ", ""
			}
		}
		if x := r.X + i; x >= 0 && x < q.p.W {
			q.g.Set(x0+x, y, ch, s)
		}
	}
}

func (q *painter) plain(b *Block, i int) view.Style {
	if i == q.at.Select {
		return q.t.Strong
	}
	return q.style(&q.in.Lanes[b.Lane])
}

// clip draws ASCII text inside the axis.
func (q *painter) clip(x, y int, s string, w int, st view.Style) {
	for i := 0; i < len(s) && i < w; i++ {
		if x+i >= 0 && x+i < q.p.W {
			q.g.Set(q.label+x+i, y, s[i:i+1], st)
		}
	}
}

func (q *painter) axis(y int) {
	q.g.TextCut(0, y, map[bool]string{true: "in order", false: "s"}[q.p.Order], q.label-1, q.t.Faint)
	if q.p.Order {
		every := 0
		for i := range q.p.Runs {
			r := &q.p.Runs[i]
			if r.X < every || r.X < 0 {
				continue
			}
			s := "╷" + strconv.Itoa(r.Block+1)
			if r.X+view.Width(s) > q.p.W {
				break
			}
			q.g.Text(q.label+r.X, y, s, q.t.Faint)
			every = r.X + 10
		}
	} else {
		q.ticks(y)
	}
	for _, r := range q.p.Runs {
		if r.Block == q.at.Select && r.X+r.W > 0 { // the selection is told without colour, too
			q.g.Set(q.label+clamp(r.X, 0, q.p.W-1), y, "◆", q.t.Strong)
		}
	}
	if q.label > 0 && q.p.Now <= q.p.W && q.label+q.p.Now < q.g.W {
		q.g.Set(q.label+q.p.Now, y, "▼", q.t.Title)
	}
}

// ticks are round times about every twelve cells.
func (q *painter) ticks(y int) {
	want := q.p.PerCell * 12
	step := math.Pow(10, math.Floor(math.Log10(max(want, 1))))
	for _, m := range []float64{1, 2, 5, 10} {
		if step*m >= want {
			step *= m
			break
		}
	}
	d := timeline.Time(max(step, 1))
	dec := clamp(int(math.Ceil(9-math.Log10(float64(d))-1e-9)), 0, 9)
	for t := (q.p.Start + d - 1) / d * d; ; t += d {
		x := int(float64(t-q.p.Start) / q.p.PerCell)
		s := "╷" + strconv.FormatFloat(t.Seconds(), 'f', dec, 64)
		if x+view.Width(s) > q.p.W {
			return
		}
		q.g.Text(q.label+x, y, s, q.t.Faint)
	}
}

// links draw the wire: the blocks in the order in which they occupy it.
func (q *painter) links(y int) {
	for i := range q.k.Links {
		d := decoders.Dir(1 - i)
		if q.k.Links == 1 {
			q.g.TextCut(0, y, "link", q.label-1, q.t.Text)
		} else {
			q.g.TextCut(0, y+i, "→ "+q.names[d], q.label-1, q.t.Text)
		}
		if !q.p.Order {
			q.g.HLine(q.label, y+i, min(q.p.Now, q.p.W), "·", q.t.Faint)
		}
	}
	rows := [2]int{y, y}
	if q.k.Links > 1 {
		rows[decoders.AtoB]++
	}
	for _, d := range [...]decoders.Dir{decoders.BtoA, decoders.AtoB} {
		q.row(rows[d], func(b *Block) bool { return b.Dir == d && q.in.onLink(b) }, func(b *Block, _ int) string {
			l := &q.in.Lanes[b.Lane]
			if m := q.mark(b); m != "" {
				return m
			}
			if l.Letter == "" {
				return strconv.FormatInt(l.Stream, 10)
			}
			return l.Letter
		})
	}
}

// row draws the blocks that are wanted into line y. Where several share a cell
// the longest gives the colour, and a plus says that there are more.
func (q *painter) row(y int, want func(*Block) bool, text func(b *Block, w int) string) {
	var lead *Run
	shared := false
	flush := func() {
		if lead == nil {
			return
		}
		s := text(&q.in.Blocks[lead.Block], lead.W)
		if shared && lead.Block != q.at.Select && lead.W == 1 {
			s = "+"
		}
		q.block(lead, y, s)
	}
	for i := range q.p.Runs {
		r := &q.p.Runs[i]
		b := &q.in.Blocks[r.Block]
		if !want(b) {
			continue
		}
		if lead != nil && lead.X == r.X {
			l := &q.in.Blocks[lead.Block]
			shared = shared || l.Lane != b.Lane || l.Letter != b.Letter
			if r.Block == q.at.Select || lead.Block != q.at.Select && b.Total >= l.Total {
				lead = r
			}
			continue
		}
		flush()
		lead, shared = r, false
	}
	flush()
}

// lane draws a stream from line y on.
func (q *painter) lane(n, y int) {
	l := &q.in.Lanes[n]
	begun := l.Begun <= q.at.Pos
	st := q.style(l)
	if q.label > 0 {
		q.name(l, n, y, begun)
	}
	h := q.height(n)
	rows, bars := [2]int{y, y}, 0
	switch {
	case l.Letter == "":
		rows[decoders.BtoA] = y + h - 1
	case h == 2:
		bars = 1
	case h > 2:
		rows[decoders.BtoA], bars = y+1, max(1, h-3)
	}
	if begun && !q.p.Order {
		for _, r := range rows {
			q.g.HLine(q.label, r, min(q.p.Now, q.p.W), "─", q.t.Faint)
		}
	}
	if !q.p.Order { // what is on its way lies under what leaves
		for i := range q.p.Runs {
			if b := &q.in.Blocks[q.p.Runs[i].Block]; b.Lane == n && q.in.onLane(b) {
				q.tail(&q.p.Runs[i], rows[b.Dir], st)
			}
		}
	}
	for _, d := range [...]decoders.Dir{decoders.BtoA, decoders.AtoB} {
		q.row(rows[d], func(b *Block) bool { return b.Lane == n && b.Dir == d && q.in.onLane(b) }, q.text)
	}
	q.stalls(l, rows)
	q.endMark(l, rows)
	if bars > 0 && begun && l.sum != [2]int64{} {
		q.bars(l, rows[decoders.BtoA]+1, bars, st)
	}
}

// height is how many lines a lane takes.
func (q *painter) height(n int) int {
	if q.in.Lanes[n].Letter == "" {
		return q.k.Control
	}
	return q.k.Lane
}

// text stands in a block: what kind of frame, and how long if there is room.
func (q *painter) text(b *Block, w int) string {
	if b.Content > 0 && w >= 6 {
		return b.Letter + " " + short(b.Content)
	}
	return b.Letter
}

// short writes a number of bytes in four cells at most.
func short(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10)
	case n < 999_500:
		return strconv.FormatInt((n+500)/1000, 10) + "k"
	}
	return strconv.FormatInt((n+500_000)/1_000_000, 10) + "M"
}

// tail draws what is on its way, and what waits at the receiver behind a hole.
func (q *painter) tail(r *Run, y int, st view.Style) {
	for x := max(r.X+r.W, 0); x < min(r.Tail, q.p.W); x++ {
		if r.Hold > 0 && x >= r.Hold {
			q.g.Set(q.label+x, y, "▒", q.t.Lost)
		} else {
			q.g.Set(q.label+x, y, "░", st)
		}
	}
}

// endMark says where a sender has ended the stream.
func (q *painter) endMark(l *Lane, rows [2]int) {
	for i := range q.p.Runs {
		r := &q.p.Runs[i]
		b := &q.in.Blocks[r.Block]
		if &q.in.Lanes[b.Lane] != l || b.Closed > q.at.Pos || !b.Ends && !b.Resets {
			continue
		}
		mark, st := "┤", q.t.OK
		if b.Resets {
			mark, st = "✗", q.t.Error
		}
		x := r.X + r.W
		if !q.p.Order {
			x = max(x, r.Tail)
		}
		if x >= 0 && x < q.p.W {
			if c := q.g.At(q.label+x, rows[b.Dir]); c != nil && (c.Text == "" || c.Text == "─" || c.Text == " ") {
				q.g.Set(q.label+x, rows[b.Dir], mark, st.Then(bold))
			}
		}
	}
}
