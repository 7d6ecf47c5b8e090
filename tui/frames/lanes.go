package frames

import (
	"strconv"

	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// delivered is how much content of a stream could be given to the receiver by
// the playhead, and whether it is all.
func (q *painter) delivered(l *Lane) (n int64, done bool, at timeline.Time) {
	for _, i := range l.Blocks {
		b := &q.in.Blocks[i]
		if b.Dir != l.Content {
			continue
		}
		n += b.Delivered(q.at.Pos, q.got[b.Dir])
		if b.Closed <= q.at.Pos {
			at = max(at, b.Arrive)
			done = done || b.Ends || b.Resets
		}
	}
	if q.in.Nested && n < l.Size { // the end may come before what it ends
		done = false
	}
	return n, done, at
}

// whole is how much content a stream is going to carry, so far as its head
// says; else what it has carried.
func (l *Lane) whole() int64 {
	if l.Size > 0 {
		return l.Size
	}
	return l.sum[l.Content]
}

// name draws what stands beside a lane.
func (q *painter) name(l *Lane, n, y int, begun bool) {
	w := q.label - 1
	st := q.style(l).Then(bold)
	if !begun {
		st = q.t.Faint
	}
	x := 0
	if l.Letter != "" {
		x = q.g.TextCut(0, y, l.Letter, w, st) + 1
	}
	id := strconv.FormatInt(l.Stream, 10)
	text := ""
	switch {
	case l.Letter == "" && l.Stream == 0:
		text = "connection"
	case l.Letter == "":
		text = "no message"
	case l.Named <= q.at.Pos:
		text = l.Title
	}
	ts := q.t.Text
	if !begun {
		ts = q.t.Faint
	}
	if w-x >= len(id) {
		x = q.g.TextCut(x, y, id, w-x, q.t.Dim) + 1
	}
	q.g.TextCut(x, y, text, w-x, ts)
	if l.Letter == "" || !begun {
		return
	}
	got, done, at := q.delivered(l)
	if got == 0 && !done {
		return
	}
	if q.right > 0 {
		rx := q.label + q.p.W + 1
		rw := q.right - 1
		if done {
			q.g.TextRight(rx+rw, y, "✓ "+view.FormatTimeShort(at), q.t.OK)
		} else {
			q.g.TextRight(rx+rw, y, q.share(l, got), q.t.Text)
		}
		if q.k.Lane >= 2 {
			q.g.TextRight(rx+rw, y+1, clipTo(view.FormatSize(got), rw), q.t.Dim)
		}
	} else if q.k.Lane >= 2 {
		s := q.share(l, got)
		if done {
			s = "✓ " + view.FormatTimeShort(at)
		}
		q.g.TextCut(2, y+1, s, w-2, q.t.Dim)
	}
}

func (q *painter) share(l *Lane, got int64) string {
	if whole := l.Size; whole > 0 {
		return strconv.FormatInt(got*100/whole, 10) + " %"
	}
	return view.FormatSize(got)
}

func clipTo(s string, w int) string {
	if view.Width(s) > w {
		return ""
	}
	return s
}

// bars draw how much of a stream's content could be delivered, column by
// column: a staircase, flat while it waits.
func (q *painter) bars(l *Lane, y, h int, st view.Style) {
	whole := float64(l.whole())
	if whole <= 0 {
		return
	}
	heights := [...]string{"", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	put := func(x int, share float64) {
		n := clamp(int(share*float64(8*h)+0.999), 0, 8*h)
		for i := range h {
			if k := clamp(n-8*(h-1-i), 0, 8); k > 0 && x >= 0 && x < q.p.W {
				q.g.Set(q.label+x, y+i, heights[k], st)
			}
		}
	}
	if q.p.Order {
		q.barsInOrder(l, whole, put)
		return
	}
	i, sum := 0, 0.0
	for x := range min(q.p.Now+1, q.p.W) {
		t := min(q.p.Start+timeline.Time(float64(x+1)*q.p.PerCell), q.at.Time)
		for i < len(l.Blocks) {
			b := &q.in.Blocks[l.Blocks[i]]
			if b.Arrive < 0 || b.Arrive > t {
				break
			}
			if b.Dir == l.Content {
				sum += float64(b.Content)
			}
			i++
		}
		part := 0.0
		if i < len(l.Blocks) {
			if b := &q.in.Blocks[l.Blocks[i]]; b.Dir == l.Content && b.Closed <= q.seen {
				part = b.at(t)
			}
		}
		if sum >= whole && i >= len(l.Blocks) && part == 0 && q.full(l, x) {
			return
		}
		put(x, (sum+part)/whole)
	}
}

// full reports that a stream was complete before column x.
func (q *painter) full(l *Lane, x int) bool {
	last := &q.in.Blocks[l.Blocks[len(l.Blocks)-1]]
	return q.p.Start+timeline.Time(float64(x)*q.p.PerCell) > last.Arrive
}

// barsInOrder are bars frame by frame: each slot shows what had been delivered
// when its frame had, until the stream ends.
func (q *painter) barsInOrder(l *Lane, whole float64, put func(x int, share float64)) {
	sum, done, k := 0.0, false, 0
	take := func(until int) {
		for ; k < len(l.Blocks) && l.Blocks[k] <= until; k++ {
			if b := &q.in.Blocks[l.Blocks[k]]; b.Dir == l.Content && b.Closed <= q.at.Pos {
				sum += float64(b.Content)
				done = done || b.Ends
			}
		}
	}
	for i := range q.p.Runs {
		r := &q.p.Runs[i]
		take(r.Block - 1)
		if done {
			return
		}
		take(r.Block)
		if q.in.Blocks[r.Block].Closed > q.at.Pos {
			continue
		}
		for x := r.X; x < r.X+r.W; x++ {
			put(x, sum/whole)
		}
	}
}
