// Package tcp folds the segments of a connection into the state of one of its
// ends: the state of RFC 9293 §3.3.2, the send and receive sequence space, the
// round-trip times, and what the socket holds for the application.
//
// The fold is pure: the same occurrences give the same state, whichever way
// the playhead came. It sees only what an end sends and receives; what the
// end keeps to itself (its congestion window, what the application has read)
// is estimated and named so. It must not know of screens.
package tcp

import (
	"netscope/decoders/timeline"
)

// Conn is a state of RFC 9293 §3.3.2.
type Conn uint8

// The states.
const (
	Closed Conn = iota
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
)

// String is the state's name in the RFC.
func (c Conn) String() string {
	return [...]string{"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
		"CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"}[c%11]
}

// Doc says in a sentence what the state means.
func (c Conn) Doc() string {
	return [...]string{
		"No connection (any more).",
		"Waits for a SYN on the port of a server.",
		"Has sent SYN and waits for SYN ACK.",
		"Has received SYN, answered it, and waits for the ACK.",
		"Open: both sides may send.",
		"Has sent FIN: will send no more bytes. Waits for its ACK.",
		"Its FIN is acknowledged. The other side may still send.",
		"The other side has sent FIN. This side may still send.",
		"Both have sent FIN at once. Waits for the ACK of its own.",
		"Has sent FIN after the other side's. Waits for its ACK.",
		"Closed, and waits until old segments are gone from the network.",
	}[c%11]
}

// Change is a change of state.
type Change struct {
	At timeline.Time
	To Conn
}

// Range is a half-open range of sequence numbers.
type Range struct{ From, To uint32 }

// segment is one that has been sent and not been acknowledged.
type segment struct {
	end   uint32
	at    timeline.Time
	again bool // sent more than once: no sample of it (Karn)
}

// Point is a value at a time.
type Point struct {
	At timeline.Time
	V  int64
}

// Limits of what is kept, so that a state stays small however long a
// connection lives.
const (
	maxChanges = 16
	maxHistory = 256
	maxOpen    = 1 << 14 // segments waiting for an acknowledgement
	maxHeld    = 1 << 10 // ranges behind holes
	initialMSS = 1460
	initialWin = 10 // segments (RFC 6928)
)

// State is one end of a connection. Sequence numbers are relative to the first
// that was seen, so the SYN is 0 and the first byte is 1.
type State struct {
	Conn    Conn
	Changes []Change // the last ones
	Started bool     // anything has been seen

	// The send sequence space (RFC 9293 §3.3.1).
	Una, Nxt uint32
	Wnd      int64 // what the other side last allowed, in bytes
	MSS      int64 // largest segment that was sent, or the usual one

	// The receive sequence space.
	RcvNxt uint32
	RcvWnd int64
	Held   []Range // received out of order, behind a hole

	// Round-trip time (RFC 6298).
	LastRTT, SRTT, RTTVar timeline.Time
	Samples               int

	Cwnd, Ssthresh int64 // estimated; Ssthresh 0: none yet
	Resent         int
	DupAcks        int // received
	dups           int // in a row

	Sent, Received   int // segments
	PeakFlight       int64
	History          []Point // bytes in flight
	every            int     // of so many changes one is kept in History
	skipped          int
	out              []segment
	fin, peerFin     uint32 // number just after the FIN, 0 none
	synSent, synSeen bool
	recover          uint32 // loss response is over when this is acknowledged
	lossy            bool
}

// InFlight is how many sequence numbers have been sent and not acknowledged.
func (s *State) InFlight() int64 { return int64(int32(s.Nxt - s.Una)) }

// HeldBytes is how much waits behind a hole.
func (s *State) HeldBytes() int64 {
	n := int64(0)
	for _, r := range s.Held {
		n += int64(r.To - r.From)
	}
	return n
}

// Hole is what is missing before what is held; ok is false if nothing is.
func (s *State) Hole() (r Range, ok bool) {
	if len(s.Held) == 0 {
		return Range{}, false
	}
	return Range{s.RcvNxt, s.Held[0].From}, true
}

// Written is how many bytes the application has handed over, as far as they
// have been sent; Acked how many of them the other side has acknowledged.
func (s *State) Written() int64 { return bytesUpTo(s.Nxt, s.fin) }

// Acked is how many of the written bytes the other side has.
func (s *State) Acked() int64 { return bytesUpTo(s.Una, s.fin) }

// Readable is how many bytes have been received in order.
func (s *State) Readable() int64 { return bytesUpTo(s.RcvNxt, s.peerFin) }

// bytesUpTo counts the bytes below a sequence number, without SYN and FIN.
func bytesUpTo(seq, fin uint32) int64 {
	n := int64(seq)
	if n > 0 {
		n-- // the SYN
	}
	if fin != 0 && !before(seq, fin) {
		n--
	}
	return max(n, 0)
}

// SlowStart reports that the estimated congestion window still doubles every
// round trip (RFC 5681 §3.1).
func (s *State) SlowStart() bool { return s.Ssthresh == 0 || s.Cwnd < s.Ssthresh }

// before compares sequence numbers, which wrap around.
func before(a, b uint32) bool { return int32(a-b) < 0 }
