package model

import "sort"

// Band is what the page time can be expected to be when packets are lost at
// random: there is no closed form, so the model is run with different luck.
// low and high are in seconds; of runs simulated runs one in twenty was below
// low and one in twenty above high. runs is fewer when the page is large: all
// of them together take at most limit events. 0 means that not even a few
// ended within it.
func Band(p Params, limit int) (low, high float64, runs int) {
	const most, least = 100, 5
	var times []float64
	for seed := uint64(1); len(times) < most && limit > 0; seed++ {
		r, used := run(p, Real(), seed, limit)
		limit -= used
		if r.Done {
			times = append(times, r.Time.Seconds())
		} else if r.Stuck {
			limit -= 1000 // a run that gave up is no time, but it must not go on for ever
		}
	}
	if len(times) < least {
		return 0, 0, 0
	}
	sort.Float64s(times)
	n := len(times)
	return times[n/20], times[n-1-n/20], n
}
