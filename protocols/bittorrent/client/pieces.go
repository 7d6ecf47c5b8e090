package client

import (
	"fmt"
	"hash/maphash"
	"slices"

	"netscope/protocols/bittorrent/wire"
)

// held says of a piece that is begun who sent which block, and what. The bytes
// themselves are in the store. It stays over a choke, a snub, and the peers that
// sent it.
type held struct {
	from []string // by block: key of the peer that sent it
	sums []uint64 // by block: hash of what it sent
}

// block takes a block. One that was never asked for is ignored.
func (c *Client) block(p *peer, m wire.Message) {
	now := c.now()
	c.downBucket.take(len(m.Data), now)
	if c.picker == nil {
		return
	}
	a := ask{index: int(m.Index), begin: int(m.Begin), length: len(m.Data)}
	var rtt ask
	for _, x := range p.asked {
		if x.same(a) {
			rtt = x
		}
	}
	asked := take(&p.asked, a)
	if !asked && !take(&p.released, a) {
		c.wasted += int64(len(m.Data))
		return
	}
	p.down.Add(now, len(m.Data))
	c.downloaded.Add(now, len(m.Data))
	p.lastBlock, p.snubbed = now, false
	if asked {
		if d := now - rtt.at; p.rtt == 0 || d < p.rtt {
			p.rtt = d
		}
	}
	if c.aloneBlock(p, a, m.Data) {
		c.ask(p)
		return
	}
	r := c.picker.Received(p.handle, a.block())
	for _, k := range r.Cancels {
		if q := c.byHandle[k.Peer]; q != nil {
			if b := askOf(k.Block); take(&q.asked, b) {
				// It may have left already.
				q.released = append(q.released, b)
				q.send(b.message(wire.Cancel))
			}
		}
	}
	if r.New {
		c.hold(p, a, m.Data)
	} else {
		c.wasted += int64(len(m.Data))
	}
	if r.Complete {
		c.verify(a.index)
	}
	for _, k := range r.Cancels {
		if q := c.byHandle[k.Peer]; q != nil && q != p {
			c.ask(q)
		}
	}
	c.ask(p)
}

// hold stores a block and remembers whose it is.
func (c *Client) hold(p *peer, a ask, data []byte) {
	h := c.held[a.index]
	if h == nil {
		n := int((c.torrent.PieceLen(a.index) + wire.BlockSize - 1) / wire.BlockSize)
		h = &held{from: make([]string, n), sums: make([]uint64, n)}
		c.held[a.index] = h
	}
	i := a.begin / wire.BlockSize
	h.from[i], h.sums[i] = p.key(), maphash.Bytes(c.sums, data)
	if err := c.store.WriteBlock(data, a.index, int64(a.begin)); err != nil {
		c.storeFailed(err)
	}
}

// verify has the hash of a complete piece computed, off the loop.
func (c *Client) verify(index int) {
	h, s := c.held[index], c.store
	if h == nil || c.ended {
		return
	}
	delete(c.held, index)
	c.start(func() {
		good, err := s.Verify(index)
		c.do(func() {
			switch {
			case err != nil:
				c.storeFailed(err)
			case good:
				c.good(index, h)
			default:
				c.bad(index, h)
			}
		})
	})
}

// good tells everybody that we have a piece, now that its hash is right.
func (c *Client) good(index int, h *held) {
	c.endAlone(index)
	c.compare(index, h)
	c.picker.Verified(index, true)
	c.have(index)
}

// have does what follows from a piece that is now ours.
func (c *Client) have(index int) {
	left, n := c.picker.Left(), c.torrent.NumPieces()
	c.note("piece-done", fmt.Sprintf("piece %d is complete and its hash is right, %d of %d", index, n-left, n),
		map[string]any{"piece": index, "have": n - left, "of": n})
	for _, p := range c.snapshot() {
		if p.shook && !p.gone {
			p.send(wire.Message{Type: wire.Have, Index: uint32(index)})
		}
	}
	for _, p := range c.snapshot() {
		c.reconsider(p)
	}
	if left == 0 {
		c.complete()
	}
}

// bad throws a piece away whose hash is wrong, and finds out who is to blame:
// the one peer that sent all of it, or, if there were several, whoever sent a
// block that differs from the right one, which is known when one peer alone has
// sent the piece again.
func (c *Client) bad(index int, h *held) {
	who := contributors(h)
	c.note("hash-failed", fmt.Sprintf("piece %d has the wrong hash: it is thrown away and fetched again", index),
		map[string]any{"piece": index, "peers": len(who)})
	c.wasted += c.torrent.PieceLen(index)
	if c.alone[index] == nil && len(who) > 1 {
		c.suspects[index] = h
		c.fetchAlone(index)
		c.askAll()
		return
	}
	if s := c.alone[index]; s != nil {
		*s = alone{} // the next peer tries
	} else {
		c.picker.Verified(index, false)
	}
	c.ban(who[0], fmt.Sprintf("all of piece %d came from it, and its hash is wrong", index))
	c.askAll()
}

// contributors lists who sent blocks of a piece.
func contributors(h *held) []string {
	var out []string
	for _, k := range h.from {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// compare bans whoever sent a block that was not the right one, now that the
// piece is known.
func (c *Client) compare(index int, right *held) {
	wrong := c.suspects[index]
	delete(c.suspects, index)
	if wrong == nil {
		return
	}
	for i, k := range wrong.from {
		if wrong.sums[i] != right.sums[i] {
			c.ban(k, fmt.Sprintf("it sent a wrong block of piece %d", index))
		}
	}
}

// askAll asks everybody that may be asked.
func (c *Client) askAll() {
	for _, p := range c.snapshot() {
		c.ask(p)
	}
}
