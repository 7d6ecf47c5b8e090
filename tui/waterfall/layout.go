// Package waterfall draws a bar for every exchange, to scale: what it waited
// for and for how long. It serves labs, live interfaces and files alike; a
// lab's prediction and measurement stand below.
//
// The picture is computed as data by [Layout] from plain values.
package waterfall

import (
	"math"

	"netscope/decoders/timeline"
)

// Phase is what an exchange spends time on.
type Phase uint8

// The phases in order.
const (
	Queued  Phase = iota // wanted, but no connection was free for it
	Connect              // the connection was being set up for it
	Send                 // the request is on its way
	Wait                 // for the first byte of the response
	Content              // the response arrives
	phases
)

// String names the phase.
func (p Phase) String() string {
	return [...]string{"queued", "connect", "request", "wait", "content"}[p%phases]
}

// Glyph is how the phase is drawn: told apart without colour.
func (p Phase) Glyph() string { return [...]string{"·", "▒", "▬", "░", "█"}[p%phases] }

// Bar is an exchange.
type Bar struct {
	ID    timeline.MessageID
	Label string
	Group int // connection
	// Begin[p] is when phase p begins; it ends when the next begins. Phases
	// that do not apply have no length. End is the end of the last.
	Begin    [phases]timeline.Time
	End      timeline.Time
	Reached  int // phases that have begun by the playhead
	Done     bool
	Failed   bool
	Selected bool
	Mark     string        // how it differs from what it is compared with: "≠", "◆"
	Other    timeline.Time // when it ended there, if at another time
}

// Start is when the bar begins.
func (b *Bar) Start() timeline.Time { return b.Begin[0] }

// Input is all that a picture is made of. Bars are those that are visible.
type Input struct {
	Bars     []Bar
	From, To timeline.Time // of the axis
	Now      timeline.Time
	Letters  bool
}

// Chart is the picture as data.
type Chart struct {
	Label, Time int // widths of the columns beside the bars
	X, W        int // the bars' columns
	Ticks       []Tick
	Decimals    int
	Now         int // column of the playhead
	Rows        []Row
}

// Tick is a time on the axis.
type Tick struct {
	X    int
	Time timeline.Time
}

// Row is a bar in cells.
type Row struct {
	Bar   *Bar
	Runs  []Run
	Other int // column of Bar.Other; 0: none
}

// Run is a run of one phase.
type Run struct {
	X, W  int
	Phase Phase
}

// Layout computes the picture for w cells.
func Layout(in *Input, w int) Chart {
	c := Chart{}
	switch {
	case w >= 100:
		c.Label, c.Time = 28, 9
	case w >= 60:
		c.Label, c.Time = 18, 8
	case w >= 34:
		c.Label, c.Time = 10, 7
	case w >= 20:
		c.Label = 8
	}
	c.X = c.Label
	if c.Label > 0 {
		c.X++
	}
	c.W = w - c.X
	if c.Time > 0 {
		c.W -= c.Time + 1
	}
	if c.W < 1 {
		c.W = 0
		return c
	}
	span := in.To - in.From
	if span <= 0 {
		span = 1
	}
	at := func(t timeline.Time) float64 { return float64(t-in.From) / float64(span) * float64(c.W) }
	c.ticks(in, span)
	c.Now = c.X + clamp(int(math.Floor(at(in.Now))), 0, c.W)
	for i := range in.Bars {
		b := &in.Bars[i]
		r := Row{Bar: b, Runs: runs(b, c.X, c.W, at)}
		if b.Other > 0 && b.Done && c.W > 0 {
			r.Other = c.X + clamp(int(math.Round(at(b.Other)))-1, 0, c.W-1)
		}
		c.Rows = append(c.Rows, r)
	}
	return c
}

// runs cuts a bar into cells: a cell shows the phase at its middle, and a
// phase that has any content keeps one cell.
func runs(b *Bar, x, w int, at func(timeline.Time) float64) []Run {
	var out []Run
	for p := range Phase(b.Reached) {
		from, to := b.Begin[p], b.End
		if int(p)+1 < b.Reached {
			to = b.Begin[p+1]
		}
		if to <= from && (p != Content || !b.Done) {
			continue
		}
		lo := clamp(int(math.Round(at(from))), 0, w)
		hi := clamp(int(math.Round(at(to))), 0, w)
		if p == Content && hi <= lo {
			lo = clamp(lo, 0, w-1)
			hi = lo + 1
		}
		if hi > lo {
			out = append(out, Run{x + lo, hi - lo, p})
		}
	}
	return out
}

// ticks chooses round times about every twelve cells.
func (c *Chart) ticks(in *Input, span timeline.Time) {
	want := float64(span) / max(float64(c.W)/12, 1)
	step := math.Pow(10, math.Floor(math.Log10(max(want, 1))))
	for _, m := range []float64{1, 2, 5, 10} {
		if step*m >= want {
			step *= m
			break
		}
	}
	d := timeline.Time(max(step, 1))
	c.Decimals = clamp(int(math.Ceil(9-math.Log10(step)-1e-9)), 0, 6)
	for t := (in.From + d - 1) / d * d; t <= in.To; t += d {
		x := c.X + int(float64(t-in.From)/float64(span)*float64(c.W))
		if x >= c.X+c.W {
			break
		}
		c.Ticks = append(c.Ticks, Tick{x, t})
		if len(c.Ticks) > 64 {
			break
		}
	}
}

func clamp(x, lo, hi int) int { return max(lo, min(hi, x)) }
