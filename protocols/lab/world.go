package lab

import (
	"fmt"
	"net/netip"
)

// Exposed reports whether real programs may talk to this run's hosts (--expose).
// A lab's Run then starts its services, does its own work or not as it sees
// fit, and returns only when ctx is done; the run says so through an Exposed
// method of its World.
func Exposed(w World) bool {
	e, ok := w.(interface{ Exposed() bool })
	return ok && e.Exposed()
}

// OnAction asks a World to call f at the virtual time of every action of kind
// "param", on a goroutine of its own. It reports whether the World can.
func OnAction(w World, f func(Action)) bool {
	a, ok := w.(interface{ OnAction(func(Action)) })
	if ok {
		a.OnAction(f)
	}
	return ok
}

// Go starts f on a goroutine of its own, at this instant. Functions that are
// started with Go one after the other run one after the other until each waits
// for something, whatever the machine is doing meanwhile; those of plain go
// statements start in an order that a busy machine can change, and with it, say,
// which connection gets which port. A lab starts what runs in parallel with Go.
func Go(w World, f func()) {
	if g, ok := w.(interface{ Go(func()) }); ok {
		g.Go(f)
		return
	}
	go f()
}

// Named says that an address belongs to a host name, where a World's hosts are
// not all known beforehand; elsewhere it does nothing.
func Named(w World, a netip.Addr, host string) {
	if n, ok := w.(interface{ Named(netip.Addr, string) }); ok {
		n.Named(a, host)
	}
}

// Forge sends a UDP datagram whose source is not the sender's: what an attacker
// off the path does. Both addresses are of one family, and numbers, not names.
// It fails on hosts that cannot, as those of the real network.
func Forge(h Host, source, destination netip.AddrPort, payload []byte) error {
	if f, ok := h.(interface {
		Forge(source, destination netip.AddrPort, payload []byte) error
	}); ok {
		return f.Forge(source, destination, payload)
	}
	return fmt.Errorf("%s cannot send datagrams under another address: only hosts of the emulated network can", h.Name())
}

// Overhear has f called with every IP packet that reaches a host or passes
// through it: what an attacker on the path, or an administrator, sees. f must
// not wait. It reports whether the host can.
func Overhear(h Host, f func(ip []byte)) bool {
	o, ok := h.(interface{ Overhear(func([]byte)) })
	if ok {
		o.Overhear(f)
	}
	return ok
}
