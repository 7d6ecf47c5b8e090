package tcp

import (
	"slices"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Fold folds one end of a connection. It is used with a Folder of the same
// End, which must not be OnWire.
type Fold struct{ End timeline.End }

// Zero implements timeline.Fold: B, which is called, listens.
func (f Fold) Zero() *State {
	s := &State{MSS: initialMSS, Cwnd: initialWin * initialMSS, every: 1}
	if f.End == timeline.AtB {
		s.Conn = Listen
	}
	return s
}

// Clone implements timeline.Fold.
func (f Fold) Clone(s *State) *State {
	c := *s
	c.Changes = slices.Clone(s.Changes)
	c.Held = slices.Clone(s.Held)
	c.History = slices.Clone(s.History)
	c.out = slices.Clone(s.out)
	return &c
}

// Apply implements timeline.Fold.
func (f Fold) Apply(s *State, _ *timeline.Snapshot, o timeline.Occurrence) *State {
	if o.Row.Transport != decoders.TCP {
		s.Started = true
		if o.Received {
			s.Received++
		} else {
			s.Sent++
		}
		return s
	}
	if o.Received {
		s.Received++
		s.receive(&o)
	} else {
		s.Sent++
		s.send(&o)
	}
	s.Started = true
	s.record(o.At)
	return s
}

func (s *State) enter(c Conn, at timeline.Time) {
	if s.Conn == c {
		return
	}
	s.Conn = c
	if len(s.Changes) == maxChanges {
		s.Changes = append(s.Changes[:0], s.Changes[1:]...)
	}
	s.Changes = append(s.Changes, Change{at, c})
}

// midway opens a connection whose beginning was not captured.
func (s *State) midway(r *timeline.PacketRow, at timeline.Time) {
	if !s.Started && r.Flags&(timeline.SYN|timeline.RST) == 0 {
		s.enter(Established, at)
	}
}

// length is how many sequence numbers a segment takes.
func length(r *timeline.PacketRow) uint32 {
	n := uint32(r.Payload)
	if r.Flags&timeline.SYN != 0 {
		n++
	}
	if r.Flags&timeline.FIN != 0 {
		n++
	}
	return n
}

func (s *State) send(o *timeline.Occurrence) {
	r := &o.Row
	s.midway(r, o.At)
	if !s.synSent {
		s.synSent = true
		s.Una, s.Nxt = r.Seq, r.Seq
	}
	s.RcvWnd = int64(r.Window)
	if r.Flags&timeline.RST != 0 {
		s.enter(Closed, o.At)
		return
	}
	if n := length(r); n > 0 {
		s.MSS = max(s.MSS, int64(r.Payload))
		s.transmit(r.Seq, n, o.At)
	}
	switch {
	case r.Flags&(timeline.SYN|timeline.ACK) == timeline.SYN:
		if s.Conn == Closed || s.Conn == Listen {
			s.enter(SynSent, o.At)
		}
	case r.Flags&timeline.SYN != 0:
		if s.Conn == Listen || s.Conn == SynSent || s.Conn == Closed {
			s.enter(SynReceived, o.At)
		}
	}
	if r.Flags&timeline.FIN != 0 {
		s.fin = r.Seq + length(r)
		switch s.Conn {
		case Established, SynReceived:
			s.enter(FinWait1, o.At)
		case CloseWait:
			s.enter(LastAck, o.At)
		}
	}
}

// transmit notes a segment that leaves.
func (s *State) transmit(seq, n uint32, at timeline.Time) {
	end := seq + n
	if before(s.Nxt, end) {
		s.Nxt = end
		if len(s.out) < maxOpen {
			s.out = append(s.out, segment{end, at, before(seq, s.out1())})
		}
		return
	}
	// All of it has been sent before: a retransmission, which is the answer
	// to a loss (RFC 5681 §3.1 and §3.2).
	s.Resent++
	for i := range s.out {
		if !before(s.out[i].end, seq+1) && !before(end, s.out[i].end) {
			s.out[i].again = true
		}
	}
	if !s.lossy || before(s.recover, seq+1) {
		s.Ssthresh = max(s.InFlight()/2, 2*s.MSS)
		s.Cwnd = s.Ssthresh
		if s.dups < 3 {
			s.Cwnd = s.MSS // a time-out begins again with one segment
		}
		s.lossy, s.recover = true, s.Nxt
	}
}

// out1 is the end of what was sent last.
func (s *State) out1() uint32 {
	if k := len(s.out); k > 0 {
		return s.out[k-1].end
	}
	return s.Una
}

func (s *State) receive(o *timeline.Occurrence) {
	r := &o.Row
	s.midway(r, o.At)
	if r.Flags&timeline.RST != 0 {
		s.enter(Closed, o.At)
		return
	}
	if !s.synSeen {
		s.synSeen = true
		s.RcvNxt = r.Seq
	}
	s.Wnd = int64(r.Window)
	if r.Flags&timeline.SYN != 0 {
		switch {
		case s.Conn == SynSent && r.Flags&timeline.ACK != 0:
			s.enter(Established, o.At)
		case s.Conn == SynSent, s.Conn == Listen:
			s.enter(SynReceived, o.At)
		}
	}
	if r.Flags&timeline.ACK != 0 {
		s.acknowledged(r, o.At)
	}
	if n := length(r); n > 0 {
		s.take(Range{r.Seq, r.Seq + n})
		if r.Flags&timeline.FIN != 0 {
			s.peerFin = r.Seq + n
		}
	}
	if s.peerFin != 0 && !before(s.RcvNxt, s.peerFin) {
		s.peerClosed(o.At)
	}
}

// acknowledged takes in the acknowledgement number of a segment.
func (s *State) acknowledged(r *timeline.PacketRow, at timeline.Time) {
	if !s.synSent {
		// Nothing of what this end sent was captured: believe the other side.
		s.Una, s.Nxt = r.Ack, r.Ack
		return
	}
	switch {
	case before(s.Una, r.Ack) && !before(s.Nxt, r.Ack):
		s.advance(r.Ack, at)
	case r.Analysis&timeline.DupAck != 0:
		s.DupAcks++
		s.dups++
	}
	if s.Conn == SynReceived && s.synSent && !before(r.Ack, s.Nxt) {
		s.enter(Established, at)
	}
	if s.fin != 0 && !before(r.Ack, s.fin) {
		switch s.Conn {
		case FinWait1:
			s.enter(FinWait2, at)
		case Closing:
			s.enter(TimeWait, at)
		case LastAck:
			s.enter(Closed, at)
		}
	}
}

// advance moves the left edge of the send window: a sample of the round-trip
// time, and growth of the congestion window.
func (s *State) advance(ack uint32, at timeline.Time) {
	n := int64(int32(ack - s.Una))
	handshake := s.Una == 0 && n == 1
	k := 0
	var timed *segment
	for k < len(s.out) && !before(ack, s.out[k].end) {
		if !s.out[k].again {
			timed = &s.out[k]
		}
		k++
	}
	if timed != nil {
		s.sample(at - timed.at)
	}
	s.out = append(s.out[:0], s.out[k:]...)
	s.Una, s.dups = ack, 0
	if s.lossy && !before(ack, s.recover) {
		s.lossy = false
	}
	if handshake {
		return // a SYN does not open the window
	}
	if s.SlowStart() {
		s.Cwnd += n
	} else {
		s.Cwnd += max(1, s.MSS*min(n, s.MSS)/max(s.Cwnd, 1))
	}
}

// sample takes in a round-trip time (RFC 6298 §2).
func (s *State) sample(r timeline.Time) {
	s.LastRTT = r
	if s.Samples == 0 {
		s.SRTT, s.RTTVar = r, r/2
	} else {
		d := s.SRTT - r
		if d < 0 {
			d = -d
		}
		s.RTTVar = (3*s.RTTVar + d) / 4
		s.SRTT = (7*s.SRTT + r) / 8
	}
	s.Samples++
}

// take puts a received range where it belongs: in order, or held behind a hole.
func (s *State) take(r Range) {
	if !before(s.RcvNxt, r.To) {
		return // all of it is there already
	}
	if before(r.From, s.RcvNxt) {
		r.From = s.RcvNxt
	}
	if len(s.Held) >= maxHeld {
		return
	}
	i := 0
	for i < len(s.Held) && before(s.Held[i].From, r.From) {
		i++
	}
	s.Held = slices.Insert(s.Held, i, r)
	merged := s.Held[:1]
	for _, x := range s.Held[1:] {
		last := &merged[len(merged)-1]
		if before(last.To, x.From) {
			merged = append(merged, x)
		} else if before(last.To, x.To) {
			last.To = x.To
		}
	}
	s.Held = merged
	if s.Held[0].From == s.RcvNxt {
		s.RcvNxt = s.Held[0].To
		s.Held = append(s.Held[:0], s.Held[1:]...)
	}
}

// peerClosed is called when the other side's FIN is in order.
func (s *State) peerClosed(at timeline.Time) {
	switch s.Conn {
	case Established, SynReceived:
		s.enter(CloseWait, at)
	case FinWait1:
		s.enter(Closing, at)
	case FinWait2:
		s.enter(TimeWait, at)
	}
}

// record keeps the bytes in flight over time. When there are many points,
// every second is dropped, and from then on half as many are kept.
func (s *State) record(at timeline.Time) {
	n := s.InFlight()
	s.PeakFlight = max(s.PeakFlight, n)
	if k := len(s.History); k > 0 && s.History[k-1].V == n {
		return
	}
	s.skipped++
	if s.skipped < s.every && n < s.PeakFlight {
		return
	}
	s.skipped = 0
	s.History = append(s.History, Point{at, n})
	if len(s.History) >= maxHistory {
		keep := s.History[:0]
		for i := 0; i+1 < len(s.History); i += 2 {
			a, b := s.History[i], s.History[i+1]
			if b.V > a.V {
				a = b
			}
			keep = append(keep, a)
		}
		s.History = keep
		s.every *= 2
	}
}
