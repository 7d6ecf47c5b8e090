package sim

import "netscope/protocols/bittorrent/picker"

type kind uint8

const (
	arrive  kind = iota // a peer comes
	sent                // a peer's uplink has sent its block
	deliver             // a block that had to wait for the downlink arrives
	round               // a choke round
	between             // free slots are looked at again
	leave               // a peer goes
)

// event happens at a time; those of the same time in the order in which they
// were planned.
type event struct {
	at    int64
	seq   uint64
	kind  kind
	peer  int32
	slot  int32
	gen   uint32
	block picker.Block
}

// heap is a 4-ary heap of events: fewer levels, fewer cache misses.
type heap struct {
	list []event
	seq  uint64
}

func before(a, b *event) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

func (h *heap) push(e event) {
	h.seq++
	e.seq = h.seq
	h.list = append(h.list, e)
	l, i := h.list, len(h.list)-1
	for i > 0 {
		up := (i - 1) / 4
		if !before(&e, &l[up]) {
			break
		}
		l[i] = l[up]
		i = up
	}
	l[i] = e
}

func (h *heap) pop() event {
	l := h.list
	top, n := l[0], len(l)-1
	e := l[n]
	h.list = l[:n]
	l = h.list
	if n == 0 {
		return top
	}
	i := 0
	for {
		c := 4*i + 1
		if c >= n {
			break
		}
		best := c
		for k := c + 1; k < min(c+4, n); k++ {
			if before(&l[k], &l[best]) {
				best = k
			}
		}
		if !before(&l[best], &e) {
			break
		}
		l[i] = l[best]
		i = best
	}
	l[i] = e
	return top
}
