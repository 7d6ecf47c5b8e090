package swarm

import (
	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// beside goes to the next or previous peer with which the followed one is
// looked at; beyond the ends there is nobody.
func (v *View) beside(f *view.Frame, dir int) {
	sc := v.look(f)
	n := len(sc.Peers)
	if n < 2 {
		return
	}
	if sc.Selected < 0 {
		v.follow = sc.Peers[0].Node
		sc = v.look(f)
	}
	i := sc.Other
	if i < 0 && dir < 0 {
		i = n
	}
	for i += dir; i == sc.Selected; i += dir {
	}
	if v.other = -1; i >= 0 && i < n {
		v.other = sc.Peers[i].Node
	}
}

// concerns reports that what one peer does to another is about who is followed.
func (v *View) concerns(from, to int32) bool {
	switch {
	case v.follow < 0:
		return true
	case v.other >= 0 && v.other != v.follow:
		return from == v.follow && to == v.other || from == v.other && to == v.follow
	}
	return from == v.follow || to == v.follow
}

// ladder asks for the ladder of the last connection between the two peers.
func (v *View) ladder(f *view.Frame) tea.Cmd {
	sc := v.look(f)
	if sc.Selected < 0 || sc.Other < 0 || sc.Selected == sc.Other {
		return status("Choose two peers first: j k one, h l the other.")
	}
	l := &v.tr.Log
	a, b := sc.Peers[sc.Selected], sc.Peers[sc.Other]
	conv := timeline.NoConv
	for i := l.Before(f.Head.Pos) - 1; i >= 0 && conv == timeline.NoConv; i-- {
		e := &l.Events[i]
		if e.Conv < 0 || e.Message == timeline.NoMessage {
			continue
		}
		if k := l.Conns[e.Conv].Node; k == [2]int32{a.Node, b.Node} || k == [2]int32{b.Node, a.Node} {
			conv = f.Timeline.Message(e.Message).Conv
		}
	}
	if conv == timeline.NoConv {
		return status(a.Name + " and " + b.Name + " have had no connection yet.")
	}
	return tea.Sequence(
		func() tea.Msg { return view.FilterConvMsg{Conv: conv} },
		func() tea.Msg { return view.OpenViewMsg{Name: "ladder"} },
		status(a.Name+" and "+b.Name+" alone; Esc shows all again, v another view"),
	)
}
