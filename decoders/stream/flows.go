package stream

import (
	"hash/maphash"

	"netscope/decoders"
)

// key names a conversation whichever way a packet goes: transport, lower
// address and port, higher address and port.
type key [37]byte

// makeKey builds the key of a packet. swapped says that the packet goes from
// the key's second endpoint to its first.
func makeKey(h *Header) (k key, swapped bool) {
	lo, hi := &h.Src, &h.Dst
	if c := lo.Addr().Compare(hi.Addr()); c > 0 || c == 0 && lo.Port() > hi.Port() {
		lo, hi, swapped = hi, lo, true
	}
	k[0] = byte(h.Transport)
	a := lo.Addr().As16()
	copy(k[1:17], a[:])
	a = hi.Addr().As16()
	copy(k[17:33], a[:])
	p := lo.Port()
	k[33], k[34] = byte(p>>8), byte(p)
	p = hi.Port()
	k[35], k[36] = byte(p>>8), byte(p)
	return k, swapped
}

// slot is a place of the flow table.
type slot struct {
	hash uint64
	flow *Flow // nil: free
}

// table finds flows by key: open addressing with linear probing, so that a
// look-up allocates nothing. It also knows which flow of each transport has
// been silent longest.
type table struct {
	slots []slot // a power of two of them
	count int
	seed  maphash.Seed // secret, so that nobody can aim at one slot; no result depends on it
	lists [3]struct{ oldest, newest *Flow }
}

// hash is the key's hash.
func (t *table) hash(k *key) uint64 { return maphash.Bytes(t.seed, k[:]) }

// find is the current flow of a key, or nil.
func (t *table) find(k *key, hash uint64) *Flow {
	if len(t.slots) == 0 {
		return nil
	}
	mask := uint64(len(t.slots) - 1)
	for i := hash & mask; t.slots[i].flow != nil; i = (i + 1) & mask {
		if t.slots[i].hash == hash && t.slots[i].flow.key == *k {
			return t.slots[i].flow
		}
	}
	return nil
}

// insert enters a flow whose key is not in the table.
func (t *table) insert(f *Flow, hash uint64) {
	if 4*(t.count+1) > 3*len(t.slots) {
		old := t.slots
		t.slots = make([]slot, max(64, 2*len(old)))
		for _, s := range old {
			if s.flow != nil {
				t.place(s)
			}
		}
	}
	t.place(slot{hash, f})
	t.count++
	t.push(f)
}

// place puts a slot's content at the first free place from where it belongs.
func (t *table) place(s slot) {
	mask := uint64(len(t.slots) - 1)
	i := s.hash & mask
	for t.slots[i].flow != nil {
		i = (i + 1) & mask
	}
	t.slots[i] = s
}

// remove takes a flow out, moving back the ones that had to give way to it.
func (t *table) remove(f *Flow) {
	mask := uint64(len(t.slots) - 1)
	i := t.hash(&f.key) & mask
	for t.slots[i].flow != f {
		i = (i + 1) & mask
	}
	for j := (i + 1) & mask; t.slots[j].flow != nil; j = (j + 1) & mask {
		if home := t.slots[j].hash & mask; (j-home)&mask >= (j-i)&mask {
			t.slots[i] = t.slots[j]
			i = j
		}
	}
	t.slots[i] = slot{}
	t.count--
	t.unlink(f)
}

// touch notes that the flow has had a packet.
func (t *table) touch(f *Flow, now int64) {
	f.last = now
	if f.next != nil {
		t.unlink(f)
		t.push(f)
	}
}

func (t *table) push(f *Flow) {
	l := &t.lists[f.Transport]
	f.prev, f.next = l.newest, nil
	if l.newest == nil {
		l.oldest = f
	} else {
		l.newest.next = f
	}
	l.newest = f
}

func (t *table) unlink(f *Flow) {
	l := &t.lists[f.Transport]
	if f.prev == nil {
		l.oldest = f.next
	} else {
		f.prev.next = f.next
	}
	if f.next == nil {
		l.newest = f.prev
	} else {
		f.next.prev = f.prev
	}
	f.prev, f.next = nil, nil
}

// wellKnown is the end of the ports that servers have.
const wellKnown = 1024

// newFlow starts a conversation with its first packet, h.
func (a *Assembler) newFlow(h *Header, k key, swapped bool, now int64) *Flow {
	f := &Flow{Index: a.flows, Transport: h.Transport, A: h.Src, B: h.Dst, key: k, swapped: swapped, last: now}
	a.flows++
	fromServer := h.Src.Port() < wellKnown && h.Dst.Port() >= wellKnown
	if h.Transport == decoders.TCP {
		f.tcp = newConnection()
		if f.Midway = !h.Flags.Has(SYN); !f.Midway {
			fromServer = h.Flags.Has(ACK)
		}
	}
	if fromServer {
		f.A, f.B, f.swapped = f.B, f.A, !f.swapped
	}
	return f
}
