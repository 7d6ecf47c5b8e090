package model

import "sort"

// muxSteps switch the effects on one after the other.
var muxSteps = [...]struct {
	name string
	on   func(*MuxEffects)
}{
	{"propagation to the client, RTT/2", func(f *MuxEffects) {}},
	{"frame headers, heads and control frames", func(f *MuxEffects) { f.Frames = true }},
	{"TCP and IP headers", func(f *MuxEffects) { f.Headers = true }},
	{"time to send requests and acknowledgements", func(f *MuxEffects) { f.Up = true }},
	{"flow-control windows and their WINDOW_UPDATE frames", func(f *MuxEffects) { f.Flow = true }},
	{"slow start", func(f *MuxEffects) { f.Slow = true }},
	{"send buffer", func(f *MuxEffects) { f.Buffer = true }},
	{"receive window", func(f *MuxEffects) { f.Windows = true }},
	{"time-outs that fire while segments wait in the queue", func(f *MuxEffects) { f.Timeout = true }},
}

// MuxCauses explains real − ideal for each object: the effects are switched on
// one at a time, in the order given, and each is charged with what it adds to
// those before it. The parts add up to the difference; parts of nothing are
// left out. limit bounds the events of each run; if a run does not end within
// it, nil is returned.
func MuxCauses(m Mux, ideal, real []float64, limit int) [][]Cause {
	out := make([][]Cause, len(ideal))
	last := append([]float64(nil), ideal...)
	var f MuxEffects
	for i, s := range muxSteps {
		s.on(&f)
		t := real
		if i < len(muxSteps)-1 {
			r, _ := MuxRun(m, f, 0, limit)
			if !r.Complete {
				return nil
			}
			t = r.Seconds()
		}
		for k := range t {
			if d := t[k] - last[k]; d > 5e-9 || d < -5e-9 {
				out[k] = append(out[k], Cause{s.name, d})
			} else if n := len(out[k]); n > 0 {
				out[k][n-1].Value += d // rounding to nanoseconds stays in the sum
			}
			last[k] = t[k]
		}
	}
	return out
}

// MuxPageCauses explains real − ideal for the time of a whole page, as MuxCauses
// does for objects.
func MuxPageCauses(m Mux, ideal, real float64, limit int) []Cause {
	cs, last := []Cause{}, ideal
	var f MuxEffects
	for i, s := range muxSteps {
		s.on(&f)
		t, name := real, s.name
		if i < len(muxSteps)-1 {
			r, _ := MuxRun(m, f, 0, limit)
			if !r.Complete {
				return nil
			}
			t = r.Time.Seconds()
		}
		if i == 0 {
			name = "rounding" // the formula knows of propagation
		}
		if d := t - last; d > 5e-9 || d < -5e-9 {
			cs = append(cs, Cause{name, d})
		} else if n := len(cs); n > 0 {
			cs[n-1].Value += d
		}
		last = t
	}
	return cs
}

// MuxPageBand is MuxBand for the time of a whole page.
func MuxPageBand(m Mux, limit int) (low, high float64, runs int) {
	var times []float64
	muxRuns(m, limit, func(r MuxResult) { times = append(times, r.Time.Seconds()) })
	if len(times) < leastRuns {
		return 0, 0, 0
	}
	sort.Float64s(times)
	n := len(times)
	return times[n/20], times[n-1-n/20], n
}

// How many runs a band is made of.
const mostRuns, leastRuns = 100, 5

// muxRuns runs the model with different luck, as often as limit events allow.
func muxRuns(m Mux, limit int, each func(MuxResult)) (runs int) {
	for seed := uint64(1); runs < mostRuns && limit > 0; seed++ {
		r, used := MuxRun(m, MuxReal(), seed, limit)
		limit -= used
		if !r.Complete {
			limit -= 1000 // a run that gave up must not go on for ever
			continue
		}
		runs++
		each(r)
	}
	return runs
}

// Seconds are the times of Done.
func (r MuxResult) Seconds() []float64 {
	t := make([]float64, len(r.Done))
	for i, d := range r.Done {
		t[i] = d.Seconds()
	}
	return t
}

// MuxBand is what the times can be expected to be when packets are lost at
// random, as [Band] for pages: of runs simulated runs one in twenty was below
// the first and one in twenty above the second. All of them together take at
// most limit events.
func MuxBand(m Mux, limit int) (bands [][2]float64, runs int) {
	times := make([][]float64, len(m.Objects))
	runs = muxRuns(m, limit, func(r MuxResult) {
		for i, t := range r.Seconds() {
			times[i] = append(times[i], t)
		}
	})
	if runs < leastRuns {
		return nil, 0
	}
	for _, t := range times {
		sort.Float64s(t)
		bands = append(bands, [2]float64{t[runs/20], t[runs-1-runs/20]})
	}
	return bands, runs
}
