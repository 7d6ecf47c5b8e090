package dns

import (
	"encoding/json"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// Names of the measures of dns-resolve.
const (
	totalDelay    = "delay of the first lookup"
	totalMessages = "messages of the first lookup"
	againDelay    = "delay of the second lookup"
	againMessages = "messages of the second lookup"
	holders       = "servers with an open question"
	rootHolds     = "time for which the root holds a question"
)

// Predict implements lab.Lab.
func (Resolve) Predict(variant string, p lab.Params) []lab.Measure {
	rtt := func(name string) float64 { return (2 * (p.Duration(name) / 2)).Seconds() }
	delay, messages, waiting, held := rtt("rtt-local")+rtt("rtt-root"), 8, 1, 0.0
	formula := "RTT(engineering.nyu.edu, dns.nyu.edu) + RTT(dns.nyu.edu, root)"
	var causes []lab.Cause
	ideal := 0.0
	if variant == recursive {
		held = rtt("rtt-root-tld") + rtt("rtt-tld-auth")
		delay += held
		ideal, waiting = delay, 3
		formula += " + RTT(root, .edu) + RTT(.edu, dns.cs.umass.edu)"
	} else {
		delay += rtt("rtt-tld") + rtt("rtt-auth")
		ideal = delay
		formula += " + RTT(dns.nyu.edu, .edu) + RTT(dns.nyu.edu, dns.cs.umass.edu)"
		if p["prime"] > 0 {
			messages += 2
			delay += rtt("rtt-root")
			causes = append(causes, lab.Cause{Name: "priming: the root's own servers are asked for", Value: rtt("rtt-root")})
		}
		if p["minimise"] > 0 {
			messages += 2
			delay += rtt("rtt-auth")
			causes = append(causes, lab.Cause{Name: "minimisation: cs.umass.edu is asked about first", Value: rtt("rtt-auth")})
		}
	}
	list := []lab.Measure{
		{Name: totalDelay, Formula: formula, Ideal: ref(ideal), Predicted: ref(delay), Unit: "s", Causes: causes},
		{Name: totalMessages, Formula: "a question and an answer for each server", Ideal: number(8), Predicted: number(messages)},
		{Name: holders, Formula: "those that have asked and wait, beside the client", Ideal: number(waiting), Predicted: number(waiting)},
		{Name: rootHolds, Formula: "RTT(root, .edu) + RTT(.edu, dns.cs.umass.edu) when it recurses", Ideal: ref(held), Predicted: ref(held), Unit: "s"},
	}
	if p["again"] > 0 {
		second := lab.Measure{Name: againDelay, Formula: "RTT(engineering.nyu.edu, dns.nyu.edu)", Ideal: ref(rtt("rtt-local")), Unit: "s"}
		count := lab.Measure{Name: againMessages, Formula: "the cache has the answer", Ideal: number(2)}
		// The TTL counts from when the answer came, half a local RTT before the
		// client had it; the second question arrives half a local RTT after again.
		if p["again"]+rtt("rtt-local") < float64(int(p["ttl"])) {
			second.Predicted, count.Predicted = second.Ideal, count.Ideal
		} else {
			note := "the TTL has run out by then"
			second.Note, count.Note = note, note
		}
		list = append(list, second, count)
	}
	for i := range list {
		list[i].Variant = variant
	}
	return list
}

// Measure implements lab.Lab. A lookup begins when the client's question leaves
// and ends when its answer has arrived.
func (l Resolve) Measure(variant string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	list := l.Predict(variant, p)
	found := lookups(s, at, asker)
	held := pendings(s, at)
	for i := range list {
		m := &list[i]
		n := 0
		switch m.Name {
		case againDelay, againMessages:
			n = 1
		}
		if n >= len(found) || !found[n].done {
			continue
		}
		switch m.Name {
		case totalDelay, againDelay:
			m.Measured = ref((found[n].end - found[n].start).Seconds())
		case totalMessages, againMessages:
			m.Measured = number(found[n].messages)
		case holders:
			m.Measured = number(len(held))
		case rootHolds:
			m.Measured = ref(held[rootDNS])
		}
	}
	return list
}

// lookup is what a client's question set off.
type lookup struct {
	start, end timeline.Time
	messages   int
	done       bool
}

// lookups follows the questions that a client asked one after the other:
// datagrams to and from port 53, wherever they were sent meanwhile.
func lookups(s *timeline.Snapshot, at timeline.Position, client string) []lookup {
	var out []lookup
	first, end := s.PacketRange()
	for id := first; id < end; id++ {
		r := s.Packet(id)
		if s.DeparturePosition(id) > at || r.Conv == timeline.NoConv || r.Payload == 0 {
			continue
		}
		c := s.Conversation(r.Conv)
		if c.A.Port() != port && c.B.Port() != port {
			continue
		}
		from, to := c.A, c.B
		if r.Dir != 0 {
			from, to = to, from
		}
		asks := to.Port() == port
		switch {
		case asks && s.HostName(from.Addr()) == client:
			if len(out) == 0 || out[len(out)-1].done {
				out = append(out, lookup{start: r.At})
			}
		case len(out) == 0:
			continue
		}
		l := &out[len(out)-1]
		l.messages++
		if !asks && s.HostName(to.Addr()) == client && r.Arrived >= 0 && s.ArrivalPosition(id) <= at {
			l.end, l.done = r.Arrived, true
		}
	}
	return out
}

// pendings is for how long, in seconds, each host has had open questions.
func pendings(s *timeline.Snapshot, at timeline.Position) map[string]float64 {
	out := map[string]float64{}
	type question struct {
		host string
		id   int
	}
	since := map[question]timeline.Time{}
	for _, n := range s.Notes() {
		if n.Position > at || n.Name != "pending" {
			continue
		}
		var d struct {
			ID    int
			State string
		}
		if json.Unmarshal(n.Data, &d) != nil {
			continue
		}
		q := question{n.Host, d.ID}
		switch d.State {
		case "begin":
			since[q] = n.At
			out[n.Host] += 0
		case "end":
			out[n.Host] += (n.At - since[q]).Seconds()
		}
	}
	return out
}
