package metainfo

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"hash"
)

// PieceHash is the SHA-1 of a piece, or the root over its blocks (version 2).
func (t *Torrent) PieceHash(i int) []byte {
	if i < 0 || i >= t.pieces {
		return nil
	}
	if t.Version != V2 {
		return t.hashes[i*sha1.Size : (i+1)*sha1.Size : (i+1)*sha1.Size]
	}
	off := int64(i) * t.PieceLength
	n := t.fileAt(off)
	f := t.Files[n]
	if l := t.layers[n]; l != nil {
		return bytes.Clone(l[(off-f.Offset)/t.PieceLength][:])
	}
	return bytes.Clone(f.Root[:])
}

// VerifyPiece says whether data is piece i.
func (t *Torrent) VerifyPiece(i int, data []byte) bool {
	v := t.Verifier(i)
	_, _ = v.Write(data)
	return v.OK()
}

// Verifier checks one piece whose bytes are written to it in order.
type Verifier struct {
	want   []byte
	left   int64 // bytes still to come; negative: too many came
	sum    hash.Hash
	leaves [][32]byte
	width  int // leaves of the tree; 0: version 1
	block  int // bytes in the present leaf
}

// Verifier begins checking piece i.
func (t *Torrent) Verifier(i int) *Verifier {
	v := &Verifier{want: t.PieceHash(i), left: t.PieceLen(i), sum: sha1.New()}
	if t.Version == V2 && v.want != nil {
		v.sum = sha256.New()
		v.width = int(t.PieceLength / BlockSize)
		if f := t.Files[t.fileAt(int64(i)*t.PieceLength)]; f.Length <= t.PieceLength {
			v.width = pow2(int((f.Length + BlockSize - 1) / BlockSize))
		}
	}
	return v
}

// Write takes the next bytes of the piece. It never fails.
func (v *Verifier) Write(b []byte) (int, error) {
	n := len(b)
	v.left -= int64(n)
	if v.left < 0 {
		return n, nil // it cannot be right any more
	}
	if v.width == 0 {
		v.sum.Write(b)
		return n, nil
	}
	for len(b) > 0 {
		k := min(len(b), BlockSize-v.block)
		v.sum.Write(b[:k])
		b = b[k:]
		if v.block += k; v.block == BlockSize {
			v.endLeaf()
		}
	}
	return n, nil
}

func (v *Verifier) endLeaf() {
	var h [32]byte
	v.sum.Sum(h[:0])
	v.sum.Reset()
	v.leaves, v.block = append(v.leaves, h), 0
}

// OK says whether what was written is the piece.
func (v *Verifier) OK() bool {
	if v.want == nil || v.left != 0 {
		return false
	}
	if v.width == 0 {
		return bytes.Equal(v.sum.Sum(nil), v.want)
	}
	if v.block > 0 {
		v.endLeaf()
	}
	root := merkle(v.leaves, [32]byte{}, v.width)
	return bytes.Equal(root[:], v.want)
}
