// Package picker decides which blocks a downloader asks which peer for:
//
//   - Strict priority: a piece that has been begun is finished before another
//     is begun, among those begun the rarest first.
//   - Rarest first: otherwise the piece that the fewest connected peers have.
//   - Random first piece: until Config.RandomFirst pieces are complete, a new
//     piece is chosen at random instead, since a rare one comes slowly.
//   - Endgame: when every block that somebody has is asked for, those on their
//     way are asked of every peer that has them, and cancelled elsewhere when
//     they come.
//   - Suggested and allowed-fast pieces of the fast extension (BEP 6).
//
// All ties are broken by the random source. Availability is counted as messages
// come (bitfield, have, a peer that leaves); pieces lie sorted by it, so that no
// decision looks at more than the pieces as rare as the answer.
//
// A peer is a handle without a name or an address: no decision can know who it
// is. The package knows neither time nor network, starts nothing, and panics on
// no input; calls with handles of peers that have left do nothing.
package picker

// BlockSize is how much a client asks for in one request (BEP 3: 2^14).
const BlockSize = 16 << 10

// MainlineRandomFirst is after how many complete pieces the mainline client
// goes over from random to rarest first.
const MainlineRandomFirst = 4

// Peer is a handle of a connected peer. It is given out by Join and never again
// after Leave. The zero value is no peer.
type Peer uint64

// Block names a part of a piece as requests do (BEP 3), in bytes.
type Block struct {
	Piece, Begin, Length uint32
}

// Ask is a block that a peer was asked for.
type Ask struct {
	Peer  Peer
	Block Block
}

// Rand is the random source: a *rand.Rand of math/rand/v2, say.
type Rand interface{ IntN(n int) int }

// Config is what a picker has to know of the torrent.
type Config struct {
	PieceLength int64 // bytes of a piece but the last
	TotalLength int64 // bytes of all pieces
	BlockSize   int   // bytes of a request; 0: BlockSize

	// RandomFirst is how many pieces are chosen at random before the rarest
	// come first: MainlineRandomFirst, or 1 for the first piece only.
	RandomFirst int
	// SeedsApart keeps what seeds give apart, as the mainline client does: a
	// peer that has everything is asked to finish only pieces that were begun
	// with such a peer, and else for the rarest one. What others can give as
	// well does not cost the seed's capacity. Partial pieces of others come last.
	SeedsApart bool
	// NoEndgame never asks two peers for one block.
	NoEndgame bool
}

// Pieces is how many pieces there are.
func (c Config) Pieces() int {
	if c.PieceLength <= 0 || c.TotalLength <= 0 {
		return 0
	}
	return int((c.TotalLength-1)/c.PieceLength + 1)
}

// Bits is a set of pieces.
type Bits []uint64

// NewBits is an empty set of n pieces.
func NewBits(n int) Bits { return make(Bits, (n+63)/64) }

// Has reports whether i is in the set.
func (b Bits) Has(i int) bool {
	return uint(i)>>6 < uint(len(b)) && b[uint(i)>>6]&(1<<(uint(i)&63)) != 0
}

// Add puts i into the set if it fits.
func (b Bits) Add(i int) {
	if uint(i)>>6 < uint(len(b)) {
		b[uint(i)>>6] |= 1 << (uint(i) & 63)
	}
}

// Remove takes i out of the set.
func (b Bits) Remove(i int) {
	if uint(i)>>6 < uint(len(b)) {
		b[uint(i)>>6] &^= 1 << (uint(i) & 63)
	}
}
