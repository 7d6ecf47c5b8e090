package quic

// space is one packet number space of one sender (RFC 9000 §12.3).
type space struct {
	largest int64 // number of the last packet that could be decrypted, by number
	any     bool
	got     []ackRange // numbers that are there, sorted, apart from each other
}

// maxRanges bounds how many ranges of numbers are remembered.
const maxRanges = 256

// last is the largest number, -1 if none.
func (s *space) last() int64 {
	if !s.any {
		return -1
	}
	return s.largest
}

// add notes a number. again says that it has been there.
func (s *space) add(n int64) (again bool) {
	if !s.any || n > s.largest {
		s.largest, s.any = n, true
	}
	i := len(s.got)
	for i > 0 && s.got[i-1].lo > n {
		i--
	}
	if i > 0 && n <= s.got[i-1].hi {
		return true
	}
	below := i > 0 && s.got[i-1].hi == n-1
	above := i < len(s.got) && s.got[i].lo == n+1
	switch {
	case below && above:
		s.got[i-1].hi = s.got[i].hi
		s.got = append(s.got[:i], s.got[i+1:]...)
	case below:
		s.got[i-1].hi = n
	case above:
		s.got[i].lo = n
	default:
		s.got = append(s.got, ackRange{})
		copy(s.got[i+1:], s.got[i:])
		s.got[i] = ackRange{n, n}
		if len(s.got) > maxRanges {
			s.got = append(s.got[:0], s.got[1:]...)
		}
	}
	return false
}

// whole reports that no 1-RTT packet of this endpoint is known to be missing or
// unreadable.
func (e *endpoint) whole() bool { return len(e.space[2].got) <= 1 && !e.unread }
