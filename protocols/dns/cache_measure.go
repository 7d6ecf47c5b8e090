package dns

import (
	"encoding/json"
	"fmt"
	"math"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// Names of the measures of dns-cache.
const (
	staleFor   = "old address given after the change, to "
	askedAbove = "questions that the zone's server got from "
	hitRate    = "hit rate of "
	allNames   = "all names"
)

func zipf(k int, s float64) float64 { return math.Pow(float64(k), -s) }

// Predict implements lab.Lab.
func (l Cache) Predict(variant string, p lab.Params) []lab.Measure {
	var list []lab.Measure
	if variant == crowd {
		list = predictCrowd(p)
	} else {
		for i, who := range []string{alice, bob} {
			v := visit(p, i)
			list = append(list,
				lab.Measure{Name: staleFor + who, Formula: "at most T: from the change until the entry has expired", Ideal: ref(v.stale), Predicted: ref(v.stale), Unit: "s",
					Note: "from the change until the last answer with the old address"},
				lab.Measure{Name: askedAbove + []string{localA, localB}[i], Formula: "one in each T, whoever asks", Ideal: number(v.fetched), Predicted: number(v.fetched)})
		}
	}
	for i := range list {
		list[i].Variant = variant
	}
	return list
}

// visits is what a client that asks at regular times will see.
type visits struct {
	stale   float64 // from the change to the last answer with the old address; 0: none
	fetched int     // questions to the zone's server
}

// visit computes client i's answers one after the other.
func visit(p lab.Params, i int) visits {
	near, far := (2 * (p.Duration("rtt-local") / 2)).Seconds(), (2 * (p.Duration("rtt") / 2)).Seconds()
	ttl, change := math.Floor(p["ttl"]), p["change"]
	var v visits
	until, old, warm := -1.0, true, false
	for t := float64(i) * p["later"]; t < p["lasts"]-1e-9; t += p["poll"] {
		at := t + near/2
		reply := at + near/2
		if at >= until-1e-9 {
			walk := far
			if !warm {
				walk, warm = 3*far, true
			}
			v.fetched++
			old = at+walk-far/2 < change || change >= p["lasts"]
			until = at + walk + ttl
			reply = at + walk + near/2
		}
		if old && reply > change && change < p["lasts"] {
			v.stale = reply - change
		}
	}
	return v
}

// predictCrowd gives λT/(1+λT) for the most popular names, and for all.
func predictCrowd(p lab.Params) []lab.Measure {
	far := (2 * (p.Duration("rtt") / 2)).Seconds()
	ttl := math.Floor(p["ttl"])
	ws := popularity(p)
	var list []lab.Measure
	all, variance := 0.0, 0.0
	for k, w := range ws {
		lambda := w * p["rate"]
		ideal := lambda * ttl / (1 + lambda*ttl)
		// While a name is fetched, questions for it wait and are no hits.
		real := lambda * ttl / (1 + lambda*(ttl+far))
		// Misses are a renewal process: the number of questions between two is
		// 1 + Poisson(λT), and there are so many such cycles.
		cycles := p["crowd"] / (ttl + far + 1/lambda)
		sd := math.Sqrt(max(lambda*ttl, 0)/max(cycles, 1e-9)) / math.Pow(1+lambda*ttl, 2)
		sd = math.Hypot(sd, math.Sqrt(cycles*lambda*far)/(lambda*p["crowd"]))
		edge := 1 / max(lambda*p["crowd"], 1) // the first question is never a hit
		if k < 5 {
			list = append(list, crowdMeasure(fmt.Sprintf("name%d.example.com", k+1), ideal, real, sd, edge))
			list[len(list)-1].Formula = fmt.Sprintf("λT/(1+λT) with λ = %.3g/s", lambda)
		}
		all += w * real
		// Of the whole, popularity varies, too.
		variance += w*w*sd*sd + real*(1-real)*w/(p["rate"]*p["crowd"])
	}
	m := crowdMeasure(allNames, 0, all, math.Sqrt(variance), float64(len(ws))/max(p["rate"]*p["crowd"], 1))
	m.Formula, m.Ideal = "the names' hit rates by popularity", ref(all)
	return append(list, m)
}

// crowdMeasure has a band of 3.3 standard deviations: 99.9 % of runs.
func crowdMeasure(name string, ideal, real, sd, edge float64) lab.Measure {
	low, high := real-3.3*sd-2*edge, real+3.3*sd+edge
	return lab.Measure{Name: hitRate + name, Ideal: ref(ideal), Band: &[2]float64{max(low, 0), min(high, 1)},
		Note: "questions come at random: 99.9 % of all runs lie in the band"}
}

// Measure implements lab.Lab: by what clients have learned, and by what the
// local server said of its cache.
func (l Cache) Measure(variant string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	list := l.Predict(variant, p)
	if variant == crowd {
		return measureCrowd(list, s, at)
	}
	seen := lessons(s, at)
	if len(seen) == 0 {
		return list
	}
	for i, who := range []string{alice, bob} {
		stale := 0.0
		for _, x := range seen {
			if x.host == who && len(x.Value) > 0 && x.Value[0] == oldAddr && p["change"] < p["lasts"] {
				stale = max(stale, x.at.Seconds()-p["change"])
			}
		}
		list[2*i].Measured = ref(stale)
		list[2*i+1].Measured = number(questionsBetween(s, at, []string{localA, localB}[i], exampleNS))
	}
	return list
}

// questionsBetween counts datagrams from one host to another's port 53.
func questionsBetween(s *timeline.Snapshot, at timeline.Position, from, to string) int {
	n := 0
	for id := timeline.ConvID(0); id < timeline.ConvID(s.Conversations()); id++ {
		c := s.Conversation(id)
		if c.B.Port() != port || s.HostName(c.A.Addr()) != from || s.HostName(c.B.Addr()) != to {
			continue
		}
		for _, pk := range s.ConvPackets(id) {
			if r := s.Packet(pk); r.Dir == 0 && r.Payload > 0 && s.DeparturePosition(pk) <= at {
				n++
			}
		}
	}
	return n
}

// measureCrowd counts hits among the questions that the local server got.
func measureCrowd(list []lab.Measure, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	hits, asked := map[string]int{}, map[string]int{}
	for _, n := range s.Notes() {
		if n.Position > at || n.Host != localA {
			continue
		}
		var d struct{ Name, State, Type string }
		if n.Name != "cache-hit" && n.Name != "pending" || json.Unmarshal(n.Data, &d) != nil || d.Type != "A" {
			continue
		}
		if d.Name == "dns.example.com." {
			continue
		}
		if hit := n.Name == "cache-hit"; hit || d.State == "begin" || d.State == "join" {
			asked[d.Name]++
			asked[""]++
			if hit {
				hits[d.Name]++
				hits[""]++
			}
		}
	}
	for i := range list {
		name := list[i].Name[len(hitRate):] + "."
		if name == allNames+"." {
			name = ""
		}
		if asked[name] > 0 {
			list[i].Measured = ref(float64(hits[name]) / float64(asked[name]))
		}
	}
	return list
}
