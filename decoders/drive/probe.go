package drive

import "netscope/decoders"

// maxProbe is the most bytes that a decoder may look at before it must decide.
const maxProbe = 4 << 10

// probe asks candidates in order; the first that does not reject wins, one that
// needs more is waited for.
func (c *Conv) probe() {
	last := len(c.decs) - 1
	if !c.side[0].begun && !c.side[1].begun {
		if c.side[0].end && c.side[1].end {
			c.use(last)
		}
		return
	}
	for ; c.candidate < last; c.candidate++ {
		switch c.verdict(c.candidate) {
		case decoders.Accept:
			c.use(c.candidate)
			return
		case decoders.NeedMore:
			return
		}
	}
	c.use(last)
}

// settle ends probing with the first decoder that has not rejected so far.
func (c *Conv) settle() {
	for ; c.candidate < len(c.decs)-1; c.candidate++ {
		if c.verdict(c.candidate) != decoders.Reject {
			break
		}
	}
	c.use(c.candidate)
}

// verdict is a decoder's verdict on both directions: either may reject, either
// may accept. There is no more need to wait when nothing more can come.
func (c *Conv) verdict(i int) decoders.Verdict {
	v := decoders.NeedMore
	open := false
	for d := range c.side {
		s := &c.side[d]
		open = open || !s.end
		if !s.begun {
			continue
		}
		b := s.buf[:min(len(s.buf), maxProbe)]
		b = b[:len(b):len(b)]
		// A datagram is all there is of a message.
		whole := s.end || len(b) == maxProbe || c.hint.Transport == decoders.UDP
		one := c.ask(i, decoders.Dir(d), b, whole)
		if one == decoders.Reject || one == decoders.NeedMore && whole {
			return decoders.Reject
		}
		if one == decoders.Accept {
			v = decoders.Accept
		}
	}
	if v == decoders.NeedMore && !open {
		return decoders.Reject
	}
	return v
}

// ask calls Probe. A decoder that panics has rejected.
func (c *Conv) ask(i int, d decoders.Dir, b []byte, end bool) (v decoders.Verdict) {
	defer func() {
		if recover() != nil {
			v = decoders.Reject
		}
	}()
	return c.decs[i].Probe(c.hint, d, b, end)
}
