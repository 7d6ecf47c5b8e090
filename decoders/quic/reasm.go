package quic

import (
	"bytes"
	"sort"
)

// Bounds of what one sequence of bytes may hold behind a hole.
const (
	maxHeld   = 4 << 20
	maxPieces = 8192
)

// reasm puts one sequence of bytes in order: a direction of a stream, or the
// handshake at one encryption level. Of bytes that come twice the first copy
// counts.
type reasm struct {
	next   uint64  // everything before has been delivered
	top    uint64  // the largest offset seen, exclusive
	held   int     // bytes in pieces
	pieces []piece // beyond next, sorted, without overlap
}

type piece struct {
	off  uint64
	data []byte
}

// run is bytes that are in order now. gap bytes before them are given up on.
type run struct {
	gap  uint64
	data []byte
}

// add takes bytes at an offset and returns what is in order now. again says that
// all of them had come before. The runs share the caller's bytes.
func (r *reasm) add(off uint64, data []byte) (out []run, again bool) {
	end := off + uint64(len(data))
	r.top = max(r.top, end)
	if end <= r.next {
		return nil, len(data) > 0
	}
	if off < r.next {
		data, off = data[r.next-off:], r.next
	}
	if len(r.pieces) == 0 && off == r.next {
		r.next = end
		return []run{{data: data}}, false
	}
	again = !r.insert(off, data)
	for len(r.pieces) > 0 {
		p := r.pieces[0]
		gap := p.off - r.next
		if gap > 0 && r.held <= maxHeld && len(r.pieces) <= maxPieces {
			break
		}
		out = append(out, run{gap, p.data})
		r.next = p.off + uint64(len(p.data))
		r.held -= len(p.data)
		r.pieces = r.pieces[1:]
	}
	return out, again
}

// insert keeps what is new of data. It reports whether anything was.
func (r *reasm) insert(off uint64, data []byte) (fresh bool) {
	i := sort.Search(len(r.pieces), func(i int) bool { p := &r.pieces[i]; return p.off+uint64(len(p.data)) > off })
	for len(data) > 0 {
		n := uint64(len(data))
		if i < len(r.pieces) {
			p := r.pieces[i]
			if p.off <= off {
				skip := min(p.off+uint64(len(p.data))-off, n)
				data, off = data[skip:], off+skip
				i++
				continue
			}
			n = min(n, p.off-off)
		}
		r.pieces = append(r.pieces, piece{})
		copy(r.pieces[i+1:], r.pieces[i:])
		r.pieces[i] = piece{off, bytes.Clone(data[:n])}
		r.held += int(n)
		data, off, fresh = data[n:], off+n, true
		i++
	}
	return fresh
}

// rest gives up on all holes and returns what is left.
func (r *reasm) rest() (out []run) {
	for _, p := range r.pieces {
		out = append(out, run{p.off - r.next, p.data})
		r.next = p.off + uint64(len(p.data))
	}
	r.pieces, r.held = nil, 0
	return out
}
