package client

import (
	"bytes"
	"encoding/hex"
	"time"

	"netscope/protocols/bittorrent/picker"
	"netscope/protocols/bittorrent/wire"
)

// handshake takes a peer's handshake and begins the conversation.
func (c *Client) handshake(p *peer, h wire.Handshake) {
	if p.gone {
		return
	}
	if h.InfoHash != c.infoHash {
		c.drop(p, "it is after another torrent")
		return
	}
	p.id = h.PeerID
	if h.PeerID == c.id {
		if p.candidate != nil {
			p.candidate.useless = true
		}
		c.drop(p, "it is ourselves")
		return
	}
	if c.banned[p.key()] {
		if p.candidate != nil {
			p.candidate.useless = true
		}
		c.drop(p, "it is banned")
		return
	}
	if old := c.twin(p); old != nil {
		if c.keepsOld(old, p) {
			if p.candidate != nil {
				// The address is that of a peer we are connected with.
				p.candidate.peer, old.candidate, p.candidate = old, p.candidate, nil
				old.listen = p.listen
			}
			c.drop(p, "it is connected already")
			return
		}
		c.drop(old, "it has connected anew")
	}
	p.shook, p.lastHeard = true, c.now()
	c.forget(p.limit)
	p.fast = h.Has(wire.Fast) && !c.cfg.NoFast
	p.extended = h.Has(wire.Extended) && !c.cfg.NoExtended
	if !p.outgoing {
		p.out = c.hello().Append(p.out)
	}
	if p.extended {
		p.send(wire.Message{Type: wire.Extension, Data: c.extHello(p).Append(nil)})
	}
	c.tellHave(p)
	if c.picker != nil {
		c.enter(p)
	}
	p.kick()
}

// twin finds another connection with the same peer.
func (c *Client) twin(p *peer) *peer {
	for _, q := range c.peers {
		if q != p && q.shook && q.id == p.id {
			return q
		}
	}
	return nil
}

// keepsOld decides which of two connections with a peer stays. When both have
// dialled at the same time, both must come to the same answer: the connection
// stays that the one with the smaller peer ID has made.
func (c *Client) keepsOld(old, p *peer) bool {
	if old.outgoing == p.outgoing || p.since-old.since > 10*time.Second {
		return true
	}
	we := bytes.Compare(c.id[:], p.id[:]) < 0
	return old.outgoing == we
}

// enter makes a peer known to the picker.
func (c *Client) enter(p *peer) {
	p.handle = c.picker.Join()
	p.have = picker.NewBits(c.torrent.NumPieces())
	c.byHandle[p.handle] = p
	if n := c.cfg.AllowedFast; n > 0 && p.fast {
		p.allowedUs = wire.AllowedFastSet(p.addr.Addr(), c.infoHash, uint32(c.torrent.NumPieces()), n)
		for _, i := range p.allowedUs {
			p.send(wire.Message{Type: wire.AllowedFast, Index: i})
		}
	}
}

// nowKnown tells a peer what we have, and takes what it said before the torrent
// was known.
func (c *Client) nowKnown(p *peer) {
	if !p.shook {
		return
	}
	c.enter(p)
	n := c.torrent.NumPieces()
	for i := range n {
		if c.picker.Has(i) {
			p.send(wire.Message{Type: wire.Have, Index: uint32(i)})
		}
	}
	switch {
	case p.earlyAll:
		c.peerSays(p, wire.Message{Type: wire.HaveAll})
	case p.earlyField != nil:
		c.peerSays(p, wire.Message{Type: wire.Bitfield, Data: p.earlyField})
	}
	for _, i := range p.early {
		if !p.gone {
			c.peerHas(p, i)
		}
	}
	p.early, p.earlyField = nil, nil
	if !p.gone {
		c.reconsider(p)
	}
}

// key tells peers apart that come again.
func (p *peer) key() string { return p.addr.Addr().String() + " " + hex.EncodeToString(p.id[:]) }

// name is what a peer is called in notes: where it listens, if that is known.
func (p *peer) name() string {
	if p.listen.IsValid() {
		return p.listen.String()
	}
	return p.addr.String()
}
