package run

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// collector collects garbage between events rather than in the middle of one:
// a collection that stops a goroutine half way lets another go before it, and
// two packets of the same instant change places.
type collector struct {
	sample [1]metrics.Sample
	next   uint64 // bytes of heap at which to collect
}

const (
	firstCollection = 64 << 20
	// hardLimit makes the collector start by itself after all, lest a single
	// event fills the memory.
	hardLimit = 1 << 30
)

func newCollector() *collector {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(hardLimit)
	c := &collector{next: firstCollection}
	c.sample[0].Name = "/memory/classes/heap/objects:bytes"
	return c
}

// collect collects if there is enough to make it worth while.
func (c *collector) collect() {
	if c.used() < c.next {
		return
	}
	runtime.GC()
	c.next = max(2*c.used(), firstCollection)
}

func (c *collector) used() uint64 {
	metrics.Read(c.sample[:])
	return c.sample[0].Value.Uint64()
}
