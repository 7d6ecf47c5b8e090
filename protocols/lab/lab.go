// Package lab says what a lab is: a topology, parameters, and a run of real
// protocol code on hosts that look the same on the emulated network and on the
// real one.
//
// A lab is one folder below protocols/ and one line in protocols/all. It must
// not know of screens. Its predictions are pure functions of its parameters.
package lab

import (
	"context"
	"math/rand/v2"
	"net"
	"time"

	"netscope/capture"
	"netscope/decoders/timeline"
)

// Lab is one lab. Implementations are stateless values.
type Lab interface {
	// Spec describes the lab. It is data and always the same.
	Spec() Spec
	// Topology gives hosts and links for these parameters.
	Topology(variant string, p Params) Topology
	// Predict computes what should be measured. It is pure and is shown before
	// the run. It must not import the network.
	Predict(variant string, p Params) []Measure
	// Run does the work. It returns when the lab's work is done; services that
	// it started are closed with ctx.
	Run(ctx context.Context, w World, variant string, p Params) error
	// Measure completes the measures of Predict from what was captured.
	// At a position before the end, what cannot be known yet has no value.
	Measure(variant string, p Params, s *timeline.Snapshot, at timeline.Position) []Measure
}

// Spec is what is known of a lab without running it.
type Spec struct {
	ID       string // "http-connections"
	Title    string // "HTTP: connections"
	Group    string // as the chapter groups them: "Web and HTTP"
	Summary  string // one line: what it shows
	About    string // a few paragraphs for the lab's own help
	Params   []Param
	Variants []Variant
	Acts     []Act // what a person can change while it runs
}

// Variant is one way to do the same work.
type Variant struct {
	ID      string // "non-persistent"
	Title   string // "non-persistent, serial"
	Summary string
}

// Act is something that a person can do to a run while it goes on: an [Action]
// of kind "param" with this name.
type Act struct {
	Name string // "kill"
	Args string // what its text says: "PEER"; "" nothing
	Doc  string
}

// Measure is a named quantity: predicted, measured, and why they differ.
type Measure struct {
	Name      string      // "page time"
	Formula   string      // "11·(2·RTT + L/R)"
	Ideal     *float64    // by the textbook's formula; nil: none
	Predicted *float64    // by the model of real TCP; nil: no closed form
	Band      *[2]float64 // where Predicted is nil: what to expect
	Measured  *float64    // from the timeline; nil: not yet
	Unit      string      // "s"
	Variant   string
	Causes    []Cause // parts of Predicted − Ideal, and of Measured − Predicted
	Note      string  // "no closed form under loss", …

	// X, if not nil, makes the measure a point of a chart: Name, and Variant
	// where there are several, say of which line, and XName what X is:
	// "peers N". Where points are dense the line is drawn through them.
	X     *float64
	XName string
}

// Points divides measures into those that stand for themselves and the points
// of charts.
func Points(ms []Measure) (summary, points []Measure) {
	for i := range ms {
		if ms[i].X != nil {
			points = append(points, ms[i])
		} else {
			summary = append(summary, ms[i])
		}
	}
	return summary, points
}

// Cause is a named part of a difference.
type Cause struct {
	Name  string // "slow start"
	Value float64
}

// Topology is hosts and links as data.
type Topology struct {
	Nodes []Node
	Links []Link

	Congestion string // TCP congestion control: "reno" (the default) or "cubic"
	SendBuffer int    // bytes of a TCP socket's send buffer; 0: enough to fill every path
	RecvBuffer int    // bytes of a TCP socket's receive buffer; 0: enough to fill every path
}

// NodeKind is what a node does with packets.
type NodeKind uint8

// Kinds of node.
const (
	HostNode NodeKind = iota
	RouterNode
	SwitchNode
)

// Node is a host, router or switch. Addresses are assigned by the network:
// variant k lives in 10.k.0.0/16 and fd00:k::/32 unless a Link says otherwise.
type Node struct {
	Name     string
	Kind     NodeKind
	Role     string // "client", "server", "": which side of the screen it is shown on
	Services []Service
	Addrs    []string // fixed addresses, at most one of each family; else assigned
}

// Service is a port that --expose can forward.
type Service struct {
	Name    string // "http"
	Network string // "tcp" or "udp"
	Port    uint16
}

// Link joins two nodes. Each direction has its own properties.
type Link struct {
	A, B   string
	AB, BA Path
	Prefix string // addresses of this link, "" chosen by the network
	MTU    int    // largest IP packet in bytes, 0 = 1500
}

// Path is one direction of a link.
type Path struct {
	Delay   time.Duration // propagation, one way
	Jitter  time.Duration // added to Delay: uniform in [0, Jitter], order kept unless Reorder > 0
	Rate    float64       // bit/s, 0 = infinite
	Queue   int           // bytes that can wait for the transmitter; 0 = 1 MiB
	Loss    float64       // probability, 0…1
	Reorder float64       // probability that a packet overtakes those before it
	Drops   []Drop        // chosen packets
}

// Drop drops chosen packets: the Nth (from 1) that matches, on this direction.
type Drop struct {
	Nth     int
	MinLen  int    // only packets at least this long on the wire
	Carries bool   // only packets with transport payload
	Proto   string // "tcp", "udp" or "" for any

	// Late, if not 0, delays the packet instead: it alone arrives so much
	// later, and those behind it overtake it.
	Late time.Duration `json:",omitempty"`
}

// World is what a run may use.
type World interface {
	Host(name string) Host
	Clock() Clock
	Rand(stream string) *rand.Rand // fixed by the seed and the stream's name
	Note(capture.Note)             // At may be zero: now
	Secrets(capture.Secrets)
	// SetPath changes one direction of a link from now on.
	SetPath(from, to string, p Path) error
}

// Clock is the run's clock; virtual but for --expose.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Host is a machine of the lab. It has the same shape on the emulated network
// and on the real one. Addresses may be literal ("10.1.0.2:80", "[fd00::2]:80")
// or use a lab's host name ("server:80").
type Host interface {
	Name() string
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	Listen(network, addr string) (net.Listener, error)
	ListenPacket(network, addr string) (net.PacketConn, error)
}

// Action changes a run at a virtual time, before everything else at that time.
// It is kept in the run's journal.
//
// Kind is one of
//   - "path": the direction From → To of a link becomes Path. Chosen drops that
//     have not hit yet stay if Path names none. Text may say which parameters
//     this stands for: "rtt=0.2,loss=0.05".
//   - "drop": of the packets that begin transmission from From to To from At on,
//     the one whose number (from 1) is Text, "" meaning 1, is lost on the wire.
//     Name may say what a person knows it as: "segment 41".
//   - "delay": the same, but the packet arrives By later.
//   - "param": the lab's own; its parameter Name becomes Text.
type Action struct {
	At   time.Duration // since the start of the run
	Kind string
	From string        `json:",omitempty"`
	To   string        `json:",omitempty"`
	Path *Path         `json:",omitempty"`
	Name string        `json:",omitempty"`
	Text string        `json:",omitempty"`
	By   time.Duration `json:",omitempty"`
}
