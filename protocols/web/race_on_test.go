//go:build race

package web

// shuffled says that the scheduler picks goroutines at random, as it does under
// the race detector.
const shuffled = true
