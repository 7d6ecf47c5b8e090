package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/tui/session"
	"netscope/tui/view"
)

// track is a session with a playhead on it. The explorer has one, the compare
// page one a variant.
type track struct {
	id    int // tells tracks apart in messages that come back late
	ses   *session.Session
	snap  *timeline.Snapshot
	head  head
	cache *cache
	conv  timeline.ConvID                                        // shown alone; NoConv: all are shown
	only  func(*timeline.Snapshot) func(timeline.MessageID) bool // display filter; nil: none

	tally tally

	measures  []lab.Measure
	points    []lab.Measure
	measured  place
	measuring bool
	cost      time.Duration // of the measuring under way, so far
	rest      time.Duration // that is left before the next: see [track.age]
	seen      place         // what was drawn last
}

// place tells whether anything can look different from before.
type place struct {
	pos  timeline.Position
	end  timeline.Position
	now  timeline.Time
	done bool
	read int64
}

func newTrack(id int, s *session.Session) *track {
	t := &track{id: id, ses: s, head: newHead(), cache: newCache(), conv: timeline.NoConv}
	t.snap = s.Snapshot()
	t.measured.end = ^timeline.Position(0)
	if s.Subject.Kind == view.LabSubject && !s.Run.Wall {
		t.head.Playing, t.head.auto = true, true
		t.head.rate = rateFor(t.length())
	} else {
		t.head.Live = true
	}
	return t
}

// length is how long the run is: as it was, or as predicted while it runs.
func (t *track) length() timeline.Time {
	if t.snap.Done() {
		return t.snap.Now()
	}
	longest := t.snap.Now()
	r := t.ses.Run
	if r.Lab == nil {
		return longest
	}
	for _, m := range r.Lab.Predict(r.Variant, r.Params) {
		if m.Unit == "s" && m.Predicted != nil {
			longest = max(longest, timeline.Time(*m.Predicted*1e9))
		}
	}
	return longest
}

// refresh takes the frame's snapshot. It returns whether it differs from the
// one before.
func (t *track) refresh() bool {
	if snap := t.ses.Snapshot(); snap != t.snap {
		t.snap = snap
		t.head.keep = t.filter()
	}
	counted := t.tally.upTo
	t.tally.follow(t.snap, t.head.Granularity, t.head.keep)
	p := place{t.head.Pos, t.snap.End(), t.snap.Now(), t.snap.Done(), t.snap.Progress().Done}
	changed := p != t.seen || t.tally.upTo != counted
	if p.done && !t.seen.done && t.head.auto {
		t.head.rate = rateFor(t.snap.Now())
	}
	t.seen = p
	return changed
}

// restless reports that something can change without a key press.
func (t *track) restless() bool {
	return !t.snap.Done() || t.head.Playing || t.head.Live || !t.tally.complete(t.snap)
}

// advance moves the playhead on and lets a lab run far enough ahead.
func (t *track) advance(passed time.Duration) bool {
	changed := t.head.advance(t.snap, passed)
	t.age(passed)
	t.pace()
	return changed
}

// Measuring a long run from its beginning takes longer and longer: it rests
// between two times for as long as keeps it from taking much of the machine.
const (
	restFactor = 4
	maxRest    = 3 * time.Second
)

// age lets time pass for measuring.
func (t *track) age(passed time.Duration) {
	if t.measuring {
		t.cost += passed
	} else {
		t.rest = max(t.rest-passed, 0)
	}
}

// ahead is how much farther than the playhead a lab may run, in its own time:
// enough to know how an ordinary run ends, not enough to fill the memory with
// one that never does.
const ahead = 10 * time.Minute

func (t *track) pace() {
	if t.ses.Pace != nil && !t.snap.Done() {
		far := t.ses.Ahead
		if far == 0 {
			far = ahead
		}
		t.ses.Pace(time.Duration(t.head.Time) + far)
	}
}

// filter is the frame's filter, nil if all is shown.
func (t *track) filter() func(timeline.MessageID) bool {
	var only func(timeline.MessageID) bool
	if t.only != nil {
		only = t.only(t.snap)
	}
	if t.conv == timeline.NoConv {
		return only
	}
	snap, conv := t.snap, t.conv
	return func(id timeline.MessageID) bool {
		return snap.Message(id).Conv == conv && (only == nil || only(id))
	}
}

// showOnly shows one conversation, or all.
func (t *track) showOnly(c timeline.ConvID) {
	t.conv = c
	t.head.keep = t.filter()
	t.tally.clear()
}

// frame is what a view of this track may look at.
func (t *track) frame(th *view.Theme, w, h int, focused bool) view.Frame {
	sub := t.ses.Subject
	sub.Measures, sub.Points = t.measures, t.points
	t.cache.use(t.snap)
	return view.Frame{
		Width: w, Height: h, Focused: focused, Theme: th,
		Timeline: t.snap, Head: t.head.Playhead, Subject: sub,
		Filter: t.filter(), Conv: t.onlyConv(), Explain: t.cache,
	}
}

// onlyConv is the conversation that alone is shown, nil if all are.
func (t *track) onlyConv() *timeline.ConvID {
	if t.conv == timeline.NoConv {
		return nil
	}
	c := t.conv
	return &c
}

// measuredMsg brings measures that were computed beside the drawing.
type measuredMsg struct {
	track    int
	at       place
	measures []lab.Measure
}

// work is the command for what this frame has found wanting: measures at
// another place, bodies that take long. nil if nothing is.
func (t *track) work() tea.Cmd {
	var cmds []tea.Cmd
	at := place{pos: t.head.Pos, end: t.snap.End(), done: t.snap.Done()}
	if t.ses.Measures != nil && !t.measuring && at != t.measured && (t.rest == 0 || !t.restless()) {
		t.measuring = true
		id, snap, f := t.id, t.snap, t.ses.Measures
		cmds = append(cmds, func() tea.Msg { return measuredMsg{id, at, f(snap, at.pos)} })
	}
	if c := t.cache.work(t.id); c != nil {
		cmds = append(cmds, c)
	}
	if len(cmds) == 0 {
		return nil
	}
	return tea.Batch(cmds...)
}

// take takes what a command of work has brought.
func (t *track) take(m measuredMsg) {
	t.measures, t.points = lab.Points(m.measures)
	t.measured, t.measuring = m.at, false
	t.rest, t.cost = min(restFactor*t.cost, maxRest), 0
}
