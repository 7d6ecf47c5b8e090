// Package tui is the shell: the program's one tea.Model. It owns the pages,
// the panes and their focus, the playhead, and everything that asks a person
// something.
//
// What the panes show is the business of the views (tui/<view>), which it knows
// only as [view.View]; where packets come from is the business of tui/session.
// It does no I/O in Update and none while drawing: what may take long runs in
// a command and comes back as a message.
//
// A fork (fork*.go) runs a lab once more with an action at the playhead, and
// shows both runs on the page on which variants are compared; what the two have
// in common is computed by protocols/lab/fork.
//
// One snapshot of the timeline is taken per drawn frame, at a key press or at
// one of 30 ticks a second that run only while something can change.
package tui
