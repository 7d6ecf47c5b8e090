package model

import "time"

// item is a piece of what a sender has been given and the receiver has not
// acknowledged: bytes, or the FIN.
type item struct {
	seq    int64
	n      int // bytes; 0 for the FIN
	fin    bool
	sent   bool
	cut    bool // the rest of a larger item: it is not filled up from the next
	sacked bool
	next   *item
}

// span is how many sequence numbers the item takes.
func (i *item) span() int64 {
	if i.fin {
		return 1
	}
	return int64(i.n)
}

// sender is the sending half of one end: Reno congestion control (RFC 5681,
// counted in segments), time-outs (RFC 6298 with RFC 7323's sampling), and
// recovery by selective acknowledgement (RFC 6675).
type sender struct {
	head, tail  *item // everything from una on
	next        *item // the first that has not been sent, or is to be sent again
	una, nxt    int64
	cwnd        int
	ssthresh    int
	acked       int // segments acknowledged since cwnd last grew in congestion avoidance
	outstanding int // segments in flight
	window      int // bytes that the receiver allows beyond una

	used    int  // bytes in the send buffer
	blocked bool // the writer waits for room

	measured     bool
	srtt, rttvar float64 // seconds
	rto          time.Duration
	deadline     time.Duration // of the retransmission timer; 0 off
	look         time.Duration // when an event looks at the timer; 0 never
	last         time.Duration // when something was last sent
	recovering   bool          // after a time-out, until everything sent before it is acknowledged

	fast      bool  // in recovery after duplicate acknowledgements
	recover   int64 // highest sequence number sent when a recovery began
	dups      int
	highRxt   int64
	rescued   int64
	maxSacked int64
}

const noThreshold = 1 << 40

// push adds n bytes (n > 0) or a FIN (n == 0) and sends what may be sent.
func (e *end) push(n int) {
	s := &e.snd
	it := &item{n: n, fin: n == 0}
	s.used += n
	if s.tail == nil {
		s.head = it
	} else {
		s.tail.next = it
	}
	s.tail = it
	if s.next == nil {
		s.next = it
	}
	e.transmit()
}

// transmit sends what congestion window and receive window allow.
func (e *end) transmit() {
	s := &e.snd
	// After a pause longer than the time-out the old window means nothing
	// (RFC 5681 §4.1).
	if !s.fast && !s.recovering && e.g.now-s.last > s.rto && s.cwnd > InitialWindow && e.f.Slow {
		s.cwnd = InitialWindow
	}
	for it := s.next; it != nil && s.outstanding < s.cwnd; it = it.next {
		if it.sent && it.sacked {
			s.next = it.next
			continue
		}
		if !e.sendItem(it) {
			break
		}
		s.outstanding++
		s.next = it.next
	}
	e.arm()
}

// sendItem sends one item, cut or filled up to a full segment; false if the
// window does not allow it.
func (e *end) sendItem(it *item) bool {
	s := &e.snd
	limit := s.una + int64(s.window)
	if !it.sent {
		it.seq = s.nxt
		room := min(int(limit-s.nxt), e.mss)
		for !it.fin && !it.cut && it.next != nil && !it.next.fin && it.n+it.next.n <= room {
			it.n += it.next.n
			e.unlinkAfter(it)
		}
	}
	if !it.fin {
		room := int(limit - it.seq)
		if room <= 0 || s.una != s.nxt && room < it.n && room < e.mss {
			return false // sending a crumb would be silly (RFC 9293 §3.8.6.2.1)
		}
		e.cut(it, min(room, e.mss))
	}
	if it.sent {
		e.retransmits++
	}
	it.sent = true
	e.emit(packet{seq: it.seq, n: it.n, fin: it.fin})
	s.nxt = max(s.nxt, it.seq+it.span())
	return true
}

// cut splits an item that is longer than n.
func (e *end) cut(it *item, n int) {
	if it.n <= n {
		return
	}
	rest := &item{seq: it.seq + int64(n), n: it.n - n, sent: it.sent, cut: true, next: it.next}
	it.n, it.next = n, rest
	if e.snd.tail == it {
		e.snd.tail = rest
	}
}

// unlinkAfter removes the item after it.
func (e *end) unlinkAfter(it *item) {
	if e.snd.tail == it.next {
		e.snd.tail = it
	}
	it.next = it.next.next
}

// acknowledge processes the acknowledgement that a segment carries.
func (e *end) acknowledge(p packet) {
	s := &e.snd
	fresh := e.markSacked(p)
	retransmit := false
	if s.fast {
		if p.ack > s.una && p.ack > s.recover {
			s.fast, s.dups, s.cwnd = false, 0, s.ssthresh
		}
	} else if fresh && s.una != s.nxt && p.n == 0 && !p.fin && p.ack == s.una {
		retransmit = e.duplicate(p)
	} else {
		s.dups = 0
	}
	s.window = p.window
	if p.ack > s.una && p.ack <= s.nxt {
		e.advance(p)
	}
	if s.fast {
		e.recoverLost(retransmit)
		return
	}
	e.transmit()
}

// advance takes what is newly acknowledged from the list.
func (e *end) advance(p packet) {
	s := &e.snd
	s.dups = 0
	e.sample(ticks(p.echo, e.g.now))
	s.deadline = e.g.now + s.rto
	before, freed := s.outstanding, 0
	for s.head != nil && s.una < p.ack {
		it := s.head
		if n := p.ack - s.una; it.span() > n {
			it.seq += n
			it.n -= int(n)
			freed += int(n)
			s.una = p.ack
			break
		}
		if s.next == it {
			s.next = it.next
		}
		if !it.sacked {
			s.outstanding--
		}
		s.una += it.span()
		freed += it.n
		s.head = it.next
		if s.head == nil {
			s.tail = nil
		}
	}
	if !s.fast {
		e.grow(before - s.outstanding)
		if s.una > s.recover {
			s.recovering = false
		}
	}
	e.release(freed)
	s.outstanding = max(s.outstanding, 0)
	e.pipe()
	if s.una == s.nxt {
		s.outstanding, s.deadline = 0, 0
	} else {
		e.tick()
	}
}

// grow opens the congestion window (RFC 5681 §3.1).
func (e *end) grow(n int) {
	s := &e.snd
	if s.cwnd < s.ssthresh {
		c := min(s.cwnd+n, s.ssthresh)
		n -= c - s.cwnd
		s.cwnd = c
		if c == s.ssthresh {
			s.acked = 0
		}
		if n == 0 {
			return
		}
	}
	s.acked += n
	if s.acked >= s.cwnd {
		s.cwnd += s.acked / s.cwnd
		s.acked %= s.cwnd
	}
}

// release makes room in the send buffer; a writer that waits is woken when
// half of it is free.
func (e *end) release(n int) {
	s := &e.snd
	half := e.sendBuffer / 2
	was := s.used
	s.used -= n
	if was >= half && s.used < half && s.blocked {
		s.blocked = false
		e.wake = true
	}
}
