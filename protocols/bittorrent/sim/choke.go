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
			ID: choker.ID(k), Interested: l.interested, Unchoked: l.unchoked, Complete: s.peers[l.other].seed,
			Connected: l.connected, Unchoking: l.unchoking, Pending: len(l.queue) > 0 || n.sending && n.sendSlot == int32(k),
		}
		if n.seed {
			x.Up = s.peers[l.other].links[l.back].down.Rate(now)
		} else {
			x.Down = l.down.Rate(now)
			x.Snubbed = choker.Snubbed(now, l.lastBlock, l.connected, n.policy.Snub)
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
		s.reward(n, l, r.Reason.Regular())
	}
}

// reward counts for how long leechers unchoke leechers for what they give.
func (s *Sim) reward(n *node, l *link, regular bool) {
	if l.other < 0 || n.seed || s.peers[l.other].seed {
		return
	}
	switch {
	case regular && !l.regular:
		l.regular, l.regularSince = true, time.Duration(s.now)
	case !regular:
		s.endReward(n, l)
	}
}

func (s *Sim) endReward(n *node, l *link) {
	if !l.regular {
		return
	}
	l.regular = false
	s.regular[n.class][s.peers[l.other].class] += (time.Duration(s.now) - l.regularSince).Seconds()
}

func (s *Sim) setUnchoke(i, slot int32) {
	n := &s.peers[i]
	l := &n.links[slot]
	l.unchoked, l.unchoking = true, time.Duration(s.now)
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
	l := &n.links[slot]
	l.unchoked = false
	if l.interested {
		n.serving--
	}
	o := &s.peers[l.other]
	o.unchokers = without(o.unchokers, l.back)
	if len(l.queue) > 0 && !o.seed {
		h := o.links[l.back].handle
		for _, b := range l.queue {
			o.pick.Rejected(h, b)
		}
		l.queue = l.queue[:0]
		s.requests(l.other)
	}
	l.queue = l.queue[:0]
}
