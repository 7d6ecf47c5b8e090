// Package run runs a lab: in a child process in virtual time (the usual way),
// in this process in a bubble (tests), or on the wall clock (--expose).
//
// Reading side (cmd and tui use this):
//
//	type Request struct {
//		Lab     string
//		Variant string
//		Index   int            // k of 10.k.0.0/16; 1 for the first variant
//		Params  lab.Params
//		Seed    uint64
//		Journal []lab.Action   // sorted by At
//		Wall    bool           // on the wall clock, for Expose and Reach
//		Expose  []Forward      // real → lab
//		Reach   []Forward      // lab → real
//		All     bool           // tap every link at both ends, not only the sender's egress
//	}
//	type Hello struct { Hosts []HostInfo; Links []LinkInfo; Exposed []Exposed }  // first thing a run tells
//	type End   struct { Err string; At time.Duration }                           // last thing
//
//	func Start(ctx context.Context, req Request) (*Run, error)   // starts the child
//	func (r *Run) Run(ctx context.Context, sink capture.Sink) error // a capture.Source; returns the lab's error, if any
//	func (r *Run) Hello() Hello              // valid after Start
//	func (r *Run) Allow(until time.Duration) // virtual time the child may run to; Forever by default
//	func (r *Run) Act(a lab.Action) error    // at the live end
//	func (r *Run) Close() error              // ends the child, leaves nothing behind
//
// Child side:
//
//	func IsChild() bool               // the process was started by Start
//	func Child(labs []lab.Lab) int    // runs it; the exit status
package run
