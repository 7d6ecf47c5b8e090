package client

import (
	"fmt"
	"slices"

	"netscope/protocols/bittorrent/wire"
)

// requested queues a peer's request, or refuses it.
func (c *Client) requested(p *peer, m wire.Message) {
	if c.torrent == nil {
		c.drop(p, "a request although we have told it nothing of ours")
		return
	}
	size := c.torrent.PieceLen(int(min(m.Index, 1<<30)))
	if m.Length == 0 || m.Length > wire.MaxRequest || int64(m.Begin)+int64(m.Length) > size {
		c.drop(p, fmt.Sprintf("a request out of range: %d bytes from %d of piece %d", m.Length, m.Begin, m.Index))
		return
	}
	a := ask{index: int(m.Index), begin: int(m.Begin), length: int(m.Length), at: c.now()}
	fast := p.amChoking && p.mayHave(m.Index)
	switch {
	case !c.picker.Has(a.index), p.amChoking && !fast, len(p.queue) >= maxQueue, c.stopping:
		// Without the fast extension a request that crossed our choke is
		// just forgotten (BEP 3).
		if p.fast {
			p.send(a.message(wire.Reject))
		}
		return
	}
	for _, q := range p.queue {
		if q.same(a) {
			return
		}
	}
	p.queue = append(p.queue, a)
	p.kick()
}

// mayHave reports whether a peer may have a piece while it is choked (BEP 6).
func (p *peer) mayHave(index uint32) bool {
	for _, x := range p.allowedUs {
		if x == index {
			return true
		}
	}
	return false
}

// cancelled forgets a request. With the fast extension it is answered all the
// same (BEP 6).
func (c *Client) cancelled(p *peer, m wire.Message) {
	a := ask{index: int(m.Index), begin: int(m.Begin), length: int(m.Length)}
	if take(&p.queue, a) && p.fast {
		p.send(a.message(wire.Reject))
	}
}

// choke stops serving a peer. What waits is forgotten, and refused one by one
// with the fast extension.
func (c *Client) choke(p *peer) {
	p.amChoking = true
	p.send(wire.Message{Type: wire.Choke})
	queue := p.queue
	p.queue = nil
	for _, a := range queue {
		switch {
		case p.gone:
			return
		case p.fast && p.mayHave(uint32(a.index)):
			p.queue = append(p.queue, a)
		case p.fast:
			p.send(a.message(wire.Reject))
		}
	}
}

// unchoke lets a peer have data.
func (c *Client) unchoke(p *peer) {
	p.amChoking, p.unchokedAt = false, c.now()
	p.send(wire.Message{Type: wire.Unchoke})
}

// upload appends the next block for a peer, if there is one and the limit
// allows it; else the peer gets into the line of those that wait for the limit.
func (c *Client) upload(p *peer, buf []byte) []byte {
	if len(p.queue) == 0 {
		p.granted = false
		return buf
	}
	a := p.queue[0]
	if !p.granted {
		if c.upBucket.rate > 0 && (len(c.line) > 0 || c.upBucket.wait(c.now()) > 0) {
			c.waitInLine(p)
			return buf
		}
		c.upBucket.take(a.length, c.now())
	}
	p.granted = false
	p.queue = p.queue[1:]
	head := wire.Message{Type: wire.Piece, Index: uint32(a.index), Begin: uint32(a.begin)}
	buf = head.AppendHead(buf, a.length)
	n := len(buf)
	buf = slices.Grow(buf, a.length)[:n+a.length]
	if err := c.store.ReadBlock(buf[n:], a.index, int64(a.begin)); err != nil {
		c.storeFailed(err)
		return buf[:0]
	}
	p.up.Add(c.now(), a.length)
	c.uploaded.Add(c.now(), a.length)
	return buf
}

// waitInLine puts a peer in the line of those that the upload limit stops.
func (c *Client) waitInLine(p *peer) {
	if !p.inLine {
		p.inLine = true
		c.line = append(c.line, p)
	}
	if c.lineTimer == nil {
		c.lineTimer = c.after(c.upBucket.wait(c.now()), c.nextInLine)
	}
}

// nextInLine lets the first peers of the line send one block each, as far as the
// limit goes; so all of them get the same share.
func (c *Client) nextInLine() {
	c.lineTimer = nil
	for len(c.line) > 0 {
		if wait := c.upBucket.wait(c.now()); wait > 0 {
			c.lineTimer = c.after(wait, c.nextInLine)
			return
		}
		p := c.line[0]
		c.line = slices.Delete(c.line, 0, 1)
		p.inLine = false
		if p.gone || len(p.queue) == 0 {
			continue
		}
		c.upBucket.take(p.queue[0].length, c.now())
		p.granted = true
		p.kick()
	}
}
