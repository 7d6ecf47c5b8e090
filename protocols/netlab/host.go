package netlab

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"

	"netscope/protocols/lab"
)

// host is a host or router: a TCP/IP stack. It implements lab.Host (conn.go).
type host struct {
	net     *Network
	node    *node
	stack   *stack.Stack
	tcp     stack.TransportProtocol
	ids     identifiers
	transit transit
	via     []*Link // first link towards each node, nil where there is no way

	ear atomic.Pointer[func([]byte)] // see Overhear

	kickMu sync.Mutex
	closed bool

	portMu sync.Mutex
	port   map[tcpip.TransportProtocolNumber]uint16 // last ephemeral port handed out
}

// newHost makes a stack with the node's settings, not yet attached to links.
func newHost(n *Network, nd *node, buffers [2]int) (*host, error) {
	h := &host{net: n, node: nd, port: map[tcpip.TransportProtocolNumber]uint16{}}
	random := newStackRandom(n.opt.Seed, "stack/"+nd.Name)
	h.stack = stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6},
		Clock:              stackClock{n.clock, h},
		RandSource:         random,
		SecureRNG:          random,
	})
	h.tcp = h.stack.TransportProtocolInstance(tcp.ProtocolNumber)
	if n.clock.settle != nil {
		h.tcp.Pause()
	}
	recovery := tcpip.TCPRecovery(0) // RACK makes a tail drop cost seconds
	congestion := tcpip.CongestionControlOption(n.top.Congestion)
	if congestion == "" {
		congestion = "reno"
	}
	moderate := tcpip.TCPModerateReceiveBufferOption(false)
	send := tcpip.TCPSendBufferSizeRangeOption{Min: 4 << 10, Default: buffers[0], Max: buffers[0]}
	recv := tcpip.TCPReceiveBufferSizeRangeOption{Min: 4 << 10, Default: buffers[1], Max: buffers[1]}
	for _, o := range []tcpip.SettableTransportProtocolOption{&recovery, &congestion, &moderate, &send, &recv} {
		if err := h.stack.SetTransportProtocolOption(tcp.ProtocolNumber, o); err != nil {
			h.close()
			h.wait()
			if o == &congestion {
				return nil, fmt.Errorf("there is no congestion control %q: choose reno or cubic", n.top.Congestion)
			}
			return nil, fmt.Errorf("host %s: its stack refuses the option %T: %s", nd.Name, o, err)
		}
	}
	if nd.Kind == lab.RouterNode {
		for _, p := range []tcpip.NetworkProtocolNumber{ipv4.ProtocolNumber, ipv6.ProtocolNumber} {
			if err := h.stack.SetForwardingDefaultAndAllNICs(p, true); err != nil {
				return nil, fmt.Errorf("router %s cannot forward: %s", nd.Name, err)
			}
		}
	}
	return h, nil
}

// attach adds a network interface towards a link.
func (h *host) attach(out *direction, mtu int) (*endpoint, error) {
	e := &endpoint{host: h, out: out}
	e.mtu.Store(uint32(mtu))
	id := nic(out.link)
	if err := h.stack.CreateNIC(id, e); err != nil {
		return nil, fmt.Errorf("host %s: no interface for link %s: %s", h.node.Name, out.link.Name, err)
	}
	for _, a := range h.node.addrs {
		pa := tcpip.ProtocolAddress{Protocol: protocolOf(a), AddressWithPrefix: toAddress(a).WithPrefix()}
		if err := h.stack.AddProtocolAddress(id, pa, stack.AddressProperties{}); err != nil {
			return nil, fmt.Errorf("host %s: cannot have the address %s: %s", h.node.Name, a, err)
		}
	}
	return e, nil
}

// nic is the interface number for a link, from 1 as gVisor wants.
func nic(l *Link) tcpip.NICID { return tcpip.NICID(l.ID) + 1 }

// route sets the routing table: via[i] is the link towards node i, nil for
// none. The link that most destinations lie behind becomes the default route.
func (h *host) route(nodes []*node, via []*Link) {
	h.via = via
	count := map[*Link]int{}
	var common *Link
	for _, l := range via {
		if l == nil {
			continue
		}
		count[l]++
		if common == nil || count[l] > count[common] {
			common = l
		}
	}
	if common == nil {
		return
	}
	var table []tcpip.Route
	for i, l := range via {
		if l == nil || l == common {
			continue
		}
		for _, a := range nodes[i].addrs {
			table = append(table, tcpip.Route{Destination: toAddress(a).WithPrefix().Subnet(), NIC: nic(l)})
		}
	}
	// A host's own addresses, and those of nobody, leave by the default route.
	// A router must not send the latter back and forth until the TTL ends.
	if h.node.Kind != lab.RouterNode {
		table = append(table,
			tcpip.Route{Destination: header.IPv4EmptySubnet, NIC: nic(common)},
			tcpip.Route{Destination: header.IPv6EmptySubnet, NIC: nic(common)})
	} else {
		for i, l := range via {
			if l == common {
				for _, a := range nodes[i].addrs {
					table = append(table, tcpip.Route{Destination: toAddress(a).WithPrefix().Subnet(), NIC: nic(l)})
				}
			}
		}
	}
	h.stack.SetRouteTable(table)
}

// kick lets TCP's processors work off what they have, and stops them again: in
// a bubble a processor that waits for work looks as if it were running, and
// time would stand still.
func (h *host) kick() {
	if h.net.clock.settle == nil {
		return
	}
	h.kickMu.Lock()
	defer h.kickMu.Unlock()
	if !h.closed {
		h.tcp.Resume()
		h.tcp.Pause()
	}
}

// close aborts all connections. The driver must have stopped.
func (h *host) close() {
	h.kickMu.Lock()
	defer h.kickMu.Unlock()
	if h.closed {
		return
	}
	h.closed = true
	if h.net.clock.settle != nil {
		h.tcp.Resume()
	}
	h.stack.Close()
}

// wait waits for the stack's goroutines to end.
func (h *host) wait() { h.stack.Wait() }

func protocolOf(a netip.Addr) tcpip.NetworkProtocolNumber {
	if a.Is4() {
		return ipv4.ProtocolNumber
	}
	return ipv6.ProtocolNumber
}

func toAddress(a netip.Addr) tcpip.Address {
	if a.Is4() {
		return tcpip.AddrFrom4(a.As4())
	}
	return tcpip.AddrFrom16(a.As16())
}
