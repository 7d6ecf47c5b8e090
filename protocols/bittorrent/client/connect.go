package client

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"time"

	"netscope/protocols/bittorrent/wire"
)

const (
	// maxKnown is how many addresses of peers are kept.
	maxKnown = 2000
	// retryAfter is how long after a failure an address is tried again; it
	// doubles with each failure.
	retryAfter = 30 * time.Second
	maxRetries = 6
)

// candidate is an address at which a peer may be.
type candidate struct {
	addr    netip.AddrPort
	name    string // host:port to dial if it is not an address
	fails   int
	next    time.Duration // not dialled before
	dialing bool
	peer    *peer // connected to it
	useless bool  // ourselves, or banned
	seed    bool  // it has everything
}

// learnName notes a peer by host and port.
func (c *Client) learnName(s string) {
	if a, err := netip.ParseAddrPort(s); err == nil {
		c.learn(a)
		return
	}
	for _, k := range c.known {
		if k.name == s {
			return
		}
	}
	if len(c.known) < maxKnown {
		c.known = append(c.known, &candidate{name: s})
	}
}

// learn notes a peer's address.
func (c *Client) learn(a netip.AddrPort) *candidate {
	a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
	if !a.IsValid() || a.Port() == 0 || a.Addr().IsUnspecified() || a.Addr().IsMulticast() {
		return nil
	}
	if k := c.byAddr[a]; k != nil {
		return k
	}
	if len(c.known) >= maxKnown {
		// One that has failed makes room, else the newcomer is not heard.
		i := slices.IndexFunc(c.known, func(k *candidate) bool { return k.fails > 0 && k.peer == nil && !k.dialing && !k.useless })
		if i < 0 {
			return nil
		}
		delete(c.byAddr, c.known[i].addr)
		c.known = slices.Delete(c.known, i, i+1)
	}
	k := &candidate{addr: a}
	c.known = append(c.known, k)
	c.byAddr[a] = k
	return k
}

// dialMore connects to as many of the known peers as the limits allow.
func (c *Client) dialMore() {
	if c.stopping {
		return
	}
	now := c.now()
	for _, k := range c.known {
		if c.halfOpen >= c.cfg.MaxHalfOpen || c.halfOpen+len(c.peers) >= c.cfg.DialUntil {
			return
		}
		if k.dialing || k.peer != nil || k.useless || k.next > now || k.fails > maxRetries || k.seed && c.seeding() {
			continue
		}
		c.dial(k)
	}
}

func (c *Client) dial(k *candidate) {
	k.dialing = true
	c.halfOpen++
	addr := k.name
	if addr == "" {
		addr = k.addr.String()
	}
	ctx, cancel := context.WithCancel(c.ctx)
	limit := c.after(dialTimeout, cancel)
	c.start(func() {
		conn, err := c.cfg.Host.DialContext(ctx, "tcp", addr)
		var p *peer
		ok := c.do(func() {
			cancel()
			c.forget(limit)
			k.dialing = false
			c.halfOpen--
			switch {
			case err != nil:
				c.setBack(k)
			case !c.stopping && len(c.peers) < c.cfg.MaxPeers:
				p = c.connected(conn, k)
			}
			c.dialMore()
		})
		switch {
		case ok && p != nil:
			p.read()
		case conn != nil:
			_ = conn.Close()
		}
	})
}

// setBack has an address wait before it is tried again. The time is not the
// same for all, so that two peers that got into each other's way do not do so
// again.
func (c *Client) setBack(k *candidate) {
	k.fails++
	wait := retryAfter << min(k.fails-1, 6)
	k.next = c.now() + wait + time.Duration(c.rand.IntN(int(wait/time.Millisecond)/2))*time.Millisecond
}

// accept takes connections until the listener is closed.
func (c *Client) accept(ln net.Listener) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			// Out of descriptors, say: later there may be some.
			if c.clock.Sleep(c.ctx, 100*time.Millisecond) != nil {
				return
			}
			stop := true
			if !c.do(func() { stop = c.stopping }) || stop {
				return
			}
			continue
		}
		var p *peer
		c.do(func() {
			if c.admits(conn) {
				p = c.connected(conn, nil)
			}
		})
		if p == nil {
			_ = conn.Close()
			continue
		}
		c.start(p.read)
	}
}

// admits reports whether one more incoming connection is taken.
func (c *Client) admits(conn net.Conn) bool {
	addr := addrOf(conn)
	if c.stopping || c.strikes[addr.Addr()] >= maxStrikes {
		return false
	}
	if len(c.peers) >= c.cfg.MaxPeers && !c.makeRoom() {
		return false
	}
	waiting, same := 0, 0
	for _, p := range c.peers {
		if !p.outgoing && !p.shook {
			waiting++
		}
		if !p.outgoing && p.addr.Addr() == addr.Addr() {
			same++
		}
	}
	return waiting < c.cfg.MaxWaiting && same < c.cfg.PerAddress
}

// makeRoom closes a connection that has been of no use to either side for a
// while, if there is one.
func (c *Client) makeRoom() bool {
	now := c.now()
	for _, p := range c.peers {
		if p.shook && !p.amInterested && !p.peerInterested && now-p.since > time.Minute {
			c.drop(p, "there is no room for those who want nothing")
			return true
		}
	}
	return false
}

func addrOf(conn net.Conn) netip.AddrPort {
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		ap := a.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// connected begins with a connection that has just been made.
func (c *Client) connected(conn net.Conn, k *candidate) *peer {
	now := c.now()
	c.seq++
	p := &peer{
		c: c, conn: conn, addr: addrOf(conn), outgoing: k != nil, seq: c.seq, since: now, lastHeard: now, lastSent: now,
		amChoking: true, peerChoking: true, metaAsked: -1,
	}
	c.peers = append(c.peers, p)
	if k != nil {
		k.peer, p.candidate = p, k
		p.listen = k.addr
		if !p.listen.IsValid() {
			p.listen = p.addr
		}
		p.out = c.hello().Append(p.out)
		p.kick()
	}
	p.limit = c.after(handshakeTimeout, func() { c.drop(p, "no handshake in time") })
	return p
}

// hello is our handshake.
func (c *Client) hello() wire.Handshake {
	h := wire.Handshake{InfoHash: c.infoHash, PeerID: c.id}
	if !c.cfg.NoFast {
		h.Set(wire.Fast)
	}
	if !c.cfg.NoExtended {
		h.Set(wire.Extended)
	}
	return h
}

// drop ends a connection.
func (c *Client) drop(p *peer, why string) {
	if p.gone {
		return
	}
	p.gone, p.why = true, why
	c.forget(p.limit)
	_ = p.conn.Close()
	if i := slices.Index(c.peers, p); i >= 0 {
		c.peers = slices.Delete(c.peers, i, i+1)
	}
	if k := p.candidate; k != nil && k.peer == p {
		k.peer = nil
		if c.now()-p.since > 2*time.Minute {
			k.fails = 0
		}
		c.setBack(k)
	}
	if p.shook {
		c.note("disconnected", p.name()+": "+why, map[string]any{"peer": p.name(), "reason": why})
	}
	if c.picker != nil && p.handle != 0 {
		c.leaveAlone(p)
		c.picker.Leave(p.handle)
		delete(c.byHandle, p.handle)
	}
	if c.stopping || c.ended {
		return
	}
	if c.picker != nil && len(p.asked) > 0 {
		c.askOthers(p)
	}
	c.metaLost(p)
	if p.shook && p.open {
		c.rechoke()
	}
	c.dialMore()
}

// sweep looks at every connection now and then.
func (c *Client) sweep() {
	now := c.now()
	for _, p := range c.snapshot() {
		switch {
		case p.writing && now-p.writeSince > writeTimeout:
			c.drop(p, "it does not read what it is sent")
		case p.shook && now-max(p.lastHeard, p.rest) > silentFor:
			c.drop(p, "it has sent no message for long")
		case p.shook && now-p.lastSent > keepAliveAfter:
			p.send(wire.Message{Type: wire.KeepAlive})
		}
	}
	c.snub()
	c.metaSweep()
	c.tellPex(now)
	c.dialMore()
}
