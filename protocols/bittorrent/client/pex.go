package client

import (
	"net/netip"
	"slices"
	"time"

	"netscope/protocols/bittorrent/wire"
)

// pexEvery is how often a peer is told of the others (BEP 11: not more often
// than once a minute).
const pexEvery = time.Minute

// tellPex tells peers who has come and gone since they were told last.
func (c *Client) tellPex(now time.Duration) {
	if !c.pex() || c.torrent == nil {
		return
	}
	for _, p := range c.snapshot() {
		n := p.ext[wire.UTPex]
		if n == 0 || p.gone || p.pexAt > 0 && now-p.pexAt < pexEvery {
			continue
		}
		var x wire.Pex
		var told []netip.AddrPort
		for _, q := range c.peers {
			// Only addresses at which peers are known to listen.
			if q == p || !q.shook || !q.listen.IsValid() {
				continue
			}
			if slices.Contains(p.pexSent, q.listen) {
				told = append(told, q.listen)
				continue
			}
			if len(x.Added) == wire.MaxPex {
				continue
			}
			a := wire.PexPeer{Addr: q.listen}
			if q.haves == c.torrent.NumPieces() {
				a.Flags |= wire.PexSeed
			}
			if q.outgoing {
				a.Flags |= wire.PexReachable
			}
			x.Added = append(x.Added, a)
			told = append(told, q.listen)
		}
		for _, a := range p.pexSent {
			if !slices.Contains(told, a) {
				if len(x.Dropped) < wire.MaxPex {
					x.Dropped = append(x.Dropped, a)
				} else {
					told = append(told, a)
				}
			}
		}
		if len(x.Added)+len(x.Dropped) == 0 {
			continue
		}
		p.pexSent, p.pexAt = told, now
		p.send(wire.Message{Type: wire.Extension, Ext: n, Data: x.Append(nil)})
	}
}

// takePex learns of peers from a peer. One that tells more often than once a
// minute is not heard.
func (c *Client) takePex(p *peer, x wire.Pex) {
	now := c.now()
	if !c.pex() || p.pexHeard > 0 && now-p.pexHeard < pexEvery-10*time.Second {
		return
	}
	p.pexHeard = now
	for _, a := range x.Added {
		if k := c.learn(a.Addr); k != nil && a.Flags&wire.PexSeed != 0 {
			k.seed = true
		}
	}
	c.dialMore()
}
