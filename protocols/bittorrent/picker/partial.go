package picker

import "math/bits"

// partial is a piece that has been begun.
type partial struct {
	piece   int
	asked   []uint16 // by block: how many peers are asked for it
	got     []bool   // by block: it is here
	from    []Peer   // by block: who sent it
	seeded  bool     // a block of it was asked of a seed
	missing int      // blocks that are not here
	unasked int      // blocks that are neither here nor asked for
}

func (p *Picker) begun(piece int) *partial {
	for _, a := range p.active {
		if a.piece == piece {
			return a
		}
	}
	return nil
}

// begin makes a piece a partial one.
func (p *Picker) begin(piece int) *partial {
	var a *partial
	if n := len(p.spare); n > 0 {
		a, p.spare = p.spare[n-1], p.spare[:n-1]
	} else {
		a = new(partial)
	}
	n := p.blocks(piece)
	a.piece, a.missing, a.unasked, a.seeded = piece, n, n, false
	a.asked, a.got, a.from = zeroed(a.asked, n), zeroed(a.got, n), zeroed(a.from, n)
	p.active = append(p.active, a)
	p.rare.out(piece)
	return a
}

func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// end takes a partial piece off the list.
func (p *Picker) end(a *partial) {
	for i, x := range p.active {
		if x == a {
			last := len(p.active) - 1
			p.active[i] = p.active[last]
			p.active[last] = nil
			p.active = p.active[:last]
			p.spare = append(p.spare, a)
			return
		}
	}
}

// release gives back everything that a peer was asked for.
func (p *Picker) release(q *peer) {
	for _, b := range q.asked {
		p.unask(b)
	}
	q.asked = q.asked[:0]
}

// unask counts one asked peer less for a block. A piece of which nothing is
// here or asked for is begun no more.
func (p *Picker) unask(b Block) {
	a := p.begun(int(b.Piece))
	i := p.index(b)
	if a == nil || i < 0 || a.asked[i] == 0 {
		return
	}
	a.asked[i]--
	if a.asked[i] == 0 && !a.got[i] {
		a.unasked++
		p.endg = false
		if a.unasked == len(a.got) {
			p.end(a)
			p.rare.back(a.piece)
		}
	}
}

// Release gives back what a peer was asked for and will not send: it chokes us
// (without the fast extension a choke cancels all requests), or it has not sent
// anything for too long. Blocks of these pieces that are here stay.
func (p *Picker) Release(id Peer) {
	if k := p.slot(id); k >= 0 {
		p.release(&p.peers[k])
	}
}

// Rejected gives back one block that the peer refuses (BEP 6). It reports
// whether the peer was asked for it.
func (p *Picker) Rejected(id Peer, b Block) bool {
	k := p.slot(id)
	if k < 0 || !p.peers[k].forget(b) {
		return false
	}
	q := &p.peers[k]
	for i, f := range q.fast {
		if f == b.Piece {
			q.fast = append(q.fast[:i], q.fast[i+1:]...)
			break
		}
	}
	p.unask(b)
	return true
}

// forget takes a block off the list of what a peer is asked for.
func (q *peer) forget(b Block) bool {
	for i, x := range q.asked {
		if x == b {
			q.asked = append(q.asked[:i], q.asked[i+1:]...)
			return true
		}
	}
	return false
}

// Receipt is what a received block means.
type Receipt struct {
	Asked    bool // this peer was asked for it
	New      bool // it was missing: keep it; else it is waste
	Complete bool // all blocks of the piece are here: check its hash and call Verified
	// Cancels are the other peers that are asked for the block. They count as
	// not asked from now on. It is valid until the next call.
	Cancels []Ask
}

// Received counts a block that a peer sent. A block nobody asked for is new
// too if its piece is begun: it may have crossed a Release.
func (p *Picker) Received(id Peer, b Block) Receipt {
	k, i := p.slot(id), p.index(b)
	if k < 0 || i < 0 {
		return Receipt{}
	}
	r := Receipt{Asked: p.peers[k].forget(b)}
	a := p.begun(int(b.Piece))
	if a == nil {
		return r
	}
	if r.Asked && a.asked[i] > 0 {
		a.asked[i]--
	}
	if a.got[i] {
		return r
	}
	if !r.Asked && a.asked[i] == 0 {
		a.unasked--
	}
	r.New = true
	a.got[i], a.from[i] = true, id
	a.missing--
	if a.asked[i] > 0 {
		p.asks = p.asks[:0]
		for k := range p.peers {
			if p.seats[k].id != 0 && p.peers[k].forget(b) {
				p.asks = append(p.asks, Ask{p.seats[k].id, b})
			}
		}
		a.asked[i], r.Cancels = 0, p.asks
	}
	r.Complete = a.missing == 0
	return r
}

// Verified ends a piece whose blocks are all here: it is complete if its hash
// is right, else all of it has to come again. It gives the peers that
// contributed, each once, in the order of their first blocks; some may have
// left.
func (p *Picker) Verified(piece int, ok bool) []Peer {
	a := p.begun(piece)
	if a == nil || a.missing > 0 {
		return nil
	}
	var who []Peer
next:
	for _, id := range a.from {
		for _, w := range who {
			if w == id {
				continue next
			}
		}
		who = append(who, id)
	}
	p.end(a)
	if !ok {
		p.rare.back(piece)
		p.endg = false
		return who
	}
	p.complete(piece)
	return who
}

// Complete marks a piece that is here already: found on disk, say.
func (p *Picker) Complete(piece int) {
	if uint(piece) >= uint(p.pieces) || p.have.Has(piece) {
		return
	}
	if a := p.begun(piece); a != nil {
		for k := range p.peers {
			q := &p.peers[k]
			n := 0
			for _, b := range q.asked {
				if int(b.Piece) != piece {
					q.asked[n] = b
					n++
				}
			}
			q.asked = q.asked[:n]
		}
		p.end(a)
	}
	p.complete(piece)
}

func (p *Picker) complete(piece int) {
	p.rare.out(piece)
	p.have.Add(piece)
	p.left--
	for w, set := range p.holds.of(piece) {
		for ; set != 0; set &= set - 1 {
			p.seats[w<<6+bits.TrailingZeros64(set)].wanted--
		}
	}
}
