package stream

import "net/netip"

// maxDatagram is the most payload that an IP datagram can have, fragmented.
const maxDatagram = 65535

// fragKey names a datagram (RFC 791 §2.3, RFC 8200 §4.5).
type fragKey struct {
	src, dst netip.Addr
	id       uint32
	proto    uint8
}

// datagram is a datagram of which not all fragments are there yet.
type datagram struct {
	key   fragKey
	since int64
	buf   []byte
	total int // payload length, -1 until the last fragment tells
	have  int // units of 8 bytes that are there
	seen  [(maxDatagram/8 + 64) / 64]uint64
	next  *datagram // in order of age, or on the free list
}

// defragmenter puts datagrams together. The first copy of a byte wins. When it
// is full the oldest datagram is given up.
type defragmenter struct {
	maxCount, maxBytes int
	timeout            int64

	byKey      map[fragKey]*datagram
	head, tail *datagram // oldest first
	bytes      int       // of all buffers in byKey
	free       *datagram
	lent       *datagram // whose buffer was returned by the last add
}

// add takes a fragment. It returns the datagram's payload when this completes
// it; that is valid until the next add.
func (d *defragmenter) add(f *FragInfo, data []byte, now int64) (whole []byte, ok bool) {
	d.giveBack()
	if f.Missing > 0 || f.Off < 0 || f.Off+len(data) > maxDatagram {
		return nil, false // cut by the snap length, or beyond what is possible
	}
	if f.More {
		data = data[:len(data)&^7]
	}
	for d.head != nil && now-d.head.since > d.timeout {
		d.drop(d.head)
	}
	k := fragKey{f.Src, f.Dst, f.ID, f.Proto}
	g := d.byKey[k]
	if g == nil {
		g = d.start(k, now)
	}
	if end := f.Off + len(data); !f.More && g.total < 0 {
		if len(g.buf) > end {
			d.drop(g) // fragments contradict each other about the length
			return nil, false
		}
		g.total = end
	}
	d.put(g, f.Off, data)
	if g.total < 0 || g.have < (g.total+7)/8 || len(g.buf) < g.total {
		for d.bytes > d.maxBytes && d.head != nil {
			d.drop(d.head)
		}
		return nil, false
	}
	whole = g.buf[:g.total]
	d.unlink(g)
	d.lent = g
	return whole, true
}

// put copies the parts of data that are not there yet.
func (d *defragmenter) put(g *datagram, off int, data []byte) {
	end := off + len(data)
	if g.total >= 0 && end > g.total {
		end = max(off, g.total)
	}
	if end > len(g.buf) {
		d.bytes -= cap(g.buf)
		if end > cap(g.buf) {
			bigger := make([]byte, end, min(maxDatagram, max(2*end, 4096)))
			copy(bigger, g.buf)
			g.buf = bigger
		}
		d.bytes += cap(g.buf)
		g.buf = g.buf[:end]
	}
	for at := off; at < end; at += 8 {
		word, bit := at/512, uint64(1)<<(at/8%64)
		if g.seen[word]&bit != 0 {
			continue
		}
		g.seen[word] |= bit
		g.have++
		copy(g.buf[at:min(at+8, end)], data[at-off:])
	}
}

// start makes room for a datagram and enters it.
func (d *defragmenter) start(k fragKey, now int64) *datagram {
	for len(d.byKey) >= d.maxCount {
		d.drop(d.head)
	}
	g := d.free
	if g == nil {
		g = &datagram{}
	} else {
		d.free = g.next
	}
	*g = datagram{key: k, since: now, buf: g.buf[:0], total: -1}
	d.bytes += cap(g.buf)
	if d.byKey == nil {
		d.byKey = make(map[fragKey]*datagram)
	}
	d.byKey[k] = g
	if d.tail == nil {
		d.head = g
	} else {
		d.tail.next = g
	}
	d.tail = g
	return g
}

// unlink takes a datagram out of the table.
func (d *defragmenter) unlink(g *datagram) {
	delete(d.byKey, g.key)
	d.bytes -= cap(g.buf)
	var prev *datagram
	for at := d.head; at != nil; prev, at = at, at.next {
		if at != g {
			continue
		}
		if prev == nil {
			d.head = g.next
		} else {
			prev.next = g.next
		}
		if d.tail == g {
			d.tail = prev
		}
		break
	}
	g.next = nil
}

// drop forgets a datagram.
func (d *defragmenter) drop(g *datagram) {
	d.unlink(g)
	// Its buffer goes too: the free list must not hold what the bounds forbid.
	g.buf = nil
	g.next, d.free = d.free, g
}

// giveBack takes back the buffer that the last add returned.
func (d *defragmenter) giveBack() {
	if g := d.lent; g != nil {
		d.lent = nil
		if d.free != nil {
			g.buf = nil // one spare buffer is enough
		}
		g.next, d.free = d.free, g
	}
}
