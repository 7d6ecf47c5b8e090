package web

import (
	"cmp"
	"math"
	"slices"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// stall is a response that waits for a lost packet: bytes of it were in the
// packet, or came after it and could not be passed on.
type stall struct {
	name  string // "O3"
	waits []wait
}

// stalls finds the responses that have waited by a position, in the order of
// their names. A byte of TCP waits for all bytes of the connection before it,
// a byte of QUIC for those of its own stream.
func (mem *memo) stalls(s *timeline.Snapshot, p lab.Params, at timeline.Position) []stall {
	convs := hurt(s, at)
	if len(convs) == 0 {
		return nil
	}
	found := map[string][]wait{}
	for _, c := range convs {
		if s.Conversation(c).Transport == decoders.UDP {
			mem.overQUIC(s, p, at, c, found)
		} else {
			overTCP(s, p, at, c, found)
		}
	}
	var out []stall
	for name, ws := range found {
		out = append(out, stall{name, ws})
	}
	slices.SortFunc(out, func(a, b stall) int {
		return cmp.Or(cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	return out
}

// hurt are the browser's conversations in which the server has lost something
// by a position.
func hurt(s *timeline.Snapshot, at timeline.Position) []timeline.ConvID {
	var convs []timeline.ConvID
	first, end := s.PacketRange()
	for id := first; id < end; id++ {
		r := s.Packet(id)
		if s.DeparturePosition(id) > at {
			break // they leave in the order of their numbers
		}
		if r.Loss != capture.NotLost && r.Dir == decoders.BtoA && r.Payload > 0 && r.Conv != timeline.NoConv &&
			!slices.Contains(convs, r.Conv) && browsers(s, r.Conv) {
			convs = append(convs, r.Conv)
		}
	}
	return convs
}

// carried is a packet of the server with payload as a piece without its place;
// ok is false if it has neither arrived nor been lost by a position.
func carried(s *timeline.Snapshot, p lab.Params, at timeline.Position, id capture.PacketID, r timeline.PacketRow) (c piece, ok bool) {
	switch {
	case r.Payload == 0:
		return c, false
	case r.Loss != capture.NotLost:
		way := timeline.Time(p.Duration("rtt")/2) + transmission(int(r.Length), p["rate"])
		return piece{due: r.At + way, lost: true}, s.DeparturePosition(id) <= at
	}
	return piece{due: r.Arrived}, r.Arrived >= 0 && s.ArrivalPosition(id) <= at
}

// overTCP finds what waits on a TCP connection.
func overTCP(s *timeline.Snapshot, p lab.Params, at timeline.Position, c timeline.ConvID, found map[string][]wait) {
	var ps []piece
	for _, id := range s.ConvPackets(c) {
		r := s.Packet(id)
		if r.Dir != decoders.BtoA {
			continue
		}
		if x, ok := carried(s, p, at, id, r); ok {
			x.from = int64(r.Seq) - 1 // the SYN took number 0
			x.to = x.from + int64(r.Payload)
			ps = append(ps, x)
		}
	}
	ws := waits(ps, s.TimeOf(at))
	if len(ws) == 0 {
		return
	}
	for _, id := range s.ConvMessages(c) {
		m := s.Message(id)
		if m.Dir != decoders.BtoA {
			continue
		}
		name := ""
		switch {
		case m.Level == decoders.UnitLevel && m.Stream > 0 && m.PartOf != timeline.NoMessage:
			name = responseName(s, s.Message(m.PartOf))
		case m.Level == decoders.MessageLevel && m.Kind == decoders.Response && m.Stream < 0:
			name = responseName(s, m)
		}
		if name == "" {
			continue
		}
		for _, w := range ws {
			if w.from < m.Off+m.Total && m.Off < w.to {
				found[name] = append(found[name], w)
			}
		}
	}
}

// responseName is what the response m is called: "O2", "page"; "" if it is not
// known.
func responseName(s *timeline.Snapshot, m timeline.Message) string {
	if m.Kind != decoders.Response || m.ReplyTo == timeline.NoMessage {
		return ""
	}
	return requestName(s.Message(m.ReplyTo))
}

func requestName(m timeline.Message) string {
	uri, _ := decoders.Lookup(m.Fields, "http.request.uri")
	if i := objectNumber(uri.Str); i >= 0 {
		return "O" + itoa(i+1)
	}
	if uri.Str == "/" {
		return "page"
	}
	return ""
}

// overQUIC finds what waits on the streams of a QUIC connection.
func (mem *memo) overQUIC(s *timeline.Snapshot, p lab.Params, at timeline.Position, c timeline.ConvID, found map[string][]wait) {
	names := map[int64]string{}
	for _, id := range s.ConvMessages(c) {
		if m := s.Message(id); m.Level == decoders.MessageLevel && m.Kind == decoders.Request {
			names[m.Stream] = requestName(m)
		}
	}
	pieces := map[int64][]piece{}
	for _, f := range mem.sent(s, c) {
		if names[f.stream] == "" {
			continue
		}
		if x, ok := carried(s, p, at, f.packet, s.Packet(f.packet)); ok {
			x.from, x.to = f.from, f.to
			pieces[f.stream] = append(pieces[f.stream], x)
		}
	}
	for stream, ps := range pieces {
		if ws := waits(ps, s.TimeOf(at)); len(ws) > 0 {
			found[names[stream]] = append(found[names[stream]], ws...)
		}
	}
}

// transmission is how long a link of rate bit/s takes for n bytes.
func transmission(n int, rate float64) timeline.Time {
	if rate <= 0 {
		return 0
	}
	return timeline.Time(math.Round(float64(n) * 8e9 / rate))
}
