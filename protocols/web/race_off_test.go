//go:build !race

package web

const shuffled = false
