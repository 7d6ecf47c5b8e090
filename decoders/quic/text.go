package quic

import (
	"strconv"
	"unicode"
)

// printable makes text from the wire fit for one line of the screen.
func printable(s string) string {
	for _, r := range s {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			q := strconv.Quote(s)
			return q[1 : len(q)-1]
		}
	}
	return s
}
