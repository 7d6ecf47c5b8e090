package drive

import (
	"fmt"

	"netscope/decoders"
)

const (
	// maxIdle is how many steps in a row may yield events without using bytes.
	maxIdle = 256

	// maxHandoffs is how often a conversation may pass to another decoder.
	maxHandoffs = 16

	// failed is what is said of a parser that panicked or broke its contract.
	failed = "decoder failed"
)

// use hands both directions to a new parser of decoder i and lets it catch up.
func (c *Conv) use(i int) {
	g := c.start(i)
	old := [2]*generation{c.side[0].gen, c.side[1].gen}
	if g != nil && old[0] != nil && old[0] == old[1] && len(old[0].past) > 0 {
		g.handed = old[0].past[len(old[0].past)-1].id
	}
	c.decided = true
	for d := range c.side {
		s := &c.side[d]
		s.gen, s.done = g, false
	}
	c.abandon(old[0], old[1])
	// Requests before responses, as far as can be told: A speaks first.
	for d := range c.side {
		if s := &c.side[d]; s.gen == g && (len(s.buf) > 0 || s.end) {
			c.run(decoders.Dir(d))
		}
	}
}

// start makes a parser of decoder i, or of the last one if that fails; nil if
// every decoder fails.
func (c *Conv) start(i int) *generation {
	g := &generation{dec: i, handed: None}
	ok := func() (ok bool) {
		defer func() { ok = recover() == nil && g.parser != nil }()
		g.parser = c.decs[i].NewParser(c.hint, decoders.Env{MaxUnit: c.limits.MaxUnit, Secrets: c.limits.Secrets})
		return
	}()
	switch last := len(c.decs) - 1; {
	case ok:
		return g
	case i != last:
		return c.start(last)
	}
	return nil
}

// run lets the parser of one direction use what is there.
func (c *Conv) run(dir decoders.Dir) {
	s := &c.side[dir]
	idle := 0
	for len(s.buf) > 0 || s.gap > 0 || s.end && !s.done {
		g := s.gen
		if g == nil {
			c.leave(dir, failed)
			s.gap, s.done = 0, s.end
			return
		}
		step, bad := g.next(decoders.Chunk{Dir: dir, At: c.at, Src: c.src, Off: s.off, Buf: s.buf[:len(s.buf):len(s.buf)], Gap: s.gap, End: s.end})
		s.gap = 0
		for i := range step.Events {
			if wrong := c.event(g, &step.Events[i]); wrong != "" {
				step.Advance, bad = 0, wrong // its bytes are shown raw, rather than lost
				break
			}
		}
		for i := range step.Inner {
			c.sink.Inner(&step.Inner[i])
		}
		s.buf, s.off = s.buf[step.Advance:], s.off+int64(step.Advance)
		idle++
		switch {
		case bad != "":
			c.fail(dir, bad)
		case step.Handoff != "":
			c.handoff(step.Handoff)
			return // both directions have been run
		case step.Advance > 0:
			idle = 0
		case idle > maxIdle:
			c.fail(dir, failed)
		case len(step.Events) > 0:
		case s.end:
			c.leave(dir, "the connection ends in the middle of it")
			s.done = true
		case len(s.buf) > c.limits.MaxUnit:
			c.fail(dir, fmt.Sprintf("not whole after %d bytes", c.limits.MaxUnit))
		default:
			return // it waits for more
		}
	}
}

// fail gives up a parser in one direction: the rest is plain data.
func (c *Conv) fail(dir decoders.Dir, why string) {
	s, other := &c.side[dir], &c.side[dir.Other()]
	g := s.gen
	if g == nil {
		return
	}
	for _, m := range g.drop(func(m *opened) bool { return m.dir == dir || other.gen != g }) {
		c.shut(&m, why)
	}
	c.leave(dir, why)
	if last := len(c.decs) - 1; g.dec == last {
		s.gen = nil
	} else {
		s.gen = c.start(last)
	}
}

// handoff gives the rest of both directions to another decoder, or, if none has
// that name or there have been too many, to the last one.
func (c *Conv) handoff(name string) {
	last := len(c.decs) - 1
	c.handoffs++
	if i := c.index(name); i >= 0 && c.handoffs <= maxHandoffs {
		c.use(i)
		return
	}
	if c.handoffs <= maxHandoffs+1 {
		c.use(last)
		return
	}
	for d := range c.side { // even the last one hands over
		c.fail(decoders.Dir(d), failed)
	}
	for d := range c.side {
		c.run(decoders.Dir(d))
	}
}

// abandon closes what parsers that are no longer in use have left open.
func (c *Conv) abandon(gens ...*generation) {
	over := c.side[0].done && c.side[1].done
	for _, g := range gens {
		if g == nil || !over && (g == c.side[0].gen || g == c.side[1].gen) {
			continue
		}
		for _, m := range g.drop(func(*opened) bool { return true }) {
			c.shut(&m, "its end was not found")
		}
	}
}

// shut closes a message for its parser, at the end of what was used.
func (c *Conv) shut(m *opened, why string) {
	end := max(c.side[m.dir].off, m.off)
	c.sink.Close(m.id, &decoders.Event{Op: decoders.Close, Key: m.key, Dir: m.dir, End: end, Len: end - m.off, Err: why})
}
