package tui

import (
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// explorer is the page on which a lab, a capture file and a live interface are
// looked at.
type explorer struct {
	*track
	slots [slots]*slot
	panes []placed // as last drawn
	focus slotID
	maxed bool
	marks map[rune]mark
	found found // of the last search
	armed bool  // Esc was pressed once on a live capture

	settled bool // what the main pane shows at first is decided
	initial int  // view of the main pane until then
}

func newExplorer(t *track, makers []func() view.View, names []string) *explorer {
	e := &explorer{track: t, focus: slotMain, marks: map[rune]mark{}}
	for i := range e.slots {
		e.slots[i] = newSlot(slotID(i), makers, names)
	}
	e.initial = e.slots[slotMain].cur
	return e
}

// settleAfter is how many messages are enough to tell what suits them.
const settleAfter = 64

// settle gives the main pane the view that suits what has come, unless the
// person has chosen one by then.
func (e *explorer) settle() {
	main := e.slots[slotMain]
	_, n := e.snap.MessageRange()
	if e.settled || n == 0 && len(e.points) == 0 {
		return
	}
	e.settled = n >= settleAfter || e.snap.Done() || main.cur != e.initial
	if main.cur != e.initial {
		return
	}
	sub := e.ses.Subject
	sub.Points = e.points
	for i, mk := range main.makers {
		v := mk()
		if s, ok := v.(view.SubjectSuited); ok && s.SuitsSubject(&sub) {
			e.open(i, v)
			return
		}
		if s, ok := v.(view.Suited); ok && n > 0 && s.Suits(e.snap) {
			e.open(i, v)
			return
		}
	}
}

// open shows in the main pane the view that suits what has come.
func (e *explorer) open(i int, v view.View) {
	e.slots[slotMain].show(i)
	e.settled = true
	if s, ok := v.(view.Stepped); ok {
		e.head.Granularity = s.Steps()
		e.head.Message = e.snap.Latest(e.head.Pos, e.head.Granularity)
	}
	if b, ok := v.(view.Broad); ok && b.Broad() {
		left := e.slots[slotLeft] // below it, where messages of both sides are at home
		left.show(left.find("messages"))
	}
}

// carry takes over from the page before what a person has set up: panes,
// speed, granularity. Marks and selections belong to the other run.
func (e *explorer) carry(old *explorer) {
	e.slots, e.focus, e.maxed, e.settled = old.slots, old.focus, old.maxed, true
	e.head.Granularity = old.head.Granularity
	if !old.head.auto {
		e.head.auto, e.head.rate = false, old.head.rate
	}
}

// arrange places the panes and moves the focus to one that can be seen.
func (e *explorer) arrange(r rect) {
	b, ok := e.slots[slotMain].view().(view.Broad)
	e.panes = arrange(r, e.maxed, e.focus, ok && b.Broad())
	for _, p := range e.panes {
		if p.id == e.focus {
			return
		}
	}
	e.focus = e.panes[0].id
}

// cycleFocus goes to the next or previous pane.
func (e *explorer) cycleFocus(dir int) {
	if e.maxed {
		// One pane is seen: the keys go through all of them in its place.
		e.focus = slotID((int(e.focus) + dir + int(slots)) % int(slots))
		return
	}
	for i, p := range e.panes {
		if p.id == e.focus {
			e.focus = e.panes[(i+dir+len(e.panes))%len(e.panes)].id
			return
		}
	}
}

// pane is the place of the focus.
func (e *explorer) pane() placed {
	for _, p := range e.panes {
		if p.id == e.focus {
			return p
		}
	}
	return placed{id: e.focus}
}

// paneFrame is the frame of one pane.
func (e *explorer) paneFrame(th *view.Theme, p placed, lit bool) view.Frame {
	in := p.at.inner()
	return e.frame(th, in.w, in.h, lit && p.id == e.focus)
}

// draw draws the panes into lines of r.w cells.
func (e *explorer) draw(th *view.Theme, r rect, lit bool) []string {
	e.arrange(r)
	for _, s := range e.slots {
		s.behind = false // those that are not drawn are not waited for
	}
	var out []string
	var row [][]string
	y := r.y
	flush := func() {
		out = append(out, beside(row...)...)
		row = nil
	}
	for _, p := range e.panes {
		if p.at.y != y {
			flush()
			y = p.at.y
		}
		row = append(row, e.slots[p.id].draw(e.paneFrame(th, p, lit), p))
	}
	flush()
	return out
}

// cycleGranularity goes through packet, unit, message, exchange.
func (e *explorer) cycleGranularity() {
	h := &e.head
	h.Granularity = (h.Granularity + 1) % (timeline.ByExchange + 1)
	h.Message = e.snap.Latest(h.Pos, h.Granularity)
}
