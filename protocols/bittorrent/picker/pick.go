package picker

// Pick chooses up to n blocks to ask a peer for, counts them as asked, and
// appends them to dst. choked says that the peer chokes us: then only pieces
// that it allows fast are chosen. Requests of one call should be sent in order.
func (p *Picker) Pick(dst []Block, id Peer, n int, choked bool, rng Rand) []Block {
	k := p.slot(id)
	if k < 0 || p.seats[k].wanted == 0 || choked && len(p.peers[k].fast) == 0 {
		return dst
	}
	q := &p.peers[k]
	for ; n > 0; n-- {
		a := p.next(k, choked, rng)
		if a == nil {
			break
		}
		a.seeded = a.seeded || int(p.seats[k].count) == p.pieces
		for i := range a.asked {
			if a.asked[i] == 0 && !a.got[i] {
				a.asked[i]++
				a.unasked--
				b := p.block(a.piece, i)
				q.asked = append(q.asked, b)
				dst = append(dst, b)
				break
			}
		}
	}
	if n > 0 && !p.cfg.NoEndgame && p.allAsked() {
		dst = p.endgame(dst, k, n, choked, rng)
	}
	return dst
}

// next gives the partial piece of which the peer is asked next, or nil. The
// considerations, in this order: pieces begun before others; pieces that the
// peer suggests; the first few at random; the rarest.
func (p *Picker) next(k int, choked bool, rng Rand) *partial {
	q := &p.peers[k]
	apart := p.cfg.SeedsApart && int(p.seats[k].count) == p.pieces
	if a := p.started(k, choked, apart, rng); a != nil {
		return a
	}
	piece := -1
	switch {
	case choked:
		piece = p.rarestOf(k, q.fast, rng)
	case len(q.hints) > 0:
		piece = p.rarestOf(k, q.hints, rng)
	}
	if choked && piece < 0 {
		return nil
	}
	if piece < 0 && p.pieces-p.left < p.cfg.RandomFirst {
		piece = p.random(k, rng)
	}
	if piece < 0 {
		piece = p.rarest(k, rng)
	}
	if piece < 0 {
		if apart {
			return p.started(k, choked, false, rng)
		}
		return nil
	}
	return p.begin(piece)
}

func (p *Picker) gives(k, piece int, choked bool) bool {
	if !p.holds.has(piece, k) {
		return false
	}
	if !choked {
		return true
	}
	for _, f := range p.peers[k].fast {
		if int(f) == piece {
			return true
		}
	}
	return false
}

// started chooses the rarest of the partial pieces with blocks that are asked
// of nobody; apart leaves out those that no seed was asked for.
func (p *Picker) started(k int, choked, apart bool, rng Rand) *partial {
	var best *partial
	var low int32
	ties := 0
	for _, a := range p.active {
		if a.unasked == 0 || apart && !a.seeded || !p.gives(k, a.piece, choked) {
			continue
		}
		c := p.rare.rank[a.piece].count
		switch {
		case best == nil || c < low:
			best, low, ties = a, c, 1
		case c == low:
			ties++
			if rng.IntN(ties) == 0 {
				best = a
			}
		}
	}
	return best
}

// rarestOf chooses the rarest piece of a short list that the peer has and that
// can be begun, or -1.
func (p *Picker) rarestOf(k int, list []uint32, rng Rand) int {
	best, ties := -1, 0
	for _, x := range list {
		i := int(x)
		if !p.holds.has(i, k) || p.rare.gone(i) {
			continue
		}
		switch {
		case best < 0 || p.rare.rank[i].count < p.rare.rank[best].count:
			best, ties = i, 1
		case p.rare.rank[i].count == p.rare.rank[best].count:
			ties++
			if rng.IntN(ties) == 0 {
				best = i
			}
		}
	}
	return best
}

// random chooses any piece that the peer has and that can be begun, or -1.
func (p *Picker) random(k int, rng Rand) int {
	return p.choose(k, p.rare.order[:p.rare.choosable()], rng)
}

// rarest chooses one of the rarest pieces that the peer has and that can be
// begun, or -1. A peer that is here has a piece, so nothing it has is counted 0.
func (p *Picker) rarest(k int, rng Rand) int {
	for c := 1; c < p.rare.levels(); c++ {
		if i := p.choose(k, p.rare.level(c), rng); i >= 0 {
			return i
		}
	}
	return -1
}

// choose takes one of the pieces that the peer has, each with the same
// probability.
func (p *Picker) choose(k int, list []int32, rng Rand) int {
	n := 0
	for _, i := range list {
		if p.holds.has(int(i), k) {
			n++
		}
	}
	if n == 0 {
		return -1
	}
	nth := rng.IntN(n)
	for _, i := range list {
		if p.holds.has(int(i), k) {
			if nth == 0 {
				return int(i)
			}
			nth--
		}
	}
	return -1
}

// allAsked reports whether every missing block that a connected peer has is
// asked of somebody.
func (p *Picker) allAsked() bool {
	if p.rare.choosable() > len(p.rare.level(0)) {
		return false
	}
	for _, a := range p.active {
		if a.unasked > 0 && p.rare.rank[a.piece].count > 0 {
			return false
		}
	}
	return true
}

// endgame asks the peer for blocks that are on their way from others, those
// asked of the fewest first.
func (p *Picker) endgame(dst []Block, k, n int, choked bool, rng Rand) []Block {
	q := &p.peers[k]
	for ; n > 0; n-- {
		var best *partial
		at, ties := 0, 0
		for _, a := range p.active {
			if !p.gives(k, a.piece, choked) {
				continue
			}
			for i, times := range a.asked {
				if times == 0 || times == 1<<16-1 || a.got[i] || q.isAsked(p.block(a.piece, i)) {
					continue
				}
				switch {
				case best == nil || times < best.asked[at]:
					best, at, ties = a, i, 1
				case times == best.asked[at]:
					ties++
					if rng.IntN(ties) == 0 {
						best, at = a, i
					}
				}
			}
		}
		if best == nil {
			break
		}
		p.endg = true
		best.asked[at]++
		b := p.block(best.piece, at)
		q.asked = append(q.asked, b)
		dst = append(dst, b)
	}
	return dst
}

func (q *peer) isAsked(b Block) bool {
	for _, x := range q.asked {
		if x == b {
			return true
		}
	}
	return false
}
