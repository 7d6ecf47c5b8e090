package swarm

import (
	"fmt"
	"time"

	"netscope/protocols/lab"
)

// Classes of upload rate.
const (
	seedClass   = "seed"
	mediumClass = "medium"
	fastClass   = "fast"
	slowClass   = "slow"
	freeClass   = "free rider"
)

// member is a peer as it is planned.
type member struct {
	Name  string
	Class string
	Up    float64 // bytes per second
	Down  float64
	Spare bool // joins only when a person adds it
}

// spares is how many peers a person can add.
const spares = 3

// members are the peers of a swarm, seeds first. It is pure.
func members(p lab.Params) []member {
	var out []member
	for i := range p.Int("seeds") {
		name := "seed"
		if i > 0 {
			name = fmt.Sprintf("seed%d", i+1)
		}
		out = append(out, member{Name: name, Class: seedClass, Up: p["seed-up"] / 8, Down: p["down"] / 8})
	}
	n := p.Int("leechers")
	free := min(p.Int("free"), n-1)
	for i := range n + spares {
		m := member{Down: p["down"] / 8, Spare: i >= n}
		switch {
		case i < n && i >= n-free:
			m.Name, m.Class = "rider", freeClass
			if k := i - (n - free); k > 0 {
				m.Name = fmt.Sprintf("rider%d", k+1)
			}
			m.Up = p["medium"] / 8
		default:
			k := i
			if i >= n {
				k = i - free
			}
			m.Name = person(k)
			m.Class = [...]string{mediumClass, fastClass, slowClass}[k%3]
			m.Up = p[m.Class] / 8
		}
		out = append(out, m)
	}
	return out
}

// person is the name of the i-th peer.
func person(i int) string {
	names := [...]string{"alice", "bob", "carol", "dave", "eve", "frank", "grace", "heidi", "ivan", "judy", "karl", "laura",
		"mallory", "nina", "oscar", "peggy", "quentin", "rupert", "sybil", "trent", "ursula", "victor", "walter", "xenia", "yves", "zoe"}
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s%d", names[i%len(names)], i/len(names)+1)
}

// trackerHost is the tracker's host, and port where it and peers listen.
const (
	trackerHost = "tracker"
	trackerPort = 6969
	peerPort    = 6881
	hub         = "internet"
)

// Topology implements lab.Lab: every host hangs on one switch by an access
// link of its own.
func (Lab) Topology(variant string, p lab.Params) lab.Topology {
	if p.Int("scenario") == clusteringScenario {
		return lab.Topology{Nodes: []lab.Node{{Name: "simulation"}}}
	}
	// A quarter of the round trip on each access link and way.
	delay := time.Duration(p["rtt"] / 4 * 1e9)
	top := lab.Topology{
		Nodes: []lab.Node{
			{Name: hub, Kind: lab.SwitchNode},
			{Name: trackerHost, Role: "server", Services: []lab.Service{
				{Name: "tracker", Network: "tcp", Port: trackerPort}, {Name: "tracker", Network: "udp", Port: trackerPort}}},
		},
		Links: []lab.Link{{A: trackerHost, B: hub, AB: lab.Path{Delay: delay, Rate: 100e6}, BA: lab.Path{Delay: delay, Rate: 100e6}}},
		// A choke is to end an upload soon: little waits below the client.
		SendBuffer: 32 << 10, RecvBuffer: 256 << 10,
	}
	for _, m := range members(p) {
		top.Nodes = append(top.Nodes, lab.Node{Name: m.Name, Services: []lab.Service{{Name: "peer", Network: "tcp", Port: peerPort}}})
		top.Links = append(top.Links, lab.Link{A: m.Name, B: hub,
			AB: lab.Path{Delay: delay, Rate: access * m.Up * 8}, BA: lab.Path{Delay: delay, Rate: m.Down*8*1.1 + 32e3}})
	}
	return top
}

// access is how much faster a peer's access link is than its client's upload
// limit: short messages must not wait for long behind a block.
const access = 5

// pieceOf is the length of a piece: the power of two at or below the parameter.
func pieceOf(p lab.Params) int64 {
	n := int64(16 << 10)
	for n*2 <= int64(p["piece"]) {
		n *= 2
	}
	return n
}
