package stream

import (
	"math/bits"

	"netscope/capture"
)

// Buffers come in powers of two, so that freed ones fit again.
const (
	minClass = 6  // 64 bytes
	maxClass = 16 // 64 KiB, the longest piece that is buffered
	maxPiece = 1 << maxClass

	// nodeCost is charged for every buffered piece beside its bytes, so that
	// tiny segments cannot fill memory with bookkeeping.
	nodeCost = 64

	// maxIdle is how many bytes of free buffers are kept for use again.
	maxIdle = 4 << 20
)

// node is a piece of a stream that waits behind a hole: a node of a treap
// ordered by offset. Nodes are kept in one slice and named by index, 0 is none.
type node struct {
	off         int64
	buf         []byte // what was captured; starts at off
	miss        int    // bytes after buf that were not captured
	packet      capture.PacketID
	packetOff   int
	left, right int32
	prio        uint32
}

// end is the offset just past the piece.
func (n *node) end() int64 { return n.off + int64(len(n.buf)) + int64(n.miss) }

// buffers holds the pieces of all streams.
type buffers struct {
	nodes    []node
	freeNode int32
	free     [maxClass + 1][][]byte
	idle     int      // bytes on the free lists
	lent     [][]byte // delivered, to be freed before the next packet
	used     int      // bytes charged
	rand     uint32
}

// class is the smallest class that holds n bytes.
func class(n int) int { return max(minClass, bits.Len(uint(max(n, 1)-1))) }

// cost is what a piece of n bytes is charged.
func cost(n int) int { return 1<<class(n) + nodeCost }

// newNode makes a node with a copy of data.
func (b *buffers) newNode(data []byte) int32 {
	if len(b.nodes) == 0 {
		b.nodes = append(b.nodes, node{})
	}
	i := b.freeNode
	if i != 0 {
		b.freeNode = b.nodes[i].left
	} else {
		i = int32(len(b.nodes))
		b.nodes = append(b.nodes, node{})
	}
	c := class(len(data))
	var buf []byte
	if l := b.free[c]; len(l) > 0 {
		buf = l[len(l)-1]
		b.free[c] = l[:len(l)-1]
		b.idle -= cap(buf)
	} else {
		buf = make([]byte, 1<<c)
	}
	buf = buf[:len(data)]
	copy(buf, data)
	b.used += cost(len(data))
	// xorshift: priorities need not be secret, only scattered.
	b.rand ^= b.rand << 13
	b.rand ^= b.rand >> 17
	b.rand ^= b.rand << 5
	b.nodes[i] = node{buf: buf, prio: b.rand}
	return i
}

// release frees a node; its buffer lives until giveBack.
func (b *buffers) release(i int32) {
	n := &b.nodes[i]
	b.used -= cost(len(n.buf))
	b.lent = append(b.lent, n.buf)
	*n = node{left: b.freeNode}
	b.freeNode = i
}

// giveBack takes back the buffers that were delivered.
func (b *buffers) giveBack() {
	for i, buf := range b.lent {
		b.lent[i] = nil
		if b.idle+cap(buf) > maxIdle {
			continue
		}
		c := class(cap(buf))
		b.free[c] = append(b.free[c], buf)
		b.idle += cap(buf)
	}
	b.lent = b.lent[:0]
	if cap(b.lent) > 4096 {
		b.lent = nil
	}
}
