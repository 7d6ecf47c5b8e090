package model

// server answers the requests of one connection in order.
type server struct {
	e      *end
	piece  int
	close  bool
	queue  []Exchange // sent by the client and not yet answered
	need   int64      // bytes received when the first of queue is complete
	body   int        // bytes of the current response that are still to be written
	chunk  int        // bytes of the current piece that are still to be written
	active bool
}

// run goes on with reading and writing until it has to wait.
func (s *server) run() {
	for {
		if !s.active {
			if len(s.queue) == 0 || s.e.got < s.need+int64(s.queue[0].Request) {
				return
			}
			x := s.queue[0]
			s.queue = s.queue[1:]
			s.need += int64(x.Request)
			s.active, s.body, s.chunk = true, x.Head+x.Body, 0
		}
		for s.body > 0 || s.chunk > 0 {
			if s.chunk == 0 {
				s.chunk = min(s.body, s.piece)
				s.body -= s.chunk
			}
			room := s.e.sendBuffer - s.e.snd.used
			if room <= 0 {
				s.e.snd.blocked = true
				return
			}
			n := min(room, s.chunk)
			s.chunk -= n
			s.e.push(n)
		}
		s.active = false
		if s.close {
			s.e.finish()
			return
		}
	}
}
