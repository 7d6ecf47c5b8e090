package grid

import (
	"math"
	"strconv"
	"strings"
)

// Rate writes bits a second: "1.2 Mbit/s".
func Rate(bps float64) string {
	for _, u := range []string{"bit/s", "kbit/s", "Mbit/s"} {
		if bps < 999.5 {
			return sig3(bps) + " " + u
		}
		bps /= 1000
	}
	return sig3(bps) + " Gbit/s"
}

func sig3(x float64) string {
	d := 2
	switch {
	case x >= 99.95:
		d = 0
	case x >= 9.995:
		d = 1
	}
	s := strconv.FormatFloat(x, 'f', d, 64)
	if d > 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Letters names number n as spreadsheets name columns: A … Z, AA …
func Letters(n int) string {
	s := ""
	for n++; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// Eighths is a horizontal bar of w cells, filled to a fraction, in steps of an
// eighth of a cell.
func Eighths(fraction float64, w int) string {
	if w <= 0 {
		return ""
	}
	n := int(math.Round(max(0, min(1, fraction)) * float64(w) * 8))
	s := strings.Repeat("█", n/8)
	if r := n % 8; r > 0 {
		s += string([]rune(" ▏▎▍▌▋▊▉")[r])
	}
	return s + strings.Repeat(" ", w-(n+7)/8)
}

// Spark draws values as a row of bars of eight heights, scaled to their
// largest.
func Spark(values []float64) string {
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	bars := []rune(" ▁▂▃▄▅▆▇█")
	out := make([]rune, len(values))
	for i, v := range values {
		k := 0
		if top > 0 && v > 0 {
			k = max(1, int(math.Round(v/top*8)))
		}
		out[i] = bars[min(k, 8)]
	}
	return string(out)
}
