package realnet

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"netscope/protocols/lab"
)

// host is this machine. It implements lab.Host.
type host struct {
	t   *tap
	opt Options
}

var _ lab.Host = host{}

// Name implements lab.Host.
func (h host) Name() string { return h.opt.Name }

// DialContext implements lab.Host. Names are resolved as the system does.
func (h host) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	udp := strings.HasPrefix(network, "udp")
	if b := h.opt.Bind; b.IsValid() {
		if udp {
			d.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(b, 0))
		} else {
			d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(b, 0))
		}
	}
	start := time.Now()
	c, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if udp {
		return h.datagrams(c), nil
	}
	return h.stream(c, start, true), nil
}

// Listen implements lab.Host.
func (h host) Listen(network, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), network, h.bound(addr))
	if err != nil {
		return nil, err
	}
	out := &listener{Listener: l, h: h}
	h.t.keep(out)
	return out, nil
}

// ListenPacket implements lab.Host.
func (h host) ListenPacket(network, addr string) (net.PacketConn, error) {
	var lc net.ListenConfig
	c, err := lc.ListenPacket(context.Background(), network, h.bound(addr))
	if err != nil {
		return nil, err
	}
	out := &packetConn{PacketConn: c, h: h}
	h.t.keep(out)
	return out, nil
}

// bound is an address to listen on, with the chosen one where it names none.
func (h host) bound(addr string) string {
	name, port, err := net.SplitHostPort(addr)
	if err != nil || name != "" || !h.opt.Bind.IsValid() {
		return addr
	}
	if p, err := strconv.ParseUint(port, 10, 16); err == nil {
		return netip.AddrPortFrom(h.opt.Bind, uint16(p)).String()
	}
	return addr
}

// listener hands out connections that are told.
type listener struct {
	net.Listener
	h host
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.h.stream(c, time.Now(), false), nil
}

func (l *listener) Close() error {
	l.h.t.forget(l)
	return l.Listener.Close()
}

// addrPort is the address and port of a socket's end; zero if it has none.
func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		p := a.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	case *net.UDPAddr:
		p := a.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}
