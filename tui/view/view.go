// Package view says what a view is: a pure function from a frame (timeline
// snapshot, playhead, size, theme) to text, and a little state of its own
// (scroll offsets). Views never move the playhead themselves and never call
// each other: they ask the shell by returning a command that yields one of the
// messages of this package.
package view

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/capture"
	"netscope/capture/layers"
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// View is one pane's content.
type View interface {
	// Name is the short name shown on tabs: "ladder".
	Name() string
	// Title is the pane's caption for this frame.
	Title(f Frame) string
	// Update handles a key or mouse message that the shell has not taken.
	// Mouse coordinates are relative to the pane's inner area.
	Update(f Frame, msg tea.Msg) tea.Cmd
	// Render draws exactly f.Height lines of exactly f.Width cells.
	Render(f Frame) string
	// Keys are the view's own keys, for the help page.
	Keys() []key.Binding
}

// Suited is a view that is the right one to open on for some timelines.
type Suited interface {
	// Suits reports whether this timeline, as far as it has come, is best seen
	// with this view. It must be cheap.
	Suits(s *timeline.Snapshot) bool
}

// SubjectSuited is a view that is the right one to open on for some subjects,
// whatever has been sent.
type SubjectSuited interface {
	SuitsSubject(s *Subject) bool
}

// Stepped is a view that says how one steps through what it shows. Of the
// others nothing is known: by message.
type Stepped interface {
	Steps() timeline.Granularity
}

// Broad is a view that needs the whole width: while it is in the middle, the
// panes beside it go below.
type Broad interface {
	Broad() bool
}

// Abreast is a view whose pictures are good to compare: where it suits what has
// come, runs are compared with it.
type Abreast interface {
	Abreast() bool
}

// Gradual is a view that takes in a long timeline over several frames, so that
// none of them takes long.
type Gradual interface {
	// Behind reports whether what was drawn last lacks something that was to be
	// seen: then it is drawn again soon.
	Behind() bool
}

// Frame is everything that a view may look at. It is made once per drawn frame.
type Frame struct {
	Width, Height int
	Focused       bool
	Theme         *Theme
	Timeline      *timeline.Snapshot
	Head          Playhead
	Subject       Subject
	Filter        func(id timeline.MessageID) bool // nil: everything is shown
	Conv          *timeline.ConvID                 // the conversation that alone is shown (Filter heeds it too); nil: all
	Explain       Explainer

	// Horizon is where a time axis should end if several frames are to be
	// compared (variants in lockstep); 0: where this timeline does.
	Horizon timeline.Time

	// Differs tells what is not as in the run that this one is compared with;
	// nil: it is compared with none.
	Differs Differ
}

// Playhead is where the person stands.
type Playhead struct {
	Pos         timeline.Position // everything before it has happened
	Time        timeline.Time     // ≥ the time of Pos; between two moments while playing
	Live        bool              // follows the end
	Playing     bool
	Granularity timeline.Granularity
	// The selection: the same in every pane.
	Packet  capture.PacketID
	HasPkt  bool
	Message timeline.MessageID // timeline.NoMessage: none
	Field   FieldRef           // selected field, lights its bytes
}

// FieldRef names a selected field and its bytes.
type FieldRef struct {
	Path   string // "tcp/tcp.flags": path of labels in the tree, "" none
	Packet bool   // Off counts from the packet's first byte; else from the message's
	Off    int
	Len    int
}

// Subject says what is being looked at.
type Subject struct {
	Title    string
	Kind     SubjectKind
	Params   []lab.Param // of a lab
	Values   lab.Params
	Topology lab.Topology
	Measures []lab.Measure // at the playhead
	Points   []lab.Measure // at the playhead: the measures that are points of charts
	Hosts    []Host        // in order of the screen, left to right
	Source   string        // file name, interface name
	Acts     []lab.Act     // what can be changed while the lab runs
}

// SubjectKind tells a lab from a capture.
type SubjectKind uint8

// Kinds of subject.
const (
	LabSubject SubjectKind = iota
	FileSubject
	LiveSubject
)

// Host is a lifeline.
type Host struct {
	Name  string
	Addrs []string
	Role  string
}

// Explainer gives trees for what is selected; the shell caches them.
type Explainer interface {
	PacketTree(id capture.PacketID) layers.Tree
	MessageTree(id timeline.MessageID) decoders.Field
	PacketInfo(id capture.PacketID) layers.Summary
	MessageBody(id timeline.MessageID, max int) (content []byte, more bool, err error)
}

// MoveMsg asks the shell to move the playhead so that Pos has happened, and to
// select what is named.
type MoveMsg struct {
	Pos     timeline.Position
	Packet  capture.PacketID
	HasPkt  bool
	Message timeline.MessageID // NoMessage: whatever stands there
}

// SelectFieldMsg asks the shell to select a field.
type SelectFieldMsg struct{ Field FieldRef }

// OpenViewMsg asks the shell to show a view in the focused pane.
type OpenViewMsg struct{ Name string }

// StatusMsg asks the shell to show a sentence for a while.
type StatusMsg struct {
	Text string
	Bad  bool
}

// FilterConvMsg asks the shell to show one conversation only (NoConv: all).
type FilterConvMsg struct{ Conv timeline.ConvID }

// CopyMsg asks the shell to copy text to the terminal's clipboard (OSC 52).
type CopyMsg struct{ Text, What string }

// ActMsg asks the shell to have a lab's run changed: at the live end the run
// that goes on, else, from the playhead on, in a run of its own beside this one.
// The action's time is the shell's business.
type ActMsg struct {
	Action lab.Action
	Ask    string // if not "", a question whose answer is put behind the action's text
	Offer  string // the answer that is offered
}
