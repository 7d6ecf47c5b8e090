package client

import (
	"fmt"
	"strings"
	"time"

	"netscope/protocols/bittorrent/choker"
)

// round is the choker's round: every ten seconds from the client's start on.
func (c *Client) round() { c.decide(false) }

// rechoke looks at free slots again between two rounds.
func (c *Client) rechoke() {
	if c.stopping || c.ended || c.free {
		return
	}
	used := 0
	for _, p := range c.peers {
		if p.open && p.peerInterested {
			used++
		}
	}
	if used < c.slots() {
		c.decide(true)
	}
}

// slots is how many interested peers are unchoked at a time.
func (c *Client) slots() int {
	n := c.policy.Slots
	if !c.policy.Among {
		n++
	}
	if c.seeding() && c.policy.SeedSlots > 0 {
		n = c.policy.SeedSlots
	}
	return n
}

// interestChanged is when a peer has become interested, or no longer is.
func (c *Client) interestChanged(p *peer) {
	if p.peerInterested && p.open && !c.free {
		c.decide(true) // it was unchoked early, and counts from now on
		return
	}
	c.rechoke()
}

// decide asks the choker and does what it says.
func (c *Client) decide(between bool) {
	if c.stopping {
		return
	}
	now := c.now()
	in := choker.Input{Now: now, Seed: c.seeding(), Between: between, State: c.choking}
	byID := map[choker.ID]*peer{}
	for _, p := range c.peers {
		if !p.shook {
			continue
		}
		x := choker.Peer{
			ID: choker.ID(p.seq), Interested: p.peerInterested, Unchoked: p.open,
			Complete: c.torrent != nil && p.haves == c.torrent.NumPieces(),
			Down:     p.down.Rate(now), Up: p.up.Rate(now),
			Connected: p.since, Unchoking: p.unchokedAt, Pending: len(p.queue) > 0,
		}
		if after := c.policy.Snub; after > 0 && p.amInterested && !p.peerChoking {
			x.Snubbed = p.snubbed || len(p.asked) > 0 && choker.Snubbed(now, p.lastBlock, p.since, after)
		}
		byID[x.ID] = p
		in.Peers = append(in.Peers, x)
	}
	c.decision = c.policy.Decide(in, c.rand, c.decision)
	c.choking = c.decision.State
	ranks := c.decision.Ranking
	var list []map[string]any
	var said []string
	var open []*peer
	for _, r := range ranks {
		p := byID[r.ID]
		on := r.Reason.Unchokes() && !c.free
		list = append(list, c.rankData(p, r, on, now))
		if on {
			open = append(open, p)
			s := p.name()
			if r.Reason == choker.Chance || r.Reason == choker.Turn {
				s += " (" + r.Reason.String() + ")"
			}
			said = append(said, s)
		}
	}
	c.tellRound(between, list, said, now)
	for _, r := range ranks {
		p := byID[r.ID]
		if p.gone || r.Reason.Unchokes() && !c.free {
			continue
		}
		p.open = false
		if !p.amChoking {
			c.choke(p)
			c.settled = now + c.cfg.Settle
		}
	}
	for _, p := range open {
		p.open = true
	}
	if c.settled <= now {
		c.unchokeOpen()
		return
	}
	c.after(c.settled-now, c.unchokeOpen)
}

// unchokeOpen unchokes those that the last decision wants unchoked.
func (c *Client) unchokeOpen() {
	for _, p := range c.snapshot() {
		if p.open && p.amChoking && !p.gone && !c.stopping {
			c.unchoke(p)
		}
	}
}

func (c *Client) rankData(p *peer, r choker.Rank, on bool, now time.Duration) map[string]any {
	m := map[string]any{
		"peer": p.addr.String(), "id": fmt.Sprintf("%x", p.id), "rate": r.Rate, "down": p.down.Rate(now), "up": p.up.Rate(now),
		"reason": r.Reason.String(), "interested": p.peerInterested, "unchoked": on, "was_unchoked": p.open,
		"regular":    on && r.Reason != choker.Chance && r.Reason != choker.Turn && r.Reason != choker.Early,
		"optimistic": on && (r.Reason == choker.Chance || r.Reason == choker.Turn),
	}
	if p.listen.IsValid() {
		m["listen"] = p.listen.String()
	}
	return m
}

// tellRound notes the ranking.
func (c *Client) tellRound(between bool, list []map[string]any, said []string, now time.Duration) {
	name := "choke-round"
	if between {
		name = "choke-between"
	} else {
		c.rounds++
	}
	mode := "leecher"
	if c.seeding() {
		mode = "seed"
	}
	if list == nil {
		list = []map[string]any{}
	}
	next := choker.Round - now%choker.Round
	text := "unchokes nobody"
	if len(said) > 0 {
		text = "unchokes " + strings.Join(said, ", ")
	}
	// The choker counts from 0; the optimistic peer changes in rounds 0, 3, 6, …
	c.note(name, fmt.Sprintf("round %d: %s", c.rounds-1, text), map[string]any{
		"round": c.rounds - 1, "t": now.Seconds(), "next_s": next.Seconds(), "mode": mode, "free_rider": c.free,
		"rotated": c.decision.Rotated, "slots": c.slots(), "peers": list,
	})
}
