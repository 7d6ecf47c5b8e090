package netlab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"

	"netscope/protocols/lab"
)

var _ lab.Host = (*host)(nil)

const (
	// backlog is how many connections may wait to be accepted.
	backlog = 4096
	// firstEphemeral is the first port of the dynamic range (RFC 6335). A host
	// hands them out in order, so that ports tell who came first.
	firstEphemeral = 49152
)

// Name implements lab.Host.
func (h *host) Name() string { return h.node.Name }

// DialContext implements lab.Host for tcp, tcp4, tcp6, udp, udp4 and udp6. The
// connection of a TCP dial has CloseWrite and SetLinger, as *net.TCPConn has.
func (h *host) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	remote, err := h.net.resolve(h, network, addr)
	if err != nil {
		return nil, opError("dial", network, err)
	}
	to := full(remote)
	local := tcpip.FullAddress{NIC: h.egress(remote.Addr()), Addr: toAddress(h.node.addr(remote.Addr()))}
	proto := protocolOf(remote.Addr())
	var conn net.Conn
	dial := func(port uint16) (err error) {
		local.Port = port
		if strings.HasPrefix(network, "tcp") {
			conn, err = h.dialTCP(ctx, local, to, proto)
		} else {
			conn, err = h.openUDP(local, &to, proto, false)
		}
		return err
	}
	transport := udp.ProtocolNumber
	if strings.HasPrefix(network, "tcp") {
		transport = tcp.ProtocolNumber
	}
	if err := h.ephemeral(transport, dial); err != nil {
		return nil, opError("dial", network, err)
	}
	return conn, nil
}

// Listen implements lab.Host for tcp (both families), tcp4 and tcp6.
func (h *host) Listen(network, addr string) (net.Listener, error) {
	if !strings.HasPrefix(network, "tcp") {
		return nil, opError("listen", network, net.UnknownNetworkError(network))
	}
	local, proto, err := h.local(network, addr)
	if err != nil {
		return nil, opError("listen", network, err)
	}
	var l net.Listener
	bind := func(port uint16) error {
		local.Port = port
		var wq waiter.Queue
		ep, e := h.stack.NewEndpoint(tcp.ProtocolNumber, proto, &wq)
		if e != nil {
			return sysError(e)
		}
		ep.SocketOptions().SetV6Only(network == "tcp6")
		ep.SocketOptions().SetReuseAddress(true) // as servers do: old connections do not hold the port
		e = ep.Bind(local)
		if e == nil {
			e = ep.Listen(backlog)
		}
		if e != nil {
			ep.Close()
			return fmt.Errorf("port %d of %s: %w", port, h.node.Name, sysError(e))
		}
		l = newListener(ep, &wq)
		return nil
	}
	if local.Port != 0 {
		err = bind(local.Port)
	} else {
		err = h.ephemeral(tcp.ProtocolNumber, bind)
	}
	if err != nil {
		return nil, opError("listen", network, err)
	}
	return l, nil
}

// ListenPacket implements lab.Host for udp (both families), udp4 and udp6.
func (h *host) ListenPacket(network, addr string) (net.PacketConn, error) {
	if !strings.HasPrefix(network, "udp") {
		return nil, opError("listen", network, net.UnknownNetworkError(network))
	}
	local, proto, err := h.local(network, addr)
	if err != nil {
		return nil, opError("listen", network, err)
	}
	var c net.PacketConn
	bind := func(port uint16) (err error) {
		local.Port = port
		c, err = h.openUDP(local, nil, proto, network == "udp6")
		return err
	}
	if local.Port != 0 {
		err = bind(local.Port)
	} else {
		err = h.ephemeral(udp.ProtocolNumber, bind)
	}
	if err != nil {
		return nil, opError("listen", network, err)
	}
	return c, nil
}

// openUDP makes a UDP socket, connected if remote is given. Its datagrams may be
// fragmented on the way: the stack does not learn the path's MTU for UDP, so
// that marked "don't fragment" they would just vanish.
func (h *host) openUDP(local tcpip.FullAddress, remote *tcpip.FullAddress, proto tcpip.NetworkProtocolNumber, only6 bool) (*gonet.UDPConn, error) {
	var wq waiter.Queue
	ep, err := h.stack.NewEndpoint(udp.ProtocolNumber, proto, &wq)
	if err != nil {
		return nil, sysError(err)
	}
	ep.SocketOptions().SetV6Only(only6)
	err = ep.SetSockOptInt(tcpip.MTUDiscoverOption, int(tcpip.PMTUDiscoveryDont))
	if err == nil {
		err = ep.Bind(local)
	}
	if err == nil && remote != nil {
		err = ep.Connect(*remote)
	}
	if err != nil {
		ep.Close()
		return nil, fmt.Errorf("port %d of %s: %w", local.Port, h.node.Name, sysError(err))
	}
	return gonet.NewUDPConn(&wq, ep), nil
}

// local parses an address to listen on. Without a host it is any address: of
// both families unless the network names one.
func (h *host) local(network, addr string) (tcpip.FullAddress, tcpip.NetworkProtocolNumber, error) {
	name, port, err := net.SplitHostPort(addr)
	if err != nil {
		return tcpip.FullAddress{}, 0, err
	}
	if name == "" || name == "0.0.0.0" || name == "::" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return tcpip.FullAddress{}, 0, fmt.Errorf("%q is not a port number", port)
		}
		proto := ipv6.ProtocolNumber
		if name == "0.0.0.0" || strings.HasSuffix(network, "4") {
			proto = protocolOf(netip.IPv4Unspecified())
		}
		return tcpip.FullAddress{Port: uint16(n)}, proto, nil
	}
	ap, err := h.net.resolve(h, network, addr)
	if err != nil {
		return tcpip.FullAddress{}, 0, err
	}
	if !h.node.owns(ap.Addr()) {
		return tcpip.FullAddress{}, 0, fmt.Errorf("%s is not an address of %s", ap.Addr(), h.node.Name)
	}
	return full(ap), protocolOf(ap.Addr()), nil
}

// ephemeral tries the host's next ports until use succeeds or fails for
// another reason than that the port is taken.
func (h *host) ephemeral(proto tcpip.TransportProtocolNumber, use func(port uint16) error) error {
	for range 1<<16 - firstEphemeral {
		h.portMu.Lock()
		port := h.port[proto] + 1
		if port < firstEphemeral {
			port = firstEphemeral
		}
		h.port[proto] = port
		h.portMu.Unlock()
		err := use(port)
		inUse := err != nil && (errors.Is(err, syscall.EADDRINUSE) || strings.Contains(err.Error(), (&tcpip.ErrPortInUse{}).String()))
		if !inUse {
			return err
		}
	}
	return sysError(&tcpip.ErrNoPortAvailable{})
}

func full(a netip.AddrPort) tcpip.FullAddress {
	return tcpip.FullAddress{Addr: toAddress(a.Addr()), Port: a.Port()}
}

// opError wraps an error as package net does, once.
func opError(op, network string, err error) error {
	var oe *net.OpError
	if errors.As(err, &oe) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &net.OpError{Op: op, Net: network, Err: err}
}
