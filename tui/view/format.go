package view

import (
	"math"
	"strconv"

	"netscope/decoders/timeline"
)

// FormatTime writes a time of the timeline to the microsecond: "0.482013 s".
func FormatTime(t timeline.Time) string { return seconds(int64(t), 1e3, 6) + " s" }

// FormatTimeShort writes a time to the millisecond, without unit: "0.482".
// It is for columns and axes whose heading says that these are seconds.
func FormatTimeShort(t timeline.Time) string { return seconds(int64(t), 1e6, 3) }

// FormatSpan writes a length of time with the unit that suits it: "12.3 ms".
func FormatSpan(t timeline.Time) string {
	x := float64(t)
	switch a := math.Abs(x); {
	case t == 0:
		return "0 s"
	case a < 1e3:
		return strconv.FormatInt(int64(t), 10) + " ns"
	case a < 1e6:
		return sig3(x/1e3) + " µs"
	case a < 1e9:
		return sig3(x/1e6) + " ms"
	case a < 120e9:
		return sig3(x/1e9) + " s"
	}
	s := int64(math.Round(math.Abs(x) / 1e9))
	out := strconv.FormatInt(s/60, 10) + " min " + strconv.FormatInt(s%60, 10) + " s"
	if s >= 3600 {
		out = strconv.FormatInt(s/3600, 10) + " h " + strconv.FormatInt(s%3600/60, 10) + " min"
	}
	if t < 0 {
		return "-" + out
	}
	return out
}

// FormatBytes writes a number of bytes in full: "15,961 B".
func FormatBytes(n int64) string { return FormatCount(n) + " B" }

// FormatSize writes a number of bytes in four or five digits: "15.9 kB".
func FormatSize(n int64) string {
	x := float64(n)
	switch {
	case n < 10_000:
		return FormatBytes(n)
	case n < 999_500:
		return sig3(x/1e3) + " kB"
	case n < 999_500_000:
		return sig3(x/1e6) + " MB"
	}
	return sig3(x/1e9) + " GB"
}

// FormatCount writes a whole number with groups of three: "15,961".
func FormatCount(n int64) string {
	s := strconv.FormatInt(n, 10)
	neg := ""
	if n < 0 {
		neg, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return neg + s
}

// FormatValue writes the value of a measure with its unit, "–" for none.
func FormatValue(x *float64, unit string) string {
	if x == nil {
		return "–"
	}
	switch {
	case unit == "s" && math.Abs(*x) < 1e6:
		return strconv.FormatFloat(*x, 'f', 3, 64) + " s"
	case unit == "":
		return strconv.FormatFloat(*x, 'g', 5, 64)
	}
	return strconv.FormatFloat(*x, 'g', 5, 64) + " " + unit
}

// seconds writes ns with the given number of decimals, rounding half up.
func seconds(ns, unit int64, decimals int) string {
	neg := ns < 0
	if neg {
		ns = -ns
	}
	n := (ns + unit/2) / unit
	per := int64(1e9) / unit
	frac := strconv.FormatInt(n%per, 10)
	for len(frac) < decimals {
		frac = "0" + frac
	}
	s := strconv.FormatInt(n/per, 10) + "." + frac
	if neg {
		s = "-" + s
	}
	return s
}

// sig3 writes three significant digits or all before the point.
func sig3(x float64) string {
	switch a := math.Abs(x); {
	case a >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}
