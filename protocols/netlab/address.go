package netlab

import (
	"fmt"
	"net/netip"

	"netscope/protocols/lab"
)

// addresses gives every node that is not a switch its addresses, in node order:
// those that the topology fixes, then those of a link's prefix, then
// 10.index.0.n and fd00:index::n, where n counts the nodes from 1. A node has
// one address of each family, on all its links.
func addresses(top lab.Topology, index int) ([][]netip.Addr, error) {
	if index < 0 || index > 255 {
		return nil, fmt.Errorf("variant index %d is outside 0…255: 10.%d.0.0/16 does not exist", index, index)
	}
	out := make([][]netip.Addr, len(top.Nodes))
	owner := map[netip.Addr]string{}
	give := func(i int, a netip.Addr) error {
		if o, taken := owner[a]; taken {
			return fmt.Errorf("%s and %s both have the address %s: give one of them another", o, top.Nodes[i].Name, a)
		}
		owner[a] = top.Nodes[i].Name
		out[i] = append(out[i], a)
		return nil
	}
	has := func(i int, v4 bool) bool {
		for _, a := range out[i] {
			if a.Is4() == v4 {
				return true
			}
		}
		return false
	}
	for i, n := range top.Nodes {
		for _, text := range n.Addrs {
			a, err := netip.ParseAddr(text)
			if err != nil || a.Zone() != "" || n.Kind == lab.SwitchNode {
				return nil, fmt.Errorf("node %s cannot have the address %q", n.Name, text)
			}
			if has(i, a.Unmap().Is4()) {
				return nil, fmt.Errorf("node %s has two addresses of one family: one is enough", n.Name)
			}
			if err := give(i, a.Unmap()); err != nil {
				return nil, err
			}
		}
	}
	if err := fromPrefixes(top, owner, has, give); err != nil {
		return nil, err
	}
	count := 0
	for i, n := range top.Nodes {
		if n.Kind == lab.SwitchNode {
			continue
		}
		count++
		if count > 65534 {
			return nil, fmt.Errorf("more than 65,534 hosts do not fit 10.%d.0.0/16", index)
		}
		hi, lo := byte(count>>8), byte(count)
		if !has(i, true) {
			if err := give(i, netip.AddrFrom4([4]byte{10, byte(index), hi, lo})); err != nil {
				return nil, err
			}
		}
		if !has(i, false) {
			a := netip.AddrFrom16([16]byte{0: 0xfd, 3: byte(index), 14: hi, 15: lo})
			if err := give(i, a); err != nil {
				return nil, err
			}
		}
		if out[i][0].Is6() {
			out[i][0], out[i][1] = out[i][1], out[i][0]
		}
	}
	return out, nil
}

// fromPrefixes hands out addresses of links that name a prefix: to A, then B,
// the next free one, leaving out the first (the network's own).
func fromPrefixes(top lab.Topology, owner map[netip.Addr]string, has func(int, bool) bool, give func(int, netip.Addr) error) error {
	for _, l := range top.Links {
		if l.Prefix == "" {
			continue
		}
		p, err := netip.ParsePrefix(l.Prefix)
		if err != nil {
			return fmt.Errorf("link %s–%s: %q is not a prefix such as 192.0.2.0/24", l.A, l.B, l.Prefix)
		}
		p = p.Masked()
		for _, name := range []string{l.A, l.B} {
			i := indexOf(top, name)
			if i < 0 || top.Nodes[i].Kind == lab.SwitchNode || has(i, p.Addr().Is4()) {
				continue
			}
			a := p.Addr().Next()
			for owner[a] != "" {
				a = a.Next()
			}
			if !p.Contains(a) {
				return fmt.Errorf("link %s–%s: no address is left in %s", l.A, l.B, p)
			}
			if err := give(i, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// indexOf is the place of the node called name, or -1.
func indexOf(top lab.Topology, name string) int {
	for i, n := range top.Nodes {
		if n.Name == name {
			return i
		}
	}
	return -1
}
