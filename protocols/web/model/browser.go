package model

import (
	"math/rand/v2"
	"time"
)

// browser fetches a page in one of the ways.
type browser struct {
	g        *engine
	p        Params
	f        Effects
	up, down *wire
	res      Result
	ends     []*end
	left     int // responses still to come
}

// Run follows every packet of the page. f says which effects are real; seed
// matters only with loss. limit bounds the events (0: 50 million).
func Run(p Params, f Effects, seed uint64, limit int) Result {
	r, _ := run(p, f, seed, limit)
	return r
}

// run is Run; it also tells how many events it took.
func run(p Params, f Effects, seed uint64, limit int) (Result, int) {
	if limit <= 0 {
		limit = 50_000_000
	}
	g := &engine{left: limit}
	b := &browser{g: g, p: p, f: f, left: 1 + len(p.Objects)}
	b.up = &wire{g: g, rate: p.Rate, delay: p.RTT / 2, loss: p.Loss, rng: rand.New(rand.NewPCG(seed, 1))}
	b.down = &wire{g: g, rate: p.Rate, delay: p.RTT - p.RTT/2, loss: p.Loss, drop: p.Drop, rng: rand.New(rand.NewPCG(seed, 2))}
	b.up.skip, b.down.skip = !f.Queue, !f.Queue
	if !f.Upstream {
		b.up.rate = 0
	}
	b.res.Objects = make([]Span, len(p.Objects))
	b.start()
	for b.left > 0 && g.step() {
	}
	b.res.Done = b.left == 0
	b.res.Stuck = !b.res.Done && g.left > 0
	for _, e := range b.ends {
		b.res.Retransmits += e.retransmits
	}
	return b.res, limit - g.left
}

// start fetches the base page and goes on as the way says.
func (b *browser) start() {
	switch b.p.Way {
	case Persistent, Pipelined:
		b.oneConnection()
	case Lanes:
		b.lanes()
	default:
		b.fetch(-1, func() { b.objects() })
	}
}

func (b *browser) exchange(i int) Exchange {
	x := b.p.Page
	if i >= 0 {
		x = b.p.Objects[i]
	}
	if !b.f.Headers {
		x.Head = 0
	}
	return x
}

// span is where the times of object i are kept; the page is -1.
func (b *browser) span(i int) *Span {
	if i < 0 {
		return &b.res.Page
	}
	return &b.res.Objects[i]
}

// done notes that object i has arrived.
func (b *browser) done(i int) {
	b.span(i).End = b.g.now
	b.res.Time = b.g.now
	b.left--
}

// fetch gets object i over a connection of its own, and then goes on.
func (b *browser) fetch(i int, then func()) {
	c, s := b.connection(true)
	x := b.exchange(i)
	c.onLeave = func(at time.Duration) { b.span(i).Start = at }
	c.connected = func() {
		s.queue = append(s.queue, x)
		c.push(max(x.Request, 1))
	}
	c.readable = func() {
		if c.got >= int64(x.Head+x.Body) && !c.closed {
			b.done(i)
			c.finish()
			then()
		}
	}
	c.open()
}

// objects fetches the objects, each over a connection of its own.
func (b *browser) objects() {
	next, n, k := 0, len(b.p.Objects), 1
	if b.p.Way == Pool || b.p.Way == Waves {
		k = min(b.p.conns(), n)
	}
	var take, wave func()
	running := 0
	take = func() {
		if next == n {
			return
		}
		i := next
		next++
		running++
		b.fetch(i, func() {
			running--
			switch {
			case b.p.Way != Waves:
				take()
			case running == 0:
				wave()
			}
		})
	}
	wave = func() {
		for j := range min(k, n-next) {
			running++ // holds the wave together until all of it has begun
			b.g.at(b.g.now+time.Duration(j)*b.p.Stagger, func() {
				running--
				take()
			})
		}
	}
	wave()
}

// oneConnection fetches everything over one connection.
func (b *browser) oneConnection() {
	c, s := b.connection(false)
	c.onLeave = func(at time.Duration) { b.res.Page.Start = at }
	cur, need := -1, int64(b.exchange(-1).Head+b.p.Page.Body)
	ask := func(i int) {
		x := b.exchange(i)
		s.queue = append(s.queue, x)
		if i >= 0 {
			c.onLeave = func(at time.Duration) { b.span(i).Start = at }
		}
		c.push(max(x.Request, 1))
	}
	c.connected = func() { ask(-1) }
	c.readable = func() {
		for cur < len(b.p.Objects) && c.got >= need {
			b.done(cur)
			cur++
			if cur == len(b.p.Objects) {
				return
			}
			x := b.exchange(cur)
			need += int64(x.Head + x.Body)
			switch {
			case b.p.Way == Persistent:
				ask(cur)
			case cur == 0:
				b.pipeline(c, s)
			}
		}
	}
	c.open()
}

// lanes fetches the base page over one connection, and the objects over this
// and others that stay open.
func (b *browser) lanes() {
	next, n := 0, len(b.p.Objects)
	take := func(c *end, s *server, page bool, then func()) {
		i := -1
		if !page {
			if next == n {
				return
			}
			i = next
			next++
		}
		x := b.exchange(i)
		need := c.got + int64(x.Head+x.Body)
		s.queue = append(s.queue, x)
		c.onLeave = func(at time.Duration) { b.span(i).Start = at }
		c.readable = func() {
			if c.got >= need {
				c.readable = nil
				b.done(i)
				then()
			}
		}
		c.push(max(x.Request, 1))
	}
	var lane func(c *end, s *server)
	lane = func(c *end, s *server) { take(c, s, false, func() { lane(c, s) }) }
	first, s := b.connection(false)
	first.connected = func() {
		take(first, s, true, func() {
			lane(first, s)
			for j := 1; j < min(b.p.conns(), n); j++ {
				b.g.at(b.g.now+time.Duration(j)*b.p.Stagger, func() {
					c, s := b.connection(false)
					c.connected = func() { lane(c, s) }
					c.open()
				})
			}
		})
	}
	first.open()
}

// pipeline sends the requests for all objects in one write.
func (b *browser) pipeline(c *end, s *server) {
	total := 0
	for i := range b.p.Objects {
		x := b.exchange(i)
		s.queue = append(s.queue, x)
		total += max(x.Request, 1)
	}
	c.onLeave = func(at time.Duration) {
		for i := range b.res.Objects {
			b.res.Objects[i].Start = at
		}
	}
	c.push(total)
}

// connection makes both ends of a connection.
func (b *browser) connection(closing bool) (*end, *server) {
	t := b.p.TCP
	make := func(out *wire) *end {
		e := newEnd(b.g, b.f, out, t)
		b.ends = append(b.ends, e)
		return e
	}
	c, s := make(b.up), make(b.down)
	if !b.f.Headers {
		s.header, s.synSize = 0, 0
	}
	c.client, c.peer, s.peer = true, s, c
	s.onArrive = func(n int) {
		if b.left > 0 {
			b.res.Down += int64(n)
			b.res.Busy += b.down.transmission(n)
		}
	}
	srv := &server{e: s, piece: t.Piece, close: closing && b.p.Close}
	s.readable, s.writable = srv.run, srv.run
	b.res.Conns++
	return c, srv
}
