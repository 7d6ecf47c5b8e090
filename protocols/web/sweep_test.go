package web

import "testing"

// brief says that time is short: with -short, and under the race detector, where
// everything takes ten times as long and which looks for something else than
// how far predictions hold.
func brief() bool { return testing.Short() || shuffled }

// sweep is how many points of a sweep are tried, or how far they are apart.
func sweep(all, few int) int {
	if brief() {
		return few
	}
	return all
}
