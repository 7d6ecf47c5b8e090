// Package session opens what a person looks at: a lab, a capture file, or a
// live interface. All three become a [Session]: a timeline that grows, and a
// few words about it.
//
// It must not know how anything is drawn. The shell (tui) knows sessions only
// through this package's types, so that tests hand it made-up ones.
package session

import (
	"context"
	"time"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
	"netscope/tui/view"
)

// Session is one source that is open.
type Session struct {
	// Subject is what does not change while the session is open. Measures is
	// left empty here.
	Subject view.Subject
	// Snapshot is the timeline as of now; cheap, from any goroutine.
	Snapshot func() *timeline.Snapshot
	// Measures gives a lab's measures at a position; nil for others.
	Measures func(*timeline.Snapshot, timeline.Position) []lab.Measure
	// Pace says how far a lab may run ahead; nil for others. It returns at once.
	Pace func(until time.Duration)
	// Ahead is how much farther than the playhead it may run, in its own time;
	// 0: far, so that its end is soon known.
	Ahead time.Duration
	// Write writes what has been captured to a new file; nil: not possible.
	// It fails with an error that wraps [fs.ErrExist] if the file exists and
	// replace is not set. It may take long.
	Write func(ctx context.Context, path string, replace bool) error
	// Close ends the source, waits for it, and leaves nothing behind.
	Close func() error
	// Banner is a sentence about how it can be reached from outside, or "".
	Banner string
	// Act changes a lab's run at its present time, which the action does not
	// name; nil: not possible.
	Act func(lab.Action) error
	// Journal is that of the request and what Act has done since; nil: the
	// request's.
	Journal func() []lab.Action
	// Run is the lab's request, for running it again; Run.Lab is nil for others.
	Run LabRequest
}

// LabRequest asks for a run of a lab.
type LabRequest struct {
	Lab     lab.Lab
	Variant string
	Index   int // k of 10.k.0.0/16; 0: the variant's place in the lab's list
	Params  lab.Params
	Seed    uint64
	Journal []lab.Action

	Wall   bool          // on the wall clock, so that real programs can join in
	Expose []run.Forward // real → lab; with Wall and none: every service
	Reach  []run.Forward // lab → real
}

// Request asks for the same run once more, with all that was done to it.
func (s *Session) Request() LabRequest {
	r := s.Run
	if s.Journal != nil {
		r.Journal = s.Journal()
	}
	return r
}

// Interface is a live interface that may be opened.
type Interface struct {
	Name  string
	About string // addresses, state: one line
	Why   string // why it cannot be opened, "" if it can
}

// Recent is a file that was opened before.
type Recent struct {
	Path string    `json:"path"`
	When time.Time `json:"when"`
}

// Opener opens sessions. Its methods may block; the shell calls them off the
// goroutine that draws.
type Opener interface {
	Labs() []lab.Lab
	Interfaces() ([]Interface, error)
	Recent() []Recent
	OpenLab(ctx context.Context, r LabRequest) (*Session, error)
	OpenFile(ctx context.Context, path string) (*Session, error)
	OpenLive(ctx context.Context, name string) (*Session, error)
}

// VariantIndex is the place of a variant in its lab's list, from 1; 1 if the
// lab has none.
func VariantIndex(s lab.Spec, variant string) int {
	for i, v := range s.Variants {
		if v.ID == variant {
			return i + 1
		}
	}
	return 1
}

// VariantTitle is the title of a variant, or its ID if it has none.
func VariantTitle(s lab.Spec, variant string) string {
	for _, v := range s.Variants {
		if v.ID == variant && v.Title != "" {
			return v.Title
		}
	}
	return variant
}
