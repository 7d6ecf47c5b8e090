package view

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Action is something a key does.
type Action uint8

// The actions. Those of the first group are handled by the pane that has the
// focus; all others by the shell.
const (
	NoAction Action = iota

	// Of the pane.
	NavDown
	NavUp
	NavLeft
	NavRight
	NavHalfDown
	NavHalfUp
	NavPageDown
	NavPageUp
	NavFirst
	NavLast
	NavEnter

	// The playhead.
	StepForward
	StepBack
	PlayPause
	Slower
	Faster
	CycleGranularity

	// The screen.
	NextPane
	PrevPane
	CycleView
	ChooseView
	Maximise
	CycleTheme
	Help
	Back
	Quit

	// Looking.
	Search
	SearchNext
	SearchPrev
	FilterConv
	SetMark
	GoMark
	Explain
	Copy
	Write

	// Of a lab.
	EditParams
	RunAgain
	Compare
	ForkDrop
	ForkDelay
)

// Binding is a row of the key table.
type Binding struct {
	Action Action
	Name   string   // for the configuration: "step-forward"
	Keys   []string // as Bubble Tea names them
	Show   string   // as people write them
	Help   string
	Group  string
}

// Keys is the key table: the one list that key handling, the help page, the
// bottom line and the manual are made from.
func Keys() []Binding {
	const (
		pane = "In a pane"
		time = "Playhead"
		scr  = "Screen"
		look = "Looking closer"
		lab  = "Lab"
	)
	return []Binding{
		{StepForward, "step-forward", []string{"."}, ".", "step forward; also → where the pane has no other use for it", time},
		{StepBack, "step-back", []string{","}, ",", "step back; also ←", time},
		{PlayPause, "play-pause", []string{"space"}, "space", "play, pause", time},
		{Slower, "slower", []string{"["}, "[", "play slower", time},
		{Faster, "faster", []string{"]"}, "]", "play faster", time},
		{CycleGranularity, "granularity", []string{"f"}, "f", "step by packet, unit, message, exchange", time},
		{NavFirst, "first", []string{"g", "home"}, "g", "to the beginning", time},
		{NavLast, "last", []string{"G", "end"}, "G", "to the end; stays there while it grows", time},

		{NavDown, "down", []string{"j", "down"}, "j ↓", "down: a list's selection is the playhead", pane},
		{NavUp, "up", []string{"k", "up"}, "k ↑", "up", pane},
		{NavLeft, "left", []string{"h", "left"}, "h ←", "left, fold", pane},
		{NavRight, "right", []string{"l", "right"}, "l →", "right, unfold", pane},
		{NavHalfDown, "half-page-down", []string{"ctrl+d"}, "^d", "half a page down", pane},
		{NavHalfUp, "half-page-up", []string{"ctrl+u"}, "^u", "half a page up", pane},
		{NavPageDown, "page-down", []string{"pgdown"}, "PgDn", "a page down", pane},
		{NavPageUp, "page-up", []string{"pgup"}, "PgUp", "a page up", pane},
		{NavEnter, "enter", []string{"enter"}, "Enter", "open, unfold, choose", pane},

		{NextPane, "next-pane", []string{"tab"}, "Tab", "next pane", scr},
		{PrevPane, "previous-pane", []string{"shift+tab"}, "⇧Tab", "previous pane", scr},
		{CycleView, "view", []string{"v"}, "v", "another view in this pane", scr},
		{ChooseView, "view-number", []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, "1…9", "that view in this pane", scr},
		{Maximise, "maximise", []string{"\\"}, "\\", "this pane alone, and back", scr},
		{CycleTheme, "theme", []string{"T"}, "T", "another theme", scr},
		{Help, "help", []string{"?"}, "?", "this page", scr},
		{Back, "back", []string{"esc"}, "Esc", "close, clear, go back", scr},
		{Quit, "quit", []string{"q", "ctrl+c"}, "q", "leave", scr},

		{Explain, "explain", []string{"x"}, "x", "what this field or message is for", look},
		{Search, "search", []string{"/"}, "/", "search names, summaries and fields", look},
		{SearchNext, "next-match", []string{"n"}, "n", "next match", look},
		{SearchPrev, "previous-match", []string{"N"}, "N", "previous match", look},
		{FilterConv, "conversation-only", []string{"F"}, "F", "this conversation only, and all again", look},
		{SetMark, "set-mark", []string{"m"}, "m a…z", "set a mark at the playhead", look},
		{GoMark, "go-to-mark", []string{"'"}, "' a…z", "go to a mark; '' back to where you were", look},
		{Copy, "copy", []string{"y"}, "y", "copy what is selected", look},
		{Write, "write", []string{"w"}, "w", "write the capture to a file", look},

		{EditParams, "edit", []string{"e"}, "e", "change parameters and run again", lab},
		{RunAgain, "run-again", []string{"r"}, "r", "run again from the start", lab},
		{Compare, "compare", []string{"c"}, "c", "variants side by side, in lockstep", lab},
		{ForkDrop, "drop-packet", []string{"d"}, "d", "drop this packet: the same run once more without it, beside this one", lab},
		{ForkDelay, "delay-packet", []string{"D"}, "D", "delay this packet, or change parameters from here on, the same way", lab},
	}
}

// KeyMap finds the action of a key.
type KeyMap map[string]Action

// NewKeyMap makes a map of a key table.
func NewKeyMap(table []Binding) KeyMap {
	m := KeyMap{}
	for _, b := range table {
		for _, k := range b.Keys {
			m[k] = b.Action
		}
	}
	return m
}

// defaultNav is the default table's pane keys; it is never changed.
var defaultNav = NewKeyMap(Keys())

// NavOf is the pane action of a message (NavDown … NavEnter), or NoAction.
func NavOf(msg tea.Msg) Action {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return NoAction
	}
	if a := defaultNav[k.String()]; a >= NavDown && a <= NavEnter {
		return a
	}
	return NoAction
}

// Bind makes the key.Binding of a view's own key, for its Keys method.
func Bind(show, help string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(show, help))
}

// Wants reports that a view has listed this key as its own. Only then do the
// arrows left and right, g and G go to the view; else they move the playhead.
func Wants(v View, k string) bool {
	for _, b := range v.Keys() {
		if slices.Contains(b.Keys(), k) {
			return true
		}
	}
	return false
}
