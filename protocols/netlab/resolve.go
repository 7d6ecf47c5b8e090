package netlab

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// resolve turns "server:80", "10.1.0.2:80" or "[fd00:1::2]:80" into an address
// of the family that network asks for; IPv4 where it does not say. An empty
// host and "localhost" are the host itself.
func (n *Network) resolve(h *host, network, addr string) (netip.AddrPort, error) {
	switch network {
	case "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6":
	default:
		return netip.AddrPort{}, net.UnknownNetworkError(network)
	}
	name, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q is not a port number", portText)
	}
	six, four := strings.HasSuffix(network, "6"), strings.HasSuffix(network, "4")
	if a, err := netip.ParseAddr(name); err == nil {
		a = a.Unmap()
		if a.Zone() != "" || a.Is4() && six || a.Is6() && four {
			return netip.AddrPort{}, &net.AddrError{Err: "not usable with " + network, Addr: name}
		}
		return netip.AddrPortFrom(a, uint16(port)), nil
	}
	target := n.byName[name]
	if name == "" || name == "localhost" && target == nil {
		target = h.node
	}
	if target == nil || len(target.addrs) == 0 {
		return netip.AddrPort{}, &net.DNSError{Err: "no such host in the lab", Name: name, IsNotFound: true}
	}
	for _, a := range target.addrs {
		if a.Is6() == six {
			return netip.AddrPortFrom(a, uint16(port)), nil
		}
	}
	return netip.AddrPort{}, &net.DNSError{Err: "no address of this family", Name: name, IsNotFound: true}
}
