package model

import "time"

// packet is one segment as the model knows it.
type packet struct {
	syn    bool
	seq    int64
	n      int
	fin    bool
	ack    int64 // -1 in a first SYN
	window int
	stamp  time.Duration // the sender's clock, echoed by the receiver
	echo   time.Duration
	sack   []block
}

// block is a run of bytes [from, to).
type block struct{ from, to int64 }

// receiver is the receiving half of one end. Every segment that brings
// something is acknowledged at once: the stack does not delay
// acknowledgements.
type receiver struct {
	next   int64 // expected
	told   int64 // last acknowledgement sent
	window int   // what is advertised
	stamp  time.Duration
	early  []early // arrived before something that is missing
	free   time.Duration
	spoke  bool
}

type early struct {
	block
	fin bool
}

// receive processes a segment on an established connection.
func (e *end) receive(p packet) {
	r := &e.rcv
	before := r.next
	switch {
	case e.timeWait():
		if p.seq != r.next || p.n > 0 || p.fin {
			e.emitAck() // the last acknowledgement may have been lost
		}
		return
	case p.syn:
		e.challenge()
		return
	case p.n > 0 && (p.seq+int64(p.n) <= r.next || p.seq > r.next+int64(r.window)):
		e.emitAck() // old or beyond the window (RFC 9293 §3.10.7.4)
		return
	case p.n == 0 && (p.seq < r.next || p.seq > r.next+int64(r.window)+1):
		e.challenge()
		return
	}
	e.consume(p)
	if p.seq <= r.told {
		r.stamp = max(r.stamp, p.stamp)
	}
	e.acknowledge(p)
	if r.next != r.told {
		e.emitAck()
	}
	if e.acked != nil {
		e.acked()
	}
	e.got += min(r.next, e.dataEnd()) - min(before, e.dataEnd())
	if r.next != before && e.readable != nil {
		e.readable()
	}
	if e.wake {
		e.wake = false
		if e.writable != nil {
			e.writable()
		}
	}
}

// dataEnd is the number of bytes that the peer's stream has, as far as known.
func (e *end) dataEnd() int64 {
	if e.finAt > 0 {
		return e.finAt
	}
	return 1 << 62
}

// timeWait reports whether both sides have closed and only stray segments can
// come (RFC 9293 §3.3.2).
func (e *end) timeWait() bool {
	return e.closed && e.finAt > 0 && e.snd.head == nil && e.f.Closing
}

func (e *end) consume(p packet) {
	r := &e.rcv
	if p.n == 0 && !p.fin {
		return
	}
	if p.seq > r.next {
		r.early = append(r.early, early{block{p.seq, p.seq + int64(p.n)}, p.fin})
		e.emitAck()
		return
	}
	e.take(p.seq+int64(p.n), p.fin)
	for again := true; again; {
		again = false
		for i, x := range r.early {
			if x.from <= r.next {
				r.early = append(r.early[:i], r.early[i+1:]...)
				if x.to > r.next || x.fin {
					e.take(x.to, x.fin)
				}
				again = true
				break
			}
		}
	}
}

func (e *end) take(to int64, fin bool) {
	r := &e.rcv
	r.next = max(r.next, to)
	if fin {
		e.finAt = to
		r.next = to + 1
		e.emitAck()
	}
}

// blocks are the selective acknowledgements to send: at most three.
func (r *receiver) blocks() []block {
	var bs []block
	for i := len(r.early) - 1; i >= 0; i-- {
		b := r.early[i].block
		if b.from == b.to {
			continue
		}
		for again := true; again; {
			again = false
			for _, x := range r.early {
				if x.from < b.from && x.to >= b.from {
					b.from, again = x.from, true
				}
				if x.to > b.to && x.from <= b.to {
					b.to, again = x.to, true
				}
			}
		}
		seen := false
		for _, o := range bs {
			seen = seen || o == b
		}
		if !seen {
			bs = append(bs, b)
		}
		if len(bs) == 3 {
			break
		}
	}
	return bs
}

// challenge acknowledges something that carries no data and is out of place,
// at most twice a second (RFC 5961 §7).
func (e *end) challenge() {
	r := &e.rcv
	if r.spoke && e.g.now < r.free {
		return
	}
	r.spoke, r.free = true, e.g.now+500*time.Millisecond
	e.emitAck()
}

func (e *end) emitAck() { e.emit(packet{seq: e.snd.nxt}) }
