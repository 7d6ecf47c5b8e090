package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/tui/session"
	"netscope/tui/view"
)

// explorerKey does what a key asks for. Keys of the screen and of the
// playhead are the shell's, all others the focused view's.
func (a *App) explorerKey(k tea.KeyPressMsg) tea.Cmd {
	e, name := a.ex, k.String()
	act := a.keys[name]
	if act != view.Back {
		e.armed = false
	}
	v := e.slots[e.focus].view()
	if view.Wants(v, name) && !reserved(act) {
		return a.toView(k)
	}
	switch act {
	case view.NavLeft, view.NavRight:
		if name != "left" && name != "right" {
			return a.toView(k)
		}
		act = view.StepForward
		if name == "left" {
			act = view.StepBack
		}
	case view.NavDown, view.NavUp, view.NavHalfDown, view.NavHalfUp, view.NavPageDown, view.NavPageUp, view.NavEnter, view.NoAction:
		return a.toView(k)
	}
	if a.playheadKey(act) {
		return nil
	}
	return a.screenKey(act, name)
}

// reserved are the actions that no view can take: without them a person could
// not get out.
func reserved(a view.Action) bool {
	switch a {
	case view.Quit, view.Back, view.Help, view.NextPane, view.PrevPane, view.StepForward, view.StepBack, view.PlayPause,
		view.CycleView, view.ChooseView, view.Maximise:
		return true
	}
	return false
}

// playheadKey handles the keys that move the playhead; used says it did.
func (a *App) playheadKey(act view.Action) (used bool) {
	e := a.ex
	switch act {
	case view.StepForward, view.StepBack:
		dir, end := 1, "end"
		if act == view.StepBack {
			dir, end = -1, "beginning"
		}
		if !e.head.step(e.snap, dir) {
			a.say("this is the " + end)
		}
	case view.PlayPause:
		e.head.togglePlay(e.snap)
	case view.Slower, view.Faster:
		e.head.auto = false
		if act == view.Slower {
			e.head.rate = slower(e.head.rate)
		} else {
			e.head.rate = faster(e.head.rate)
		}
		a.say("speed " + formatRate(e.head.rate))
	case view.CycleGranularity:
		e.cycleGranularity()
		a.say("steps by " + e.head.Granularity.String())
	case view.NavFirst:
		e.head.first(e.snap)
	case view.NavLast:
		e.head.last(e.snap)
	default:
		return false
	}
	return true
}

// screenKey handles the keys that change the screen, look closer, or run.
func (a *App) screenKey(act view.Action, name string) tea.Cmd {
	e := a.ex
	s := e.slots[e.focus]
	switch act {
	case view.NextPane:
		e.cycleFocus(1)
	case view.PrevPane:
		e.cycleFocus(-1)
	case view.CycleView:
		s.show((s.cur + 1) % len(s.makers))
	case view.ChooseView:
		if !s.show(int(name[0] - '1')) {
			a.complain("There are only " + a.names[len(a.names)-1] + " and the views before it.")
		}
	case view.Maximise:
		e.maxed = !e.maxed
	case view.CycleTheme:
		a.nextTheme()
	case view.Help:
		a.over = &helpSheet{extra: s.view()}
	case view.Quit:
		return a.quit()
	case view.Back:
		return a.back()
	case view.Explain:
		if sh := e.explain(); sh != nil {
			a.over = sh
		} else {
			a.say("nothing is selected yet; . steps to the first message")
		}
	case view.Search:
		a.askSearch()
	case view.SearchNext, view.SearchPrev:
		return a.searchKey(act)
	case view.FilterConv:
		a.toggleConv()
	case view.SetMark:
		a.askMark()
	case view.GoMark:
		a.askGoMark()
	case view.Copy:
		return e.copy()
	case view.Write:
		a.askWrite()
	default:
		return a.labKey(act)
	}
	return nil
}

// labKey handles the keys that only a lab knows.
func (a *App) labKey(act view.Action) tea.Cmd {
	r := a.ex.ses.Request()
	if r.Lab == nil {
		a.complain("Only a lab can be changed, run again, forked or compared.")
		return nil
	}
	switch act {
	case view.EditParams:
		a.over = newForm(a.ex.track)
	case view.ForkDrop, view.ForkDelay:
		a.askFork(a.ex.track, act == view.ForkDelay)
	case view.RunAgain:
		return a.openLab(r)
	case view.Compare:
		if len(r.Lab.Spec().Variants) < 2 {
			a.complain("This lab has no variants to compare.")
			return nil
		}
		a.over = newPicker(r)
	}
	return nil
}

func (a *App) searchKey(act view.Action) tea.Cmd {
	e := a.ex
	dir := 1
	if act == view.SearchPrev {
		dir = -1
	}
	if e.found.text == "" {
		a.say("nothing has been searched for yet; / searches")
		return nil
	}
	if _, end := e.snap.MessageRange(); end > e.found.upTo {
		return e.searchOn(dir)
	}
	a.say(e.goFound(dir))
	return nil
}

// toggleConv shows the selected conversation only, or all again.
func (a *App) toggleConv() {
	e := a.ex
	if e.conv != timeline.NoConv {
		e.showOnly(timeline.NoConv)
		return
	}
	c := timeline.NoConv
	if e.head.Message != timeline.NoMessage {
		c = e.snap.Message(e.head.Message).Conv
	} else if e.head.HasPkt {
		c = e.snap.Packet(e.head.Packet).Conv
	}
	if c == timeline.NoConv {
		a.say("what is selected belongs to no conversation")
		return
	}
	e.showOnly(c)
}

// back closes one thing: maximised pane, filter, search, page.
func (a *App) back() tea.Cmd {
	e := a.ex
	switch {
	case e.maxed:
		e.maxed = false
	case e.conv != timeline.NoConv:
		e.showOnly(timeline.NoConv)
	case e.found.text != "":
		e.stopSearch()
		e.found = found{gen: e.found.gen + 1}
		a.say("search closed")
	case a.opt.Alone:
		a.say("q leaves")
	case e.ses.Subject.Kind == view.LiveSubject && !e.snap.Done() && !e.armed:
		e.armed = true
		a.say("Esc once more ends this capture; w writes it to a file first")
	default:
		return a.toStart()
	}
	return nil
}

func (a *App) toStart() tea.Cmd {
	old := a.release()
	a.status, a.fading = "", 0
	return tea.Batch(closeAll(old), a.survey())
}

// toView hands a message to the focused view.
func (a *App) toView(msg tea.Msg) (cmd tea.Cmd) {
	e := a.ex
	defer func() {
		if recover() != nil {
			cmd = nil
			a.complain("This view has failed; press v for another one.")
		}
	}()
	return e.slots[e.focus].view().Update(e.paneFrame(a.theme(), e.pane(), true), msg)
}

// copy copies what is selected: the field's bytes are the views' business, so
// this is the message's or packet's line.
func (e *explorer) copy() tea.Cmd {
	h := e.head
	text, what := "", ""
	switch {
	case h.Message != timeline.NoMessage:
		m := e.snap.Message(h.Message)
		text, what = m.Summary, "the message's line"
	case h.HasPkt:
		i := e.cache.PacketInfo(h.Packet)
		text, what = strings.Join([]string{i.Src, i.Dst, i.Proto, i.Info}, "  "), "the packet's line"
	default:
		return func() tea.Msg { return view.StatusMsg{Text: "nothing is selected"} }
	}
	return func() tea.Msg { return view.CopyMsg{Text: text, What: what} }
}

// variantsOf are all variants of a lab as requests: in virtual time, since
// only that can be compared.
func variantsOf(r session.LabRequest) []session.LabRequest {
	var out []session.LabRequest
	for i, v := range r.Lab.Spec().Variants {
		q := r
		q.Variant, q.Index = v.ID, i+1
		q.Wall, q.Expose, q.Reach = false, nil, nil
		out = append(out, q)
	}
	return out
}
