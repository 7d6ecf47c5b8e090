package web

import (
	"fmt"
	"time"

	"netscope/protocols/lab"
	"netscope/protocols/web/http1"
	"netscope/protocols/web/model"
)

// Sockets of both ends. The receive window is half the receive buffer.
const (
	sendBuffer = 4 << 20
	recvBuffer = 4 << 20
)

// bodyBytes is a size in bits as whole bytes, at least one.
func bodyBytes(bits float64) int64 { return max(int64((bits+7)/8), 1) }

// siteOf is the site that the parameters describe.
func siteOf(p lab.Params) site {
	s := site{size: bodyBytes(p["size"]), objects: p.Int("objects")}
	s.page = s.size
	if p["page"] > 0 {
		s.page = bodyBytes(p["page"])
	}
	return s
}

// stackTCP is what has to be known of the hosts' TCP.
func stackTCP(sendBuffer int) model.TCP {
	return model.TCP{
		// IPv4 20, TCP 20, time stamps 12; the SYN adds MSS, SACK permitted
		// and window scale. The stack keeps room for selective
		// acknowledgements in every segment: 1500 − 20 − 20 − 40.
		Header: 52, SYN: 60, MSS: 1420,
		Window: recvBuffer / 2, FirstWnd: 29184, SendBuffer: sendBuffer, Piece: http1.Piece,
		InitialRTO: time.Second, MinRTO: 200 * time.Millisecond,
	}
}

// modelOf is what the model has to know: how many bytes go which way. Sizes of
// heads come from writing the heads.
func modelOf(way model.Way, p lab.Params) model.Params {
	s := siteOf(p)
	m := model.Params{
		Way: way, RTT: 2 * (p.Duration("rtt") / 2), Rate: p["rate"], Loss: p["loss"], Conns: p.Int("connections"),
		Stagger: stagger, Close: !persistent(way),
		TCP: stackTCP(sendBuffer),
	}
	m.Page = exchange(way, "/", s.base())
	// The sizes of objects differ only in the digits of their numbers.
	var last model.Exchange
	for k := 1; k <= s.objects; k++ {
		if powerOfTen(k) {
			last = exchange(way, "/o"+itoa(k), s.object(k))
		}
		m.Objects = append(m.Objects, last)
	}
	return m
}

func exchange(way model.Way, target string, r http1.Reply) model.Exchange {
	q := request(way, target)
	return model.Exchange{
		Request: len(q.Append(nil)),
		Head:    len(http1.ResponseHead(q.Proto, r, q.Persists(), time.Time{}).AppendHead(nil)),
		Body:    int(r.Size),
	}
}

func powerOfTen(k int) bool {
	for k%10 == 0 {
		k /= 10
	}
	return k == 1
}

// Budgets of the model, in events (about two for each packet). Beyond them a
// page takes longer to predict than a person waits.
const (
	runBudget   = 8_000_000
	causeBudget = 400_000
	bandBudget  = 500_000
)

// Predict implements lab.Lab.
func (c Connections) Predict(variant string, p lab.Params) []lab.Measure {
	return c.memo.do(variant, p, predictPage)
}

func predictPage(variant string, p lab.Params) []lab.Measure {
	way := wayOf(variant)
	m := modelOf(way, p)
	lossless := m
	lossless.Loss = 0
	real := model.Run(lossless, model.Real(), 0, runBudget)

	ideal := model.Ideal(m)
	busy := model.IdealBusy(m)
	page := lab.Measure{Name: pageTime, Formula: model.Formula(m), Ideal: &ideal, Unit: "s", Variant: variant}
	conns := model.IdealConns(m)
	list := []lab.Measure{
		page,
		{Name: connections, Ideal: number(conns), Unit: "", Variant: variant},
		{Name: roundTrips, Formula: "(page time − bits/R) / RTT", Ideal: ref((ideal - busy) / m.RTT.Seconds()), Unit: "RTT", Variant: variant},
		{Name: received, Formula: "bytes of all responses", Ideal: ref(busy * m.Rate / 8), Unit: "B", Variant: variant},
	}
	switch {
	case p["loss"] > 0:
		underLoss(&list[0], m)
		for i := 2; i < len(list); i++ {
			list[i].Note = "no closed form under loss"
		}
		list[1].Predicted = number(conns)
	case real.Stuck:
		for i := range list {
			list[i].Note = "a connection would time out while its SYN waits in the queue: choose fewer connections, smaller objects or a higher rate"
		}
	case !real.Done:
		for i := range list {
			list[i].Note = "too many packets to predict: choose fewer or smaller objects"
		}
	default:
		t := real.Time.Seconds()
		list[0].Predicted = &t
		list[0].Causes = causes(m, ideal, t)
		list[1].Predicted = number(real.Conns)
		list[2].Predicted = ref((real.Time - real.Busy).Seconds() / m.RTT.Seconds())
		list[3].Predicted = ref(float64(real.Down))
	}
	if way == model.Pool {
		list = append(list, inWaves(variant, m, ideal))
	}
	return list
}

// Names of measures.
const (
	pageTime    = "page time"
	connections = "connections"
	roundTrips  = "waiting"
	received    = "received"
)

// underLoss gives a band for the page time.
func underLoss(page *lab.Measure, m model.Params) {
	low, high, runs := model.Band(m, bandBudget)
	if runs == 0 {
		page.Note = "no closed form under loss, and too many packets to simulate"
		return
	}
	page.Band = &[2]float64{low, high}
	page.Note = fmt.Sprintf("no closed form under loss: 90 %% of %d simulated runs lie in the band", runs)
}

// inWaves sets the pool against waves, by the formulas.
func inWaves(variant string, m model.Params, pool float64) lab.Measure {
	m.Way = model.Waves
	waves := model.Ideal(m)
	return lab.Measure{
		Name: fmt.Sprintf("page time in waves of %d", max(m.Conns, 1)), Formula: model.Formula(m), Ideal: &waves, Unit: "s", Variant: variant,
		Note:   "by the formula; the variant parallel-waves measures it",
		Causes: []lab.Cause{{Name: "the pool does not wait until a whole wave is done", Value: pool - waves}},
	}
}

func causes(m model.Params, ideal, real float64) []lab.Cause {
	cs := model.Causes(m, ideal, real, causeBudget)
	if cs == nil {
		return []lab.Cause{{Name: "headers, slow start, windows, time-outs (too many packets to tell them apart)", Value: real - ideal}}
	}
	var out []lab.Cause
	for _, c := range cs {
		out = append(out, lab.Cause{Name: c.Name, Value: c.Value})
	}
	return out
}

func ref(x float64) *float64 { return &x }
func number(n int) *float64  { return ref(float64(n)) }
