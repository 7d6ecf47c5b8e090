//go:build !race

package fork_test

const shuffled = false
