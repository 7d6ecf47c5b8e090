package client

import (
	"netscope/protocols/bittorrent/wire"
)

// alone is a piece that is fetched wholly from one peer, because it came with a
// wrong hash from several: then it is certain who is to blame. The picker sees
// the piece as begun and complete meanwhile, so that nobody else is asked.
type alone struct {
	peer   *peer  // nil: waits for a peer
	got    []bool // by block
	next   int    // first byte that is not asked for
	left   int    // blocks that are not here
	judged bool   // all is here, the hash is being computed
}

// fetchAlone begins to fetch a piece from one peer.
func (c *Client) fetchAlone(index int) {
	c.alone[index] = new(alone)
	c.aloneOrder = append(c.aloneOrder, index)
}

// askAlone asks a peer for blocks of pieces that it is to send alone, at most n,
// and says how many.
func (c *Client) askAlone(p *peer, n int) (asked int) {
	for _, index := range c.aloneOrder {
		s, size := c.alone[index], int(c.torrent.PieceLen(index))
		if s.peer == nil && p.have.Has(index) && !p.snubbed {
			blocks := (size + wire.BlockSize - 1) / wire.BlockSize
			*s = alone{peer: p, got: make([]bool, blocks), left: blocks}
			delete(c.held, index)
		}
		if s.peer != p {
			continue
		}
		for ; asked < n && s.next < size; asked++ {
			a := ask{index: index, begin: s.next, length: min(wire.BlockSize, size-s.next)}
			s.next += a.length
			c.request(p, a)
		}
	}
	return asked
}

// aloneBlock takes a block if it is of such a piece.
func (c *Client) aloneBlock(p *peer, a ask, data []byte) bool {
	s := c.alone[a.index]
	if s == nil {
		return false
	}
	i := a.begin / wire.BlockSize
	if s.peer != p || s.judged || s.got[i] {
		c.wasted += int64(len(data))
		return true
	}
	s.got[i] = true
	s.left--
	c.hold(p, a, data)
	if s.left == 0 {
		s.judged = true
		c.verify(a.index)
	}
	return true
}

func (c *Client) endAlone(index int) {
	delete(c.alone, index)
	for i, x := range c.aloneOrder {
		if x == index {
			c.aloneOrder = append(c.aloneOrder[:i], c.aloneOrder[i+1:]...)
			return
		}
	}
}

// leaveAlone takes such pieces away from a peer that chokes us, snubs us or has
// left: another begins anew.
func (c *Client) leaveAlone(p *peer) {
	for _, index := range c.aloneOrder {
		if s := c.alone[index]; s.peer == p {
			s.free()
		}
	}
}

// aloneRefused reports whether a refused request was for such a piece.
func (c *Client) aloneRefused(p *peer, a ask) bool {
	s := c.alone[a.index]
	if s == nil {
		return false
	}
	if s.peer == p {
		s.free()
	}
	return true
}

// free lets another peer begin. While the hash is being computed it is too late.
func (s *alone) free() {
	if !s.judged {
		*s = alone{}
	}
}
