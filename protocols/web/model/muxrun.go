package model

import (
	"math/rand/v2"
	"time"
)

// MuxEffects are the ways in which a real connection differs from [MuxIdeal].
type MuxEffects struct {
	Frames  bool // frame headers, heads and control frames take time
	Headers bool // so do TCP and IP headers
	Up      bool // and everything that the client sends
	Flow    bool // flow-control windows of HTTP/2
	Slow    bool // slow start
	Buffer  bool // the server gives TCP more than the link can take
	Windows bool // receive window
	Timeout bool // retransmission time-outs
}

// MuxReal is all effects together.
func MuxReal() MuxEffects { return MuxEffects{true, true, true, true, true, true, true, true} }

// MuxResult is what a run of the model gives.
type MuxResult struct {
	Done     []time.Duration // of each object: from when its request had arrived until it was complete
	Time     time.Duration   // from the SYN until the last object was complete
	Frames   int             // DATA frames
	Complete bool            // false: it did not end within the limit of events
}

// mux is a run: the client's end and the server's.
type mux struct {
	g        *engine
	m        Mux
	f        MuxEffects
	up, down *wire
	c, s     *end
	res      MuxResult
	left     int
	arrived  []time.Duration

	// The server.
	ws       []waiting
	rest     []int // content still to be sent
	begun    []bool
	window   int // of the connection
	windows  []int
	last     int
	control  int   // bytes of control frames that are due
	promises []int // objects
	block    func(int, bool) int
	turn     int // bytes of the present turn that TCP has not taken
	due      bool
	written  int64 // bytes of all turns

	// What is under way, in order.
	toServer, toClient []inFlight
	sent               int64 // by the client

	// The client.
	used, usedOf []int // of the connection's window (one element) and the streams'
	batch        int
}

// inFlight is a frame: when all bytes up to end have come, it has.
type inFlight struct {
	end int64
	fn  func()
}

// MuxRun follows every packet. seed matters only with loss; limit bounds the
// events (0: 50 million). used is how many there were.
func MuxRun(m Mux, f MuxEffects, seed uint64, limit int) (r MuxResult, used int) {
	if limit <= 0 {
		limit = 50_000_000
	}
	x := &mux{g: &engine{left: limit}, m: m, f: f, left: len(m.Objects), last: -1}
	x.start(seed)
	for x.left > 0 && x.g.step() {
	}
	x.res.Complete, x.res.Time = x.left == 0, x.g.now
	return x.res, limit - x.g.left
}

func (x *mux) start(seed uint64) {
	m, n := x.m, len(x.m.Objects)
	x.up = &wire{g: x.g, rate: m.Rate, delay: m.RTT / 2, loss: m.Loss, rng: rand.New(rand.NewPCG(seed, 1))}
	x.down = &wire{g: x.g, rate: m.Rate, delay: m.RTT - m.RTT/2, loss: m.Loss, drop: m.Drop, rng: rand.New(rand.NewPCG(seed, 2))}
	if !x.f.Up {
		x.up.rate = 0
	}
	f := Effects{Queue: true, Upstream: x.f.Up, Headers: x.f.Headers, Slow: x.f.Slow, Windows: true, Timeouts: x.f.Timeout}
	t := m.TCP
	if !x.f.Windows {
		t.Window, t.FirstWnd = unbounded, unbounded
	}
	if !x.f.Buffer {
		t.SendBuffer = unbounded
	}
	x.c, x.s = newEnd(x.g, f, x.up, t), newEnd(x.g, f, x.down, t)
	x.c.sendBuffer = unbounded
	if !x.f.Headers {
		x.s.header, x.s.synSize = 0, 0
	}
	x.c.client, x.c.peer, x.s.peer = true, x.s, x.c
	x.res.Done, x.arrived = make([]time.Duration, n), make([]time.Duration, n)
	x.ws, x.rest, x.begun, x.windows = make([]waiting, n), make([]int, n), make([]bool, n), make([]int, n)
	x.window, x.used, x.usedOf = max(m.Window, initialWindow), make([]int, 1), make([]int, n)
	for i, o := range m.Objects {
		x.ws[i] = waiting{urgency: o.Urgency, incremental: o.Incremental}
		x.rest[i], x.windows[i] = o.Size, m.StreamWindow
	}
	if m.Blocks != nil {
		x.block = m.Blocks()
	}
	x.c.connected = x.ask
	x.c.readable = func() { x.clientReads() }
	x.s.readable = func() { x.serverReads() }
	x.s.writable = x.give
	x.s.acked = func() {
		if !x.f.Buffer {
			x.poke()
		}
	}
	x.c.open()
}

const (
	unbounded     = 1 << 30
	initialWindow = 65535 // of the connection, which nothing can make smaller (RFC 9113 §6.9.2)
)

// ask sends what opens the connection and the requests, in one write; later
// ones and updates at their times.
func (x *mux) ask() {
	x.batch += x.m.Opening
	first := x.m.Settings
	x.sending(0, func() { x.control += first })
	for i, o := range x.m.Objects {
		i := i
		switch {
		case o.Pushed, o.After:
		case o.Later == 0:
			x.sending(o.Request, func() { x.request(i) })
		}
	}
	x.flush()
	for i := 0; i < len(x.m.Objects); {
		o := x.m.Objects[i]
		from := i
		for i++; i < len(x.m.Objects) && x.m.Objects[i].Later == o.Later; i++ {
		}
		if o.Later > 0 && !o.Pushed {
			to := i
			x.g.at(x.g.now+o.Later, func() {
				for j := from; j < to; j++ {
					x.sending(x.m.Objects[j].Request, func() { x.request(j) })
				}
				x.flush()
			})
		}
	}
	for i := 0; i < len(x.m.Updates); {
		from := i
		for i++; i < len(x.m.Updates) && x.m.Updates[i].At == x.m.Updates[from].At; i++ {
		}
		batch := x.m.Updates[from:i]
		x.g.at(x.g.now+batch[0].At, func() {
			for _, u := range batch {
				x.sending(u.Bytes, func() {
					x.ws[u.Object].urgency, x.ws[u.Object].incremental = u.Urgency, u.Incremental
				})
			}
			x.flush()
		})
	}
}

// sending adds a frame of the client to the present write.
func (x *mux) sending(n int, fn func()) {
	x.batch += n
	x.toServer = append(x.toServer, inFlight{x.sent + int64(x.batch), fn})
}

func (x *mux) flush() {
	if n := x.batch; n > 0 {
		x.batch = 0
		x.sent += int64(n)
		x.c.push(n)
	}
}

// serverReads takes what has come from the client.
func (x *mux) serverReads() {
	for len(x.toServer) > 0 && x.toServer[0].end <= x.s.got {
		fn := x.toServer[0].fn
		x.toServer = x.toServer[1:]
		fn()
	}
	x.poke()
}

// request is a request at the server; with the first comes what is pushed.
func (x *mux) request(i int) {
	x.arrived[i] = x.g.now
	x.ws[i].ready = true
	if i > 0 {
		return
	}
	for j, o := range x.m.Objects {
		if o.Pushed {
			x.arrived[j], x.ws[j].ready = x.g.now, true
			x.promises = append(x.promises, j)
		}
	}
}

// clientReads takes what has come from the server.
func (x *mux) clientReads() {
	for len(x.toClient) > 0 && x.toClient[0].end <= x.c.got {
		fn := x.toClient[0].fn
		x.toClient = x.toClient[1:]
		fn()
	}
	x.flush()
}

// data is a DATA frame at the client.
func (x *mux) data(i, n int, last bool) {
	if last {
		x.res.Done[i] = x.g.now - x.arrived[i]
		x.left--
	}
	if x.f.Flow {
		x.opened(&x.usedOf[i], n, x.m.StreamWindow, last, &x.windows[i])
		x.opened(&x.used[0], n, max(x.m.Window, initialWindow), false, &x.window)
	}
	if last && i == 0 {
		for j, o := range x.m.Objects {
			if o.After {
				x.sending(o.Request, func() { x.request(j) })
			}
		}
	}
}

// opened gives a window back when half of it is used up.
func (x *mux) opened(used *int, n, size int, last bool, window *int) {
	*used += n
	if k := *used; k >= max(size/2, 1) && !last {
		*used = 0
		x.sending(x.m.UpdateFrame, func() { *window += k })
	}
}
