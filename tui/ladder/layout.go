package ladder

import (
	"math"

	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// Diagram is the picture as data, in cells of the whole pane.
type Diagram struct {
	W, H      int
	Head      int // rows of the header
	Axis      int // columns of the time axis, 0: none
	Decimals  int // of the times on the axis
	Lifelines []Lifeline
	Ticks     []Tick
	Lines     []Line
	Bands     []Band
	Labels    []Label
	Pauses    []Pause
	Brackets  []Bracket
	Now       int // row of the playhead, may be outside
	Top       int // first row of the picture that is shown
	Rows      int // rows that the whole picture would take
	Earlier   bool
}

// Lifeline is a host.
type Lifeline struct {
	X          int
	Name, Addr string
}

// Tick is a time on the axis.
type Tick struct {
	Row      int
	Time     timeline.Time
	Happened bool
}

// Line is a slanted line from (X0, Y0) to (X1, Y1). A Y is the upper edge of
// its row; X0 and X1 are the first and the last column drawn.
type Line struct {
	X0, X1, Y0, Y1 int
	Arrow          int // index into Input.Arrows
	Head           bool
	Flat           bool // no slant: it takes no time that could be seen
	Selected       bool
	Cut            bool // lost: ends halfway in a cross
}

// Band is the area between two slanted lines: from Y0 to Y0End on one side,
// from Y1 to Y1End on the other.
type Band struct {
	X0, X1                 int
	Y0, Y0End, Y1, Y1End   int
	Arrow                  int
	Filled, Open, Selected bool
}

// Label is what is written on an arrow. The line it belongs to gives the
// places where it may stand.
type Label struct {
	Text     string
	Arrow    int
	Line     Line // the centre line
	Rank     int  // the higher, the sooner it gets a place
	Selected bool
}

// Pause is time that was cut out.
type Pause struct {
	Row  int
	Text string
}

// Bracket marks a duration at the side of a lifeline.
type Bracket struct {
	X, Top, Bottom int
	Text, Value    string
}

// Layout computes the picture for a pane of w×h cells.
func Layout(in Input, w, h int) Diagram {
	d := Diagram{W: w, H: h, Earlier: in.Earlier}
	d.Head = 1
	if h >= 14 {
		d.Head = 2
	}
	rows := h - d.Head
	if w < 12 || rows < 1 || len(in.Hosts) == 0 {
		d.Head = min(d.Head, max(h, 0))
		return d
	}
	a := newAxis(&in, max(8, rows/2), max(4, rows/3))
	d.columns(&in, w)
	d.window(a, &in, rows)
	d.Rows = a.end
	for _, t := range a.ticks {
		if y := t.y - d.Top; y >= 0 && y < rows {
			d.Ticks = append(d.Ticks, Tick{y + d.Head, t.at, t.happened})
		}
	}
	for _, p := range a.pauses {
		if y := p.y - d.Top; y >= 0 && y < rows {
			d.Pauses = append(d.Pauses, Pause{y + d.Head, view.FormatSpan(p.time)})
		}
	}
	d.arrows(a, &in, rows)
	d.brackets(a, &in, rows)
	d.Now = a.now - d.Top + d.Head
	return d
}

// columns places the axis and the lifelines.
func (d *Diagram) columns(in *Input, w int) {
	d.Decimals = min(6, max(3, int(math.Ceil(-math.Log10(float64(max(in.PerRow, 1))/1e9)))))
	tw := d.Decimals + 2
	for s := max(in.Now.Seconds(), 0); s >= 10; s /= 10 {
		tw++
	}
	left := 1
	if w >= 30 {
		d.Axis = tw
		left = tw + 2
	}
	right := w - 2
	if w >= 60 {
		right = w - 6
		left++
	}
	n := len(in.Hosts)
	for i, h := range in.Hosts {
		x := (left + right) / 2
		if n > 1 {
			x = left + (right-left)*i/(n-1)
		}
		d.Lifelines = append(d.Lifelines, Lifeline{x, h.Name, h.Addr})
	}
}

// window chooses the rows that are shown: the playhead stays in the upper four
// fifths, so that what is in flight is seen to its arrival.
func (d *Diagram) window(a *axis, in *Input, rows int) {
	keep := max(2, rows/5)
	d.Top = max(0, a.now-(rows-1-keep))
	if a.end <= d.Top+rows-keep { // nothing is in flight far below
		d.Top = max(0, min(d.Top, a.end+keep/2-rows))
	}
	if in.HasSel {
		for i := range in.Arrows {
			if in.Arrows[i].ID == in.Selected {
				p := a.place[i]
				switch bottom := max(p.in, p.inEnd); {
				case bottom <= d.Top: // all of it is above the window
					d.Top = max(0, p.out-1)
				case p.out >= d.Top+rows:
					d.Top = p.out - rows + 2
				}
			}
		}
	}
	d.Top = max(0, d.Top-in.Scroll)
}

// arrows makes lines, bands and labels of what touches the window.
func (d *Diagram) arrows(a *axis, in *Input, rows int) {
	lo, hi := d.Top, d.Top+rows
	for i := range in.Arrows {
		w, p := &in.Arrows[i], a.place[i]
		lead := p.burst == i
		sel := in.HasSel && w.ID == in.Selected
		if !lead && !sel || w.From == w.To || w.From >= len(d.Lifelines) || w.To >= len(d.Lifelines) {
			continue
		}
		bottom := max(p.in, p.inEnd)
		y0End, y1End := p.outEnd, p.inEnd
		if lead && p.count > 1 {
			l := a.place[p.last]
			y0End, y1End = l.out, l.in
			bottom = max(bottom, l.in)
		}
		if w.Open {
			bottom = max(bottom, a.now)
		}
		if p.out >= hi || bottom < lo {
			continue
		}
		x0, x1 := d.ends(w)
		off := d.Head - d.Top
		ln := Line{X0: x0, X1: x1, Y0: p.out + off, Y1: p.in + off, Arrow: i, Head: true,
			Flat: w.In <= w.Out, Selected: sel, Cut: w.Lost}
		b := Band{X0: x0, X1: x1, Y0: ln.Y0, Y1: ln.Y1, Y0End: y0End + off, Y1End: y1End + off, Arrow: i,
			Filled: w.band() || w.Kind != Ack, Open: w.Open, Selected: sel}
		mid := ln
		switch {
		case w.band():
			if w.Open {
				b.Y0End, b.Y1End = a.now+off, a.now+off
			}
			d.Bands = append(d.Bands, b)
			ln.Head = false
			d.Lines = append(d.Lines, ln)
			if !w.Open {
				end := Line{X0: x0, X1: x1, Y0: b.Y0End, Y1: b.Y1End, Arrow: i, Head: true, Selected: sel, Flat: w.InEnd <= w.OutEnd}
				d.Lines = append(d.Lines, end)
			}
			mid.Y0, mid.Y1 = (b.Y0+b.Y0End)/2, (b.Y1+b.Y1End)/2
			if b.Y1End-b.Y1 == 1 && b.Y0End-b.Y0 == 1 {
				mid.Y0, mid.Y1 = b.Y0, b.Y1
			}
		case lead && p.count > 1:
			d.Bands = append(d.Bands, b)
			d.Lines = append(d.Lines, ln)
			if y0End > p.out || y1End > p.in {
				end := Line{X0: x0, X1: x1, Y0: b.Y0End, Y1: b.Y1End, Arrow: p.last, Head: true}
				d.Lines = append(d.Lines, end)
			}
			mid.Y0, mid.Y1 = (b.Y0+b.Y0End)/2, (b.Y1+b.Y1End)/2
		default:
			d.Lines = append(d.Lines, ln)
		}
		if lead {
			d.label(in, i, p.count, mid)
		}
	}
}

// ends are the first and last column between two lifelines.
func (d *Diagram) ends(w *Arrow) (x0, x1 int) {
	x0, x1 = d.Lifelines[w.From].X, d.Lifelines[w.To].X
	if x0 < x1 {
		return x0 + 1, x1 - 1
	}
	return x0 - 1, x1 + 1
}

func (d *Diagram) label(in *Input, i, count int, mid Line) {
	w := &in.Arrows[i]
	text := w.Label
	if count > 1 {
		text = w.Unit + " ×" + view.FormatCount(int64(count))
	}
	rank := int(w.Kind)
	if w.Kind == Data {
		rank = 2 // above acknowledgements
	}
	if w.Lost || w.Again {
		rank += 6
	}
	if mid.Selected {
		rank += 20
	}
	d.Labels = append(d.Labels, Label{text, i, mid, rank, mid.Selected})
}

// brackets places the marked durations beside the lifeline that waits, as far
// as they do not overlap.
func (d *Diagram) brackets(a *axis, in *Input, rows int) {
	if len(in.Spans) == 0 || d.Axis == 0 {
		return
	}
	at := map[uint64]int{}
	for i := range in.Arrows {
		at[in.Arrows[i].ID] = i
	}
	free := -1
	for _, s := range in.Spans {
		i, ok1 := at[s.From]
		j, ok2 := at[s.To]
		if !ok1 || !ok2 || in.Arrows[i].From != 0 || !in.Arrows[j].Here {
			continue
		}
		top, bottom := a.place[i].out-d.Top, a.place[j].in-1-d.Top
		if top < free || bottom < 0 || top >= rows || bottom-top < 2 {
			continue
		}
		free = bottom + 1
		d.Brackets = append(d.Brackets, Bracket{d.Lifelines[0].X - 1, top + d.Head, bottom + d.Head, s.Text, view.FormatSpan(s.Time)})
	}
}
