package model

import (
	"math"
	"time"
)

// end is one end of a connection.
type end struct {
	g      *engine
	f      Effects
	out    *wire
	peer   *end
	client bool

	header, synSize int // bytes on the wire
	mss             int
	sendBuffer      int
	minRTO          time.Duration
	firstWindow     int

	snd sender
	rcv receiver

	state       state
	asked       time.Duration // when the SYN or SYN ACK was first given to the link
	synRTO      time.Duration
	got         int64 // bytes that the program has received
	finAt       int64
	closed      bool
	retransmits int

	connected func()
	readable  func()
	writable  func()
	wake      bool
	acked     func() // an acknowledgement has been processed

	onArrive func(bytes int)        // of every packet at the other end
	onLeave  func(at time.Duration) // of the next packet
}

type state int

const (
	closed state = iota
	synSent
	synReceived
	established
)

// newEnd makes one end of a connection that sends into out.
func newEnd(g *engine, f Effects, out *wire, t TCP) *end {
	e := &end{g: g, f: f, out: out, header: t.Header, synSize: t.SYN, mss: t.MSS,
		sendBuffer: t.SendBuffer, minRTO: t.MinRTO, synRTO: t.InitialRTO, firstWindow: t.FirstWnd}
	e.snd = sender{cwnd: InitialWindow, ssthresh: noThreshold, rto: t.InitialRTO, recover: -1}
	e.rcv.window = t.Window
	if !f.Slow {
		e.snd.cwnd = math.MaxInt32
	}
	if !f.Windows {
		e.rcv.window, e.sendBuffer, e.firstWindow = math.MaxInt32, math.MaxInt32, math.MaxInt32
	}
	return e
}

// open starts the handshake.
func (e *end) open() {
	e.state, e.asked = synSent, e.g.now
	e.emit(packet{syn: true, ack: -1})
	e.retrySYN()
}

// retrySYN sends the SYN or SYN ACK again while it is not answered.
func (e *end) retrySYN() {
	if !e.f.Timeouts {
		return
	}
	rto, st := e.synRTO, e.state
	e.synRTO *= 2
	e.g.at(e.g.now+rto, func() {
		if e.state != st {
			return
		}
		if e.synRTO > maxRTO {
			e.state = closed
			if e.client {
				e.g.failed = true // nobody can go on without this connection
			}
			return
		}
		e.retrySYN()
		p := packet{syn: true, ack: -1, stamp: e.asked}
		if st == synReceived {
			p.ack = 0
		}
		e.retransmits++
		e.emit(p)
	})
}

// arrive is a packet at this end.
func (e *end) arrive(p packet) {
	switch e.state {
	case closed:
		if p.syn && p.ack < 0 {
			e.state, e.asked = synReceived, e.g.now
			e.rcv.stamp = p.stamp
			e.emit(packet{syn: true})
			e.retrySYN()
		}
	case synSent:
		if p.syn && p.ack >= 0 {
			e.establish(p)
			e.emitAck()
			e.connected()
		}
	case synReceived:
		if p.syn {
			e.challenge()
			return
		}
		e.establish(p)
		if p.n > 0 || p.fin {
			e.receive(p)
		}
	case established:
		e.receive(p)
	}
}

// establish ends the handshake; it has measured the round trip.
func (e *end) establish(p packet) {
	e.state = established
	e.rcv.stamp = max(e.rcv.stamp, p.stamp)
	e.snd.window = p.window
	if p.syn {
		e.snd.window = e.firstWindow
	}
	rtt := ticks(e.asked, e.g.now)
	if rtt == 0 {
		rtt = (e.g.now - e.asked).Seconds()
	}
	e.sample(rtt)
}

// emit puts a packet on the wire.
func (e *end) emit(p packet) {
	size := e.header + p.n
	if p.syn {
		size = e.synSize
	} else {
		p.ack = e.rcv.next
		e.rcv.told = p.ack
		if len(e.rcv.early) > 0 {
			if p.sack = e.rcv.blocks(); len(p.sack) > 0 && e.header > 0 {
				size += 4 + 8*len(p.sack)
			}
		}
	}
	p.window = e.rcv.window
	if p.stamp == 0 {
		p.stamp = e.g.now
	}
	p.echo = e.rcv.stamp
	e.snd.last = e.g.now
	peer, told := e.peer, e.onArrive
	left := e.out.send(size, p.n > 0, func() {
		if told != nil {
			told(size)
		}
		peer.arrive(p)
	})
	if e.onLeave != nil {
		f := e.onLeave
		e.onLeave = nil
		f(left)
	}
}

// finish closes this end's direction.
func (e *end) finish() {
	if e.closed {
		return
	}
	e.closed = true
	if e.f.Closing {
		e.push(0)
	}
}
