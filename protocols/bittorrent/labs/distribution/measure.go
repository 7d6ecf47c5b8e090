package distribution

import (
	"encoding/json"
	"fmt"

	"netscope/capture"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// outcome is what a note tells of one distribution, scaled to F/u.
type outcome struct {
	N       int     `json:"n"`
	Seconds float64 `json:"seconds"`
	Bound   float64 `json:"bound"`
	Kind    string  `json:"kind"` // "simulated" or "measured"
}

func tell(w lab.World, name, text string, data any) {
	b, _ := json.Marshal(data) // plain values
	w.Note(capture.Note{Host: "server", Proto: "distribution", Name: name, Summary: text, Data: b})
}

// Names of the measures.
const (
	timeName  = "distribution time"
	simName   = "distribution time, simulated"
	aboveName = "simulated time / bound, N ≤ 30"
	realName  = "measured time / bound"
)

// Predict implements lab.Lab: the formula for N = 1…49, and for those that are
// simulated beyond.
func (Lab) Predict(variant string, p lab.Params) []lab.Measure {
	formula := "max{N·F/us, F/dmin}"
	if variant == peerToPeer {
		formula = "max{F/us, F/dmin, N·F/(us + Σui)}"
	}
	one := 1.0
	out := []lab.Measure{{Name: realName, Formula: "the largest of the real transfers", Ideal: &one,
		Note: "headers, slow start, choke rounds, and the last blocks have no closed form"}}
	if variant == peerToPeer {
		out = append(out, lab.Measure{Name: aboveName, Formula: "the largest of N = 1, 5, 10, 20, 30", Ideal: &one, Band: &[2]float64{1, 1.05}, Note: "simulated"})
	}
	for _, n := range []int{1, 10, 30, 49} {
		out = append(out, point(timeName+fmt.Sprintf(", N = %d", n), formula, variant, p, n, false))
	}
	for n := 1; n <= chartTo; n++ {
		out = append(out, point(timeName, formula, variant, p, n, true))
	}
	for _, n := range simulatedAt(p) {
		if variant == peerToPeer && n > chartTo {
			out = append(out, point(timeName, formula, variant, p, n, true))
		}
	}
	if variant == peerToPeer {
		for _, n := range simulatedAt(p) {
			m := point(simName, formula, variant, p, n, true)
			m.Ideal, m.Note = nil, "simulated"
			out = append(out, m)
		}
	}
	for i := range out {
		out[i].Variant = variant
	}
	return append(out, otherWay(variant, p)...)
}

// otherWay is the other variant's formula, to be drawn beside this one's.
func otherWay(variant string, p lab.Params) []lab.Measure {
	other, name := peerToPeer, "P2P"
	if variant == peerToPeer {
		other, name = clientServer, "client-server"
	}
	var out []lab.Measure
	for n := 1; n <= chartTo; n++ {
		out = append(out, point(name+", to compare", "", other, p, n, true))
	}
	return out
}

// point is the formula's value for N, in hours.
func point(name, formula, variant string, p lab.Params, n int, chart bool) lab.Measure {
	h := bound(variant, p, n) / 3600
	m := lab.Measure{Name: name, Formula: formula, Ideal: &h, Unit: "h"}
	if chart {
		x := float64(n)
		m.X, m.XName = &x, "peers N"
	}
	return m
}

// Measure implements lab.Lab: what notes tell that were written by then.
func (l Lab) Measure(variant string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	list := l.Predict(variant, p)
	var found []outcome
	for _, n := range s.Notes() {
		var o outcome
		if n.Proto == "distribution" && (n.Name == "simulated" || n.Name == "measured") && n.Position <= at && json.Unmarshal(n.Data, &o) == nil && o.Bound > 0 {
			found = append(found, o)
		}
	}
	fill(list, found)
	return list
}

// fill puts outcomes where they belong.
func fill(list []lab.Measure, found []outcome) {
	for _, o := range found {
		h, above := o.Seconds/3600, o.Seconds/o.Bound
		for i := range list {
			m := &list[i]
			switch {
			case m.Name == aboveName && o.Kind == "simulated" && o.N <= 30, m.Name == realName && o.Kind == "measured":
				if m.Measured == nil || above > *m.Measured {
					m.Measured = &above
				}
			case m.X == nil || *m.X != float64(o.N):
			case m.Name == simName && o.Kind == "simulated":
				m.Measured = &h
			case m.Name == timeName && o.Kind == "measured":
				m.Measured, m.Note = &h, "a real transfer on the emulated network, its time scaled to F/u"
			}
		}
	}
}
