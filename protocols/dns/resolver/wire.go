package resolver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// firstPort is where the range of random source ports begins.
const firstPort = 1024

// wire is the resolver's UDP sockets. A socket is shared by the questions that
// go out from its port, and closed with the last of them, unless its port is
// fixed.
type wire struct {
	r       *Resolver
	mu      sync.Mutex
	sockets map[socketKey]*socket
	closed  bool
}

type socketKey struct {
	network string
	port    uint16
}

// socket is a UDP socket and the questions that wait at it.
type socket struct {
	key     socketKey
	conn    net.PacketConn
	keep    bool
	waiting []*waiter
}

// waiter is a question on its way.
type waiter struct {
	q     *dns.Msg
	to    netip.AddrPort
	reply chan *dns.Msg // has room for one
	wrong rejections
}

// rejections counts datagrams that were not the answer, by the first thing that
// was wrong with them.
type rejections struct{ source, id, question int }

func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, s := range w.sockets {
		_ = s.conn.Close()
	}
	w.sockets = map[socketKey]*socket{}
}

// overUDP sends a datagram and waits for the answer.
func (w *wire) overUDP(ctx context.Context, to netip.AddrPort, q *dns.Msg, raw []byte, limit time.Duration) (*dns.Msg, error) {
	wt := &waiter{q: q, to: to, reply: make(chan *dns.Msg, 1)}
	s, err := w.join(wt)
	if err != nil {
		return nil, err
	}
	defer w.leave(s, wt)
	if _, err := s.conn.WriteTo(raw, udpAddr(to)); err != nil {
		return nil, fmt.Errorf("the question cannot be sent: %w", err)
	}
	over := make(chan struct{})
	waitCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.r.after(waitCtx, limit, func() { close(over) })
	select {
	case m := <-wt.reply:
		return m, nil
	case <-over:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select { // both at one instant: the answer counts
	case m := <-wt.reply:
		return m, nil
	default:
		return nil, timeoutError{limit}
	}
}

// join finds or opens a socket and adds a waiter to it.
func (w *wire) join(wt *waiter) (*socket, error) {
	g := w.r.cfg.Guard
	var err error
	for range 8 { // a random port may be somebody else's
		port := g.Port
		if port == 0 && g.Ports > 0 {
			port = uint16(firstPort + w.r.random(g.Ports))
		}
		var s *socket
		if s, err = w.open(socketKey{family(wt.to.Addr()), port}, wt); err == nil {
			return s, nil
		}
		if g.Port != 0 || errors.Is(err, net.ErrClosed) {
			break
		}
	}
	return nil, fmt.Errorf("no port to ask from: %w", err)
}

func (w *wire) open(k socketKey, wt *waiter) (*socket, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, net.ErrClosed
	}
	s := w.sockets[k]
	if s == nil {
		c, err := w.r.cfg.Host.ListenPacket(k.network, fmt.Sprintf(":%d", k.port))
		if err != nil {
			return nil, err
		}
		s = &socket{key: k, conn: c, keep: k.port != 0 && k.port == w.r.cfg.Guard.Port}
		if k.port != 0 {
			w.sockets[k] = s
		}
		go w.receive(s)
	}
	s.waiting = append(s.waiting, wt)
	return s, nil
}

// leave takes a waiter off its socket and says what else had come for it.
func (w *wire) leave(s *socket, wt *waiter) {
	w.mu.Lock()
	if i := slices.Index(s.waiting, wt); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
	}
	if len(s.waiting) == 0 && !s.keep {
		_ = s.conn.Close()
		if w.sockets[s.key] == s {
			delete(w.sockets, s.key)
		}
	}
	wrong := wt.wrong
	w.mu.Unlock()
	if n := wrong.source + wrong.id + wrong.question; n > 0 {
		k := key{dns.CanonicalName(wt.q.Question[0].Name), wt.q.Question[0].Qtype}
		d := k.data()
		d["count"], d["id"], d["source"], d["question"] = n, wrong.id, wrong.source, wrong.question
		w.r.note("forged-rejected", fmt.Sprintf("%d datagrams came for %s and were not its answer: %d had another ID, %d another source, %d another question", n, k, wrong.id, wrong.source, wrong.question), d)
	}
}

// receive gives what comes to a socket to those who wait.
func (w *wire) receive(s *socket) {
	buf := make([]byte, dns.MaxMsgSize)
	for {
		n, from, err := s.conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			w.mu.Lock()
			gone := w.closed || !s.keep && len(s.waiting) == 0
			w.mu.Unlock()
			if gone {
				return
			}
			continue // an ICMP error of an earlier question
		}
		u, ok := from.(*net.UDPAddr)
		if !ok {
			continue
		}
		ap := u.AddrPort()
		w.deliver(s, netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), buf[:n])
	}
}

// deliver finds the question that a datagram answers.
func (w *wire) deliver(s *socket, from netip.AddrPort, raw []byte) {
	if len(raw) < 12 {
		return
	}
	id := uint16(raw[0])<<8 | uint16(raw[1])
	w.mu.Lock()
	defer w.mu.Unlock()
	var m *dns.Msg
	for _, wt := range s.waiting {
		switch {
		case wt.to.Addr() != from.Addr().WithZone("") || wt.to.Port() != from.Port():
			wt.wrong.source++
			continue
		case wt.q.Id != id:
			wt.wrong.id++
			continue
		}
		if m == nil {
			m = new(dns.Msg)
			if m.Unpack(raw) != nil {
				m.Question = nil
			}
		}
		if !answers(m, wt.q) && !(m.Response && m.Rcode == dns.RcodeFormatError && len(m.Question) == 0) {
			wt.wrong.question++
			continue
		}
		select {
		case wt.reply <- m:
		default:
		}
		return
	}
}
