package timeline

// A flight is a packet of a lab that has left and not yet arrived, with what
// its arrival will make happen to messages.
type flight struct {
	at     Time
	packet uint32
	events []eventRow
}

// flights is a heap, earliest arrival first; packets that arrive at one instant
// do so in the order in which they left.
type flights []flight

func (h flights) less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].packet < h[j].packet
}

func (h *flights) push(f flight) {
	*h = append(*h, f)
	s := *h
	for i := len(s) - 1; i > 0; {
		p := (i - 1) / 2
		if !s.less(i, p) {
			break
		}
		s[i], s[p] = s[p], s[i]
		i = p
	}
}

func (h *flights) pop() flight {
	s := *h
	f := s[0]
	n := len(s) - 1
	s[0] = s[n]
	s[n] = flight{}
	s = s[:n]
	for i := 0; ; {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && s.less(c+1, c) {
			c++
		}
		if !s.less(c, i) {
			break
		}
		s[i], s[c] = s[c], s[i]
		i = c
	}
	*h = s
	return f
}

// find is the flight of a packet, or nil. Few packets are in flight at a time,
// and the wanted one is most often the last.
func (h flights) find(packet uint32) *flight {
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].packet == packet {
			return &h[i]
		}
	}
	return nil
}
