// Package store keeps the pieces of a torrent: in memory for labs, on disk for
// real. Only what has the right hash is ever given out or called done.
//
// The package must not know of peers, nor of what is to be fetched next.
package store

import (
	"errors"
	"fmt"
	"math/bits"

	"netscope/protocols/bittorrent/metainfo"
)

// Store keeps the pieces of one torrent. All methods may be called at once
// from several goroutines.
type Store interface {
	// Torrent is what the pieces belong to.
	Torrent() *metainfo.Torrent
	// ReadBlock fills b from a verified piece, else ErrMissing.
	ReadBlock(b []byte, piece int, begin int64) error
	// WriteBlock keeps a part of a piece that is not yet verified. For a verified
	// piece it does nothing.
	WriteBlock(b []byte, piece int, begin int64) error
	// Verify compares what was written with the piece's hash. From then on the
	// piece is there, or has to be written again. false is no error.
	Verify(piece int) (bool, error)
	// WritePiece keeps a whole piece if its hash is right; else it returns ErrHash.
	WritePiece(data []byte, piece int) error
	// Has says whether a piece is verified.
	Has(piece int) bool
	// Have is a copy of the set of verified pieces.
	Have() Bitfield
	// Complete says whether everything is verified and, on disk, every file has
	// its final name.
	Complete() bool
	// Close ends the use; what is there stays.
	Close() error
}

// What can be wrong with a request; errors.Is.
var (
	ErrRange   = errors.New("the block does not lie within a piece")
	ErrMissing = errors.New("the piece is not there yet")
	ErrHash    = errors.New("the piece has another hash than the torrent says")
	ErrClosed  = errors.New("the torrent's store is closed")
)

// check finds blocks that no piece has.
func check(t *metainfo.Torrent, piece int, begin, n int64) error {
	if size := t.PieceLen(piece); begin < 0 || n < 0 || begin > size || n > size-begin || size == 0 {
		return fmt.Errorf("%w: piece %d, %d bytes from %d", ErrRange, piece, n, begin)
	}
	return nil
}

// Bitfield is a set of pieces as the wire has it: piece 0 is the highest bit of
// the first byte (BEP 3).
type Bitfield []byte

// NewBitfield makes an empty set of n pieces.
func NewBitfield(n int) Bitfield { return make(Bitfield, (n+7)/8) }

// Has says whether a piece is in the set.
func (b Bitfield) Has(i int) bool {
	return i >= 0 && i/8 < len(b) && b[i/8]&(0x80>>(i%8)) != 0
}

// Set puts a piece into the set, if there is room for it.
func (b Bitfield) Set(i int) {
	if i >= 0 && i/8 < len(b) {
		b[i/8] |= 0x80 >> (i % 8)
	}
}

// Count counts the pieces.
func (b Bitfield) Count() int {
	n := 0
	for _, x := range b {
		n += bits.OnesCount8(x)
	}
	return n
}
