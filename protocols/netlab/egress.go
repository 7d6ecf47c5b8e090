package netlab

import (
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// egress is the interface by which packets to an address leave, 0 if none is
// known. A socket that is bound to one of a host's addresses must name it: the
// host has its address on every link, and the stack would take any of them.
func (h *host) egress(to netip.Addr) tcpip.NICID {
	if d := h.towards(to); d != nil {
		return nic(d.link)
	}
	return 0
}
