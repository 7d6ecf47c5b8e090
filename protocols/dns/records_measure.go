package dns

import (
	"fmt"
	"math"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// Names of the measures of dns-records.
const (
	answered   = "questions with an answer"
	aliases    = "answers through an alias"
	absent     = "names that do not exist"
	resolvable = "www.networkutopia.com is found at"
	mailServer = "mail server of networkutopia.com is found"
	share      = "largest share of a replica"
)

// Predict implements lab.Lab.
func (l Records) Predict(variant string, p lab.Params) []lab.Measure {
	var list []lab.Measure
	switch variant {
	case registering:
		at := l.found(p)
		list = []lab.Measure{
			{Name: resolvable, Formula: "the first question after the registration that finds the absence forgotten", Ideal: ref(at), Predicted: ref(at), Unit: "s"},
			{Name: mailServer, Formula: "an MX record and an A record at its own server", Ideal: number(1), Predicted: number(1)},
		}
	case spreading:
		n, q := p.Int("servers"), p.Int("questions")
		most := (q + n - 1) / n
		list = []lab.Measure{{Name: share, Formula: "1/n", Ideal: ref(1 / float64(n)), Predicted: ref(float64(most) / float64(q)),
			Note: fmt.Sprintf("%d questions among %d addresses, in turn", q, n)}}
	default:
		// All but one of the names exist; two of the questions meet the alias.
		total, alias, none := 0, 0, 0
		for i, q := range questions {
			if k := p.Int("question"); k != 0 && k != i+1 {
				continue
			}
			switch {
			case q.name == "nosuch.ibm.com.":
				none++
				continue
			case q.name == "www.ibm.com." && i < 2:
				alias++
			}
			total++
		}
		list = []lab.Measure{
			{Name: answered, Ideal: number(total), Predicted: number(total)},
			{Name: aliases, Formula: "www.ibm.com is servereast.backup2.ibm.com", Ideal: number(alias), Predicted: number(alias)},
			{Name: absent, Formula: "NXDOMAIN", Ideal: number(none), Predicted: number(none)},
		}
	}
	for i := range list {
		list[i].Variant = variant
	}
	return list
}

// found is when the client's first question after the registration is answered
// with an address.
func (Records) found(p lab.Params) float64 {
	near, far := (2 * (p.Duration("rtt-local") / 2)).Seconds(), (2 * (p.Duration("rtt") / 2)).Seconds()
	poll, register := p["poll"], p["register"]
	negative := math.Floor(p["negative"])
	forgotten, known := 0.0, map[bool]bool{} // known[true]: the servers of .com
	for k := 0; k < 1<<20; k++ {
		t := float64(k)*poll + near/2 // the local server has the question
		if t < forgotten {
			continue
		}
		walk := far
		if !known[true] {
			walk = 2 * far
		}
		asks := t + walk - far/2 // .com is asked
		known[true] = true
		if asks >= register {
			return t + walk + far + near/2
		}
		forgotten = t + walk + min(negative, 900)
	}
	return math.NaN()
}

// Measure implements lab.Lab: by what the client has learned.
func (l Records) Measure(variant string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	list := l.Predict(variant, p)
	seen := lessons(s, at)
	if len(seen) == 0 {
		return list
	}
	firsts := map[string]int{}
	most, sum := 0, 0
	for i := range list {
		m := &list[i]
		n := 0
		for _, x := range seen {
			switch {
			case m.Name == answered && x.Rcode == "NOERROR" && len(x.Value) > 0,
				m.Name == aliases && len(x.Value) > 1 && x.Value[0] == "servereast.backup2.ibm.com.",
				m.Name == absent && x.Rcode == "NXDOMAIN":
				n++
			case m.Name == resolvable && x.Name == "www.networkutopia.com." && len(x.Value) > 0 && m.Measured == nil:
				m.Measured = ref(x.at.Seconds())
			case m.Name == mailServer && x.Name == "mail.networkutopia.com." && len(x.Value) > 0:
				m.Measured = number(1)
			case m.Name == share && len(x.Value) > 0:
				firsts[x.Value[0]]++
				sum++
				most = max(most, firsts[x.Value[0]])
			}
		}
		switch m.Name {
		case answered, aliases, absent:
			m.Measured = number(n)
		case share:
			if sum == p.Int("questions") {
				m.Measured = ref(float64(most) / float64(sum))
			}
		}
	}
	return list
}
