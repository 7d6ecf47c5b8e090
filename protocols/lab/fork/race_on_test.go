//go:build race

package fork_test

// shuffled says that the scheduler picks goroutines at random, as it does under
// the race detector.
const shuffled = true
