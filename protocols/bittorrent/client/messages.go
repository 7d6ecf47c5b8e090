package client

import (
	"time"

	"errors"
	"fmt"
	"io"
	"net"

	"netscope/protocols/bittorrent/picker"
	"netscope/protocols/bittorrent/wire"
)

// limits are what a message may measure: of blocks only those that are asked
// for come, and a bitfield has exactly one length.
func (c *Client) limits() wire.Limits {
	l := c.earlyLimits()
	if c.torrent != nil {
		l.Bitfield = 1 + (c.torrent.NumPieces()+7)/8
	}
	return l
}

func (c *Client) earlyLimits() wire.Limits {
	return wire.Limits{Piece: 9 + wire.BlockSize, Extended: 48 << 10, Other: 4 << 10}
}

// reason says why reading ended.
func reason(err error) string {
	switch {
	case errors.Is(err, io.EOF):
		return "it closed the connection"
	case errors.Is(err, net.ErrClosed):
		return "the connection was closed"
	}
	return err.Error()
}

// handle acts on a peer's message.
func (c *Client) handle(p *peer, m wire.Message) {
	p.lastHeard = c.now()
	switch m.Type {
	case wire.KeepAlive, wire.Port:
	case wire.Choke:
		p.peerChoking = true
		c.choked(p)
	case wire.Unchoke:
		if p.peerChoking {
			p.peerChoking, p.lastBlock = false, c.now()
			c.ask(p)
		}
	case wire.Interested:
		if !p.peerInterested {
			p.peerInterested = true
			c.interestChanged(p)
		}
	case wire.NotInterested:
		if p.peerInterested {
			p.peerInterested = false
			c.interestChanged(p)
		}
	case wire.Have:
		c.peerHas(p, m.Index)
	case wire.Bitfield, wire.HaveAll, wire.HaveNone:
		c.peerSays(p, m)
	case wire.Request:
		c.requested(p, m)
	case wire.Cancel:
		c.cancelled(p, m)
	case wire.Piece:
		c.block(p, m)
	case wire.Reject:
		if c.mustBeFast(p, m) {
			c.rejected(p, m)
		}
	case wire.Suggest:
		if c.mustBeFast(p, m) && c.inRange(p, m) && c.picker != nil {
			c.picker.Suggest(p.handle, int(m.Index))
		}
	case wire.AllowedFast:
		if c.mustBeFast(p, m) && c.inRange(p, m) && c.picker != nil {
			c.picker.AllowedFast(p.handle, int(m.Index))
			c.ask(p)
		}
	case wire.Extension:
		if p.extended {
			c.extension(p, m)
		}
	}
}

func (c *Client) mustBeFast(p *peer, m wire.Message) bool {
	if !p.fast {
		c.drop(p, fmt.Sprintf("%s without the fast extension (BEP 6)", m.Type))
	}
	return p.fast
}

// inRange ends the connection if the message names a piece that is not there.
func (c *Client) inRange(p *peer, m wire.Message) bool {
	if c.torrent != nil && int64(m.Index) >= int64(c.torrent.NumPieces()) {
		c.drop(p, fmt.Sprintf("%s of piece %d, there are %d", m.Type, m.Index, c.torrent.NumPieces()))
		return false
	}
	return true
}

// peerHas notes a have.
func (c *Client) peerHas(p *peer, index uint32) {
	if c.torrent == nil {
		if len(p.early) >= maxEarly {
			c.drop(p, "too many haves before the metadata is known")
			return
		}
		p.early = append(p.early, index)
		return
	}
	if !c.inRange(p, wire.Message{Type: wire.Have, Index: index}) {
		return
	}
	if !p.have.Has(int(index)) {
		p.have.Add(int(index))
		p.haves++
		c.picker.Have(p.handle, int(index))
		c.reconsider(p)
	}
}

// peerSays notes what a peer says it has. It ought to say so first of all (BEP
// 3), but aria2 sends a bitfield again instead of many haves: nothing is taken
// back by it.
func (c *Client) peerSays(p *peer, m wire.Message) {
	if m.Type != wire.Bitfield && !c.mustBeFast(p, m) {
		return
	}
	if c.torrent == nil {
		p.earlyAll = p.earlyAll || m.Type == wire.HaveAll
		if m.Type == wire.Bitfield {
			p.earlyField = append([]byte(nil), m.Data...)
		}
		return
	}
	n := c.torrent.NumPieces()
	switch m.Type {
	case wire.HaveAll:
		p.fill(n)
		c.picker.HaveAll(p.handle)
	case wire.Bitfield:
		set, err := bitfield(m.Data, n)
		if err != nil {
			c.drop(p, err.Error())
			return
		}
		for i := range n {
			if set.Has(i) && !p.have.Has(i) {
				p.have.Add(i)
				p.haves++
			}
		}
		c.picker.Bitfield(p.handle, set)
	}
	c.reconsider(p)
}

func (p *peer) fill(n int) {
	p.haves = n
	for i := range n {
		p.have.Add(i)
	}
}

// bitfield reads a bitfield of n pieces. Spare bits must be 0 (BEP 3).
func bitfield(b []byte, n int) (picker.Bits, error) {
	if len(b) != (n+7)/8 {
		return nil, fmt.Errorf("a bitfield of %d bytes for %d pieces", len(b), n)
	}
	if n%8 != 0 && b[len(b)-1]<<(n%8) != 0 {
		return nil, errors.New("a bitfield with spare bits set (BEP 3)")
	}
	set := picker.NewBits(n)
	for i := range n {
		if b[i/8]&(0x80>>(i%8)) != 0 {
			set.Add(i)
		}
	}
	return set, nil
}

// field is what we have, as a bitfield.
func (c *Client) field() []byte {
	n := c.torrent.NumPieces()
	b := make([]byte, (n+7)/8)
	for i := range n {
		if c.picker.Has(i) {
			b[i/8] |= 0x80 >> (i % 8)
		}
	}
	return b
}

// tellHave says first which pieces we have.
func (c *Client) tellHave(p *peer) {
	if c.torrent == nil {
		if p.fast {
			p.send(wire.Message{Type: wire.HaveNone})
		}
		return
	}
	n := c.torrent.NumPieces()
	switch left := c.picker.Left(); {
	case p.fast && left == 0:
		p.send(wire.Message{Type: wire.HaveAll})
	case p.fast && left == n:
		p.send(wire.Message{Type: wire.HaveNone})
	case left < n:
		p.send(wire.Message{Type: wire.Bitfield, Data: c.field()})
	}
}

// parting is how long a connection that is of no more use stays open.
const parting = 2 * time.Second

// uselessTo reports whether we and a peer both have everything.
func (c *Client) uselessTo(p *peer) bool {
	return c.seeding() && p.haves == c.torrent.NumPieces()
}

// reconsider says whether we are interested when that has changed, and asks for
// blocks if we may.
func (c *Client) reconsider(p *peer) {
	if p.gone || !p.shook || c.picker == nil {
		return
	}
	want := c.picker.Interesting(p.handle)
	if want != p.amInterested {
		p.amInterested = want
		t := wire.NotInterested
		if want {
			t = wire.Interested
		}
		p.send(wire.Message{Type: t})
	}
	if want {
		c.ask(p)
	} else if c.uselessTo(p) {
		// Not at once: that nobody is interested any more is to be read first.
		c.after(parting, func() {
			if !p.gone && c.uselessTo(p) {
				c.drop(p, "both have everything")
			}
		})
	}
}
