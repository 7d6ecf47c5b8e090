// Package model has the textbook's formulas for how long it takes to bring a
// file to N peers. It is pure: numbers in, numbers out.
package model

import "math"

// Distribution is the problem: a server with a file and N peers that want it.
type Distribution struct {
	Peers      int
	File       float64 // F, bits
	ServerUp   float64 // us, bit/s
	PeerUp     float64 // u, bit/s, of each peer
	PeerDownLo float64 // dmin, bit/s, of the slowest peer; +Inf or 0: no limit
}

// Term is one of the lower bounds of which a formula takes the largest.
type Term struct {
	Formula string
	Why     string
	Seconds float64
}

func (d Distribution) dmin() float64 {
	if d.PeerDownLo <= 0 {
		return math.Inf(1)
	}
	return d.PeerDownLo
}

// ClientServer gives the time when the server sends a copy to each peer, in
// seconds: max{N·F/us, F/dmin}.
func ClientServer(d Distribution) float64 { return largest(ClientServerTerms(d)) }

// ClientServerTerms are what ClientServer takes the largest of.
func ClientServerTerms(d Distribution) []Term {
	return []Term{
		{"N·F/us", "the server sends N copies", float64(d.Peers) * d.File / d.ServerUp},
		{"F/dmin", "the slowest peer receives one", d.File / d.dmin()},
	}
}

// PeerToPeer gives the least time when peers send on what they have, in
// seconds: max{F/us, F/dmin, N·F/(us + Σui)}.
func PeerToPeer(d Distribution) float64 { return largest(PeerToPeerTerms(d)) }

// PeerToPeerTerms are what PeerToPeer takes the largest of.
func PeerToPeerTerms(d Distribution) []Term {
	n := float64(d.Peers)
	return []Term{
		{"F/us", "the server sends each bit at least once", d.File / d.ServerUp},
		{"F/dmin", "the slowest peer receives one copy", d.File / d.dmin()},
		{"N·F/(us+Σui)", "N copies, and everybody sends", n * d.File / (d.ServerUp + n*d.PeerUp)},
	}
}

func largest(ts []Term) float64 {
	x := 0.0
	for _, t := range ts {
		x = max(x, t.Seconds)
	}
	return x
}
