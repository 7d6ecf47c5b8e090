package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/tui/session"
	"netscope/tui/view"
)

// compare is the page that shows variants of a lab in lockstep. Its playhead
// is a time: a step goes to the next event of the variant that has the focus,
// and the others show their state at that time.
type compare struct {
	cols    []*column
	focus   int
	maxed   bool
	time    timeline.Time
	rate    float64
	auto    bool // the rate is still the shell's
	playing bool
	gran    timeline.Granularity
	settled bool   // the view is chosen
	panes   []rect // of the columns as last drawn; w = 0: not seen

	id    int
	fork  *forked  // a run and its fork; nil: variants
	under *compare // the page that comes back when this one is closed
}

// column is one variant.
type column struct {
	*track
	slot     *slot
	borrowed bool // the session belongs to the page below
}

func newCompare(a *App, ses []*session.Session) *compare {
	c := &compare{playing: true, auto: true, rate: 1, gran: timeline.ByMessage}
	switch {
	case a.cmp != nil:
		c.gran = a.cmp.gran
	case a.ex != nil:
		c.gran = a.ex.head.Granularity
	}
	for _, s := range ses {
		a.tracks++
		t := newTrack(a.tracks, s)
		t.head.Playing, t.head.Live, t.head.Granularity = false, false, c.gran
		sl := newSlot(slotMain, a.opt.Views, a.names)
		sl.show(sl.find("waterfall"))
		c.cols = append(c.cols, &column{track: t, slot: sl})
	}
	c.pickRate()
	return c
}

// pickRate makes the longest variant play in a few seconds.
func (c *compare) pickRate() {
	if c.auto {
		c.rate = rateFor(c.length())
	}
}

func (c *compare) length() timeline.Time {
	longest := timeline.Time(0)
	for _, col := range c.cols {
		longest = max(longest, col.length())
	}
	return longest
}

func (c *compare) tracks() []*track {
	out := make([]*track, len(c.cols))
	for i, col := range c.cols {
		out[i] = col.track
	}
	return out
}

// settle shows the view that is good to compare such timelines with, unless the
// person has chosen one by then.
func (c *compare) settle() {
	s := c.cols[0].snap
	_, n := s.MessageRange()
	if c.settled || n == 0 {
		return
	}
	c.settled = n >= settleAfter || s.Done()
	for i, mk := range c.cols[0].slot.makers {
		v := mk()
		a, ok := v.(view.Abreast)
		if suited, is := v.(view.Suited); ok && is && a.Abreast() && suited.Suits(s) {
			c.show(i)
			return
		}
	}
}

// sessions are those that end with the page.
func (c *compare) sessions() []*session.Session {
	var out []*session.Session
	for _, col := range c.cols {
		if !col.borrowed {
			out = append(out, col.ses)
		}
	}
	return out
}

func (c *compare) focused() *track { return c.cols[c.focus].track }

// follow takes the focused variant's time as everybody's.
func (c *compare) follow() {
	c.playing = false
	c.setTime(c.focused().head.Time, c.focus)
}

// setTime moves all variants but one (-1: none) to a time.
func (c *compare) setTime(t timeline.Time, except int) {
	c.time = t
	for i, col := range c.cols {
		if i != except {
			col.head.toTime(col.snap, min(t, max(col.snap.Now(), 0)))
		}
	}
}

// advance moves on by the wall time that has passed.
func (c *compare) advance(passed time.Duration) bool {
	changed, done := false, true
	end := timeline.Time(0)
	for _, col := range c.cols {
		if col.refresh() {
			changed = true
		}
		col.age(passed)
		col.pace()
		done = done && col.snap.Done()
		end = max(end, col.snap.Now())
	}
	if changed {
		c.pickRate()
		c.settle()
	}
	for _, col := range c.cols {
		col.head.Playing = c.playing
	}
	if !c.playing {
		return changed
	}
	t := end
	if c.rate < asFast {
		t = min(end, c.time+timeline.Time(float64(passed)*c.rate))
	}
	c.setTime(t, -1)
	if t >= end && done {
		c.pause()
	}
	return true
}

func (c *compare) pause() {
	c.playing = false
	for _, col := range c.cols {
		col.head.Playing = false
	}
}

// step goes to the focused variant's next or previous event.
func (c *compare) step(dir int) bool {
	c.pause()
	h := &c.focused().head
	if h.Time < c.time {
		if dir > 0 {
			return false // this variant has ended already
		}
		h.to(c.focused().snap, c.focused().snap.End())
	}
	if !h.step(c.focused().snap, dir) {
		return false
	}
	c.follow()
	return true
}

// compareInput handles keys and mouse on the compare page.
func (a *App) compareInput(msg tea.Msg) tea.Cmd {
	c := a.cmp
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return a.compareMouse(msg)
	}
	name := k.String()
	act := a.keys[name]
	v := c.cols[c.focus].slot.view()
	if view.Wants(v, name) && !reserved(act) {
		return a.toColumn(msg)
	}
	switch act {
	case view.NavLeft:
		act = view.StepBack
		if name != "left" {
			return a.toColumn(msg)
		}
	case view.NavRight:
		act = view.StepForward
		if name != "right" {
			return a.toColumn(msg)
		}
	}
	switch act {
	case view.StepForward, view.StepBack:
		dir := 1
		if act == view.StepBack {
			dir = -1
		}
		if !c.step(dir) {
			a.say("this variant has no other event there; Tab goes to the next variant")
		}
	case view.PlayPause:
		c.togglePlay()
	case view.Slower, view.Faster:
		c.auto = false
		if act == view.Slower {
			c.rate = slower(c.rate)
		} else {
			c.rate = faster(c.rate)
		}
		a.say("speed " + formatRate(c.rate))
	case view.CycleGranularity:
		c.setGranularity((c.gran + 1) % (timeline.ByExchange + 1))
		a.say("steps by " + c.gran.String())
	case view.NavFirst:
		c.pause()
		c.setTime(0, -1)
	case view.NavLast:
		c.pause()
		c.setTime(c.end(), -1)
	case view.NextPane:
		c.focus = (c.focus + 1) % len(c.cols)
	case view.PrevPane:
		c.focus = (c.focus + len(c.cols) - 1) % len(c.cols)
	case view.CycleView:
		s := c.cols[c.focus].slot
		c.show((s.cur + 1) % len(s.makers))
	case view.ChooseView:
		c.show(int(name[0] - '1'))
	case view.Maximise:
		c.maxed = !c.maxed
	default:
		return a.comparePage(act, msg)
	}
	return nil
}

// comparePage handles the keys that leave the page or lie over it.
func (a *App) comparePage(act view.Action, msg tea.Msg) tea.Cmd {
	c := a.cmp
	switch act {
	case view.CycleTheme:
		a.nextTheme()
	case view.Help:
		a.over = &helpSheet{extra: c.cols[c.focus].slot.view()}
	case view.Quit:
		return a.quit()
	case view.Back, view.Compare:
		if c.maxed {
			c.maxed = false
			return nil
		}
		a.cmp = c.under
		return closeAll(c.sessions())
	case view.ForkDrop, view.ForkDelay:
		c.pause()
		a.askFork(c.focused(), act == view.ForkDelay)
	case view.Copy:
		text := command(c.focused().ses.Request())
		return func() tea.Msg { return view.CopyMsg{Text: text, What: "the command line of this run"} }
	case view.NavDown, view.NavUp, view.NavHalfDown, view.NavHalfUp, view.NavPageDown, view.NavPageUp, view.NavEnter, view.NoAction:
		return a.toColumn(msg)
	default:
		a.say("not on this page; Esc goes back to one variant")
	}
	return nil
}

func (c *compare) setGranularity(g timeline.Granularity) {
	c.gran = g
	for _, col := range c.cols {
		col.head.Granularity = g
		col.head.selectHere(col.snap)
	}
}

func (c *compare) end() timeline.Time {
	end := timeline.Time(0)
	for _, col := range c.cols {
		end = max(end, col.snap.Now())
	}
	return end
}

func (c *compare) togglePlay() {
	if c.playing {
		c.pause()
		return
	}
	if c.time >= c.end() {
		c.setTime(0, -1)
	}
	c.playing = true
	for _, col := range c.cols {
		col.head.Playing = true
	}
}

// show changes the view in all variants.
func (c *compare) show(i int) {
	c.settled = true
	for _, col := range c.cols {
		col.slot.show(i)
	}
}

// toColumn hands a message to the focused variant's view.
func (a *App) toColumn(msg tea.Msg) (cmd tea.Cmd) {
	c := a.cmp
	defer func() {
		if recover() != nil {
			cmd = nil
			a.complain("This view has failed; press v for another one.")
		}
	}()
	col := c.cols[c.focus]
	in := rect{0, 0, 80, 24}
	if c.focus < len(c.panes) {
		in = c.panes[c.focus].inner()
	}
	return col.slot.view().Update(col.frame(a.theme(), in.w, in.h, true), msg)
}

func (a *App) compareMouse(msg tea.Msg) tea.Cmd {
	m, ok := msg.(tea.MouseMsg)
	if !ok {
		return nil
	}
	at, c := m.Mouse(), a.cmp
	for i, p := range c.panes {
		if p.w == 0 || !p.contains(at.X, at.Y) {
			continue
		}
		if _, click := msg.(tea.MouseClickMsg); click {
			c.focus = i
		}
		if in := p.inner(); i == c.focus && in.contains(at.X, at.Y) {
			return a.toColumn(shift(msg, in.x, in.y))
		}
	}
	return nil
}
