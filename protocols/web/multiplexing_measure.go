package web

import (
	"fmt"
	"math"
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/web/model"
)

// Predict implements lab.Lab.
func (l Multiplexing) Predict(variant string, p lab.Params) []lab.Measure {
	return l.memo.do(variant, p, predictObjects)
}

func predictObjects(variant string, p lab.Params) []lab.Measure {
	o := objectsOf(variant, p)
	m := o.model(p)
	ideal := model.MuxIdeal(m)
	list := make([]lab.Measure, o.n)
	for i := range list {
		list[i] = lab.Measure{Name: complete(i), Formula: o.formula(i), Ideal: ref(ideal[i]), Unit: "s", Variant: variant}
	}
	note := func(text string) {
		for i := range list {
			list[i].Note = text
		}
	}
	if p["loss"] > 0 {
		bands, runs := model.MuxBand(m, bandBudget)
		note("no closed form under loss, and too many packets to simulate")
		if runs > 0 {
			note(fmt.Sprintf("no closed form under loss: 90 %% of %d simulated runs lie in the band", runs))
		}
		for i := range bands {
			list[i].Band = &bands[i]
		}
		return list
	}
	real, _ := model.MuxRun(m, model.MuxReal(), 0, runBudget)
	if !real.Complete {
		note("too many packets to predict: choose fewer or smaller objects, or larger windows")
		return list
	}
	times := real.Seconds()
	causes := model.MuxCauses(m, ideal, times, causeBudget)
	for i := range list {
		list[i].Predicted = ref(times[i])
		if causes == nil {
			list[i].Causes = []lab.Cause{{Name: "propagation, headers, slow start, windows, send buffer (too many packets to tell them apart)", Value: times[i] - ideal[i]}}
			continue
		}
		for _, c := range causes[i] {
			list[i].Causes = append(list[i].Causes, lab.Cause{Name: c.Name, Value: math.Round(c.Value*1e12) / 1e12})
		}
	}
	return list
}

// complete is the name of an object's measure.
func complete(i int) string { return "O" + itoa(i+1) + " complete" }

// formula is the ideal in words and letters: L is an object's size, F a frame's.
func (o objects) formula(i int) string {
	switch {
	case o.scheduler == model.FirstCome && i == 0:
		return "L1/R"
	case o.scheduler == model.FirstCome && o.later == 0:
		return "(L1 + … + L" + itoa(i+1) + ")/R"
	case o.scheduler == model.FirstCome:
		return "what is left of the objects before, and its own size, over R"
	case o.scheduler == model.RoundRobin:
		return "frames of all in turn, F/R each, up to its last"
	}
	return "frames of the most urgent first, F/R each, up to its last"
}

// Measure implements lab.Lab. Each object's time runs from the moment at which
// its request has arrived at the server (for a pushed object: O1's) to the
// moment at which its last byte arrives at the client.
func (l Multiplexing) Measure(variant string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	list := l.Predict(variant, p)
	for i, t := range completions(s, at, len(list)) {
		if t >= 0 {
			list[i].Measured = ref(t)
			unexplained(&list[i], p["loss"] > 0)
		}
	}
	return list
}

// completions finds when each of n objects was complete, in seconds since its
// request had arrived; -1 for those that are not at this position.
func completions(s *timeline.Snapshot, at timeline.Position, n int) []float64 {
	times := make([]float64, n)
	for i := range times {
		times[i] = -1
	}
	asked := timeline.Time(-1) // when O1's request had arrived
	seen, found := make([]bool, n), 0
	first, last := s.MessageRange()
	for id := first; id < last && found < n; id++ {
		m := s.Message(id)
		if m.Level != decoders.MessageLevel || m.Kind != decoders.Request || !m.Closed || !browsers(s, m.Conv) {
			continue
		}
		uri, _ := decoders.Lookup(m.Fields, "http.request.uri")
		i := objectNumber(uri.Str)
		if i < 0 || i >= n || seen[i] {
			continue // each counts once: with --expose a person may ask again
		}
		seen[i] = true
		found++
		if i == 0 {
			asked = m.End
		}
		if m.Reply == timeline.NoMessage {
			continue
		}
		reply := s.Message(m.Reply)
		if _, _, closed := s.MessagePosition(m.Reply); !reply.Closed || reply.Err != "" || closed > at {
			continue
		}
		from := m.End
		if m.Dir == decoders.BtoA { // a promise
			from = asked
		}
		if from >= 0 {
			times[i] = (reply.End - from).Seconds()
		}
	}
	return times
}

// objectNumber is the i of "/o(i+1)", -1 for other targets.
func objectNumber(target string) int {
	if k, ok := (site{objects: 1 << 20}).number(strings.SplitN(target, "?", 2)[0]); ok {
		return k - 1
	}
	return -1
}
