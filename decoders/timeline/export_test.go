package timeline

import "netscope/capture"

// SpillEarly makes a new timeline put old rows into a store almost at once.
func (b *Builder) SpillEarly(s capture.Store) { b.spillTo(s, 1) }

// InMemory is how many conversations are in memory.
func (b *Builder) InMemory() int {
	n := 0
	b.convs.sweep(func(s *convSlot) bool {
		if s.live.Load() != nil {
			n++
		}
		return true
	})
	return n
}
