package client

import (
	"math"
	"slices"
	"time"

	"netscope/protocols/bittorrent/picker"
	"netscope/protocols/bittorrent/wire"
)

const (
	// minPipeline is how many requests wait at least at a peer that sends: BEP 3
	// and the mainline client have about five, so that the next is there when a
	// block has gone.
	minPipeline = 5
	maxPipeline = 200
	// snubbedAfter is how long a peer that does not choke us may owe us blocks
	// without sending any (the mainline client: a minute).
	snubbedAfter = time.Minute
)

// pipeline is how many requests should wait at a peer: twice what is on its way
// at its rate, so that the rate can grow, and a few more.
func (p *peer) pipeline(now time.Duration) int {
	if p.snubbed {
		return 1
	}
	n := minPipeline
	if p.rtt > 0 {
		n += int(math.Ceil(2 * p.down.Rate(now) * p.rtt.Seconds() / wire.BlockSize))
	}
	most := maxPipeline
	if p.reqq > 0 {
		most = min(most, p.reqq)
	}
	return max(1, min(n, most))
}

// ask sends requests until enough of them wait at the peer.
func (c *Client) ask(p *peer) {
	if p.gone || !p.shook || !p.amInterested || c.stopping || c.failed != nil {
		return
	}
	now := c.now()
	n := p.pipeline(now) - len(p.asked)
	if n <= 0 {
		return
	}
	if !p.peerChoking {
		n -= c.askAlone(p, n)
	}
	if n <= 0 {
		return
	}
	was := c.picker.Endgame()
	c.blocks = c.picker.Pick(c.blocks[:0], p.handle, n, p.peerChoking, c.rand)
	if !was && c.picker.Endgame() && !c.endgame {
		c.endgame = true
		c.note("endgame", "every missing block is asked for: asking several peers for the last ones", map[string]any{"left": c.picker.Left()})
	}
	for _, b := range c.blocks {
		c.request(p, askOf(b))
	}
}

func askOf(b picker.Block) ask {
	return ask{index: int(b.Piece), begin: int(b.Begin), length: int(b.Length)}
}

func (a ask) block() picker.Block {
	return picker.Block{Piece: uint32(a.index), Begin: uint32(a.begin), Length: uint32(a.length)}
}

func (a ask) message(t wire.Type) wire.Message {
	return wire.Message{Type: t, Index: uint32(a.index), Begin: uint32(a.begin), Length: uint32(a.length)}
}

// request sends one request.
func (c *Client) request(p *peer, a ask) {
	a.at = c.now()
	if len(p.asked) == 0 {
		p.lastBlock = max(p.lastBlock, a.at)
	}
	p.asked = append(p.asked, a)
	p.send(a.message(wire.Request))
}

// choked forgets what we asked of a peer, whose blocks that are here stay. With
// the fast extension it refuses each request by itself (BEP 6).
func (c *Client) choked(p *peer) {
	if !p.fast && c.picker != nil {
		c.release(p)
		c.askOthers(p)
	}
}

// release gives back what a peer was asked for, so that others can be asked.
func (c *Client) release(p *peer) {
	c.picker.Release(p.handle)
	c.leaveAlone(p)
	p.released = append(p.released, p.asked...)
	if n := len(p.released); n > maxReleased {
		p.released = slices.Delete(p.released, 0, n-maxReleased)
	}
	p.asked = p.asked[:0]
}

// askOthers lets the other peers take over what one has given back.
func (c *Client) askOthers(p *peer) {
	for _, q := range c.peers {
		if q != p && !q.peerChoking {
			c.ask(q)
		}
	}
}

// rejected gives back one request that the peer refuses.
func (c *Client) rejected(p *peer, m wire.Message) {
	if c.picker == nil {
		return
	}
	a := ask{index: int(m.Index), begin: int(m.Begin), length: int(m.Length)}
	if !take(&p.asked, a) {
		take(&p.released, a)
		return
	}
	if !c.aloneRefused(p, a) {
		c.picker.Rejected(p.handle, a.block())
	}
	c.askOthers(p)
	if !p.peerChoking {
		// It refuses although it does not choke us: not again at once, or the
		// two would go on for ever.
		c.after(time.Second, func() { c.ask(p) })
	}
}

// take takes a request off a list.
func take(list *[]ask, a ask) bool {
	for i, x := range *list {
		if x.same(a) {
			*list = slices.Delete(*list, i, i+1)
			return true
		}
	}
	return false
}

// snub watches for peers that owe us blocks and send none (anti-snubbing): what
// they were asked for goes to others, and they get no regular unchoke.
func (c *Client) snub() {
	now := c.now()
	for _, p := range c.peers {
		if p.snubbed || p.peerChoking || len(p.asked) == 0 || now-p.lastBlock < snubbedAfter || c.picker == nil {
			continue
		}
		p.snubbed = true
		c.note("snubbed", p.name()+" owes us blocks and has sent none for a minute", map[string]any{"peer": p.name()})
		c.release(p)
		c.askOthers(p)
		c.ask(p)
	}
}
