// Package drive feeds the ordered bytes of one conversation to decoders: it
// finds the decoder that fits, owns the bytes that no parser has used yet, and
// sees to it that nothing is lost in silence.
//
// It does not trust parsers. One that fails, panics, waits for too much, does
// not come to rest or breaks its contract is given up for its direction: what
// it has left open is closed with the reason, the bytes it has not used become a
// message with that reason, and the rest is plain data.
//
// It knows nothing of packets, nor of any protocol.
package drive

import (
	"fmt"
	"net/netip"
	"time"

	"netscope/decoders"
)

// Limits bound what one conversation may hold.
type Limits struct {
	MaxUnit int                   // bytes that a parser may wait for in one direction; 0: 1 MiB
	Secrets decoders.SecretSource // for parsers that decrypt; may be nil
}

// ID is the sink's own number of a message; None is none.
type ID uint32

// None is no message.
const None = ^ID(0)

// Sink receives what parsers find. Each message is opened once, then updated
// any number of times, then closed once, by [Conv.Finish] at the latest.
// Events are valid during the call only; Off, HeadLen and End are within the
// bytes that have been fed.
type Sink interface {
	// Open starts a message found by decoder number dec and returns its number.
	// partOf and replyTo are the messages that ev.PartOf and ev.ReplyTo name.
	Open(dec int, ev *decoders.Event, partOf, replyTo ID) ID
	Update(id ID, ev *decoders.Event)
	Close(id ID, ev *decoders.Event)
	// Inner takes bytes of a stream that a parser has found inside this one.
	Inner(in *decoders.Inner)
}

// Conv drives one conversation.
type Conv struct {
	decs   []decoders.Decoder
	hint   decoders.Hint
	sink   Sink
	limits Limits
	at     time.Time
	src    netip.AddrPort

	candidate int  // the decoder that is asked now
	decided   bool // a decoder has been chosen
	handoffs  int
	side      [2]side
}

// side is one direction.
type side struct {
	buf   []byte      // not used yet
	off   int64       // stream offset of buf[0]
	gap   int64       // bytes missing before buf[0], not yet told to a parser
	gen   *generation // the parser in use; nil: undecided, or every decoder has failed
	begun bool        // there have been bytes
	end   bool        // no more will come
	done  bool        // … and everything has been used
}

// New makes a driver. force names a decoder to use without probing, or "". The
// last decoder must accept everything.
func New(decs []decoders.Decoder, h decoders.Hint, force string, l Limits, sink Sink) *Conv {
	if l.MaxUnit <= 0 {
		l.MaxUnit = 1 << 20
	}
	c := &Conv{decs: decs, hint: h, sink: sink, limits: l}
	if i := c.index(force); i >= 0 {
		c.hint.Forced = true
		c.use(i)
	}
	return c
}

// Decoder is the name of the decoder in use, "" while undecided.
func (c *Conv) Decoder() string {
	for d := range c.side {
		if g := c.side[d].gen; g != nil {
			return c.decs[g.dec].Name()
		}
	}
	return ""
}

// From says who sends what is fed next, if that is another address than the
// hint's.
func (c *Conv) From(src netip.AddrPort) { c.src = src }

// Roves reports whether the conversation may go on between other addresses.
func (c *Conv) Roves() bool { return c.rover() != nil }

func (c *Conv) rover() decoders.Rover {
	if g := c.side[0].gen; g != nil && g == c.side[1].gen {
		r, _ := g.parser.(decoders.Rover)
		return r
	}
	return nil
}

// Follows reports whether a datagram between other addresses goes on with this
// conversation.
func (c *Conv) Follows(d decoders.Dir, datagram []byte) (ok bool) {
	defer func() { ok = recover() == nil && ok }()
	r := c.rover()
	return r != nil && r.Follows(d, datagram[:len(datagram):len(datagram)])
}

// Held is the number of bytes that wait for more.
func (c *Conv) Held() int { return len(c.side[0].buf) + len(c.side[1].buf) }

// Feed adds bytes of one direction. gap bytes are missing before them; end says
// that no more will come. A UDP datagram is fed in one piece. data is not kept
// beyond the call.
func (c *Conv) Feed(at time.Time, dir decoders.Dir, gap int64, data []byte, end bool) {
	dir &= 1
	s := &c.side[dir]
	if s.end {
		return
	}
	c.at = at
	if gap > 0 {
		c.cut(dir, gap)
	}
	owned := len(s.buf) > 0
	if owned {
		s.buf = append(s.buf, data...)
	} else {
		s.buf = data[:len(data):len(data)]
	}
	s.begun = s.begun || len(data) > 0
	s.end = end
	if !c.decided {
		c.probe()
	}
	if c.decided {
		c.run(dir)
		if c.hint.Transport == decoders.UDP {
			c.leave(dir, "more bytes than the message has")
		}
	}
	if len(s.buf) == 0 {
		s.buf = nil
	} else if !owned {
		s.buf = append([]byte(nil), s.buf...) // the caller's bytes are not ours to keep
	}
	if c.side[0].done && c.side[1].done {
		c.abandon(c.side[0].gen, c.side[1].gen)
	}
}

// Finish tells both directions that nothing more will come.
func (c *Conv) Finish(at time.Time) {
	if !c.decided && !c.side[0].begun && !c.side[1].begun {
		return // a conversation without bytes
	}
	for d := range c.side {
		c.Feed(at, decoders.Dir(d), 0, nil, true)
	}
}

// cut copes with a hole: what no parser could use before it is shown as bytes.
func (c *Conv) cut(dir decoders.Dir, gap int64) {
	s := &c.side[dir]
	if len(s.buf) > 0 && !c.decided {
		c.settle()
	}
	if !c.decided {
		c.hint.Midway = true // the first bytes that are there are not the first that were sent
	}
	c.leave(dir, fmt.Sprintf("the capture lacks the next %d bytes", gap))
	s.gap += gap
	s.off += gap
}

// leave shows what no parser has used as a message of no protocol.
func (c *Conv) leave(dir decoders.Dir, why string) {
	s := &c.side[dir]
	n := int64(len(s.buf))
	if n == 0 {
		return
	}
	proto := "data"
	if t := c.hint.Transport; t != decoders.NoTransport {
		proto = t.String() + " data"
	}
	id := c.sink.Open(len(c.decs)-1, &decoders.Event{Op: decoders.Open, Dir: dir, Proto: proto, Name: "data",
		Summary: fmt.Sprintf("%d bytes that could not be decoded", n), Stream: -1, Off: s.off,
		Fields: []decoders.KV{decoders.I("data.len", n)}}, None, None)
	s.off += n
	c.sink.Close(id, &decoders.Event{Op: decoders.Close, Dir: dir, End: s.off, Len: n, Err: why})
	s.buf = nil
}

func (c *Conv) index(name string) int {
	for i, d := range c.decs {
		if d.Name() == name {
			return i
		}
	}
	return -1
}
