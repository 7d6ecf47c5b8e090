package picker

import (
	"math/rand/v2"
	"testing"
)

func source() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func TestLastPieceIsShort(t *testing.T) {
	p := New(Config{PieceLength: 40000, TotalLength: 90000})
	id := p.Join()
	p.HaveAll(id)
	sum := 0
	for _, b := range p.Pick(nil, id, 100, false, source()) {
		sum += int(b.Length)
		if b.Length > BlockSize || b.Begin%BlockSize != 0 {
			t.Errorf("block %+v", b)
		}
	}
	if sum != 90000 {
		t.Errorf("blocks of %d bytes in all", sum)
	}
}

func TestPartialPieceSurvivesChoke(t *testing.T) {
	p := New(Config{PieceLength: 4, BlockSize: 1, TotalLength: 40})
	a, b := p.Join(), p.Join()
	p.HaveAll(a)
	p.HaveAll(b)
	first := p.Pick(nil, a, 3, false, source())
	p.Received(a, first[0])
	p.Release(a)
	next := p.Pick(nil, b, 3, false, source())
	for _, x := range next {
		if x.Piece != first[0].Piece || x == first[0] {
			t.Errorf("asks for %v after piece %d was begun", next, first[0].Piece)
		}
	}
}

func TestHashFailureNamesContributors(t *testing.T) {
	p := New(Config{PieceLength: 2, BlockSize: 1, TotalLength: 2})
	a, b := p.Join(), p.Join()
	p.HaveAll(a)
	p.HaveAll(b)
	x := p.Pick(nil, a, 1, false, source())[0]
	y := p.Pick(nil, b, 1, false, source())[0]
	p.Received(a, x)
	if r := p.Received(b, y); !r.Complete {
		t.Fatalf("%+v", r)
	}
	p.Leave(a)
	p.Join() // takes the place; it is not to blame
	who := p.Verified(0, false)
	if len(who) != 2 || who[0] != a && who[1] != a || p.Left() != 1 {
		t.Errorf("contributors %v, want %v and %v", who, a, b)
	}
	if got := p.Pick(nil, b, 5, false, source()); len(got) != 2 {
		t.Errorf("of the bad piece only %v comes again", got)
	}
}

func TestFastExtension(t *testing.T) {
	p := New(Config{PieceLength: 1, BlockSize: 1, TotalLength: 100})
	a := p.Join()
	p.HaveAll(a)
	if got := p.Pick(nil, a, 5, true, source()); len(got) != 0 {
		t.Errorf("asks a choking peer for %v", got)
	}
	p.AllowedFast(a, 7)
	p.AllowedFast(a, 1000)
	got := p.Pick(nil, a, 5, true, source())
	if len(got) != 1 || got[0].Piece != 7 {
		t.Errorf("allowed fast 7: asks for %v", got)
	}
	if !p.Rejected(a, got[0]) || len(p.Pick(nil, a, 5, true, source())) != 0 {
		t.Error("a refused piece is asked for again while choked")
	}
	p.Suggest(a, 42)
	if got := p.Pick(nil, a, 1, false, source()); len(got) != 1 || got[0].Piece != 42 {
		t.Errorf("suggested 42: asks for %v", got)
	}
}

// From a seed come the pieces that nobody else has, not the rest of those that
// others can finish.
func TestSeedsApart(t *testing.T) {
	for _, apart := range []bool{false, true} {
		p := New(Config{PieceLength: 4, BlockSize: 1, TotalLength: 40, SeedsApart: apart})
		seed, other := p.Join(), p.Join()
		p.HaveAll(seed)
		p.Have(other, 3)
		p.Pick(nil, other, 2, false, source())
		got := p.Pick(nil, seed, 1, false, source())
		if (got[0].Piece == 3) == apart {
			t.Errorf("apart %v: the seed is asked for piece %d", apart, got[0].Piece)
		}
	}
}

func TestNonsenseIsIgnored(t *testing.T) {
	p := New(Config{})
	id := p.Join()
	p.HaveAll(id)
	p.Have(id, 0)
	p.Pick(nil, id, 3, false, source())
	p = New(Config{PieceLength: 10, TotalLength: 95, BlockSize: 4})
	id = p.Join()
	for _, i := range []int{-1, 10, 1 << 40} {
		p.Have(id, i)
		p.Complete(i)
		p.Verified(i, true)
		p.Suggest(id, i)
		p.AllowedFast(id, i)
		_ = p.Availability(i)
		p.Progress(i)
	}
	for _, b := range []Block{{}, {99, 0, 4}, {0, 1, 4}, {9, 4, 4}, {0, 1 << 31, 4}, {1<<32 - 1, 1<<32 - 1, 1<<32 - 1}} {
		if r := p.Received(id, b); r.New {
			t.Errorf("%v is new", b)
		}
		p.Rejected(id, b)
	}
	p.Leave(id)
	p.Leave(id)
	p.Have(id, 1)
	p.Received(id, Block{0, 0, 4})
	p.Leave(12345)
	if p.Availability(1) != 0 || p.Interesting(id) {
		t.Error("a peer that has left still counts")
	}
}
