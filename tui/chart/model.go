// Package chart draws quantities against each other: a lab's formulas and
// measured points, or what grew over time, up to the playhead.
//
// It knows no protocol. What is drawn comes from a [Source], as data; a new
// kind of chart is a new source.
package chart

import (
	"math"
	"slices"
	"strconv"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// Source makes plots of a frame, none if it has nothing to say about it. What
// costs time it keeps between frames.
type Source interface {
	Plots(f *view.Frame) []Plot
}

// Gradual is a source that takes in a long timeline over several frames, as
// [view.Gradual].
type Gradual interface {
	Behind() bool
}

// Suiting is a source that wants the chart to be what a timeline opens with.
type Suiting interface {
	Suits(s *timeline.Snapshot) bool
}

// View is the chart as a pane.
type View struct {
	sources []Source
	at      int     // which plot
	cursor  float64 // a place on the x axis; NaN: none
	n       int     // plots in the last frame
	g       grid.Grid
}

// New makes the view over what these sources have.
func New(sources ...Source) *View { return &View{sources: sources, cursor: math.NaN()} }

// Name implements view.View.
func (v *View) Name() string { return "chart" }

// Title implements view.View.
func (v *View) Title(f view.Frame) string {
	if v.n > 1 {
		return "chart · " + strconv.Itoa(v.at%v.n+1) + " of " + strconv.Itoa(v.n) + ", Enter: next"
	}
	return "chart"
}

// Keys implements view.View.
func (v *View) Keys() []key.Binding {
	return []key.Binding{
		view.Bind("Enter", "next chart", "enter"),
		view.Bind("h l", "values at a place", "h", "l", "left", "right"),
	}
}

// SuitsSubject implements view.SubjectSuited: a lab whose point is a chart.
func (v *View) SuitsSubject(s *view.Subject) bool { return len(s.Points) >= 10 }

// Broad implements view.Broad.
func (v *View) Broad() bool { return true }

// Suits implements view.Suited.
func (v *View) Suits(s *timeline.Snapshot) bool {
	for _, src := range v.sources {
		if q, ok := src.(Suiting); ok && q.Suits(s) {
			return true
		}
	}
	return false
}

// Behind implements view.Gradual.
func (v *View) Behind() bool {
	for _, src := range v.sources {
		if q, ok := src.(Gradual); ok && q.Behind() {
			return true
		}
	}
	return false
}

func (v *View) plots(f *view.Frame) []Plot {
	var out []Plot
	for _, s := range v.sources {
		out = append(out, s.Plots(f)...)
	}
	v.n = len(out)
	return out
}

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	nav := view.NavOf(msg)
	if nav == view.NoAction {
		return nil
	}
	plots := v.plots(&f)
	if len(plots) == 0 {
		return nil
	}
	p := &plots[v.at%len(plots)]
	switch nav {
	case view.NavEnter:
		v.at, v.cursor = (v.at+1)%len(plots), math.NaN()
	case view.NavLeft:
		v.cursor = next(p, v.cursor, -1)
	case view.NavRight:
		v.cursor = next(p, v.cursor, 1)
	}
	return nil
}

// next is the place of a point beside a place: about a cell's width away where
// points are dense.
func next(p *Plot, from float64, by int) float64 {
	xs := p.Xs()
	if len(xs) == 0 {
		return math.NaN()
	}
	if math.IsNaN(from) {
		from = p.At
	}
	if math.IsNaN(from) {
		if by > 0 {
			return xs[0]
		}
		return xs[len(xs)-1]
	}
	i, found := slices.BinarySearch(xs, from)
	step := max(1, len(xs)/100)
	switch {
	case by < 0:
		i -= step
	case found:
		i += step
	}
	return xs[min(max(i, 0), len(xs)-1)]
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	plots := v.plots(&f)
	if len(plots) == 0 {
		return view.Sentence(f.Theme, "There is nothing to chart here: labs that compare sizes, and swarms, have charts.", f.Width, f.Height)
	}
	v.g.Reset(f.Width, f.Height)
	draw(&v.g, f.Theme, &plots[v.at%len(plots)], v.cursor)
	return v.g.String()
}
