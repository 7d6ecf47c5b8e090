package web

import (
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// Measure implements lab.Lab. The page time runs from the moment at which the
// first SYN leaves to the moment at which the last byte of the last object
// arrives; until then nothing is measured.
func (c Connections) Measure(variant string, p lab.Params, s *timeline.Snapshot, at timeline.Position) []lab.Measure {
	list := c.Predict(variant, p)
	seen, ok := observe(s, at, 1+p.Int("objects"))
	if !ok {
		return list
	}
	rtt, rate := modelOf(wayOf(variant), p).RTT.Seconds(), p["rate"]
	for i := range list {
		m := &list[i]
		switch m.Name {
		case pageTime:
			m.Measured = ref(seen.time)
			unexplained(m, p["loss"] > 0)
		case connections:
			m.Measured = number(seen.conns)
		case roundTrips:
			m.Measured = ref((seen.time - float64(seen.bytes)*8/rate) / rtt)
		case received:
			m.Measured = ref(float64(seen.bytes))
		}
	}
	return list
}

// unexplained names what is left between prediction and measurement.
func unexplained(m *lab.Measure, loss bool) {
	if m.Predicted == nil {
		return
	}
	const nothing = 1e-6 // a microsecond
	if d := *m.Measured - *m.Predicted; d > nothing || d < -nothing {
		m.Causes = append(m.Causes, lab.Cause{Name: "not explained by the model", Value: d})
	}
}

// observed is what the timeline shows of a whole page.
type observed struct {
	time  float64 // seconds
	conns int
	bytes int64 // that arrived at the client by then, headers included
}

// observe looks for the responses of a page of n responses; ok is false if not
// all of them are complete at this position.
func observe(s *timeline.Snapshot, at timeline.Position, n int) (o observed, ok bool) {
	var end timeline.Time
	used := map[timeline.ConvID]bool{}
	first, last := s.MessageRange()
	targets := map[string]bool{} // each counts once: with --expose a person may ask again
	for id := first; id < last && len(targets) < n; id++ {
		m := s.Message(id)
		if m.Level != decoders.MessageLevel || m.Kind != decoders.Request || m.Reply == timeline.NoMessage {
			continue
		}
		reply := s.Message(m.Reply)
		if _, _, closed := s.MessagePosition(m.Reply); !reply.Closed || closed > at || !browsers(s, m.Conv) {
			continue
		}
		if uri, ok := decoders.Lookup(m.Fields, "http.request.uri"); ok && !targets[uri.Str] {
			targets[uri.Str] = true
		} else {
			continue
		}
		used[m.Conv] = true
		end = max(end, reply.End)
	}
	if len(targets) < n {
		return o, false
	}
	start := end
	for c := range used {
		v := s.Conversation(c)
		start = min(start, v.Start)
		for _, id := range s.ConvPackets(c) {
			if r := s.Packet(id); r.Dir == decoders.BtoA && r.Arrived >= 0 && r.Arrived <= end {
				o.bytes += int64(r.Length)
			}
		}
	}
	o.conns = len(used)
	o.time = (end - start).Seconds()
	return o, true
}

// browsers reports whether a conversation was opened by the lab's own browser;
// with --expose others fetch pages too.
func browsers(s *timeline.Snapshot, c timeline.ConvID) bool {
	name := s.HostName(s.Conversation(c).A.Addr())
	return name == "" || name == "client"
}
