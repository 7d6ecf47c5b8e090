package model

import (
	"math"
	"time"
)

// sample takes a measured round trip into the retransmission time-out
// (RFC 6298 §2, with the weights of RFC 7323 appendix G).
func (e *end) sample(rtt float64) {
	s := &e.snd
	if !s.measured {
		s.measured, s.srtt, s.rttvar = true, rtt, rtt/2
	} else {
		if s.outstanding == 0 {
			return
		}
		samples := math.Ceil(float64(s.outstanding) / 2)
		alpha, beta := 0.125/samples, 0.25/samples
		s.rttvar += beta * (math.Abs(s.srtt-rtt) - s.rttvar)
		s.srtt += alpha * (rtt - s.srtt)
	}
	s.srtt = max(s.srtt, 0.001)
	s.rto = min(max(seconds(s.srtt+4*s.rttvar), e.minRTO), maxRTO)
}

const maxRTO = 120 * time.Second

// ticks is the time from a to b in seconds as time stamps show it: stamps are
// whole milliseconds (RFC 7323 §3).
func ticks(a, b time.Duration) float64 {
	return float64(b/time.Millisecond-a/time.Millisecond) / 1e3
}

// arm starts the retransmission timer if something is in flight and it is not
// running.
func (e *end) arm() {
	s := &e.snd
	if s.una != s.nxt && s.deadline == 0 && s.outstanding > 0 {
		s.deadline = e.g.now + s.rto
		e.tick()
	}
}

// tick makes sure that an event looks at the timer when it is due, or before.
func (e *end) tick() {
	s := &e.snd
	if !e.f.Timeouts || s.deadline == 0 || s.look != 0 && s.look <= s.deadline {
		return
	}
	due := s.deadline
	s.look = due
	e.g.at(due, func() {
		if s.look != due {
			return // an earlier event has taken over
		}
		s.look = 0
		switch {
		case s.deadline == 0:
		case s.deadline > e.g.now:
			e.tick()
		default:
			s.deadline = 0
			e.expire()
		}
	})
}

// expire is a retransmission time-out: everything in flight counts as lost and
// is sent again from the first byte, beginning with one segment (RFC 5681 §3.1).
func (e *end) expire() {
	s := &e.snd
	if s.head == nil {
		return
	}
	s.rto = min(2*s.rto, maxRTO)
	s.recover = s.nxt - 1
	if s.fast {
		s.fast, s.dups, s.cwnd = false, 0, s.ssthresh
	}
	s.recovering = true
	s.ssthresh = max(s.outstanding/2, 2)
	s.cwnd = 1
	s.outstanding = 0
	for it := s.head; it != nil; it = it.next {
		it.sacked = false
	}
	s.maxSacked = 0
	s.next = s.head
	e.transmit()
}
