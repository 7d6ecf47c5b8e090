// Package packets is the packet list, in the manner people know: number, time,
// source, destination, protocol, length, info; with the fields and bytes of
// the selected packet below it where there is room.
//
// Only what is visible is decoded, so that millions of packets cost no more
// than a few.
package packets

import (
	"slices"

	"netscope/capture"
)

// maxLook bounds how many packets a filter may skip for one frame.
const maxLook = 20_000

// window finds the rows of a list of packets first ≤ id < end, of which those
// that are wanted are shown.
type window struct {
	first, end capture.PacketID
	want       func(capture.PacketID) bool // nil: all
	ids        []capture.PacketID          // if listed: those that are shown
	listed     bool
}

// at is the place in the list of the first packet that is not before id.
func (w window) at(id capture.PacketID) int {
	i, _ := slices.BinarySearch(w.ids, id)
	return i
}

// from collects up to n wanted packets from id on.
func (w window) from(id capture.PacketID, n int) []capture.PacketID {
	if w.listed {
		i := w.at(id)
		return w.ids[i:min(len(w.ids), i+max(n, 0))]
	}
	out := make([]capture.PacketID, 0, max(n, 0))
	look := maxLook
	for id = max(id, w.first); id < w.end && len(out) < n && look > 0; id++ {
		look--
		if w.want == nil || w.want(id) {
			out = append(out, id)
		}
	}
	return out
}

// back is the packet n wanted ones before id, or the first of them.
func (w window) back(id capture.PacketID, n int) capture.PacketID {
	if w.listed {
		if i := w.at(id) - n; len(w.ids) > 0 {
			return w.ids[max(i, 0)]
		}
		return id
	}
	at := id
	look := maxLook
	for n > 0 && id > w.first && look > 0 {
		id--
		look--
		if w.want == nil || w.want(id) {
			at = id
			n--
		}
	}
	return max(at, w.first)
}

// next is the nearest wanted packet after (dir > 0) or before id.
func (w window) next(id capture.PacketID, dir int) (capture.PacketID, bool) {
	if w.listed {
		i := w.at(id)
		switch {
		case dir < 0:
			i--
		case i < len(w.ids) && w.ids[i] == id:
			i++
		}
		if i < 0 || i >= len(w.ids) {
			return 0, false
		}
		return w.ids[i], true
	}
	for range maxLook {
		if dir < 0 {
			if id <= w.first {
				return 0, false
			}
			id--
		} else if id++; id >= w.end {
			return 0, false
		}
		if w.want == nil || w.want(id) {
			return id, true
		}
	}
	return 0, false
}

// rows are the h rows to show: from top on, unless sel is to be seen and would
// not be. It returns the new top as well.
func (w window) rows(top, sel capture.PacketID, follow bool, h int) ([]capture.PacketID, capture.PacketID) {
	if h <= 0 || w.first >= w.end {
		return nil, top
	}
	top = max(min(top, w.end-1), w.first)
	out := w.from(top, h)
	margin := min(2, (h-1)/2)
	if follow && sel >= w.first && sel < w.end {
		above := margin
		switch i, ok := find(out, sel); {
		case ok && i >= margin && (i < len(out)-margin || len(out) < h || out[len(out)-1]+1 >= w.end):
			above = -1
		case ok && i >= margin || !ok && sel > top:
			above = h - 1 - margin
		}
		if above >= 0 {
			out = w.from(w.back(sel, above), h)
		}
	}
	if len(out) < h && len(out) > 0 { // the end is in sight: fill the window
		out = w.from(w.back(out[0], h-len(out)), h)
	}
	if len(out) > 0 {
		top = out[0]
	}
	return out, top
}

func find(ids []capture.PacketID, id capture.PacketID) (int, bool) {
	for i, x := range ids {
		if x == id {
			return i, true
		}
	}
	return 0, false
}
