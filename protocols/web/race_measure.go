package web

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/http2/hpack"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/web/http1"
	"netscope/protocols/web/http2"
	"netscope/protocols/web/model"
)

// Names of the race's measures beside those of http-connections.
const (
	handshakes  = "handshakes"
	lossWaiting = "waiting for lost packets"
	behind      = "behind HTTP/2, by the formula"
)

// Predict implements lab.Lab.
func (r Race) Predict(variant string, p lab.Params) []lab.Measure {
	return r.memo.do(variant, p, predictRace)
}

func predictRace(variant string, p lab.Params) []lab.Measure {
	m := raceModel(racerWay(variant), p)
	ideal := model.Ideal(m)
	page := lab.Measure{Name: pageTime, Formula: model.Formula(m), Ideal: ref(ideal), Unit: "s"}
	opened := lab.Measure{Name: connections, Ideal: number(model.IdealConns(m))}
	switch variant {
	case overHTTP3:
		racePageQUIC(&page, p, ideal)
		opened.Predicted = opened.Ideal
	case overHTTP2:
		racePageFrames(&page, p, ideal)
		opened.Predicted = opened.Ideal
	default:
		racePageHTTP1(&page, m, ideal)
		if page.Predicted != nil || page.Band != nil {
			opened.Predicted = opened.Ideal
		}
	}
	trips := openings(m)
	shake := lab.Measure{Name: handshakes, Formula: fmt.Sprintf("%d·RTT, one after the other", trips), Ideal: ref(float64(trips) * m.RTT.Seconds()), Unit: "s"}
	lost := lab.Measure{Name: lossWaiting, Unit: "s", Note: "how long at least one response waited"}
	if p["loss"] == 0 && p.Int("drop") == 0 {
		lost.Ideal, lost.Predicted = ref(0), ref(0)
	}
	list := []lab.Measure{page, opened, shake,
		{Name: roundTrips, Formula: "(page time − bits/R) / RTT", Ideal: ref((ideal - model.IdealBusy(m)) / m.RTT.Seconds()), Unit: "RTT"},
		lost, behindFrames(m, ideal, trips)}
	for i := range list {
		list[i].Variant = variant
	}
	return list
}

// raceModel is what the model has to know of the page over HTTP/1.
func raceModel(way model.Way, p lab.Params) model.Params {
	m := modelOf(way, bitsOf(p))
	m.Drop = modelDrop(p)
	return m
}

// openings is how many handshakes follow each other.
func openings(m model.Params) int {
	switch {
	case m.Way == model.NonPersistent:
		return 1 + len(m.Objects)
	case m.Way == model.Lanes && model.IdealConns(m) > 1:
		return 2
	}
	return 1
}

// behindFrames sets a variant against HTTP/2: by the formula all of them carry
// the same content, and only round trips differ.
func behindFrames(m model.Params, ideal float64, trips int) lab.Measure {
	best := m
	best.Way = model.Pipelined
	gap := ideal - model.Ideal(best)
	out := lab.Measure{Name: behind, Ideal: ref(gap), Unit: "s"}
	if gap == 0 {
		return out
	}
	shake := float64(trips-1) * m.RTT.Seconds()
	if shake > 0 {
		out.Causes = append(out.Causes, lab.Cause{Name: "more handshakes, one after the other", Value: shake})
	}
	return withRest(out, "requests that wait for responses before them (negative: the link is busy meanwhile)", gap-shake)
}

func withRest(m lab.Measure, name string, v float64) lab.Measure {
	if v > 1e-9 || v < -1e-9 {
		m.Causes = append(m.Causes, lab.Cause{Name: name, Value: v})
	}
	return m
}

// lostCause names what a chosen loss adds to a predicted time.
func lostCause(page *lab.Measure, with, without float64) {
	page.Predicted = ref(with)
	if with != without {
		page.Causes = append(page.Causes, lab.Cause{Name: "the lost packet", Value: with - without})
		page.Note = fmt.Sprintf("without the loss: %.6g s", without)
	}
}

const tooLarge = "too many packets to predict: choose fewer or smaller objects"

func racePageHTTP1(page *lab.Measure, m model.Params, ideal float64) {
	if m.Loss > 0 {
		underLoss(page, m)
		return
	}
	real := model.Run(m, model.Real(), 0, runBudget)
	m.Drop = model.Drop{}
	whole := model.Run(m, model.Real(), 0, runBudget)
	if !real.Done || !whole.Done {
		page.Note = tooLarge
		return
	}
	page.Causes = causes(m, ideal, whole.Time.Seconds())
	lostCause(page, real.Time.Seconds(), whole.Time.Seconds())
}

func racePageFrames(page *lab.Measure, p lab.Params, ideal float64) {
	m := raceFrames(p)
	if m.Loss > 0 {
		low, high, runs := model.MuxPageBand(m, bandBudget)
		page.Note = "no closed form under loss, and too many packets to simulate"
		if runs > 0 {
			page.Band = &[2]float64{low, high}
			page.Note = fmt.Sprintf("no closed form under loss: 90 %% of %d simulated runs lie in the band", runs)
		}
		return
	}
	real, _ := model.MuxRun(m, model.MuxReal(), 0, runBudget)
	m.Drop = model.Drop{}
	whole, _ := model.MuxRun(m, model.MuxReal(), 0, runBudget)
	if !real.Complete || !whole.Complete {
		page.Note = tooLarge
		return
	}
	t := whole.Time.Seconds()
	for _, c := range model.MuxPageCauses(m, ideal, t, causeBudget) {
		page.Causes = append(page.Causes, lab.Cause{Name: c.Name, Value: c.Value})
	}
	if page.Causes == nil {
		page.Causes = []lab.Cause{{Name: "headers, slow start, send buffer (too many packets to tell them apart)", Value: t - ideal}}
	}
	lostCause(page, real.Time.Seconds(), t)
}

// raceFrames is what the model has to know of the page over HTTP/2: sizes of
// frames come from writing them.
func raceFrames(p lab.Params) model.Mux {
	s, cfg := pageOf(p), configOf(p)
	m := model.Mux{
		RTT: 2 * (p.Duration("rtt") / 2), Rate: p["rate"], Loss: p["loss"], Drop: modelDrop(p),
		TCP: stackTCP(serverBuffer(framesOf(p))), Scheduler: model.RoundRobin, Frame: cfg.Frame,
		Window: cfg.Window, StreamWindow: cfg.StreamWindow, FrameHeader: http2.FrameHeader, UpdateFrame: http2.FrameHeader + 4,
		Opening: len(cfg.Opening(nil)), Settings: settingsBytes(), SettingsAck: http2.FrameHeader, Settle: settle,
	}
	reply := func(i int) http1.Reply {
		if i == 0 {
			return s.base()
		}
		return s.object(i)
	}
	m.Blocks = func() func(int, bool) int {
		var buf bytes.Buffer
		enc := hpack.NewEncoder(&buf)
		return func(i int, _ bool) int {
			return http2.FrameHeader + len(http2.Compress(enc, &buf, http2.ResponseFields(reply(i), "")))
		}
	}
	var buf bytes.Buffer
	enc := hpack.NewEncoder(&buf)
	for i := range 1 + s.objects {
		target := "/"
		if i > 0 {
			target += "o" + itoa(i)
		}
		x := model.MuxObject{Size: int(s.size), After: i > 0}
		if i == 0 {
			x.Size = int(s.page)
		}
		x.Request = http2.FrameHeader + len(http2.Compress(enc, &buf, http2.Request{Target: target}.Fields()))
		m.Objects = append(m.Objects, x)
	}
	return m
}

// racePageQUIC gives a band: the ideal, and slow start at its worst for the
// page and again for the objects, after a handshake of full packets.
func racePageQUIC(page *lab.Measure, p lab.Params, ideal float64) {
	if p["loss"] > 0 {
		page.Note = noQUICLoss
		return
	}
	s, m := pageOf(p), quicModel(p)
	high := m.RTT.Seconds() + 4*8*quicWire/m.Rate // opening
	for _, n := range [...]int64{s.page, s.size * int64(s.objects)} {
		_, t := m.Band(n, n)
		high += m.RTT.Seconds()/2 + t
	}
	page.Band = &[2]float64{ideal, high}
	page.Note = noQUIC
}

// Measure implements lab.Lab. The page time runs from the moment at which the
// first packet leaves to the moment at which the last byte of the last object
// arrives; until then it is not known.
func (r Race) Measure(variant string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	list := r.Predict(variant, p)
	waiting := r.memo.stalls(s, p, at)
	seen, complete := observe(s, at, 1+p.Int("objects"))
	for i := range list {
		m := &list[i]
		switch {
		case m.Name == lossWaiting:
			measureWaiting(m, waiting)
		case !complete:
		case m.Name == pageTime:
			m.Measured = ref(seen.time)
			if variant == overHTTP3 {
				racePageCauses(m, p, seen)
			} else {
				unexplained(m, p["loss"] > 0)
			}
		case m.Name == connections:
			m.Measured = number(opened(s))
		case m.Name == handshakes:
			m.Measured = ref(opening(s))
		case m.Name == roundTrips:
			m.Measured = ref((seen.time - float64(seen.bytes)*8/p["rate"]) / raceModel(racerWay(variant), p).RTT.Seconds())
		}
	}
	return list
}

func measureWaiting(m *lab.Measure, found []stall) {
	var all []wait
	var names []string
	for _, f := range found {
		all = append(all, f.waits...)
		names = append(names, f.name)
	}
	m.Measured = ref(length(all).Seconds())
	if len(names) > 0 {
		m.Note = join(m.Note, strings.Join(names, ", "))
	}
}

// racePageCauses says what the measured time is made of where nothing is
// predicted.
func racePageCauses(m *lab.Measure, p lab.Params, seen observed) {
	s := pageOf(p)
	content := s.page + s.size*int64(s.objects)
	more := float64(seen.bytes-content) * 8 / p["rate"]
	*m = withRest(*m, "headers and the handshake's packets on the link", more)
	*m = withRest(*m, "the link idle: slow start, pacing, acknowledgements, the repair of losses", seen.time-*m.Ideal-more)
}

// opened is how many connections the browser has opened. It may happen that it
// needs one no more when it is ready.
func opened(s *timeline.Snapshot) (n int) {
	for c := range s.Conversations() {
		if browsers(s, timeline.ConvID(c)) {
			n++
		}
	}
	return n
}

// opening is how long at least one connection was being opened: from its first
// packet until its first request left.
func opening(s *timeline.Snapshot) float64 {
	asked := map[timeline.ConvID]timeline.Time{}
	first, last := s.MessageRange()
	for id := first; id < last; id++ {
		m := s.Message(id)
		if m.Level != decoders.MessageLevel || m.Kind != decoders.Request || !browsers(s, m.Conv) {
			continue
		}
		if t, ok := asked[m.Conv]; !ok || m.Start < t {
			asked[m.Conv] = m.Start
		}
	}
	var ws []wait
	for c, t := range asked {
		ws = append(ws, wait{since: s.Conversation(c).Start, until: t})
	}
	slices.SortFunc(ws, func(a, b wait) int { return int(a.since - b.since) })
	return length(ws).Seconds()
}
