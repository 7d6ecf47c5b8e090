package sim

import (
	"time"

	"netscope/protocols/bittorrent/picker"
)

// backlog is how many blocks may be asked of a peer at a time. The mainline
// client asks for what comes in four seconds, and two more.
func (s *Sim) backlog(t *traffic) int {
	if s.cfg.Pipeline > 0 {
		return s.cfg.Pipeline
	}
	return min(2+int(4*t.down.Rate(time.Duration(s.now))/float64(s.cfg.BlockSize)), 50)
}

// request keeps the pipeline to one unchoking peer full.
func (s *Sim) request(i, slot int32) {
	n := &s.peers[i]
	l := &n.links[slot]
	if n.seed || !l.wanting {
		return
	}
	t := &n.traffic[slot]
	free := s.backlog(t) - int(l.asked)
	if free <= 0 {
		return
	}
	s.read(i)
	s.blocks = n.pick.Pick(s.blocks[:0], t.handle, free, false, s.rng)
	if len(s.blocks) == 0 {
		return
	}
	l.asked += int16(len(s.blocks))
	o := &s.peers[l.other]
	b, q := &o.links[l.back], &o.traffic[l.back]
	q.queue = append(q.queue, s.blocks...)
	if !b.queued {
		b.queued = true
		o.turns = append(o.turns, l.back)
	}
	if !o.sending {
		s.send(l.other)
	}
}

// requests does so for every peer that unchokes us: something became free.
func (s *Sim) requests(i int32) {
	n := &s.peers[i]
	if n.seed {
		return
	}
	for k := 0; k < len(n.unchokers); k++ {
		s.request(i, n.unchokers[k])
	}
}

// send begins with the next block in turn.
func (s *Sim) send(i int32) {
	n := &s.peers[i]
	n.sending = false
	if n.perNs == 0 {
		return
	}
	for k, slot := range n.turns {
		l, t := &n.links[slot], &n.traffic[slot]
		l.queued = false
		if l.other < 0 || len(t.queue) == 0 {
			continue
		}
		b := t.queue[0]
		t.queue = append(t.queue[:0], t.queue[1:]...)
		n.turns = append(n.turns[:0], n.turns[k+1:]...)
		if len(t.queue) > 0 {
			l.queued = true
			n.turns = append(n.turns, slot)
		}
		n.sending, n.sendSlot, n.sendGen, n.sendBlock = true, slot, l.gen, b
		s.events.push(event{at: s.now + int64(float64(b.Length)*n.perNs), kind: sent, peer: i})
		return
	}
	n.turns = n.turns[:0]
}

// sent ends a block's transmission; it arrives now, or when the receiver's
// downlink has taken what came before it.
func (s *Sim) sent(i int32) {
	n := &s.peers[i]
	if n.place < 0 {
		return
	}
	slot, b := n.sendSlot, n.sendBlock
	l := &n.links[slot]
	n.out.Sent += int64(b.Length)
	if l.gen == n.sendGen && l.other >= 0 {
		o := &s.peers[l.other]
		at := s.now
		if o.downNs > 0 {
			at = max(at, o.ready+int64(float64(b.Length)*o.downNs))
			o.ready = at
		}
		if at > s.now {
			s.events.push(event{at: at, kind: deliver, peer: l.other, slot: l.back, gen: o.links[l.back].gen, block: b})
		} else {
			s.receive(l.other, l.back, b)
		}
	}
	s.send(i)
}

// receive is a block's arrival at its receiver.
func (s *Sim) receive(i, slot int32, b picker.Block) {
	n := &s.peers[i]
	l, t := &n.links[slot], &n.traffic[slot]
	now := time.Duration(s.now)
	t.down.Add(now, int(b.Length))
	l.lastBlock = now
	n.out.Got += int64(b.Length)
	if n.seed {
		n.out.Waste += int64(b.Length)
		return
	}
	r := n.pick.Received(t.handle, b)
	if r.Asked {
		l.asked--
	}
	if !r.New {
		n.out.Waste += int64(b.Length)
	}
	for _, c := range r.Cancels {
		s.cancel(n, c)
	}
	if r.Complete {
		n.pick.Verified(int(b.Piece), true)
		s.complete(i, int(b.Piece))
		if n.seed {
			return
		}
	}
	s.requests(i)
}

// cancel takes a request back that has not been served.
func (s *Sim) cancel(n *node, c picker.Ask) {
	for k := range n.links {
		l := &n.links[k]
		if l.other < 0 || n.traffic[k].handle != c.Peer {
			continue
		}
		l.asked--
		q := &s.peers[l.other].traffic[l.back]
		for m, b := range q.queue {
			if b == c.Block {
				q.queue = append(q.queue[:m], q.queue[m+1:]...)
				return
			}
		}
		return
	}
}

// complete tells all neighbours of a new piece.
func (s *Sim) complete(i int32, piece int) {
	n := &s.peers[i]
	n.out.Pieces++
	s.pieces++
	s.addPiece(i, piece)
	if n.pick.Left() == 0 {
		n.seed = true
		n.out.Done = time.Duration(s.now)
		s.done++
	}
	for k := range n.links {
		l := &n.links[k]
		if l.other < 0 {
			continue
		}
		// As many clients do, a piece is not announced to a peer that has it.
		if s.hasPiece(l.other, piece) {
			if l.wanting && !s.lacks(i, l.other) {
				s.bored(l)
			}
			continue
		}
		s.unread[l.other] = append(s.unread[l.other], news{l.back, int32(piece)})
		if !l.interested {
			s.peers[l.other].links[l.back].wanting, l.interested = true, true
			if l.unchoked {
				n.serving++
			} else {
				s.vacancy(i)
			}
		}
		if l.unchoked {
			s.request(l.other, l.back)
		}
	}
	if n.seed {
		s.finish(i)
	}
}

// bored ends our interest in a peer.
func (s *Sim) bored(l *link) {
	o := &s.peers[l.other]
	b := &o.links[l.back]
	l.wanting, b.interested = false, false
	if b.unchoked {
		o.serving--
		s.vacancy(l.other)
	}
}

// finish is the moment at which a peer has everything.
func (s *Sim) finish(i int32) {
	n := &s.peers[i]
	for k := range n.links {
		if l := &n.links[k]; l.other >= 0 {
			s.endReward(n, int32(k))
			o := &s.peers[l.other]
			s.endReward(o, l.back)
			o.links[l.back].complete = true
		}
	}
	if s.cfg.UntilFirst {
		s.ended = true
		return
	}
	if stay := s.cfg.Classes[n.class].Stay; stay >= 0 {
		s.events.push(event{at: s.now + int64(stay), kind: leave, peer: i})
	}
}
