package chart

import (
	"cmp"
	"math"
	"slices"

	"netscope/protocols/lab"
	"netscope/tui/view"
)

// Points makes plots of a lab's measures that are points: one for every axis
// and unit, with a line for every name and for each of ideal, predicted and
// measured.
type Points struct{}

// Plots implements Source.
func (Points) Plots(f *view.Frame) []Plot { return PlotsOf(f.Subject.Points) }

// PlotsOf divides measures among plots.
func PlotsOf(ms []lab.Measure) []Plot {
	var out []Plot
	type axes struct{ x, unit string }
	plots := map[axes]int{}
	type name struct {
		plot    int
		name    string
		variant string
		kind    Kind
	}
	lines := map[name]int{}
	series := map[name]int{} // without kind: a colour for each name
	for i := range ms {
		m := &ms[i]
		if m.X == nil {
			continue
		}
		k := axes{m.XName, m.Unit}
		at, ok := plots[k]
		if !ok {
			at = len(out)
			plots[k] = at
			out = append(out, Plot{Title: m.Name, XName: m.XName, YUnit: m.Unit, At: math.NaN()})
		}
		p := &out[at]
		base := name{at, m.Name, m.Variant, 0}
		if _, ok := series[base]; !ok {
			n := 0
			for s := range series {
				if s.plot == at {
					n++
				}
			}
			series[base] = n
		}
		for _, v := range []struct {
			y    *float64
			kind Kind
			said string
		}{{m.Ideal, Formula, ", formula"}, {m.Predicted, Model, ", predicted"}, {m.Measured, Measured, ", measured"}} {
			if v.y == nil {
				continue
			}
			id := base
			id.kind = v.kind
			j, ok := lines[id]
			if !ok {
				j = len(p.Lines)
				lines[id] = j
				said := m.Name
				if m.Variant != "" && m.Variant != m.Name {
					said = m.Variant + ": " + m.Name
				}
				p.Lines = append(p.Lines, Line{Name: said + v.said, Kind: v.kind, Series: series[base]})
			}
			p.Lines[j].Points = append(p.Lines[j].Points, Point{*m.X, *v.y})
		}
	}
	for i := range out {
		p := &out[i]
		if slices.ContainsFunc(p.Lines, func(l Line) bool { return l.Series > 0 }) {
			p.Title = "" // the legend names the lines
		}
		for j := range p.Lines {
			slices.SortStableFunc(p.Lines[j].Points, func(a, b Point) int { return cmp.Compare(a.X, b.X) })
		}
		if xs := p.Xs(); len(xs) > 1 && xs[0] > 0 && xs[len(xs)-1] >= 200*xs[0] {
			p.LogX = true
		}
	}
	return out
}
