// Package timeline is the append-only record of one source: packets,
// conversations, messages and exchanges, and the folds over them.
//
// One goroutine builds (see [Builder]); any number read [Snapshot]s without
// locks. Everything that a view shows is a function of a snapshot and a
// [Position].
//
// # Moments and positions
//
// In a lab a packet leaves at one time and arrives at another. Each of the two
// is a moment; in a capture they are the same and there is one moment a
// packet. A [Position] is a number of moments: everything before it has
// happened. Positions are totally ordered, so stepping is adding one, and
// stepping back gives exactly the same state.
package timeline
