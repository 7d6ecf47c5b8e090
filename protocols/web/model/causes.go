package model

// Cause is a named part of a difference of page times, in seconds.
type Cause struct {
	Name  string
	Value float64
}

// steps switch the effects on one after the other.
var steps = [...]struct {
	name string
	on   func(*Effects)
}{
	{"SYN ACKs wait in the queue behind responses", func(f *Effects) { f.Queue = true }},
	{"requests, SYNs and acknowledgements take time to send", func(f *Effects) { f.Upstream = true }},
	{"HTTP, TCP and IP headers", func(f *Effects) { f.Headers = true }},
	{"closing connections", func(f *Effects) { f.Closing = true }},
	{"slow start", func(f *Effects) { f.Slow = true }},
	{"receive window and send buffer", func(f *Effects) { f.Windows = true }},
	{"time-outs that fire while segments wait in the queue", func(f *Effects) { f.Timeouts = true }},
}

// Causes explains real − ideal: the effects are switched on one at a time, in
// the order given, and each is charged with what it adds to those before it.
// The parts add up to the difference. Parts of nothing are left out. limit
// bounds the events of each run; if a run does not end within it, nil is
// returned.
func Causes(p Params, ideal, real float64, limit int) []Cause {
	cs := []Cause{}
	var f Effects
	last := ideal
	add := func(name string, t float64) {
		if d := t - last; d > 5e-10 || d < -5e-10 {
			cs = append(cs, Cause{name, d})
		}
		last = t
	}
	for i, s := range steps {
		t := real
		s.on(&f)
		if i < len(steps)-1 {
			r := Run(p, f, 0, limit)
			if !r.Done {
				return nil
			}
			t = r.Time.Seconds()
		}
		add(s.name, t)
	}
	return cs
}
