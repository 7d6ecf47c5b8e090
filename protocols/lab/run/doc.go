// Package run runs a lab: in a child process in virtual time (the usual way),
// in this process in a bubble (tests), or on the wall clock (--expose).
//
// [Start] launches the program itself as a child and reads what it tells: one
// line of JSON (the [Hello]) and then a pcapng stream with packets, notes,
// secrets, the clock, and private records for actions and the [End]. The child
// reads the [Request] as the first line of its standard input and commands, a
// line of JSON each, after it; it ends when that input ends, so that it cannot
// outlive its parent. main calls [Child] first of all when [IsChild].
//
// In the child a lab runs in a testing/synctest bubble, which needs nothing but
// the machinery of package testing around it. Time stands still while the
// parent does not read, and at the time up to which [Run.Allow] lets it go.
//
// An [lab.Action] is applied before everything else at its time. One that comes
// by [Run.Act] gets the first nanosecond after the child's present time, so that
// a new run with [Run.Journal] does the very same.
//
// On the wall clock (Request.Wall) a lab stays up until it is closed: real
// sockets are forwarded into it, and out of it, and lab.Exposed tells the lab.
//
// The package must not know of screens, nor of any one lab.
package run
