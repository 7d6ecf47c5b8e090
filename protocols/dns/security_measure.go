package dns

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// Names of the measures of dns-security.
const (
	oneWindow  = "success of one attempt"
	within     = "success within T"
	accepted   = "forged answers accepted"
	poisoned   = "www.bank.com is the attacker's"
	right      = "lookups that end with the true address"
	refused    = "forged answers refused by their signature"
	cachedTLD  = "lookups that need only what the cache has"
	needTarget = "lookups that need the flooded server"
)

// Predict implements lab.Lab.
func (l Security) Predict(variant string, p lab.Params) []lab.Measure {
	n := float64(min(p.Int("windows"), 1000))
	exactly := func(name, formula string, v float64) lab.Measure {
		return lab.Measure{Name: name, Formula: formula, Ideal: ref(v), Predicted: ref(v)}
	}
	var list []lab.Measure
	switch variant {
	case naive:
		list = []lab.Measure{exactly(poisoned, "it believes the attacker's server about the bank", 1)}
	case bailiwick:
		list = []lab.Measure{exactly(poisoned, "evil.com's server knows nothing of bank.com", 0)}
	case onPath:
		list = []lab.Measure{exactly(accepted, "nothing has to be guessed", n), exactly(right, "none", 0)}
	case withDNSSEC:
		list = []lab.Measure{exactly(accepted, "none has the bank's signature", 0), exactly(refused, "each", n), exactly(right, "the second try brings the true one", n)}
	case flood:
		list = predictFlood(p)
	default:
		list = predictRace(variant, p)
	}
	for i := range list {
		list[i].Variant = variant
	}
	return list
}

func predictRace(variant string, p lab.Params) []lab.Measure {
	c := chanceOf(variant, p)
	k := p.Int("windows")
	m := min(max(p.Int("round"), 1), k)
	formula := "D·R·W/(N·P·I)"
	if variant == mixedCase {
		formula += fmt.Sprintf("/2^%d, for the letters", letters(bankName))
	}
	whole := 1 - math.Pow(1-c.exact, float64(m))
	power := "T/TTL"
	if variant == kaminsky {
		power = "attempts: no TTL holds them up"
	}
	return []lab.Measure{
		{Name: oneWindow, Formula: formula, Ideal: ref(c.linear), Band: band(c.exact, k), Note: fmt.Sprintf("of %d attempts; 99.9 %% of all runs lie in the band", k)},
		{Name: within, Formula: "1 − (1 − " + formula + ")^(" + power + ")", Ideal: ref(1 - math.Pow(1-c.linear, float64(m))), Band: band(whole, k/m),
			Note: fmt.Sprintf("of %d attacks of %d attempts each; 99.9 %% of all runs lie in the band", k/m, m)},
		{Name: accepted, Formula: "attempts · D·R·W/(N·P·I)", Ideal: ref(float64(k) * c.linear), Note: "as the resolver itself took them"},
	}
}

// band is where the share of successes of n independent trials lies in 99.9 % of
// all cases, exactly.
func band(p float64, n int) *[2]float64 {
	const tail = 0.0005
	low, high := 0, n
	sum := 0.0
	set := false
	for k := 0; k <= n; k++ {
		sum += binomial(n, k, p)
		if !set && sum > tail {
			low, set = k, true
		}
		if sum >= 1-tail {
			high = k
			break
		}
	}
	d := float64(max(n, 1))
	return &[2]float64{float64(low) / d, float64(high) / d}
}

func binomial(n, k int, p float64) float64 {
	if p <= 0 || p >= 1 {
		if p <= 0 && k == 0 || p >= 1 && k == n {
			return 1
		}
		return 0
	}
	ln := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	return math.Exp(ln(n) - ln(k) - ln(n-k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

func predictFlood(p lab.Params) []lab.Measure {
	served := 1.0
	if p.Int("defence") == 0 {
		served = min(1, p["capacity"]/p["flood"])
	}
	found := 1 - math.Pow(1-served, floodTries)
	b := band(found, floodLookups)
	if served < 1 {
		// The lookups' own questions add to the load: the band is for the flood
		// alone to the flood with them.
		more := min(1, p["capacity"]/(p["flood"]+3/floodGap.Seconds()+10))
		b[0] = band(1-math.Pow(1-more, floodTries), floodLookups)[0]
	}
	return []lab.Measure{
		{Name: cachedTLD, Formula: "the servers of .com and bank.com are remembered", Ideal: ref(1), Predicted: ref(1)},
		{Name: needTarget, Formula: fmt.Sprintf("1 − (1 − capacity/flood)^%d", floodTries), Ideal: ref(found), Band: b, Note: fmt.Sprintf("of %d lookups; each asks the server %d times at most", floodLookups, floodTries)},
	}
}

// Measure implements lab.Lab.
func (l Security) Measure(variant string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	list := l.Predict(variant, p)
	count := map[string]int{}
	var outcomes []bool // of attempts
	for _, n := range s.Notes() {
		if n.Position > at {
			break
		}
		count[n.Name]++
		switch n.Name {
		case "forged-accepted":
			if variant == kaminsky && strings.Contains(n.Summary, bankName) {
				count[n.Name]-- // the prize, not the race
			}
		case "race":
			var d struct{ Successes int }
			if json.Unmarshal(n.Data, &d) == nil {
				outcomes = append(outcomes, d.Successes > count["won"])
				count["won"] = d.Successes
			}
		case "validated":
			var d struct{ Status, Name, Type string }
			if json.Unmarshal(n.Data, &d) == nil && d.Status == "bogus" && d.Name == bankName && d.Type == "A" {
				count[refused]++
			}
		}
	}
	seen := lessons(s, at)
	if len(seen) == 0 && len(outcomes) == 0 {
		return list
	}
	for i := range list {
		m := &list[i]
		switch m.Name {
		case oneWindow:
			m.Measured = ref(float64(count["won"]) / float64(len(outcomes)))
		case within:
			if x, ok := rounds(outcomes, min(max(p.Int("round"), 1), p.Int("windows"))); ok {
				m.Measured = ref(x)
			}
		case accepted:
			m.Measured = number(count["forged-accepted"])
		case refused:
			m.Measured = number(count[refused])
		case poisoned, right:
			n := 0
			for _, x := range seen {
				want := bankAddr
				if m.Name == poisoned {
					want = evilAddr
				}
				if x.Name == bankName && len(x.Value) > 0 && x.Value[0] == want {
					n++
				}
			}
			m.Measured = number(n)
		case cachedTLD, needTarget:
			good, all := 0, 0
			for _, x := range seen {
				if strings.HasSuffix(x.Name, ".bank.com.") == (m.Name == cachedTLD) {
					all++
					if x.Rcode == "NXDOMAIN" || x.Rcode == "NOERROR" {
						good++
					}
				}
			}
			if all == floodLookups {
				m.Measured = ref(float64(good) / float64(all))
			}
		}
	}
	return list
}

// rounds is the share of whole groups of m attempts with a success.
func rounds(outcomes []bool, m int) (share float64, ok bool) {
	won, all := 0, 0
	for ; len(outcomes) >= m; outcomes = outcomes[m:] {
		all++
		for _, s := range outcomes[:m] {
			if s {
				won++
				break
			}
		}
	}
	if all == 0 {
		return 0, false
	}
	return float64(won) / float64(all), true
}
