package ladder

import (
	"slices"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// messages makes a band of every message, and thin arrows of what sets up and
// ends connections: it costs round trips and explains them.
func (x *extractor) messages() {
	p := x.f.Head.Pos
	seen := map[timeline.MessageID]bool{}
	unit := x.f.Head.Granularity == timeline.ByUnit
	for i := x.from(); i < p; i++ {
		m := x.s.Moment(i)
		if m.Kind != timeline.Departs {
			continue
		}
		row := x.s.Packet(m.Packet)
		if row.Payload == 0 {
			if k := kindOf(&row); k == Handshake && row.Flags&(timeline.SYN|timeline.FIN|timeline.RST) != 0 {
				if a, ok := x.packet(m.Packet, &row, true); ok {
					a.ID = ^a.ID // not a message's number
					x.arrows = append(x.arrows, a)
				}
			}
			continue
		}
		if row.Arrived < 0 { // what is lost belongs to no message, and holds one up
			if a, ok := x.packet(m.Packet, &row, true); ok {
				a.ID = ^a.ID
				x.arrows = append(x.arrows, a)
			}
		}
		for _, id := range x.s.PacketMessages(m.Packet) {
			if seen[id] {
				continue
			}
			seen[id] = true
			if x.f.Filter != nil && !x.f.Filter(id) {
				continue
			}
			v := x.s.Message(id)
			if (v.Level == decoders.UnitLevel) != unit && !(unit && v.Level == decoders.MessageLevel && !x.hasUnits(id, &v)) {
				continue
			}
			if a, ok := x.message(&v); ok {
				x.arrows = append(x.arrows, a)
			}
		}
	}
	slices.SortStableFunc(x.arrows, func(a, b Arrow) int {
		switch {
		case a.Out < b.Out:
			return -1
		case a.Out > b.Out:
			return 1
		}
		return 0
	})
}

// hasUnits reports that the message after this one is one of its units.
func (x *extractor) hasUnits(id timeline.MessageID, v *timeline.Message) bool {
	_, end := x.s.MessageRange()
	for k := id + 1; k < end && k < id+4; k++ {
		if x.s.Message(k).PartOf == id {
			return true
		}
	}
	return false
}

func (x *extractor) message(v *timeline.Message) (Arrow, bool) {
	p := x.f.Head.Pos
	if x.only != timeline.NoConv && v.Conv != x.only {
		return Arrow{}, false
	}
	from, to, ok := x.ends(v.Conv, v.First, v.Dir)
	if !ok {
		return Arrow{}, false
	}
	_, open, closed := x.s.MessagePosition(v.ID)
	first := x.s.Packet(v.First)
	a := Arrow{ID: uint64(v.ID), From: from, To: to, Out: v.Start, In: first.Arrived, Group: int(v.Conv), Message: true, Kind: Event}
	switch v.Kind {
	case decoders.Request:
		a.Kind = Request
	case decoders.Response:
		a.Kind = Response
	}
	if a.In < 0 { // the first packet was lost: the head came later
		a.In = max(v.HeadAt, v.Start)
	}
	a.Here = x.s.PacketAt(v.First, p) == timeline.Arrived
	a.Done = v.Closed && closed <= p
	switch {
	case v.Closed:
		last := x.s.Packet(v.Last)
		a.OutEnd, a.InEnd = last.At, v.End
		if !a.Done && last.At > x.f.Head.Time {
			a.Open = true
		}
	default:
		a.Open = true
	}
	if a.Open {
		a.OutEnd, a.InEnd = a.Out, a.In
	}
	if x.f.Differs != nil {
		a.Mark = x.f.Differs.Message(v.ID).Kind.Glyph()
	}
	a.Label = Brief(v)
	if open > p {
		a.Label = v.Name
	}
	if a.Done {
		a.Label += " · " + view.FormatBytes(v.Total)
	} else if got := x.s.Delivered(v.Conv, v.Dir, p) - v.Off; got > 0 {
		a.Label += " · " + view.FormatBytes(min(got, v.Total)) + " so far"
	}
	if v.Err != "" {
		a.Label += " · malformed"
	}
	return a, true
}

// spans finds the durations to mark: the handshake's round trip, and of each
// exchange the wait from request to response if asked for.
func (x *extractor) spans(in *Input, exchanges bool) {
	type key struct{ group, from int }
	open := map[key]*Arrow{}
	asked := map[int]*Arrow{}
	for i := range in.Arrows {
		a := &in.Arrows[i]
		switch {
		case a.Kind == Handshake && a.Label == "SYN":
			open[key{a.Group, a.From}] = a
		case a.Kind == Handshake && (a.Label == "SYN ACK" || a.Label == "ACK"):
			// Seen at one point (no delays), the round trip ends with the
			// acknowledgement of the answer; in a lab, with the answer.
			k := key{a.Group, a.To}
			if a.Label == "ACK" {
				k.from = a.From
			}
			q := open[k]
			if q == nil || a.Label == "SYN ACK" && a.In == a.Out {
				continue
			}
			delete(open, k)
			in.Spans = append(in.Spans, Span{q.ID, a.ID, "RTT", a.In - q.Out})
		case exchanges && a.Kind == Request:
			asked[a.Group] = a
		case exchanges && a.Kind == Response && asked[a.Group] != nil:
			q := asked[a.Group]
			delete(asked, a.Group)
			in.Spans = append(in.Spans, Span{q.ID, a.ID, "wait", a.In - q.Out})
		}
	}
}
