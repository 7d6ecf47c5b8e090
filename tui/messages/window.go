package messages

import (
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// maxLook bounds how many messages are looked at for one frame.
const maxLook = 4000

// window finds which messages fill the rows of the list, without counting all
// messages: it walks from the selected one (or the last) both ways.
type window struct {
	s    *timeline.Snapshot
	f    *view.Frame
	side Side
	unit bool
}

// wanted reports that a message has a row of its own.
func (w *window) wanted(m *timeline.Message) bool {
	if !w.unit && m.Level == decoders.UnitLevel {
		return false
	}
	if w.side == Both && m.Kind == decoders.Response && m.ReplyTo != timeline.NoMessage {
		return false // stands beside its request
	}
	return w.f.Filter == nil || w.f.Filter(m.ID)
}

// begun reports that something of the message has left by the playhead.
func (w *window) begun(id timeline.MessageID) bool {
	b, _, _ := w.s.MessagePosition(id)
	return b <= w.f.Head.Pos
}

// last is the newest message that has begun, or the oldest kept less one.
// Messages are numbered in the order in which their heads were known, so what
// has begun is all before a boundary and perhaps a few after it.
func (w *window) last() (first, last timeline.MessageID, any bool) {
	first, end := w.s.MessageRange()
	lo, hi := first, end
	for lo < hi {
		mid := lo + (hi-lo)/2
		if _, open, _ := w.s.MessagePosition(mid); open <= w.f.Head.Pos {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	last = lo
	for id := lo; id < end && id < lo+64; id++ {
		if w.begun(id) {
			last = id + 1
		}
	}
	return first, last - 1, last > first
}

// rows are the IDs of h rows, with the anchor among them and scroll rows up.
func (w *window) rows(anchor timeline.MessageID, h, scroll int) []timeline.MessageID {
	first, last, ok := w.last()
	if !ok || h <= 0 {
		return nil
	}
	if anchor == timeline.NoMessage || anchor > last {
		anchor = last
	}
	anchor = max(anchor, first)
	look := maxLook
	below := make([]timeline.MessageID, 0, h) // after the anchor
	for id := anchor + 1; id <= last && len(below) < h && look > 0; id++ {
		look--
		if m := w.s.Message(id); w.wanted(&m) && w.begun(id) {
			below = append(below, id)
		}
	}
	keep := min(len(below), max(0, h/4)) // rows kept visible below the anchor
	need := h - keep + scroll
	above := make([]timeline.MessageID, 0, need)
	for id := anchor; look > 0 && len(above) < need; id-- {
		look--
		if m := w.s.Message(id); w.wanted(&m) && w.begun(id) {
			above = append(above, id)
		}
		if id == first {
			break
		}
	}
	all := make([]timeline.MessageID, 0, len(above)+len(below))
	for i := len(above) - 1; i >= 0; i-- {
		all = append(all, above[i])
	}
	all = append(all, below...)
	// The window ends keep rows below the anchor, scroll rows up from there.
	stop := len(above) + keep - scroll
	if len(above) < need { // the beginning is in sight: fill the window
		stop = max(stop, h)
	}
	stop = min(max(stop, min(h, len(all))), len(all))
	return all[max(0, stop-h):stop]
}
