package server

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/lab"
)

// Request is a message that has come.
type Request struct {
	Message []byte
	From    netip.AddrPort
	UDP     bool
}

// Handler makes the bytes of an answer; nil means that none is sent. It may
// wait, and is called on many goroutines, unless [Options].Prompt is set.
type Handler func(ctx context.Context, r Request) []byte

// Options are how a handler is served. The zero value will do.
type Options struct {
	Port   uint16       // 0: 53
	Go     func(func()) // starts goroutines; nil: the go statement
	Prompt bool         // the handler never waits: datagrams are answered in turn
	// Busy bounds how many requests are handled at a time; 0: 1024. More are
	// not answered, and their askers ask again.
	Busy int
	// Allow, if not nil, says whether a request may be handled: a filter, or a
	// bound on its rate.
	Allow func(Request) bool
}

// Bounds of TCP (RFC 7766 §6.2).
const (
	maxConns = 256
	tcpIdle  = 10 * time.Second
)

// Serve listens on UDP and TCP of both families and returns; service ends with
// ctx.
func Serve(ctx context.Context, h lab.Host, handle Handler, o Options) error {
	if o.Port == 0 {
		o.Port = 53
	}
	if o.Go == nil {
		o.Go = func(f func()) { go f() }
	}
	if o.Busy == 0 {
		o.Busy = 1024
	}
	addr := fmt.Sprintf(":%d", o.Port)
	pc, err := h.ListenPacket("udp", addr)
	if err != nil {
		return fmt.Errorf("the name server of %s cannot listen on UDP port %d: %w", h.Name(), o.Port, err)
	}
	ln, err := h.Listen("tcp", addr)
	if err != nil {
		_ = pc.Close()
		return fmt.Errorf("the name server of %s cannot listen on TCP port %d: %w", h.Name(), o.Port, err)
	}
	s := &service{handle: handle, o: o, busy: make(chan struct{}, o.Busy)}
	o.Go(func() { s.datagrams(ctx, pc) })
	o.Go(func() { s.connections(ctx, ln) })
	context.AfterFunc(ctx, func() { _ = pc.Close(); _ = ln.Close() })
	return nil
}

// service is a handler at work.
type service struct {
	handle Handler
	o      Options
	busy   chan struct{} // holds a token for each request that is handled
}

func (s *service) datagrams(ctx context.Context, pc net.PacketConn) {
	buf := make([]byte, dns.MaxMsgSize)
	for {
		n, from, err := pc.ReadFrom(buf)
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // an ICMP error of an earlier answer
		}
		r := Request{Message: append([]byte(nil), buf[:n]...), From: addrPort(from), UDP: true}
		if s.o.Allow != nil && !s.o.Allow(r) {
			continue
		}
		answer := func() {
			if m := s.handle(ctx, r); m != nil && ctx.Err() == nil {
				_, _ = pc.WriteTo(m, from)
			}
		}
		if s.o.Prompt {
			answer()
			continue
		}
		select {
		case s.busy <- struct{}{}:
			s.o.Go(func() { answer(); <-s.busy })
		default:
		}
	}
}

func (s *service) connections(ctx context.Context, ln net.Listener) {
	slots := make(chan struct{}, maxConns)
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		select {
		case slots <- struct{}{}:
			s.o.Go(func() { s.connection(ctx, c); <-slots })
		default:
			_ = c.Close()
		}
	}
}

// connection answers the messages of a connection in turn.
func (s *service) connection(ctx context.Context, c net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	defer c.Close()
	// A deadline needs the time of day; a timer only how long.
	idle := time.AfterFunc(tcpIdle, func() { _ = c.Close() })
	defer idle.Stop()
	for {
		m, err := ReadTCP(c)
		if err != nil {
			return
		}
		idle.Reset(tcpIdle)
		r := Request{Message: m, From: addrPort(c.RemoteAddr())}
		if s.o.Allow != nil && !s.o.Allow(r) {
			return
		}
		answer := s.handle(ctx, r)
		if answer == nil || WriteTCP(c, answer) != nil {
			return
		}
	}
}

// ReadTCP reads one message with its length (RFC 1035 §4.2.2).
func ReadTCP(r io.Reader) ([]byte, error) {
	var n [2]byte
	if _, err := io.ReadFull(r, n[:]); err != nil {
		return nil, err
	}
	m := make([]byte, binary.BigEndian.Uint16(n[:]))
	_, err := io.ReadFull(r, m)
	return m, err
}

// WriteTCP writes one message with its length, at once (RFC 7766 §8).
func WriteTCP(w io.Writer, m []byte) error {
	if len(m) > dns.MaxMsgSize {
		return fmt.Errorf("a DNS message of %d bytes does not fit TCP: %d is the most", len(m), dns.MaxMsgSize)
	}
	_, err := w.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...))
	return err
}

func addrPort(a net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.UDPAddr:
		ap = a.AddrPort()
	case *net.TCPAddr:
		ap = a.AddrPort()
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
