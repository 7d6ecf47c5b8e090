package model

// Recovery by selective acknowledgement. Without loss nothing here runs.

// markSacked notes which items a segment acknowledges selectively, and reports
// whether it says anything new.
func (e *end) markSacked(p packet) (fresh bool) {
	s := &e.snd
	if len(p.sack) == 0 {
		return false
	}
	for it := s.head; it != nil && it.sent; it = it.next {
		if it.sacked || it.fin || it.seq >= s.nxt {
			continue
		}
		for _, b := range p.sack {
			if it.seq >= b.from && it.seq+it.span() <= b.to {
				it.sacked, fresh = true, true
				s.maxSacked = max(s.maxSacked, b.to)
			}
		}
	}
	e.pipe()
	return fresh
}

// duplicate counts a duplicate acknowledgement and enters recovery at the
// third, or when the first segment is lost for sure (RFC 6675 §5).
func (e *end) duplicate(p packet) (retransmit bool) {
	s := &e.snd
	s.dups++
	if s.dups < 3 && !e.lost(s.head) {
		return false
	}
	if p.ack-1 <= s.recover {
		s.dups = 0
		return false
	}
	s.ssthresh = max(s.outstanding/2, 2)
	s.cwnd = s.ssthresh + 3
	s.fast, s.dups = true, 0
	s.recover = s.nxt - 1
	s.highRxt, s.rescued = s.una, s.una
	return true
}

// above is what has been acknowledged selectively beyond an item.
type above struct {
	runs  int // apart from each other
	bytes int
}

// lost reports whether so much beyond an item has been acknowledged that it
// must be missing (RFC 6675 §4, IsLost).
func (a above) lost(mss int) bool { return a.runs >= 3 || a.bytes >= 2*mss }

// beyond is what has been acknowledged selectively from an item on.
func beyond(it *item) (a above) {
	for in := false; it != nil && it.sent; it = it.next {
		if it.sacked {
			a.bytes += it.n
			if !in {
				a.runs++
			}
		}
		in = it.sacked
	}
	return a
}

func (e *end) lost(it *item) bool { return beyond(it.next).lost(e.mss) }

// pipe estimates what is in flight during recovery (RFC 6675 §4, SetPipe).
func (e *end) pipe() {
	s := &e.snd
	if !s.fast {
		return
	}
	a := beyond(s.head)
	s.outstanding = 0
	for it := s.head; it != nil && it.sent && it.seq < s.nxt; it = it.next {
		if it.sacked {
			a.bytes -= it.n
			if it.next == nil || !it.next.sent || !it.next.sacked {
				a.runs--
			}
			continue
		}
		if !a.lost(e.mss) {
			s.outstanding++
		}
		if it.seq <= s.highRxt {
			s.outstanding++
		}
	}
}

// recoverLost sends again what is lost, then what is new, as far as the window
// allows (RFC 6675 §5 step C).
func (e *end) recoverLost(first bool) {
	s := &e.snd
	if first && s.head != nil {
		it := s.head
		s.highRxt = it.seq + it.span() - 1
		s.rescued = s.highRxt
		e.again(it)
		e.pipe()
	}
	for s.outstanding < s.cwnd {
		it := e.nextLost()
		if it == nil {
			break
		}
		if it.sent {
			e.again(it)
			s.highRxt = max(s.highRxt, it.seq+it.span()-1)
			s.outstanding++
			continue
		}
		if !e.sendItem(it) {
			break
		}
		s.next = it.next
		s.outstanding++
	}
	e.arm()
}

// nextLost chooses what to send in recovery (RFC 6675 §4, NextSeg).
func (e *end) nextLost() *item {
	s := &e.snd
	var hole *item
	for it := s.head; it != nil && it.sent && it.seq < s.nxt; it = it.next {
		if it.sacked || it.seq <= s.highRxt || it.seq >= s.maxSacked {
			continue
		}
		if e.lost(it) {
			return it
		}
		if hole == nil {
			hole = it
		}
	}
	for it := s.next; it != nil; it = it.next {
		if !it.sent {
			return it
		}
	}
	if hole == nil && s.rescued < s.una {
		for it := s.head; it != nil && it.sent; it = it.next {
			if !it.sacked {
				hole = it
			}
		}
		s.rescued = s.recover
	}
	return hole
}

func (e *end) again(it *item) {
	e.retransmits++
	e.emit(packet{seq: it.seq, n: it.n, fin: it.fin})
}
