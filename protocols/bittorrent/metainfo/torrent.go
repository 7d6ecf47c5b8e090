// Package metainfo reads and makes torrent files and magnet links: what there
// is to download, how it is cut into pieces, and how a piece is checked.
//
// Version 1 (BEP 3) is read and made, with private torrents (BEP 27), several
// trackers (BEP 12) and padding files (BEP 47). A hybrid (BEP 52) is used as
// version 1. Of a version 2 torrent the file is read, its hash trees are
// checked, and its pieces verified by them; a version 2 magnet link is read,
// but its piece layers cannot be fetched from peers, so that only its info
// dictionary is known. Web seeds (url-list) are ignored.
//
// Names come from strangers. Every path of a [Torrent] is relative, without
// dots, separators or names that some system treats specially; see [SafeName].
//
// The package is pure but for the readers handed to [Create]. It must not know
// where files are kept.
package metainfo

import (
	"sort"
	"time"
)

// BlockSize is how much peers request at a time, and the leaf of version 2's
// hash trees, in bytes.
const BlockSize = 16 << 10

// Limits of what is accepted.
const (
	MaxTorrent     = 32 << 20  // bytes of a torrent file or info dictionary
	MaxPieceLength = 128 << 20 // bytes
	MaxFiles       = 100_000
	MaxTrackers    = 200
	maxElements    = 1 << 20
	maxName        = 255  // bytes of one name
	maxPath        = 4096 // bytes of a whole path
	maxParts       = 100  // names of a path
)

// Version says which of BitTorrent's two formats a torrent has.
type Version uint8

// Versions.
const (
	V1     Version = 1
	V2     Version = 2 // only version 2
	Hybrid Version = 3 // both; used as version 1
)

// String names the version.
func (v Version) String() string {
	switch v {
	case V1:
		return "v1"
	case V2:
		return "v2"
	case Hybrid:
		return "hybrid"
	}
	return "unknown"
}

// Torrent is what a torrent file says. It is not changed once made.
//
// Pieces number a space of bytes in which files lie one behind the other.
// Version 1 leaves no space between them; in version 2 every file begins with a
// piece, and a file's last piece is as short as the file demands.
type Torrent struct {
	Version  Version
	InfoHash [20]byte // by which trackers and peers know it; truncated for V2
	HashV2   [32]byte // zero for V1
	Info     []byte   // the info dictionary as it came

	Name        string // made safe
	PieceLength int64
	Files       []File // in the order of the pieces, padding included
	Length      int64  // bytes of all files, padding not counted
	Multi       bool   // the files lie in a directory called Name
	Private     bool   // peers come from the tracker only (BEP 27)

	Tiers     [][]string // trackers' URLs, in tiers (BEP 12)
	Comment   string
	CreatedBy string
	CreatedAt time.Time // zero: not said

	hashes []byte             // version 1: 20 bytes a piece
	layers map[int][][32]byte // version 2: of each file by its place in Files
	pieces int
}

// File is one file of a torrent.
type File struct {
	Path   []string // safe names, Name first if Multi
	Length int64
	Offset int64    // where it begins in the space of pieces
	Pad    bool     // zeros that nobody stores (BEP 47)
	Root   [32]byte // version 2: root of its hash tree
}

// NumPieces counts the pieces.
func (t *Torrent) NumPieces() int { return t.pieces }

// PieceLen gives a piece's length in bytes, 0 if there is no such piece.
func (t *Torrent) PieceLen(i int) int64 {
	if i < 0 || i >= t.pieces {
		return 0
	}
	start := int64(i) * t.PieceLength
	end := t.Span()
	if t.Version == V2 {
		f := t.Files[t.fileAt(start)]
		end = f.Offset + f.Length
	}
	return min(t.PieceLength, end-start)
}

// Span is where the last file ends in the space of pieces.
func (t *Torrent) Span() int64 {
	if len(t.Files) == 0 {
		return 0
	}
	f := t.Files[len(t.Files)-1]
	return f.Offset + f.Length
}

// fileAt gives the first file that ends behind off.
func (t *Torrent) fileAt(off int64) int {
	return sort.Search(len(t.Files), func(i int) bool { return t.Files[i].Offset+t.Files[i].Length > off })
}

// Segment is a part of one file.
type Segment struct {
	File int   // its place in Files
	Off  int64 // within the file
	Len  int64
}

// Segments says where n bytes from begin on in a piece lie; nil if they are not
// all within the piece.
func (t *Torrent) Segments(piece int, begin, n int64) []Segment {
	size := t.PieceLen(piece)
	if begin < 0 || n <= 0 || begin > size || n > size-begin {
		return nil
	}
	var out []Segment
	off := int64(piece)*t.PieceLength + begin
	for i := t.fileAt(off); n > 0 && i < len(t.Files); i++ {
		f := t.Files[i]
		if f.Length == 0 {
			continue
		}
		k := min(n, f.Offset+f.Length-off)
		out = append(out, Segment{File: i, Off: off - f.Offset, Len: k})
		off, n = off+k, n-k
	}
	return out
}

// PiecesOf gives the first piece that a file has bytes in and the one behind
// the last; equal for an empty file.
func (t *Torrent) PiecesOf(file int) (from, to int) {
	f := t.Files[file]
	from = int(f.Offset / t.PieceLength)
	if f.Length == 0 {
		return from, from
	}
	return from, int((f.Offset+f.Length-1)/t.PieceLength) + 1
}
