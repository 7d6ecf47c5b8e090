package picker

// Picker holds what one downloader knows and has asked for. It is not safe for
// concurrent use.
type Picker struct {
	cfg    Config
	size   int64 // of a block
	pieces int
	have   Bits
	left   int // pieces still to come
	rare   rarity
	seats  []seat // by slot
	holds  holders
	peers  []peer // by slot: what is not needed for every have
	free   []uint32
	serial uint64
	active []*partial
	spare  []*partial
	endg   bool
	asks   []Ask
}

// peer is what else is known of a connected peer.
type peer struct {
	asked []Block
	fast  []uint32 // pieces that may be asked for while it chokes us
	hints []uint32 // pieces that it suggests
}

// seat is what every have needs to know of a slot.
type seat struct {
	id     Peer  // 0: nobody
	wanted int32 // pieces that the peer has and we have not
	count  int32 // pieces it has
}

// slots is how many bits of a Peer say where it is kept; the rest never repeats.
const slots = 20

// New makes a picker of which no piece is complete.
func New(cfg Config) *Picker {
	if cfg.BlockSize <= 0 {
		cfg.BlockSize = BlockSize
	}
	n := cfg.Pieces()
	return &Picker{cfg: cfg, size: int64(cfg.BlockSize), pieces: n, left: n, have: NewBits(n), rare: newRarity(n)}
}

// Join adds a peer that has nothing yet. It gives 0 when there are a million
// peers already.
func (p *Picker) Join() Peer {
	var slot int
	if n := len(p.free); n > 0 {
		slot, p.free = int(p.free[n-1]), p.free[:n-1]
	} else {
		if slot = len(p.peers); slot == 1<<slots {
			return 0
		}
		p.peers, p.seats = append(p.peers, peer{}), append(p.seats, seat{})
		p.holds.room(slot+1, p.pieces)
	}
	p.serial++
	p.seats[slot].id = Peer(p.serial<<slots | uint64(slot))
	return p.seats[slot].id
}

// slot finds a handle's peer; -1 if it has left or never was.
func (p *Picker) slot(id Peer) int {
	slot := int(id & (1<<slots - 1))
	if id == 0 || slot >= len(p.seats) || p.seats[slot].id != id {
		return -1
	}
	return slot
}

// Leave forgets a peer: what it has counts no more, and what it was asked for
// goes back.
func (p *Picker) Leave(id Peer) {
	k := p.slot(id)
	if k < 0 {
		return
	}
	q := &p.peers[k]
	p.release(q)
	for i := range p.pieces {
		if p.holds.has(i, k) {
			p.holds.remove(i, k)
			p.rare.fewer(i)
		}
	}
	*q = peer{asked: q.asked[:0], fast: q.fast[:0], hints: q.hints[:0]}
	p.seats[k] = seat{}
	p.free = append(p.free, uint32(k))
}

// Have counts a piece that the peer says it has. It reports whether this is
// news of a piece that we want.
func (p *Picker) Have(id Peer, piece int) bool {
	k := p.slot(id)
	if k < 0 || uint(piece) >= uint(p.pieces) || p.holds.has(piece, k) {
		return false
	}
	p.holds.add(piece, k)
	p.seats[k].count++
	p.rare.more(piece)
	if p.have.Has(piece) {
		return false
	}
	p.seats[k].wanted++
	return true
}

// Bitfield counts all pieces of the set; those outside the torrent are ignored.
func (p *Picker) Bitfield(id Peer, has Bits) {
	for i := range p.pieces {
		if has.Has(i) {
			p.Have(id, i)
		}
	}
}

// HaveAll counts every piece (BEP 6).
func (p *Picker) HaveAll(id Peer) {
	for i := range p.pieces {
		p.Have(id, i)
	}
}

// AllowedFast says that the peer gives this piece even while it chokes us (BEP 6).
func (p *Picker) AllowedFast(id Peer, piece int) {
	if k := p.slot(id); k >= 0 && uint(piece) < uint(p.pieces) {
		q := &p.peers[k]
		q.fast = note(q.fast, uint32(piece))
	}
}

// Suggest says that the peer would like to be asked for this piece (BEP 6).
func (p *Picker) Suggest(id Peer, piece int) {
	if k := p.slot(id); k >= 0 && uint(piece) < uint(p.pieces) {
		q := &p.peers[k]
		q.hints = note(q.hints, uint32(piece))
	}
}

// note adds a piece to a short list; a peer that sends very many is not heard.
func note(list []uint32, piece uint32) []uint32 {
	for _, x := range list {
		if x == piece {
			return list
		}
	}
	if len(list) >= 128 {
		return list
	}
	return append(list, piece)
}

// Interesting reports whether the peer has a piece that we have not: whether we
// are interested.
func (p *Picker) Interesting(id Peer) bool {
	k := p.slot(id)
	return k >= 0 && p.seats[k].wanted > 0
}

// Asked gives what the peer is asked for and has not sent, in the order of
// asking. The caller must not keep or change it.
func (p *Picker) Asked(id Peer) []Block {
	if k := p.slot(id); k >= 0 {
		return p.peers[k].asked
	}
	return nil
}

// Has reports whether a piece is complete and verified here.
func (p *Picker) Has(piece int) bool { return p.have.Has(piece) }

// Left is how many pieces are still to come.
func (p *Picker) Left() int { return p.left }

// Availability is how many connected peers have a piece.
func (p *Picker) Availability(piece int) int {
	if uint(piece) >= uint(p.pieces) {
		return 0
	}
	return int(p.rare.rank[piece].count)
}

// Endgame reports whether blocks are asked of several peers by now.
func (p *Picker) Endgame() bool { return p.endg }

// Progress tells how many blocks of a piece are here and how many it has.
func (p *Picker) Progress(piece int) (here, of int) {
	if uint(piece) >= uint(p.pieces) {
		return 0, 0
	}
	of = p.blocks(piece)
	if p.have.Has(piece) {
		return of, of
	}
	if a := p.begun(piece); a != nil {
		return of - a.missing, of
	}
	return 0, of
}

// length is how many bytes a piece has.
func (p *Picker) length(piece int) int64 {
	if piece == p.pieces-1 {
		return p.cfg.TotalLength - int64(piece)*p.cfg.PieceLength
	}
	return p.cfg.PieceLength
}

func (p *Picker) blocks(piece int) int { return int((p.length(piece)-1)/p.size + 1) }

// block names the i-th block of a piece.
func (p *Picker) block(piece, i int) Block {
	begin := int64(i) * p.size
	return Block{uint32(piece), uint32(begin), uint32(min(p.size, p.length(piece)-begin))}
}

// index finds a block that is one of ours, or -1.
func (p *Picker) index(b Block) int {
	if uint(b.Piece) >= uint(p.pieces) {
		return -1
	}
	i := int(int64(b.Begin) / p.size)
	if i >= p.blocks(int(b.Piece)) || p.block(int(b.Piece), i) != b {
		return -1
	}
	return i
}
