package picker

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// naive is the picker as one would first write it: it counts everything anew
// for every question.
type naive struct {
	cfg   Config
	have  map[int]bool
	peers map[Peer]*naivePeer
	got   map[Block]bool
}

type naivePeer struct {
	has   map[int]bool
	asked []Block
}

func (n *naive) blocks(piece int) (out []Block) {
	p := New(n.cfg)
	for i := range p.blocks(piece) {
		out = append(out, p.block(piece, i))
	}
	return out
}

func (n *naive) availability(piece int) (c int) {
	for _, q := range n.peers {
		if q.has[piece] {
			c++
		}
	}
	return c
}

func (n *naive) asked(b Block) (c int) {
	for _, q := range n.peers {
		if slices.Contains(q.asked, b) {
			c++
		}
	}
	return c
}

// state tells of a piece whether it is begun, and which of its blocks are free.
func (n *naive) state(piece int) (begun bool, free []Block) {
	for _, b := range n.blocks(piece) {
		switch {
		case n.got[b] || n.asked(b) > 0:
			begun = true
		default:
			free = append(free, b)
		}
	}
	return begun, free
}

// allowed gives every block that may be the next one for a peer, by the
// considerations in the package's description.
func (n *naive) allowed(id Peer) []Block {
	q := n.peers[id]
	rarest := func(pieces []int) (out []Block) {
		least := -1
		for _, i := range pieces {
			if a := n.availability(i); least < 0 || a < least {
				least, out = a, nil
			}
			if n.availability(i) == least {
				_, free := n.state(i)
				out = append(out, free[0])
			}
		}
		return out
	}
	var begun, fresh []int
	for i := range n.cfg.Pieces() {
		if n.have[i] || !q.has[i] {
			continue
		}
		switch b, free := n.state(i); {
		case b && len(free) > 0:
			begun = append(begun, i)
		case !b:
			fresh = append(fresh, i)
		}
	}
	switch {
	case len(begun) > 0:
		return rarest(begun)
	case len(fresh) > 0 && len(n.have) < n.cfg.RandomFirst:
		var out []Block
		for _, i := range fresh {
			out = append(out, n.blocks(i)[0])
		}
		return out
	case len(fresh) > 0:
		return rarest(fresh)
	}
	return n.endgame(id)
}

func (n *naive) endgame(id Peer) (out []Block) {
	q, least := n.peers[id], -1
	for i := range n.cfg.Pieces() {
		if _, free := n.state(i); !n.have[i] && len(free) > 0 && n.availability(i) > 0 {
			return nil
		}
	}
	for i := range n.cfg.Pieces() {
		if n.have[i] || !q.has[i] {
			continue
		}
		for _, b := range n.blocks(i) {
			c := n.asked(b)
			if n.got[b] || c == 0 || slices.Contains(q.asked, b) {
				continue
			}
			if least < 0 || c < least {
				least, out = c, nil
			}
			if c == least {
				out = append(out, b)
			}
		}
	}
	return out
}

func (n *naive) received(id Peer, b Block) (cancels []Ask) {
	for other, q := range n.peers {
		if i := slices.Index(q.asked, b); i >= 0 {
			q.asked = slices.Delete(q.asked, i, i+1)
			if other != id {
				cancels = append(cancels, Ask{other, b})
			}
		}
	}
	n.got[b] = true
	return cancels
}

// TestAgainstReference lets random things happen and asks both what comes next.
func TestAgainstReference(t *testing.T) {
	endgames := 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		cfg := Config{PieceLength: 5, BlockSize: 2, TotalLength: int64(20 + rng.IntN(200)), RandomFirst: rng.IntN(4)}
		p := New(cfg)
		n := &naive{cfg: cfg, have: map[int]bool{}, peers: map[Peer]*naivePeer{}, got: map[Block]bool{}}
		var ids []Peer
		for step := range 3000 {
			if len(ids) < 2 || len(ids) < 70 && rng.IntN(100) == 0 {
				id := p.Join()
				ids = append(ids, id)
				n.peers[id] = &naivePeer{has: map[int]bool{}}
			}
			k := rng.IntN(len(ids))
			id, q := ids[k], n.peers[ids[k]]
			switch x := rng.IntN(100); {
			case x < 20:
				i := rng.IntN(cfg.Pieces())
				if got, want := p.Have(id, i), !q.has[i] && !n.have[i]; got != want {
					t.Fatalf("seed %d step %d: have is news %v, want %v", seed, step, got, want)
				}
				q.has[i] = true
			case x < 22:
				p.Leave(id)
				delete(n.peers, id)
				ids = slices.Delete(ids, k, k+1)
			case x < 25:
				p.Release(id)
				q.asked = nil
			case x < 55:
				want := n.allowed(id)
				got := p.Pick(nil, id, 1, false, rng)
				if len(got) != min(1, len(want)) || len(got) == 1 && !slices.Contains(want, got[0]) {
					t.Fatalf("seed %d step %d: picked %v of allowed %v", seed, step, got, want)
				}
				if p.Endgame() {
					endgames++
				}
				q.asked = append(q.asked, got...)
			case len(q.asked) > 0:
				b := q.asked[rng.IntN(len(q.asked))]
				if x < 60 {
					if !p.Rejected(id, b) {
						t.Fatal("a request is unknown")
					}
					q.asked = slices.DeleteFunc(q.asked, func(y Block) bool { return y == b })
					break
				}
				was := n.got[b]
				r := p.Received(id, b)
				want := n.received(id, b)
				if !r.Asked || r.New == was || len(r.Cancels) != len(want) {
					t.Fatalf("seed %d step %d: %+v, want cancels %v", seed, step, r, want)
				}
				if r.Complete {
					n.verify(p, int(b.Piece), rng.IntN(5) > 0)
				}
			}
			n.compare(t, p, ids)
		}
	}
	if endgames == 0 {
		t.Error("no endgame ever")
	}
}

func (n *naive) verify(p *Picker, piece int, ok bool) {
	p.Verified(piece, ok)
	if ok {
		n.have[piece] = true
		return
	}
	for _, b := range n.blocks(piece) {
		delete(n.got, b)
	}
}

func (n *naive) compare(t *testing.T, p *Picker, ids []Peer) {
	t.Helper()
	if p.Left() != n.cfg.Pieces()-len(n.have) {
		t.Fatalf("%d pieces left", p.Left())
	}
	for i := range n.cfg.Pieces() {
		if p.Availability(i) != n.availability(i) || p.Has(i) != n.have[i] {
			t.Fatalf("piece %d: availability %d, want %d", i, p.Availability(i), n.availability(i))
		}
	}
	for _, id := range ids {
		want := false
		for i := range n.peers[id].has {
			want = want || !n.have[i]
		}
		if p.Interesting(id) != want || len(p.Asked(id)) != len(n.peers[id].asked) {
			t.Fatalf("interesting %v, want %v", p.Interesting(id), want)
		}
	}
}
