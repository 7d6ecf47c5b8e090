package bittorrent

import "encoding/binary"

// A stream that is entered in its middle has no mark where messages begin. Two
// things are rare enough in other data to be taken for one: the head of a
// request, a piece, a cancel or a reject, whose length and whose fields fit each
// other, and two short messages in a row of which the first has exactly the
// length of its type.

// syncLen is how many bytes [plausible] wants to see.
const syncLen = 18

const (
	maxIndex = 1 << 22 // pieces of a torrent, in the largest that one meets
	usual    = 16 << 10
)

// plausible reports whether a message seems to begin at the first of at least
// syncLen bytes.
func plausible(b []byte) bool {
	length, id := binary.BigEndian.Uint32(b), b[4]
	if b[0] == header[0] && string(b[:syncLen]) == header[:syncLen] {
		return true
	}
	switch id {
	case idRequest, idCancel, idReject:
		return length == 13 && at(b, 5) < maxIndex && at(b, 9)%usual == 0 && at(b, 9) < 64<<20 && blockSize(at(b, 13))
	case idPiece:
		return blockSize(length-9) && length > 9 && at(b, 5) < maxIndex && at(b, 9)%usual == 0 && at(b, 9) < 64<<20
	}
	k := kindOf(id)
	if k == nil || k.size < 0 || int(length) != 1+k.size || k.size > 4 {
		return false
	}
	if k.size == 4 && at(b, 5) >= maxIndex {
		return false
	}
	next := b[5+k.size:]
	nlen, nid := binary.BigEndian.Uint32(next), next[4]
	n := kindOf(nid)
	return n != nil && believable(nlen, nid) && nlen > 0 && (n.size < 0 && nlen > 1 && nlen < maxWhole || int(nlen) == 1+n.size)
}

func at(b []byte, i int) uint32 { return binary.BigEndian.Uint32(b[i:]) }

// blockSize reports whether a block can have this length: a power of two, or
// the short last one, which is not to be told by its length.
func blockSize(n uint32) bool { return n >= 1<<10 && n <= 128<<10 && n&(n-1) == 0 }

// chain reports whether the last bytes of a stream are two messages or more,
// and nothing else.
func chain(b []byte) bool {
	n := 0
	for ; len(b) >= 5; n++ {
		length := at(b, 0)
		k := kindOf(b[4])
		if k == nil || length == 0 || int64(length)+4 > int64(len(b)) || sizeProblem(k, int64(length)-1) != "" {
			return false
		}
		b = b[4+length:]
	}
	return len(b) == 0 && n >= 2
}
