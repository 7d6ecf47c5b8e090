// Package distribution is the lab distribution: how long it takes until N peers
// have a file, when a server sends it to each, and when they send it on. The
// textbook's formulas, measured points from real transfers on the emulated
// network, and simulated points for swarms that no machine can run live.
//
// The package must not know of screens. What is simulated says so.
package distribution

import (
	"fmt"
	"slices"

	"netscope/protocols/bittorrent/model"
	"netscope/protocols/lab"
)

// Lab is the lab distribution. The zero value works.
type Lab struct{}

var _ lab.Lab = Lab{}

// The variants.
const (
	clientServer = "client-server"
	peerToPeer   = "p2p"
)

const (
	chartTo    = 49   // the textbook's chart ends there
	headerRoom = 1.08 // how much faster than a client's upload limit its link is, for headers
	ackRoom    = 0.05 // and, of what it downloads, for acknowledgements
)

// Spec implements lab.Lab.
func (Lab) Spec() lab.Spec {
	return lab.Spec{
		ID: "distribution", Title: "File distribution: client-server and P2P", Group: "P2P",
		Summary: "N peers want a file: why peers beat a server. Formulas, real transfers, simulated swarms",
		About:   about,
		Params: []lab.Param{
			{Name: "hour", Label: "F/u", Doc: "time in which one peer could upload the file: the unit of the formulas", Kind: lab.Duration, Default: 3600, Min: 1, Max: 1e6},
			{Name: "us", Label: "us/u", Doc: "how many times faster than a peer the server uploads", Kind: lab.Count, Default: 10, Min: 1, Max: 1000},
			{Name: "dmin", Label: "dmin/u", Doc: "how many times faster than its upload a peer downloads", Kind: lab.Count, Default: 10, Min: 1, Max: 1000},
			{Name: "peers", Label: "measured up to N", Doc: "real transfers on the emulated network for 1, 2, 5, 10 and 20 peers up to this many", Kind: lab.Count, Default: 5, Min: 0, Max: 30, Zero: "none"},
			{Name: "size", Label: "file", Doc: "F of the real transfers", Kind: lab.Bytes, Default: 8 << 20, Min: 64 << 10, Max: 64 << 20},
			{Name: "scaled", Label: "F/u, measured", Doc: "F/u of the real transfers: a file so much smaller, with the same ratios; measured times are scaled to F/u", Kind: lab.Duration, Default: 120, Min: 10, Max: 36000},
			{Name: "simulate", Label: "simulated up to N", Doc: "swarms simulated block by block, with the client's picker and choker, for N up to this", Kind: lab.Count, Default: 49, Min: 0, Max: 10000, Zero: "none"},
			{Name: "pieces", Label: "pieces", Doc: "of the simulated file", Kind: lab.Count, Default: 512, Min: 16, Max: 4096},
		},
		Variants: []lab.Variant{
			{ID: clientServer, Title: "client-server", Summary: "the server sends every peer its own copy"},
			{ID: peerToPeer, Title: "P2P", Summary: "the server is a seed; peers send on what they have"},
		},
	}
}

// Topology implements lab.Lab: a server and peers, each behind a link of its
// own to a router that is never the bottleneck.
func (Lab) Topology(variant string, p lab.Params) lab.Topology {
	up := measuredUp(p)
	room := 1.0
	if variant == peerToPeer {
		room = headerRoom
	}
	const delay = 5e6 // ns
	top := lab.Topology{
		Nodes:      []lab.Node{{Name: "server", Role: "server", Services: services(variant)}, {Name: "internet", Kind: lab.RouterNode}},
		Links:      []lab.Link{{A: "server", B: "internet", AB: lab.Path{Delay: delay, Rate: up * p["us"] * room}, BA: lab.Path{Delay: delay, Rate: up * p["us"] * room}}},
		SendBuffer: 64 << 10,
	}
	for i := range max(p.Int("peers"), 1) {
		name := peerName(i)
		top.Nodes = append(top.Nodes, lab.Node{Name: name, Role: "client"})
		top.Links = append(top.Links, lab.Link{A: name, B: "internet",
			AB: lab.Path{Delay: delay, Rate: up * (room + ackRoom*p["dmin"])}, BA: lab.Path{Delay: delay, Rate: up * p["dmin"] * room}})
	}
	return top
}

func services(variant string) []lab.Service {
	if variant == peerToPeer {
		return []lab.Service{{Name: "tracker", Network: "tcp", Port: trackerPort}, {Name: "bittorrent", Network: "tcp", Port: peerPort}}
	}
	return []lab.Service{{Name: "http", Network: "tcp", Port: 80}}
}

func peerName(i int) string { return fmt.Sprintf("peer%d", i+1) }

// measuredUp is u of the real transfers, in bit/s.
func measuredUp(p lab.Params) float64 { return 8 * p["size"] / p["scaled"] }

// problem is the formulas' view of N peers; rates in units in which u is 1.
func problem(p lab.Params, n int) model.Distribution {
	return model.Distribution{Peers: n, File: p["hour"], ServerUp: p["us"], PeerUp: 1, PeerDownLo: p["dmin"]}
}

// bound is the formula's time in seconds.
func bound(variant string, p lab.Params, n int) float64 {
	if variant == peerToPeer {
		return model.PeerToPeer(problem(p, n))
	}
	return model.ClientServer(problem(p, n))
}

// measuredAt are the numbers of peers for which files are really transferred.
func measuredAt(p lab.Params) []int { return upTo(p.Int("peers"), 1, 2, 5, 10, 20) }

// simulatedAt are those for which swarms are simulated.
func simulatedAt(p lab.Params) []int {
	return upTo(p.Int("simulate"), 1, 5, 10, 20, 30, 49, 100, 200, 500, 1000, 2000, 5000)
}

// upTo keeps those up to most, and adds most itself.
func upTo(most int, list ...int) []int {
	var out []int
	for _, n := range list {
		if n <= most {
			out = append(out, n)
		}
	}
	if most > 0 && !slices.Contains(out, most) {
		out = append(out, most)
	}
	return out
}

const about = `A server has a file of F bits and N peers want it. How long until the last has it?

Client-server: the server has to send N copies, which takes N·F/us, and the slowest peer has to receive one, which takes F/dmin. The time is at least the larger of the two, and grows with N.

P2P: the server must send each bit once (F/us), the slowest peer must receive a copy (F/dmin), and N copies must be sent by everybody together, who have us + Σui to do it. The more peers, the more want the file, and the more send: with N the time comes close to F/u and no further. The chart has F/u = 1 hour, us = 10u and dmin ≥ us.

Measured points are real transfers between hosts of the emulated network: plain HTTP from the server, or a swarm of our own BitTorrent clients with a tracker. They are scaled: a small file and low rates with the same ratios, and the time is multiplied accordingly. In the swarm u and us are the clients' upload limits; their links are faster: by 8 % for headers, and by 5 % of the download rate for acknowledgements, without which these would wait behind what a peer uploads. An upload limit lets a quarter of a second pass at once, so with one peer a short transfer can end that much before the bound.

Simulated points come from a simulation block by block, in which every peer decides with the very same piece picker and choker as the live client (mainline 4.x: three regular slots and one optimistic, seeds in rotation), with 512 pieces. It needs no packets, so N can be 10,000: a few minutes of computing. What is sent at a time is a block of 16 KiB up to N = 200, of 64 KiB below 2,000, and a whole piece of 256 KiB from there on. Both are lower bounds that nobody beats; a real swarm comes close because rarest first keeps everybody busy, and loses a little at the start, when few have anything to send, and at the end.`
