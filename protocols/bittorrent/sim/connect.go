package sim

import (
	"time"

	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/bittorrent/picker"
)

// arrive brings a peer into the swarm.
func (s *Sim) arrive(i int32) {
	n := &s.peers[i]
	n.place = int32(len(s.present))
	s.present = append(s.present, i)
	if !n.seed {
		n.pick = picker.New(picker.Config{
			PieceLength: int64(s.cfg.PieceSize), TotalLength: int64(s.cfg.PieceSize) * int64(s.cfg.Pieces),
			BlockSize: s.cfg.BlockSize, RandomFirst: s.cfg.RandomFirst, SeedsApart: !s.cfg.SeedsMixed, NoEndgame: s.cfg.NoEndgame,
		})
	}
	s.announce(i)
	// Everybody's rounds begin at a moment of their own.
	s.events.push(event{at: s.now + s.rng.Int64N(int64(choker.Round)), kind: round, peer: i})
	s.again(i)
}

// announce asks the tracker: a random list of peers that are here.
func (s *Sim) announce(i int32) {
	want := min(s.cfg.Initiate, len(s.present)-1)
	for tries := 5 * s.cfg.Initiate; want > 0 && tries > 0; tries-- {
		j := s.present[s.rng.IntN(len(s.present))]
		if j == i || s.peers[j].degree >= s.cfg.Max || s.peers[i].degree >= s.cfg.Max || s.connected(i, j) {
			continue
		}
		s.connect(i, j)
		want--
	}
	if want == 0 || len(s.present) > 4*s.cfg.Initiate {
		return
	}
	// Luck did not find the last few of a small swarm.
	for _, j := range s.present {
		if want > 0 && j != i && s.peers[j].degree < s.cfg.Max && s.peers[i].degree < s.cfg.Max && !s.connected(i, j) {
			s.connect(i, j)
			want--
		}
	}
}

func (s *Sim) connected(i, j int32) bool {
	for k := range s.peers[i].links {
		if s.peers[i].links[k].other == j {
			return true
		}
	}
	return false
}

func (n *node) slot() int32 {
	n.degree++
	if k := len(n.free); k > 0 {
		slot := n.free[k-1]
		n.free = n.free[:k-1]
		return slot
	}
	n.links, n.traffic = append(n.links, link{}), append(n.traffic, traffic{})
	return int32(len(n.links) - 1)
}

// connect joins two peers; seeds have nothing to say to each other.
func (s *Sim) connect(i, j int32) {
	a, b := &s.peers[i], &s.peers[j]
	if a.seed && b.seed {
		return
	}
	x, y := a.slot(), b.slot()
	now := time.Duration(s.now)
	la, lb := &a.links[x], &b.links[y]
	*la = link{other: j, back: y, gen: la.gen + 1, connected: now, complete: b.seed}
	*lb = link{other: i, back: x, gen: lb.gen + 1, connected: now, complete: a.seed}
	s.introduce(i, x)
	s.introduce(j, y)
	s.vacancy(i)
	s.vacancy(j)
}

// introduce tells a peer what the other end of a new link has.
func (s *Sim) introduce(i, slot int32) {
	a := &s.peers[i]
	l, t := &a.links[slot], &a.traffic[slot]
	*t = traffic{queue: t.queue[:0]}
	if a.seed {
		return
	}
	t.handle = a.pick.Join()
	b := &s.peers[l.other]
	if b.seed {
		a.pick.HaveAll(t.handle)
	} else if b.out.Pieces > 0 {
		for p := range s.cfg.Pieces {
			if s.hasPiece(l.other, p) && !s.hasPiece(i, p) {
				a.pick.Have(t.handle, p)
			}
		}
	}
	l.wanting = s.lacks(i, l.other)
	b.links[l.back].interested = l.wanting
}

// leave takes a peer out of the swarm.
func (s *Sim) leave(i int32) {
	n := &s.peers[i]
	if n.place < 0 {
		return
	}
	last := s.present[len(s.present)-1]
	s.present[n.place], s.peers[last].place = last, n.place
	s.present = s.present[:len(s.present)-1]
	n.place = -1
	n.out.Left = time.Duration(s.now)
	for k := range n.links {
		if n.links[k].other >= 0 {
			s.disconnect(i, int32(k))
		}
	}
	n.pick, n.links, n.traffic, n.free, n.turns, n.unchokers = nil, nil, nil, nil, nil, nil
	s.unread[i] = nil
}

func (s *Sim) disconnect(i, slot int32) {
	l := &s.peers[i].links[slot]
	j, back := l.other, l.back
	s.unlink(i, slot)
	s.unlink(j, back)
	if o := &s.peers[j]; o.place >= 0 {
		s.requests(j)
		s.vacancy(j)
		if o.degree < s.cfg.Least && !o.seed {
			s.announce(j)
		}
	}
}

// unlink drops one end.
func (s *Sim) unlink(i, slot int32) {
	n := &s.peers[i]
	l, t := &n.links[slot], &n.traffic[slot]
	s.endReward(n, slot)
	if l.unchoked && l.interested {
		n.serving--
	}
	if n.pick != nil && t.handle != 0 {
		s.read(i) // of the one that goes, too
		n.pick.Leave(t.handle)
	}
	n.unchokers = without(n.unchokers, slot)
	l.other, l.unchoked, l.interested, t.queue = -1, false, false, t.queue[:0]
	l.gen++
	n.free = append(n.free, slot)
	n.degree--
}

func without(list []int32, x int32) []int32 {
	for k, y := range list {
		if y == x {
			return append(list[:k], list[k+1:]...)
		}
	}
	return list
}
