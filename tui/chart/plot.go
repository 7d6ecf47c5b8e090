package chart

import (
	"cmp"
	"math"
	"slices"
)

// Plot is a diagram as data.
type Plot struct {
	Title        string
	XName, XUnit string
	YUnit        string
	LogX         bool // decades on the x axis
	Lines        []Line
	At           float64 // where the playhead stands on the x axis; NaN: it is not on it
	Note         string  // what to know about it, in a sentence
}

// Line is one series of points, by increasing X.
type Line struct {
	Name   string
	Letter string // that marks it; "": by its series
	Kind   Kind
	Series int // its colour and letter
	Points []Point
}

// Point is a place in the plane.
type Point struct{ X, Y float64 }

// Kind says how a line is drawn, and so what it means.
type Kind uint8

// Kinds of line.
const (
	Formula  Kind = iota // by a formula: through
	Model                // by a model or a simulation: broken
	Measured             // single marks
	Steps                // a quantity that grows by steps over time: through
)

// Bounds are the ranges of the axes that hold all points; ok is false if there
// is nothing to draw. The y axis starts at 0.
func (p *Plot) Bounds() (x, y [2]float64, ok bool) {
	x, y = [2]float64{math.Inf(1), math.Inf(-1)}, [2]float64{0, 0}
	for _, l := range p.Lines {
		for _, q := range l.Points {
			if !finite(q.X) || !finite(q.Y) || p.LogX && q.X <= 0 {
				continue
			}
			x[0], x[1] = min(x[0], q.X), max(x[1], q.X)
			y[0], y[1] = min(y[0], q.Y), max(y[1], q.Y)
			ok = true
		}
	}
	if !ok {
		return x, y, false
	}
	if !p.LogX && x[0] > 0 && x[0] < x[1]/3 {
		x[0] = 0
	}
	if x[0] == x[1] {
		x[0], x[1] = x[0]-0.5, x[1]+0.5
		if p.LogX {
			x = [2]float64{x[0] / 2, x[1] * 2}
		}
	}
	if y[0] == y[1] {
		y[1] = y[0] + 1
	}
	return x, y, true
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Ticks are round numbers from lo to hi, at most n of them, and the number of
// decimals that tells them apart.
func Ticks(lo, hi float64, n int) (at []float64, decimals int) {
	if n < 1 || !finite(lo) || !finite(hi) || hi <= lo {
		return nil, 0
	}
	raw := (hi - lo) / float64(n)
	mag := math.Pow(10, math.Floor(math.Log10(raw)))
	step := mag * 10
	for _, m := range []float64{1, 2, 5} {
		if m*mag >= raw*(1-1e-9) {
			step = m * mag
			break
		}
	}
	decimals = max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	first := math.Ceil(lo/step - 1e-9)
	for i := 0; i <= n+1; i++ {
		v := (first + float64(i)) * step
		if v > hi+step*1e-9 {
			break
		}
		at = append(at, v)
	}
	return at, decimals
}

// Decades are the powers of ten from lo to hi.
func Decades(lo, hi float64) []float64 {
	if lo <= 0 || hi < lo || !finite(hi) {
		return nil
	}
	var at []float64
	for e := math.Ceil(math.Log10(lo) - 1e-9); e <= math.Log10(hi)+1e-9 && len(at) < 40; e++ {
		at = append(at, math.Pow(10, e))
	}
	return at
}

// Xs are the places of all points on the x axis, sorted, each once.
func (p *Plot) Xs() []float64 {
	var xs []float64
	for _, l := range p.Lines {
		for _, q := range l.Points {
			xs = append(xs, q.X)
		}
	}
	slices.Sort(xs)
	return slices.Compact(xs)
}

// Value is a line's value at x: of a Steps line that of the last step before,
// of one that is drawn through between its points, else only of a point there.
func (l *Line) Value(x float64) (y float64, ok bool) {
	i, found := slices.BinarySearchFunc(l.Points, x, func(q Point, x float64) int { return cmp.Compare(q.X, x) })
	switch {
	case found:
		for i+1 < len(l.Points) && l.Points[i+1].X == x {
			i++
		}
		return l.Points[i].Y, true
	case i == 0:
		return 0, false
	case l.Kind == Steps:
		return l.Points[i-1].Y, true
	case l.Kind == Measured || i == len(l.Points):
		return 0, false
	}
	a, b := l.Points[i-1], l.Points[i]
	return a.Y + (b.Y-a.Y)*(x-a.X)/(b.X-a.X), true
}
