package model

import (
	"fmt"
	"time"
)

// Ideal is the page time by the textbook's formula, in seconds. Only bodies
// count as bits.
//
// A response over a new connection takes 2·RTT + L/R: a round trip to open it,
// a round trip for the request, and the transmission. Over an open connection
// it takes RTT + L/R.
func Ideal(p Params) float64 {
	rtt := p.RTT.Seconds()
	tx := func(e Exchange) float64 { return float64(e.Body) * 8 / p.Rate }
	t := 2*rtt + tx(p.Page)
	if len(p.Objects) == 0 {
		return t
	}
	switch p.Way {
	case NonPersistent:
		for _, o := range p.Objects {
			t += 2*rtt + tx(o)
		}
	case Persistent:
		for _, o := range p.Objects {
			t += rtt + tx(o)
		}
	case Pipelined:
		t += rtt
		for _, o := range p.Objects {
			t += tx(o)
		}
	case Waves:
		for i, o := range p.Objects {
			if i%p.conns() == 0 {
				t += 2 * rtt
			}
			t += tx(o)
		}
	case Lanes:
		// The next object goes over the connection that can ask first: the one
		// that had the page at once, the others when they have been opened.
		ask := make([]float64, min(p.conns(), len(p.Objects)))
		for j := range ask {
			ask[j] = t
			if j > 0 {
				ask[j] += rtt
			}
		}
		last := t
		for _, o := range p.Objects {
			j := 0
			for k := range ask {
				if ask[k] < ask[j] {
					j = k
				}
			}
			last = max(last, ask[j]+rtt) + tx(o)
			ask[j] = last
		}
		t = last
	case Pool:
		// The link sends one response after the other. Object i can start
		// when the one before it is through, and not before the connection
		// that it takes over is free, opened again and asked.
		done := make([]float64, len(p.Objects))
		last := t
		for i, o := range p.Objects {
			free := t
			if i >= p.conns() {
				free = done[i-p.conns()]
			}
			last = max(last, free+2*rtt) + tx(o)
			done[i] = last
		}
		t = last
	}
	return t
}

func (p Params) conns() int { return max(p.Conns, 1) }

// IdealBusy is how long the link towards the client carries content, in
// seconds: what Ideal takes beside is waiting.
func IdealBusy(p Params) float64 {
	bytes := p.Page.Body
	for _, o := range p.Objects {
		bytes += o.Body
	}
	return float64(bytes) * 8 / p.Rate
}

// IdealConns is how many connections the page takes.
func IdealConns(p Params) int {
	switch p.Way {
	case Persistent, Pipelined:
		return 1
	case Lanes:
		return max(1, min(p.conns(), len(p.Objects)))
	}
	return 1 + len(p.Objects)
}

// Formula is the text of Ideal's formula for these parameters. P is the size of
// the base page and L that of an object; when they are equal P is written L.
func Formula(p Params) string {
	n := len(p.Objects)
	page := "P"
	if n == 0 || p.Objects[0].Body == p.Page.Body {
		page = "L"
	}
	first := fmt.Sprintf("2·RTT + %s/R", page)
	if n == 0 {
		return first
	}
	switch p.Way {
	case NonPersistent:
		if page == "L" {
			return fmt.Sprintf("%d·(2·RTT + L/R)", n+1)
		}
		return fmt.Sprintf("(%s) + %d·(2·RTT + L/R)", first, n)
	case Persistent:
		return fmt.Sprintf("(%s) + %d·(RTT + L/R)", first, n)
	case Pipelined:
		return fmt.Sprintf("(%s) + RTT + %d·L/R", first, n)
	case Waves:
		waves := (n + p.conns() - 1) / p.conns()
		return fmt.Sprintf("(%s) + %d·2·RTT + %d·L/R", first, waves, n)
	case Lanes:
		return fmt.Sprintf("d(%d), where d(i) = max(d(i−1), a(i) + RTT) + L/R, a(i): when one of %d connections can ask for it, d(i≤0) = %s", n, min(p.conns(), n), first)
	}
	return fmt.Sprintf("d(%d), where d(i) = max(d(i−1), d(i−%d) + 2·RTT) + L/R, d(i≤0) = %s", n, p.conns(), first)
}

// seconds is x seconds as a Duration.
func seconds(x float64) time.Duration { return time.Duration(x*1e9 + 0.5) }
