package realnet

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"netscope/capture/layers"
)

// datagram tells one datagram.
func (h host) datagram(at time.Time, from, to netip.AddrPort, b []byte) {
	if h.opt.Untold {
		return
	}
	if ip, err := layers.BuildUDP(from, to, b); err == nil {
		h.t.packet(at, ip)
	}
}

// connected is a UDP socket with one peer.
type connected struct {
	net.Conn
	h             host
	local, remote netip.AddrPort
	end           sync.Once
}

func (h host) datagrams(c net.Conn) net.Conn {
	d := &connected{Conn: c, h: h, local: addrPort(c.LocalAddr()), remote: addrPort(c.RemoteAddr())}
	h.t.local(d.local.Addr())
	h.t.keep(d)
	return d
}

// Read tells what it has read.
func (d *connected) Read(b []byte) (int, error) {
	n, err := d.Conn.Read(b)
	if err == nil {
		d.h.datagram(time.Now(), d.remote, d.local, b[:n])
	}
	return n, err
}

// Write tells what it is about to write.
func (d *connected) Write(b []byte) (int, error) {
	d.h.datagram(time.Now(), d.local, d.remote, b)
	return d.Conn.Write(b)
}

// Close implements net.Conn.
func (d *connected) Close() error {
	d.end.Do(func() { d.h.t.forget(d) })
	return d.Conn.Close()
}

// packetConn is a UDP socket with many peers.
type packetConn struct {
	net.PacketConn
	h   host
	end sync.Once

	mu    sync.Mutex
	known map[netip.Addr]netip.Addr // this machine's address towards a peer
}

// towards is the address that this socket has for a peer: its own, or, if it
// listens on all, the one that the system would send from.
func (p *packetConn) towards(peer netip.AddrPort) netip.AddrPort {
	own := addrPort(p.LocalAddr())
	if !own.Addr().IsUnspecified() && own.Addr().Is4() == peer.Addr().Is4() {
		return own
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	a, ok := p.known[peer.Addr()]
	if !ok {
		// Connecting a UDP socket sends nothing; it only asks for the route.
		if c, err := net.Dial("udp", netip.AddrPortFrom(peer.Addr(), 9).String()); err == nil {
			a = addrPort(c.LocalAddr()).Addr()
			c.Close()
		}
		if p.known == nil || len(p.known) > 4096 {
			p.known = map[netip.Addr]netip.Addr{}
		}
		p.known[peer.Addr()] = a
		p.h.t.local(a)
	}
	return netip.AddrPortFrom(a, own.Port())
}

// ReadFrom tells what it has read.
func (p *packetConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := p.PacketConn.ReadFrom(b)
	if err == nil {
		if peer := addrPort(from); peer.IsValid() {
			p.h.datagram(time.Now(), peer, p.towards(peer), b[:n])
		}
	}
	return n, from, err
}

// WriteTo tells what it is about to write.
func (p *packetConn) WriteTo(b []byte, to net.Addr) (int, error) {
	if peer := addrPort(to); peer.IsValid() {
		p.h.datagram(time.Now(), p.towards(peer), peer, b)
	}
	return p.PacketConn.WriteTo(b, to)
}

// Close implements net.PacketConn.
func (p *packetConn) Close() error {
	p.end.Do(func() { p.h.t.forget(p) })
	return p.PacketConn.Close()
}
