package web

import (
	"fmt"
	"strings"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/web/http3"
	"netscope/protocols/web/model"
)

// Predict implements lab.Lab.
func (l LostPacket) Predict(variant string, p lab.Params) []lab.Measure {
	return l.memo.do(variant, p, predictLostPacket)
}

func predictLostPacket(variant string, p lab.Params) []lab.Measure {
	o := objectsOf("round-robin", muxOf(p))
	var list []lab.Measure
	if variant == overHTTP3 {
		list = predictQUIC(o, p)
	} else {
		list = predictTCP(o, p)
	}
	list = append(list, predictStalls(variant, o, p)...)
	for i := range list {
		list[i].Variant = variant
	}
	return list
}

// Names of measures.
const streamsStalled = "streams stalled"

func stallOf(name string) string { return "stall of " + name }

// modelDrop is the chosen packet as the model knows it.
func modelDrop(p lab.Params) model.Drop { return model.Drop{Nth: p.Int("drop"), MinLen: fullSize} }

// predictTCP follows every packet, and compares with what would be without the
// chosen loss.
func predictTCP(o objects, p lab.Params) []lab.Measure {
	q := muxOf(p)
	list := predictObjects("round-robin", q)
	if p.Int("drop") == 0 {
		return list
	}
	m := o.model(q)
	m.Drop = modelDrop(p)
	if p["loss"] > 0 {
		bands, runs := model.MuxBand(m, bandBudget)
		for i := range bands {
			list[i].Band = &bands[i]
			list[i].Note = fmt.Sprintf("no closed form under loss: 90 %% of %d simulated runs lie in the band", runs)
		}
		return list
	}
	real, _ := model.MuxRun(m, model.MuxReal(), 0, runBudget)
	if !real.Complete {
		return list
	}
	for i, t := range real.Seconds() {
		if list[i].Predicted == nil {
			continue
		}
		without := *list[i].Predicted
		list[i].Predicted = ref(t)
		if t != without {
			list[i].Causes = append(list[i].Causes, lab.Cause{Name: "the lost packet", Value: t - without})
			list[i].Note = fmt.Sprintf("without the loss: %.6g s", without)
		}
	}
	return list
}

// Sizes of a full QUIC packet: IP and UDP headers around it; in it a short
// header, the tag, and the header of a STREAM frame.
const (
	quicWire = http3.PacketSize + 28
	quicLoad = http3.PacketSize - 1 - 4 - 2 - 16 - 10
)

func predictQUIC(o objects, p lab.Params) []lab.Measure {
	ideal := model.MuxIdeal(o.model(muxOf(p)))
	total := o.big + o.small*int64(o.n-1)
	m := quicModel(p)
	list := make([]lab.Measure, o.n)
	for i := range list {
		list[i] = lab.Measure{Name: complete(i), Formula: o.formula(i), Ideal: ref(ideal[i]), Unit: "s", Note: noQUIC}
		if p["loss"] > 0 {
			list[i].Note = noQUICLoss
			continue
		}
		low, high := m.Band(o.size(i), total)
		list[i].Band = &[2]float64{low, high}
	}
	return list
}

func quicModel(p lab.Params) model.QUIC {
	return model.QUIC{
		RTT: 2 * (p.Duration("rtt") / 2), Rate: p["rate"], Packet: quicWire, Load: quicLoad,
		Window: http3.InitialWindow, Lost: p.Int("drop"),
	}
}

const (
	noQUIC     = "no closed form: RFC 9002 leaves pacing and the order of streams to the sender; the band is from what no sender beats to slow start at its worst"
	noQUICLoss = "no closed form and no model of QUIC when packets are lost at random"
)

// predictStalls is the textbook's rule.
func predictStalls(variant string, o objects, p lab.Params) []lab.Measure {
	m := lab.Measure{Name: streamsStalled, Unit: "streams", Formula: "all streams with later bytes"}
	rule := float64(o.n)
	if variant == overHTTP3 {
		m.Formula, rule = "streams with bytes in the lost packet", 1
	}
	total := o.big + o.small*int64(o.n-1)
	switch {
	case p["loss"] > 0:
		m.Note = "no closed form under loss"
	case p.Int("drop") == 0 || int64(p.Int("drop")) > total/quicLoad+1:
		m.Ideal, m.Predicted = ref(0), ref(0)
	default:
		// A QUIC packet can have bytes of several streams: heads are short.
		m.Ideal, m.Band = ref(rule), &[2]float64{1, float64(o.n)}
	}
	list := []lab.Measure{m}
	for i := range o.n {
		list = append(list, lab.Measure{Name: stallOf("O" + itoa(i+1)), Unit: "s"})
	}
	return list
}

// Measure implements lab.Lab. The times of objects are as in the lab http2. A
// stream has stalled if bytes of it were lost, or came and could not be passed
// on; for how long is the time during which any byte of it waited. The causes
// of the number of streams are the streams.
func (l LostPacket) Measure(variant string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	list := l.Predict(variant, p)
	n := p.Int("objects")
	for i, t := range completions(s, at, n) {
		if t < 0 {
			continue
		}
		m := &list[i]
		m.Measured = ref(t)
		if variant == overHTTP3 {
			way := p["rtt"] / 2
			m.Causes = append(m.Causes, lab.Cause{Name: "propagation to the client, RTT/2", Value: way},
				lab.Cause{Name: "headers, slow start and pacing, and the repair of losses", Value: t - *m.Ideal - way})
		} else {
			unexplained(m, p["loss"] > 0)
		}
	}
	measureStalls(list[n:], l.memo.stalls(s, p, at))
	return list
}

// measureStalls fills in the number of stalls and each stall's length.
func measureStalls(list []lab.Measure, found []stall) {
	names := make([]string, len(found))
	lengths := map[string]float64{}
	for i, f := range found {
		names[i] = f.name
		lengths[stallOf(f.name)] = length(f.waits).Seconds()
	}
	for i := range list {
		m := &list[i]
		if m.Name != streamsStalled {
			m.Measured = ref(lengths[m.Name])
			continue
		}
		m.Measured = number(len(found))
		for _, name := range names {
			m.Causes = append(m.Causes, lab.Cause{Name: name, Value: 1})
		}
		if len(names) > 0 {
			m.Note = join(m.Note, "waited for the lost packet: "+strings.Join(names, ", "))
		}
	}
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
