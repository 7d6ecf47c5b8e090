package netlab

import (
	"fmt"
	"net/netip"

	"netscope/capture"
	"netscope/protocols/lab"
)

// Link is a tapped link between two nodes.
type Link struct {
	ID   capture.TapID
	Name string // "client–server"
	A, B string
	mtu  int
	ab   *direction
	ba   *direction
}

// IsEgress reports whether the link is the first one that a packet of the host
// takes: the others see it as a later hop.
func (l *Link) IsEgress(host string) bool {
	return l.A == host && l.ab.from.host != nil || l.B == host && l.ba.from.host != nil
}

// connect makes the link with number i.
func (n *Network) connect(i int, spec lab.Link) error {
	a, b := n.byName[spec.A], n.byName[spec.B]
	if a == nil || b == nil || a == b {
		return fmt.Errorf("link %d joins %q and %q: both must be nodes, and not the same", i+1, spec.A, spec.B)
	}
	mtu := spec.MTU
	if mtu == 0 {
		mtu = 1500
	}
	if mtu < 1280 && !(mtu >= 68) || mtu > 65535 {
		return fmt.Errorf("link %s–%s: an MTU of %d bytes is impossible: IPv4 needs 68, IPv6 1280, and none has more than 65535", a.Name, b.Name, mtu)
	}
	l := &Link{ID: capture.TapID(i), Name: a.Name + "–" + b.Name, A: a.Name, B: b.Name, mtu: mtu}
	l.ab = n.direction(l, a, b, spec.AB)
	l.ba = n.direction(l, b, a, spec.BA)
	n.links = append(n.links, l)
	for _, p := range []lab.Path{spec.AB, spec.BA} {
		if err := checkPath(p); err != nil {
			return fmt.Errorf("link %s: %w", l.Name, err)
		}
	}
	for _, end := range []struct {
		nd      *node
		out, in *direction
	}{{a, l.ab, l.ba}, {b, l.ba, l.ab}} {
		if end.nd.host == nil {
			continue // a switch: routes sets the delivery
		}
		e, err := end.nd.host.attach(end.out, mtu)
		if err != nil {
			return err
		}
		end.in.deliver, end.in.class = e.receive, work
	}
	return nil
}

func (n *Network) direction(l *Link, from, to *node, p lab.Path) *direction {
	d := &direction{net: n, link: l, from: from, to: to}
	d.rng = stream(n.opt.Seed, fmt.Sprintf("link/%d/%s/%s", l.ID, from.Name, to.Name))
	d.setPath(p)
	return d
}

// routes computes the way from every node to every other and sets tables.
func (n *Network) routes() {
	adjacent := make([][]edge, len(n.nodes))
	transit := make([]bool, len(n.nodes))
	for i, l := range n.links {
		a, b := l.ab.from.index, l.ab.to.index
		adjacent[a] = append(adjacent[a], edge{b, i})
		adjacent[b] = append(adjacent[b], edge{a, i})
	}
	for i, nd := range n.nodes {
		transit[i] = nd.Kind != lab.HostNode
	}
	next := shortest(adjacent, transit)
	for i, nd := range n.nodes {
		via := make([]*Link, len(n.nodes))
		for j, link := range next[i] {
			if link >= 0 {
				via[j] = n.links[link]
			}
		}
		if nd.host != nil {
			nd.host.route(n.nodes, via)
			continue
		}
		forward := n.forwarder(nd, via)
		for _, e := range adjacent[i] {
			in := n.links[e.via].towards(nd)
			in.deliver, in.class = forward, quiet
		}
	}
}

// forwarder is a switch: it sends a packet on towards the node that has its
// destination address, and drops one that nobody has.
func (n *Network) forwarder(nd *node, via []*Link) func(frame) {
	table := map[netip.Addr]*direction{}
	for i, l := range via {
		if l == nil {
			continue
		}
		for _, a := range n.nodes[i].addrs {
			table[a] = l.from(nd)
		}
	}
	return func(f frame) {
		if out := table[destination(f.ip)]; out != nil {
			out.send(f)
			return
		}
		n.decide(f.rec, 0, capture.LostWire) // nobody has the address
		n.landed()
	}
}

// from is the direction that starts at nd.
func (l *Link) from(nd *node) *direction {
	if l.ab.from == nd {
		return l.ab
	}
	return l.ba
}

// towards is the direction that ends at nd.
func (l *Link) towards(nd *node) *direction {
	if l.ab.to == nd {
		return l.ab
	}
	return l.ba
}
