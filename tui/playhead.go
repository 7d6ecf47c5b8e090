package tui

import (
	"time"

	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// head is the playhead with what the shell alone needs of it. Its methods are
// pure but for the receiver: the snapshot and the time that has passed are
// arguments.
type head struct {
	view.Playhead
	rate   float64 // timeline seconds per second; asFast: at once
	auto   bool    // the rate was chosen by the shell, for a run of a few seconds
	keep   func(timeline.MessageID) bool
	frac   float64 // nanoseconds left over from the last advance
	before mark    // where the person was before the last jump
	// oldest is the oldest position that was kept at the last look.
	oldest timeline.Position
}

// mark is a place to come back to.
type mark struct {
	pos  timeline.Position
	time timeline.Time
	set  bool
}

func newHead() head {
	h := head{rate: 1}
	h.Granularity = timeline.ByMessage
	h.Message = timeline.NoMessage
	return h
}

// select takes what stands at the position as the selection.
func (h *head) selectHere(s *timeline.Snapshot) {
	h.Packet, h.HasPkt, h.Message = 0, false, timeline.NoMessage
	h.Field = view.FieldRef{}
	if h.Pos > s.Oldest() && h.Pos <= s.End() {
		h.Packet, h.HasPkt = s.Moment(h.Pos-1).Packet, true
	}
	h.Message = s.Latest(h.Pos, h.Granularity)
	if h.Message != timeline.NoMessage && h.keep != nil && !h.keep(h.Message) {
		if stop, ok := s.Step(h.Pos+1, h.Granularity, -1, h.keep); ok {
			h.Message = stop.Message
		}
	}
}

// to moves to a position; ok is false if it is gone and the oldest was taken.
func (h *head) to(s *timeline.Snapshot, p timeline.Position) (ok bool) {
	ok = true
	if o := s.Oldest(); p < o {
		p, ok = o, false
	}
	if e := s.End(); p > e {
		p = e
	}
	h.Pos, h.Time, h.frac = p, s.TimeOf(p), 0
	h.selectHere(s)
	return ok
}

// toTime moves to a time, which may lie between two moments.
func (h *head) toTime(s *timeline.Snapshot, t timeline.Time) {
	p := s.PositionAt(t)
	if o := s.Oldest(); p < o {
		p = o
	}
	if p != h.Pos {
		h.Pos = p
		h.selectHere(s)
	}
	h.Time = max(t, 0)
}

// step goes to the next or previous stop and pauses.
func (h *head) step(s *timeline.Snapshot, dir int) bool {
	h.Playing, h.Live = false, false
	stop, ok := s.Step(h.Pos, h.Granularity, dir, h.keep)
	if !ok {
		if dir < 0 && h.Pos > s.Oldest() {
			h.to(s, s.Oldest())
			return true
		}
		if dir > 0 && h.Pos < s.End() && s.Done() {
			h.to(s, s.End())
			return true
		}
		return false
	}
	h.to(s, stop.Pos)
	h.Packet, h.HasPkt = stop.Packet, true
	if stop.Message != timeline.NoMessage {
		h.Message = stop.Message
	}
	return true
}

// first and last are the ends. At a growing end the playhead stays with it.
func (h *head) first(s *timeline.Snapshot) {
	h.leave()
	h.Live, h.Playing = false, false
	h.to(s, s.Oldest())
	h.Time = s.TimeOf(s.Oldest())
}

func (h *head) last(s *timeline.Snapshot) {
	h.leave()
	h.Playing = false
	h.Live = !s.Done()
	h.to(s, s.End())
	h.Time = s.Now()
}

// leave remembers the place for the mark ”.
func (h *head) leave() { h.before = mark{h.Pos, h.Time, true} }

// goTo jumps to a mark.
func (h *head) goTo(s *timeline.Snapshot, m mark) (ok bool) {
	h.leave()
	h.Live, h.Playing = false, false
	ok = h.to(s, m.pos)
	if ok && m.time > h.Time {
		h.Time = m.time
	}
	return ok
}

// togglePlay starts or stops. At the end of what is over it starts again.
func (h *head) togglePlay(s *timeline.Snapshot) {
	switch {
	case h.Playing, h.Live:
		h.Playing, h.Live = false, false
	case h.Pos >= s.End() && s.Done():
		h.to(s, s.Oldest())
		h.Time = s.TimeOf(s.Oldest())
		h.Playing = true
	case h.Pos >= s.End():
		h.Live = true
	default:
		h.Playing = true
	}
}

// advance moves on by the wall time that has passed. It returns whether
// anything changed.
func (h *head) advance(s *timeline.Snapshot, passed time.Duration) bool {
	was := h.Playhead
	if o := s.Oldest(); h.Pos < o && o > h.oldest {
		h.to(s, o)
	}
	h.oldest = s.Oldest()
	switch {
	case h.Live:
		if h.Pos != s.End() {
			h.to(s, s.End())
		}
		h.Time = s.Now()
		if s.Done() {
			h.Live = false
		}
	case h.Playing && h.rate >= asFast:
		if h.Pos != s.End() {
			h.to(s, s.End())
		}
		h.Time = s.Now()
		h.stopAtEnd(s)
	case h.Playing:
		x := float64(passed)*h.rate + h.frac
		whole := int64(x)
		h.frac = x - float64(whole)
		h.toTime(s, min(h.Time+timeline.Time(whole), max(s.Now(), h.Time)))
		h.stopAtEnd(s)
	}
	return h.Playhead != was
}

func (h *head) stopAtEnd(s *timeline.Snapshot) {
	if h.Pos < s.End() || h.Time < s.Now() {
		return
	}
	if s.Done() {
		h.Playing = false
	}
}
