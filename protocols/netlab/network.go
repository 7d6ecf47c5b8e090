package netlab

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/log"

	"netscope/capture"
	"netscope/protocols/lab"
)

// Options are what a topology does not say.
type Options struct {
	Index int    // variant k: addresses 10.k.0.0/16 and fd00:k::/32
	Seed  uint64 // fixes every random choice
	All   bool   // tell every link's packets, each by itself
	Only  string // tell only what this host sends and receives, when it does

	// Sink is told of taps and names by New, then of packets, notes and
	// secrets by the driver goroutine, in order of time.
	Sink capture.Sink

	// Settle makes the network run in bubble time: it waits until every other
	// goroutine of the bubble is at rest (synctest.Wait). Nil: the wall clock.
	Settle func()

	// Idle is called on the driver goroutine when nothing has been due for a
	// day of virtual time: whatever waits now waits for ever. May be nil.
	Idle func()

	// Before is called on the driver goroutine before each event. While it
	// blocks on something outside the bubble, time stands still. May be nil.
	Before func()

	// Fail is called once, on the driver goroutine, with the first error of
	// Sink. May be nil.
	Fail func(error)
}

// Network is hosts and links, alive until Close.
type Network struct {
	top    lab.Topology
	opt    Options
	clock  *clock
	nodes  []*node
	links  []*Link
	byName map[string]*node

	mute    atomic.Bool
	flying  atomic.Int64 // packets between a stack and the next
	drained func()       // called when none flies any more; driver only

	next    capture.PacketID
	told    told
	sinkErr error
	started bool
	closing sync.Once
}

// node is a host, router or switch at work.
type node struct {
	lab.Node
	index int
	addrs []netip.Addr // IPv4, then IPv6; none for a switch
	host  *host        // nil for a switch
}

// owns reports whether a is one of the node's addresses.
func (n *node) owns(a netip.Addr) bool {
	for _, b := range n.addrs {
		if a == b {
			return true
		}
	}
	return false
}

// addr is the node's address of the same family as like.
func (n *node) addr(like netip.Addr) netip.Addr {
	for _, b := range n.addrs {
		if b.Is4() == like.Is4() {
			return b
		}
	}
	return netip.Addr{}
}

// New builds the network and starts its clock. In a bubble it must be called
// from inside. Close frees everything.
func New(top lab.Topology, opt Options) (*Network, error) {
	n, err := Build(top, opt)
	if err != nil {
		return nil, err
	}
	if err := n.Start(); err != nil {
		return nil, err
	}
	return n, nil
}

// Build is New without Start: hosts can listen, but no packet moves.
func Build(top lab.Topology, opt Options) (*Network, error) {
	log.SetTarget(&log.Writer{Next: io.Discard}) // it would write over the screen
	n := &Network{top: top, opt: opt, clock: newClock(opt.Settle), byName: map[string]*node{}}
	n.clock.onIdle, n.clock.before = opt.Idle, opt.Before
	if err := n.build(); err != nil {
		n.dispose()
		return nil, err
	}
	return n, nil
}

// Start tells the sink of taps and names and lets time run. If the sink fails,
// the network is closed.
func (n *Network) Start() error {
	if err := n.announce(); err != nil {
		_ = n.Close()
		return err
	}
	n.started = true
	go n.clock.run()
	return nil
}

func (n *Network) build() error {
	if nd := n.opt.Only; nd != "" && !slices.ContainsFunc(n.top.Nodes, func(x lab.Node) bool { return x.Name == nd }) {
		return fmt.Errorf("the lab has no host %q to watch", nd)
	}
	addrs, err := addresses(n.top, n.opt.Index)
	if err != nil {
		return err
	}
	buffers := bufferSizes(n.top)
	for i, spec := range n.top.Nodes {
		if spec.Name == "" || n.byName[spec.Name] != nil {
			return fmt.Errorf("node %d of the topology needs a name of its own, not %q", i+1, spec.Name)
		}
		nd := &node{Node: spec, index: i, addrs: addrs[i]}
		n.byName[spec.Name] = nd
		n.nodes = append(n.nodes, nd)
		if spec.Kind != lab.SwitchNode {
			if nd.host, err = newHost(n, nd, buffers); err != nil {
				return err
			}
		}
	}
	for i, spec := range n.top.Links {
		if err := n.connect(i, spec); err != nil {
			return err
		}
	}
	n.routes()
	return nil
}

// announce tells the sink of every tap and every host's addresses.
func (n *Network) announce() error {
	if n.opt.Sink == nil {
		return nil
	}
	for _, l := range n.links {
		t := capture.Tap{ID: l.ID, Name: l.Name, Description: "link of the emulated network", Link: capture.LinkRaw, SnapLen: 65535}
		if err := n.opt.Sink.Meta(t); err != nil {
			return err
		}
	}
	for _, nd := range n.nodes {
		for _, a := range nd.addrs {
			if err := n.opt.Sink.Meta(capture.Name{Addr: a, Host: nd.Name}); err != nil {
				return err
			}
		}
	}
	return nil
}

// emit tells the sink of a packet. Driver goroutine only.
func (n *Network) emit(p capture.Packet) {
	p.ID = n.next
	n.next++
	if n.opt.Sink != nil && n.sinkErr == nil && !n.mute.Load() {
		n.failed(n.opt.Sink.Packet(p))
	}
}

// tell tells the sink of something beside packets. Driver goroutine only.
func (n *Network) tell(m capture.Meta) { n.push(&record{meta: m}) }

func (n *Network) tellNow(m capture.Meta) {
	if n.opt.Sink != nil && n.sinkErr == nil && !n.mute.Load() {
		n.failed(n.opt.Sink.Meta(m))
	}
}

func (n *Network) failed(err error) {
	if err == nil {
		return
	}
	n.sinkErr = err
	if n.opt.Fail != nil {
		n.opt.Fail(err)
	}
}

// Links are the links in the order of their taps.
func (n *Network) Links() []*Link { return n.links }

// Addrs are the addresses of a node, IPv4 first; nil if it has none.
func (n *Network) Addrs(name string) []netip.Addr {
	if nd := n.byName[name]; nd != nil {
		return nd.addrs
	}
	return nil
}

// Now is the time since the start of the run.
func (n *Network) Now() time.Duration { return n.clock.since() }

// Epoch is the time of day at which the run started.
func (n *Network) Epoch() time.Time { return n.clock.start }

// At calls fn on the driver goroutine at an instant of the run, after what was
// posted for that instant before; at once if it has passed. fn must not wait
// for goroutines of the bubble.
func (n *Network) At(at time.Duration, fn func()) { n.clock.postAt(at, work, fn) }

// Act is as At, but fn comes before everything else at its instant.
func (n *Network) Act(at time.Duration, fn func()) { n.clock.postAt(at, action, fn) }

// Gate is as At, but fn comes after everything else at its instant. While fn
// blocks on something outside the bubble, time stands still.
func (n *Network) Gate(at time.Duration, fn func()) { n.clock.postAt(at, gate, fn) }

// Mute ends what the sink is told: what happens from now on, such as the
// closing of services, is not part of the run.
func (n *Network) Mute() { n.mute.Store(true) }

// Close ends the network: connections are aborted, nothing more is told, no
// goroutine is left. It may be called more than once, but not by the driver.
func (n *Network) Close() error {
	n.closing.Do(func() {
		if n.started {
			n.clock.close()
		}
		n.dispose()
	})
	return n.sinkErr
}

// dispose frees the stacks.
func (n *Network) dispose() {
	for _, nd := range n.nodes {
		if nd.host != nil {
			nd.host.close()
		}
	}
	for _, nd := range n.nodes {
		if nd.host != nil {
			nd.host.wait()
		}
	}
}
