// Package model predicts how long a web page takes.
//
// It knows two ways. [Ideal] is the textbook's formula: every connection costs
// a round trip, every request another, every bit 1/R, and nothing else costs
// anything. [Run] follows each packet of a real TCP: the sizes of headers and
// of the requests, the three-way handshake, slow start, windows and socket
// buffers, time-outs that fire while a packet still waits in the queue, and
// the closing of connections. [Causes] names what the difference between the
// two is made of.
//
// Everything here is a pure function of its arguments. The package imports
// nothing that could reach a network, emulated or real, and shares no code
// with the emulated one: a prediction that comes from what it predicts would
// prove nothing. That the two agree is what the tests of the lab check.
package model

import "time"

// Way is how a browser uses connections.
type Way int

// The ways.
const (
	NonPersistent Way = iota // a connection for each object, one after the other
	Persistent               // one connection, the next request after the last response
	Pipelined                // one connection, after the base page all requests at once
	Pool                     // a connection for each object, at most Conns at a time, the next as soon as one is done
	Waves                    // the same, but the next Conns only when all of the last are done
	Lanes                    // Conns persistent connections, each asks for the next object when it has its last
)

// Exchange is a request and its response, in bytes as sent.
type Exchange struct {
	Request int // the whole request
	Head    int // status line and header fields of the response
	Body    int // content of the response
}

// Params says what is fetched over what.
type Params struct {
	Way     Way
	RTT     time.Duration // propagation, both ways together
	Rate    float64       // bit/s, each direction
	Loss    float64       // probability that a packet is lost, each direction
	Drop    Drop          // a packet of the server that is lost in any case
	Conns   int           // connections at a time, for Pool and Waves
	Page    Exchange      // the base page
	Objects []Exchange
	TCP     TCP
	Stagger time.Duration // between the openings of connections that start together
	Close   bool          // the server closes after each response (non-persistent)
}

// Drop chooses one packet of the server that is lost.
type Drop struct {
	Nth    int // the Nth, from 1, of those that carry data …; 0: none
	MinLen int // … and have at least so many bytes
}

// TCP is what has to be known of the stacks at both ends.
type TCP struct {
	Header     int           // bytes of IP and TCP header of a segment, options included
	SYN        int           // bytes of a SYN and of a SYN ACK
	MSS        int           // payload of a full segment
	Window     int           // bytes the receiver lets be in flight
	FirstWnd   int           // … before its first acknowledgement of data
	SendBuffer int           // bytes that the sender keeps: unsent and unacknowledged
	Piece      int           // bytes that the server writes at once
	InitialRTO time.Duration // before a round trip has been measured
	MinRTO     time.Duration
}

// InitialWindow is how many segments a connection may send before its first
// acknowledgement (RFC 6928).
const InitialWindow = 10

// Effects are the ways in which real TCP differs from the textbook's formula.
type Effects struct {
	Queue    bool // SYN ACKs and acknowledgements wait behind responses
	Upstream bool // SYNs, requests and acknowledgements need time on the link
	Headers  bool // responses carry HTTP, TCP and IP headers
	Slow     bool // slow start: few segments at first
	Windows  bool // receive window and send buffer
	Timeouts bool // retransmission time-outs, fired too early by queues
	Closing  bool // FINs and their acknowledgements need time on the link
}

// Real is all effects together.
func Real() Effects { return Effects{true, true, true, true, true, true, true} }

// Span is when an object was being fetched, since the first SYN left.
type Span struct{ Start, End time.Duration }

// Result is what a run of the model gives.
type Result struct {
	Time        time.Duration // from the first SYN until the last byte has arrived
	Page        Span
	Objects     []Span
	Conns       int
	Down        int64         // bytes that had arrived at the client by Time, headers included
	Busy        time.Duration // how long the link towards the client carried them
	Retransmits int           // segments sent again
	Done        bool          // false: it did not end within the limit of events
	Stuck       bool          // … because an end gave up: too many losses
}
