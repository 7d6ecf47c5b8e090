package model

import "time"

// QUIC says what is fetched over one QUIC connection.
type QUIC struct {
	RTT    time.Duration // propagation, both ways together
	Rate   float64       // bit/s, each direction
	Packet int           // bytes of a full packet on the wire, all headers included
	Load   int           // … of which so many are content
	Window int           // packets that may be in flight at first
	Lost   int           // number of the full packet that is lost, from 1; 0: none
}

// Band is what to expect of the time in seconds from when a request has arrived
// until its response of own bytes is complete, if total bytes are asked for at
// the same time.
//
// There is no closed form: the standard (RFC 9002) leaves open how bursts are
// spread over time and whose turn it is. So the lower end is what no sender
// beats, the response alone at the full rate. The upper end is the response at
// the very end of everything, after slow start with a whole round trip for
// every window; if a packet is lost, it is the last one, whose repair takes a
// probe time-out (RFC 9002 §6.2), and all that follows goes at the pace of a
// congestion window cut as RFC 9438 says.
func (q QUIC) Band(own, total int64) (low, high float64) {
	rtt := q.RTT.Seconds()
	low = rtt/2 + float64(own)*8/q.Rate
	wire := float64(total) * float64(q.Packet) / float64(q.Load)
	high = rtt/2 + 8*(wire+2*float64(q.Packet))/q.Rate
	window := float64(q.Window * q.Packet)
	pipe := rtt * q.Rate / 8
	for left := wire; left > 0 && window < pipe; window *= 2 {
		// A window is spread over a round trip, the last part of one too.
		high += rtt*min(left/window, 1) + ackDelay
		left -= window
	}
	if q.Lost > 0 {
		// Half of what had been sent was in flight at least, or a first window.
		window := max(float64(q.Window), float64(q.Lost)/2) * cut * float64(q.Packet)
		high += 8*wire/q.Rate*(1/cut-1) + 3*rtt + 2*ackDelay
		if window < pipe { // slow start ends with the loss
			high += wire / window * rtt
		}
	}
	return low, high
}

const (
	ackDelay = 0.025 // seconds that a receiver may take before it acknowledges (RFC 9000 §18.2)
	cut      = 0.7   // what a loss leaves of the congestion window (RFC 9438 §4.6)
)
