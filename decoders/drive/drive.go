// Package drive feeds the ordered bytes of one conversation to decoders: it
// finds the decoder that fits, owns the bytes that no parser has used yet, and
// sees to it that nothing is lost in silence. It knows nothing of packets.
package drive

import (
	"fmt"
	"time"

	"netscope/decoders"
)

// maxProbe is the most bytes that a decoder may look at before it must decide.
const maxProbe = 4 << 10

// Limits bound what one conversation may hold.
type Limits struct {
	MaxUnit int // bytes that a parser may wait for in one direction; 0: 1 MiB
}

// Emit receives an event of generation gen (each hand-over to another parser
// starts a new generation, whose keys start again from 1). dec is the index of
// the decoder.
type Emit func(gen uint32, dec int, ev *decoders.Event)

// Conv drives one conversation.
type Conv struct {
	decs   []decoders.Decoder
	hint   decoders.Hint
	emit   Emit
	limits Limits

	cand   int                // candidate now probed; len(decs): nothing fits
	parser [2]decoders.Parser // nil while probing
	dec    [2]int
	gen    [2]uint32
	gens   uint32
	dir    [2]half
}

type half struct {
	buf   []byte
	off   int64 // stream offset of buf[0]
	gap   int64 // bytes missing before buf[0], not yet told to a parser
	begun bool
	end   bool
	ended bool // the parser has been told of the end
	at    time.Time
}

// New makes a driver. force names a decoder to use without probing, or "".
// The last decoder must accept everything.
func New(decs []decoders.Decoder, h decoders.Hint, force string, l Limits, emit Emit) *Conv {
	if l.MaxUnit == 0 {
		l.MaxUnit = 1 << 20
	}
	c := &Conv{decs: decs, hint: h, emit: emit, limits: l}
	if force != "" {
		if i := c.index(force); i >= 0 {
			c.hint.Forced = true
			c.use(i)
		}
	}
	return c
}

// Decoder is the name of the decoder in use, "" while undecided.
func (c *Conv) Decoder() string {
	for d := range c.parser {
		if c.parser[d] != nil {
			return c.decs[c.dec[d]].Name()
		}
	}
	return ""
}

// Current reports whether a parser of this generation is still in use.
func (c *Conv) Current(gen uint32) bool { return gen == c.gen[0] || gen == c.gen[1] }

// Feed adds bytes of one direction. gap bytes are missing before them; end
// says that no more will come. data is not kept beyond the call unless unused.
func (c *Conv) Feed(at time.Time, dir decoders.Dir, gap int64, data []byte, end bool) {
	h := &c.dir[dir]
	if h.end && h.ended {
		return
	}
	h.at = at
	if gap > 0 {
		c.cut(dir, gap)
	}
	owned := len(h.buf) > 0
	if owned {
		h.buf = append(h.buf, data...)
	} else {
		h.buf = data
	}
	h.begun = h.begun || len(data) > 0
	h.end = h.end || end
	if c.parser[dir] == nil {
		c.probe()
	}
	if c.parser[dir] != nil {
		c.run(dir)
	}
	if !owned && len(h.buf) > 0 {
		h.buf = append([]byte(nil), h.buf...) // the caller's bytes are not ours to keep
	}
	if len(h.buf) == 0 {
		h.buf = nil
	}
}

// Finish tells both directions that nothing more will come.
func (c *Conv) Finish(at time.Time) {
	for d := range c.dir {
		c.Feed(at, decoders.Dir(d), 0, nil, true)
	}
}

// cut handles a hole: what no parser could use before it is shown as bytes.
func (c *Conv) cut(dir decoders.Dir, gap int64) {
	h := &c.dir[dir]
	if len(h.buf) > 0 && c.parser[dir] == nil {
		c.settle()
	}
	h.gap += gap
	if n := int64(len(h.buf)); n > 0 {
		c.raw(dir, h.buf, h.off, fmt.Sprintf("the capture lacks the next %d bytes", gap))
		h.off += n
		h.buf = nil
	}
	h.off += gap
}

// raw shows bytes as a message of no protocol, in a generation of its own.
func (c *Conv) raw(dir decoders.Dir, b []byte, off int64, why string) {
	c.gens++
	n := int64(len(b))
	open := decoders.Event{Op: decoders.Open, Key: 1, Dir: dir, Proto: c.hint.Transport.String() + " data", Name: "data",
		Summary: fmt.Sprintf("%d bytes that could not be decoded", n), Stream: -1, Off: off,
		Fields: []decoders.KV{decoders.I("data.len", n)}}
	c.emit(c.gens, len(c.decs)-1, &open)
	c.emit(c.gens, len(c.decs)-1, &decoders.Event{Op: decoders.Close, Key: 1, Dir: dir, End: off + n, Len: n, Err: why})
}

// probe asks candidates in order; the first that does not reject wins.
func (c *Conv) probe() {
	for c.cand < len(c.decs)-1 {
		v := decoders.NeedMore
		for d := range c.dir {
			h := &c.dir[d]
			if !h.begun {
				continue
			}
			switch c.verdict(c.cand, decoders.Dir(d)) {
			case decoders.Accept:
				if v != decoders.Reject {
					v = decoders.Accept
				}
			case decoders.Reject:
				v = decoders.Reject
			}
		}
		switch v {
		case decoders.Accept:
			c.use(c.cand)
			return
		case decoders.NeedMore:
			if !c.dir[0].end || !c.dir[1].end {
				return
			}
		}
		c.cand++
	}
	if c.dir[0].begun || c.dir[1].begun || c.dir[0].end && c.dir[1].end {
		c.use(len(c.decs) - 1)
	}
}

func (c *Conv) verdict(i int, d decoders.Dir) decoders.Verdict {
	h := &c.dir[d]
	b := h.buf
	full := len(b) >= maxProbe
	if full {
		b = b[:maxProbe]
	}
	v := c.decs[i].Probe(c.hint, d, b, h.end || full)
	if v == decoders.NeedMore && (full || h.end) {
		v = decoders.Reject
	}
	return v
}

// settle ends probing with whatever fits now.
func (c *Conv) settle() {
	for ; c.cand < len(c.decs)-1; c.cand++ {
		ok := true
		for d := range c.dir {
			if c.dir[d].begun && c.verdict(c.cand, decoders.Dir(d)) == decoders.Reject {
				ok = false
			}
		}
		if ok {
			break
		}
	}
	c.use(c.cand)
}

// use hands both directions to a new parser of decoder i and lets it catch up.
func (c *Conv) use(i int) {
	p := c.decs[i].NewParser(c.hint, decoders.Env{MaxUnit: c.limits.MaxUnit})
	c.gens++
	for d := range c.parser {
		c.parser[d], c.dec[d], c.gen[d] = p, i, c.gens
	}
	// Requests before responses, as far as can be told: A speaks first.
	for d := range c.dir {
		if h := &c.dir[d]; len(h.buf) > 0 || h.end {
			c.run(decoders.Dir(d))
		}
	}
}

func (c *Conv) index(name string) int {
	for i, d := range c.decs {
		if d.Name() == name {
			return i
		}
	}
	return -1
}

// run lets the parser of one direction use what is there.
func (c *Conv) run(dir decoders.Dir) {
	h := &c.dir[dir]
	for {
		if len(h.buf) == 0 && h.gap == 0 && (!h.end || h.ended) {
			return
		}
		p := c.parser[dir]
		final := h.end && len(h.buf) == 0
		step, err := p.Next(decoders.Chunk{Dir: dir, At: h.at, Off: h.off, Buf: h.buf, Gap: h.gap, End: h.end})
		for i := range step.Events {
			c.emit(c.gen[dir], c.dec[dir], &step.Events[i])
		}
		h.gap = 0
		n := min(max(step.Advance, 0), len(h.buf))
		h.buf = h.buf[n:]
		h.off += int64(n)
		switch {
		case err != nil:
			c.fallBack(dir)
		case step.Handoff != "":
			c.handoff(step.Handoff)
			return // handoff has run both directions
		case n == 0 && len(step.Events) == 0:
			if h.end {
				c.leave(dir, "the connection ends in the middle of it")
				h.ended = true
				return
			}
			if len(h.buf) > c.limits.MaxUnit {
				c.fallBack(dir)
				continue
			}
			return
		case final:
			h.ended = true
			return
		}
	}
}

// leave shows what a parser has not used at the end of a direction.
func (c *Conv) leave(dir decoders.Dir, why string) {
	h := &c.dir[dir]
	if n := len(h.buf); n > 0 {
		c.raw(dir, h.buf, h.off, why)
		h.off += int64(n)
		h.buf = nil
	}
}

// fallBack gives the rest of one direction to the last decoder.
func (c *Conv) fallBack(dir decoders.Dir) {
	last := len(c.decs) - 1
	if c.dec[dir] == last && c.parser[dir] != nil {
		// Even the decoder of last resort has failed: show the bytes ourselves.
		c.leave(dir, "cannot be decoded")
		return
	}
	c.gens++
	c.parser[dir] = c.decs[last].NewParser(c.hint, decoders.Env{MaxUnit: c.limits.MaxUnit})
	c.dec[dir], c.gen[dir] = last, c.gens
}

// handoff gives the rest of both directions to another decoder, or, if none
// has that name, to the last one.
func (c *Conv) handoff(name string) {
	i := c.index(name)
	if i < 0 {
		i = len(c.decs) - 1
	}
	for d := range c.dir {
		c.dir[d].ended = false
	}
	c.use(i)
}
