package drive

import (
	"sort"

	"netscope/decoders"
)

// A generation is one parser with the messages it has opened: each hand-over
// starts a new one, whose keys start again from 1.
type generation struct {
	parser decoders.Parser
	dec    int
	last   uint64   // key of the message opened last
	open   []opened // in order of opening
	past   []past   // messages that may be answered, in order of opening
	handed ID       // the last of them in the generation before, or None
}

type opened struct {
	key uint64
	off int64
	id  ID
	dir decoders.Dir
}

type past struct {
	key uint64
	id  ID
}

const (
	maxOpen = 4096 // messages of one parser that are open at once
	maxPast = 8192 // messages that an answer may still refer to
)

// next calls the parser. bad is what was wrong with it, "" if nothing; step is
// then safe to use all the same.
func (g *generation) next(c decoders.Chunk) (step decoders.Step, bad string) {
	defer func() {
		if recover() != nil {
			step, bad = decoders.Step{}, failed
		}
	}()
	step, err := g.parser.Next(c)
	switch {
	case step.Advance < 0 || step.Advance > len(c.Buf):
		step, bad = decoders.Step{}, failed
	case err != nil:
		bad = err.Error()
	}
	return step, bad
}

// event passes an event on to the sink. It returns what is wrong with it, "" if
// nothing.
func (c *Conv) event(g *generation, ev *decoders.Event) (bad string) {
	if ev.Op == decoders.Open {
		return c.opening(g, ev)
	}
	i := g.find(ev.Key)
	if i < 0 {
		return "" // not open any more: nothing is lost
	}
	m := g.open[i]
	if ev.Op == decoders.Update {
		c.sink.Update(m.id, ev)
		return ""
	}
	g.open = append(g.open[:i], g.open[i+1:]...)
	ev.End = min(max(ev.End, m.off), c.fed(m.dir))
	ev.Len = max(ev.Len, 0)
	c.sink.Close(m.id, ev)
	return ""
}

func (c *Conv) opening(g *generation, ev *decoders.Event) (bad string) {
	if ev.Key != g.last+1 || ev.Dir > decoders.BtoA {
		return failed
	}
	g.last = ev.Key
	if len(g.open) == maxOpen {
		n := 0 // the oldest quarter must go
		for _, m := range g.drop(func(*opened) bool { n++; return n <= maxOpen/4 }) {
			c.shut(&m, "its end was not found before too many others began")
		}
	}
	fed := c.fed(ev.Dir)
	ev.Off = min(max(ev.Off, 0), fed)
	if ev.HeadLen = max(ev.HeadLen, 0); ev.Inner == 0 {
		ev.HeadLen = min(ev.HeadLen, fed-ev.Off)
	}
	partOf := None
	if i := g.find(ev.PartOf); i >= 0 {
		partOf = g.open[i].id
	}
	m := opened{key: ev.Key, off: ev.Off, dir: ev.Dir}
	m.id = c.sink.Open(g.dec, ev, partOf, g.answered(ev.ReplyTo))
	g.open = append(g.open, m)
	if ev.Level == decoders.MessageLevel && ev.Kind != decoders.Response {
		if len(g.past) == maxPast {
			g.past = append(g.past[:0], g.past[maxPast/2:]...)
		}
		g.past = append(g.past, past{ev.Key, m.id})
	}
	return ""
}

// fed is the stream offset after everything fed of a direction.
func (c *Conv) fed(d decoders.Dir) int64 { return c.side[d].off + int64(len(c.side[d].buf)) }

// find is the index of an open message, or -1. The wanted one is most often the
// last.
func (g *generation) find(key uint64) int {
	for i := len(g.open) - 1; i >= 0 && key != 0; i-- {
		if g.open[i].key == key {
			return i
		}
	}
	return -1
}

// answered is the message that a reply names.
func (g *generation) answered(key uint64) ID {
	if key == decoders.Handed {
		return g.handed
	}
	i := sort.Search(len(g.past), func(i int) bool { return g.past[i].key >= key })
	if key == 0 || i == len(g.past) || g.past[i].key != key {
		return None
	}
	return g.past[i].id
}

// drop takes out the open messages for which f is true and returns them.
func (g *generation) drop(f func(*opened) bool) (out []opened) {
	kept := g.open[:0]
	for i := range g.open {
		if f(&g.open[i]) {
			out = append(out, g.open[i])
		} else {
			kept = append(kept, g.open[i])
		}
	}
	g.open = kept
	return out
}
