package sim

import (
	"time"

	"netscope/protocols/bittorrent/choker"
)

// pause is how soon a free slot is given away between two rounds.
const pause = int64(100 * time.Millisecond)

// capacity is how many interested peers a choker serves.
func (n *node) capacity() int {
	if n.seed && n.policy.SeedSlots > 0 {
		return n.policy.SeedSlots
	}
	if n.policy.Among {
		return n.policy.Slots
	}
	return n.policy.Slots + 1
}

// vacancy plans a look at free slots if there are any.
func (s *Sim) vacancy(i int32) {
	n := &s.peers[i]
	if n.place >= 0 && int(n.serving) < n.capacity() {
		s.again(i)
	}
}

func (s *Sim) again(i int32) {
	n := &s.peers[i]
	if n.pending || n.perNs == 0 {
		return
	}
	n.pending = true
	s.events.push(event{at: s.now + pause, kind: between, peer: i})
}

// choke asks a peer's choker and does what it says.
func (s *Sim) choke(i int32, isBetween bool) {
	n := &s.peers[i]
	now := time.Duration(s.now)
	everybody := n.policy.Faster || n.policy.Among
	s.in, s.slots = s.in[:0], s.slots[:0]
	for k := range n.links {
		l := &n.links[k]
		if l.other < 0 || !everybody && !l.interested && !l.unchoked {
			continue
		}
		x := choker.Peer{
			ID: choker.ID(k), Interested: l.interested, Unchoked: l.unchoked, Complete: l.complete, Connected: l.connected,
		}
		if n.seed {
			t := &n.traffic[k]
			x.Unchoking, x.Pending = t.unchoking, len(t.queue) > 0 || n.sending && n.sendSlot == int32(k)
			x.Up = s.peers[l.other].traffic[l.back].down.Rate(now)
		} else if l.lastBlock > 0 {
			x.Snubbed = choker.Snubbed(now, l.lastBlock, l.connected, n.policy.Snub)
			if !x.Snubbed || everybody {
				x.Down = n.traffic[k].down.Rate(now)
			}
		}
		s.in = append(s.in, x)
		s.slots = append(s.slots, int32(k))
	}
	if len(s.in) == 0 {
		if !isBetween {
			n.state.Rounds++
		}
		return
	}
	d := n.policy.Decide(choker.Input{Now: now, Peers: s.in, Seed: n.seed, Between: isBetween, State: n.state}, s.rng, &s.decision)
	n.state = d.State
	// First choke, then unchoke: what goes back can be asked of the others.
	for _, r := range d.Ranking {
		if l := &n.links[r.ID]; l.unchoked && !r.Reason.Unchokes() {
			s.setChoke(i, int32(r.ID))
		}
	}
	for _, r := range d.Ranking {
		l := &n.links[r.ID]
		if r.Reason.Unchokes() && !l.unchoked {
			s.setUnchoke(i, int32(r.ID))
		}
		s.reward(n, int32(r.ID), r.Reason.Regular())
	}
}

// reward counts for how long leechers unchoke leechers for what they give.
func (s *Sim) reward(n *node, slot int32, regular bool) {
	l := &n.links[slot]
	if l.other < 0 || n.seed || l.complete {
		return
	}
	switch {
	case regular && !l.regular:
		l.regular, n.traffic[slot].regularSince = true, time.Duration(s.now)
	case !regular:
		s.endReward(n, slot)
	}
}

func (s *Sim) endReward(n *node, slot int32) {
	l := &n.links[slot]
	if !l.regular {
		return
	}
	l.regular = false
	s.regular[n.class][s.peers[l.other].class] += (time.Duration(s.now) - n.traffic[slot].regularSince).Seconds()
}

func (s *Sim) setUnchoke(i, slot int32) {
	n := &s.peers[i]
	l := &n.links[slot]
	l.unchoked, n.traffic[slot].unchoking = true, time.Duration(s.now)
	if l.interested {
		n.serving++
	}
	o := &s.peers[l.other]
	o.unchokers = append(o.unchokers, l.back)
	s.request(l.other, l.back)
}

// setChoke ends an unchoke. The block that is being sent arrives; the other
// requests go back.
func (s *Sim) setChoke(i, slot int32) {
	n := &s.peers[i]
	l, t := &n.links[slot], &n.traffic[slot]
	l.unchoked = false
	if l.interested {
		n.serving--
	}
	o := &s.peers[l.other]
	o.unchokers = without(o.unchokers, l.back)
	if len(t.queue) > 0 && !o.seed {
		h := o.traffic[l.back].handle
		for _, b := range t.queue {
			if o.pick.Rejected(h, b) {
				o.links[l.back].asked--
			}
		}
		t.queue = t.queue[:0]
		s.requests(l.other)
	}
	t.queue = t.queue[:0]
}
