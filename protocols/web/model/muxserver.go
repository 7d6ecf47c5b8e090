package model

import "time"

// poke makes the server decide, a little later.
func (x *mux) poke() {
	if x.due || x.turn > 0 {
		return
	}
	x.due = true
	wait := x.m.Settle
	if !x.f.Buffer {
		wait = 0
	}
	x.g.at(x.g.now+wait, func() {
		x.due = false
		x.decide()
	})
}

// give hands the present turn to TCP, as far as there is room.
func (x *mux) give() {
	e := x.s
	for x.turn > 0 {
		room := e.sendBuffer - e.snd.used
		if room <= 0 {
			e.snd.blocked = true
			return
		}
		n := min(room, x.turn)
		x.turn -= n
		e.push(n)
	}
	x.poke()
}

// decide makes the next turn: control frames, promises, and a frame of one
// response with its head if that has not been sent.
func (x *mux) decide() {
	if x.turn > 0 {
		return
	}
	if !x.f.Buffer { // nothing is decided before the link is free
		if x.s.snd.next != nil {
			return // the next acknowledgement looks again
		}
		if x.down.free > x.g.now {
			x.again(x.down.free)
			return
		}
	}
	n := 0
	if x.f.Frames {
		n = x.control
		for _, j := range x.promises {
			n += x.block(j, true)
		}
	}
	if x.control > 0 {
		x.control = 0
		x.toClient = append(x.toClient, inFlight{x.written + int64(n), func() { x.sending(x.m.SettingsAck, func() {}) }})
	}
	x.promises = nil
	n += x.frame(int64(n))
	if n == 0 {
		return
	}
	x.written += int64(n)
	x.turn = n
	x.give()
}

// again decides at a later time.
func (x *mux) again(t time.Duration) {
	if x.due {
		return
	}
	x.due = true
	x.g.at(t, func() {
		x.due = false
		x.decide()
	})
}

// frame is the part of a turn that is of a response; off bytes go before it.
func (x *mux) frame(off int64) int {
	ws := make([]waiting, len(x.ws))
	for i, w := range x.ws {
		ws[i] = w
		ws[i].ready = w.ready && x.rest[i] > 0
		ws[i].blocked = x.f.Flow && (x.window <= 0 || x.windows[i] <= 0 && x.begun[i])
	}
	i := x.m.Scheduler.choose(ws, x.last)
	if i < 0 {
		return 0
	}
	x.last = i
	n := 0
	if !x.begun[i] {
		x.begun[i] = true
		if x.f.Frames {
			n = x.block(i, false)
		}
	}
	k := min(x.rest[i], max(x.m.Frame, 1))
	if x.f.Flow {
		k = max(min(k, x.window, x.windows[i]), 0)
		x.window -= k
		x.windows[i] -= k
	}
	if k == 0 {
		return n
	}
	x.res.Frames++
	x.rest[i] -= k
	last := x.rest[i] == 0
	n += k
	if x.f.Frames {
		n += x.m.FrameHeader
	}
	x.toClient = append(x.toClient, inFlight{x.written + off + int64(n), func() { x.data(i, k, last) }})
	return n
}
