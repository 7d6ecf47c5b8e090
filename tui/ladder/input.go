// Package ladder draws the sequence diagram: lifelines for hosts, time running
// down to scale, an arrow for each packet or message from the moment it left
// to the moment it arrived.
//
// The picture is computed as data by [Layout] from an [Input] of plain values
// and drawn from that, so that everything but the reading of a timeline
// (extract.go) can be tested without one. The package must not look inside
// messages' typed bodies and must not move the playhead itself.
package ladder

import "netscope/decoders/timeline"

// Kind is what an arrow carries.
type Kind uint8

// The kinds of arrow.
const (
	Data      Kind = iota // payload in the middle of something
	Ack                   // an acknowledgement that carries nothing
	Handshake             // SYN, FIN, RST
	Request
	Response
	Event
)

// Arrow is a packet or a message on its way from one lifeline to another.
type Arrow struct {
	ID       uint64
	From, To int           // lifelines, from 0
	Out      timeline.Time // its first byte leaves
	OutEnd   timeline.Time // its last byte leaves; equal to Out for a packet
	In       timeline.Time // its first byte arrives; of a lost packet: would have
	InEnd    timeline.Time // its last byte arrives
	Here     bool          // has arrived (its first byte), as of the playhead
	Done     bool          // has arrived to its last byte
	Open     bool          // more of it is still being sent: OutEnd and InEnd are not known
	Lost     bool
	Again    bool // a retransmission
	Message  bool // drawn as a band: its width is the transmission time
	Kind     Kind
	Group    int    // connection
	Label    string // "GET /o1 · 120 B"
	thin     bool   // a message whose transmission time is too short to be seen
	Mark     string // how it differs from what it is compared with: "≠", "◆"; empty: not at all
	Unit     string // what a burst of such arrows is called: "data 1,448 B"; empty: never merged
}

// band reports that the arrow is drawn with the width of its transmission time.
func (a *Arrow) band() bool { return a.Message && !a.thin }

// Host is a lifeline.
type Host struct{ Name, Addr string }

// Span is a duration to be marked at the side of a lifeline: from the
// departure of one arrow to the arrival of another.
type Span struct {
	From, To uint64 // IDs of the arrows
	Text     string // "RTT", "wait"
	Time     timeline.Time
}

// Input is all that a picture is made of.
type Input struct {
	Hosts    []Host
	Arrows   []Arrow // by Out
	Spans    []Span
	Now      timeline.Time // the playhead
	PerRow   timeline.Time // time that one row stands for
	Letters  bool          // several connections: tell them apart by letter and colour
	Selected uint64        // ID of the selected arrow
	HasSel   bool
	Scroll   int  // rows that the window is moved up from the playhead
	Earlier  bool // there is more before the first arrow
}

// scales are the steps of the zoom, in nanoseconds a row, per decade.
var scales = [...]timeline.Time{1, 2, 5}

// Rescale gives the next coarser (dir > 0) or finer (dir < 0) scale.
func Rescale(t timeline.Time, dir int) timeline.Time {
	const finest, coarsest = 1_000, 100_000_000_000 // 1 µs to 100 s a row
	if dir > 0 {
		return min(roundScale(t+1), coarsest)
	}
	best := timeline.Time(finest)
	for dec := timeline.Time(finest); dec <= coarsest; dec *= 10 {
		for _, m := range scales {
			if s := m * dec; s < t {
				best = s
			}
		}
	}
	return best
}

// roundScale is the smallest scale of the steps that is not below t.
func roundScale(t timeline.Time) timeline.Time {
	for dec := timeline.Time(1_000); ; dec *= 10 {
		for _, m := range scales {
			if m*dec >= t || dec >= 100_000_000_000 {
				return m * dec
			}
		}
	}
}

// AutoScale is the scale at which a round trip takes about a third of the
// height: large enough to read the slants, small enough to see an exchange.
func AutoScale(rtt timeline.Time, rows int) timeline.Time {
	if rtt <= 0 {
		return 1_000_000
	}
	n := timeline.Time(max(4, min(10, rows/3)))
	return roundScale(rtt * 2 / (n * 3))
}
