package tui

import (
	"math"
	"strconv"

	"netscope/decoders/timeline"
)

// asFast is the rate that means "as fast as possible".
const asFast = 1e9

// speeds are the rates that the speed keys go through.
var speeds = [...]float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, asFast}

// faster and slower find the next rate of the list.
func faster(rate float64) float64 {
	for _, s := range speeds {
		if s > rate*1.0001 {
			return s
		}
	}
	return asFast
}

func slower(rate float64) float64 {
	for i := len(speeds) - 1; i >= 0; i-- {
		if speeds[i] < rate*0.9999 {
			return speeds[i]
		}
	}
	return speeds[0]
}

// playSeconds is how long a whole lab plays by default.
const playSeconds = 9

// rateFor is the rate at which a run of this length plays in playSeconds,
// rounded to two digits.
func rateFor(length timeline.Time) float64 {
	if length <= 0 {
		return 1
	}
	r := length.Seconds() / playSeconds
	mag := math.Pow(10, math.Floor(math.Log10(r))-1)
	return max(speeds[0], min(100, math.Round(r/mag)*mag))
}

// formatRate writes a rate: "0.37x", "at once".
func formatRate(r float64) string {
	if r >= asFast {
		return "at once"
	}
	return strconv.FormatFloat(r, 'g', 3, 64) + "x"
}
