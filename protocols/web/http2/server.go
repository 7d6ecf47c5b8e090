package http2

import (
	"bufio"
	"context"
	"net"
	"sync"
	"time"

	"netscope/protocols/web/http1"
)

// Server answers requests over HTTP/2, and over HTTP/1.1 to those who speak
// only that.
type Server struct {
	Handle func(*http1.Request) http1.Reply
	Pushes func(*http1.Request) []Request // what to push with the answer; nil: nothing
	Pick   Pick                           // which stream's frame goes next; RoundRobin if nil
	Frame  int                            // bytes of content in a DATA frame at most; 16,384 if 0
	Now    func() time.Time               // for deadlines
	Date   bool                           // responses carry a Date field
	Idle   time.Duration                  // how long a client may be silent; 2 min if 0
	Conns  int                            // connections at a time, others wait to be accepted; 256 if 0
	Note   func(name, text string)        // told what the scheduler decides; may be nil

	// Settle is called before each decision. It may wait until all that
	// happens at this instant has happened, so that the decision does not
	// depend on which goroutine runs first.
	Settle func()
}

// Serve accepts until ctx is done, then closes the listener and every
// connection, and returns when all its goroutines have ended. It returns nil if
// ctx ended it.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	conns := s.Conns
	if conns <= 0 {
		conns = 256
	}
	slots := make(chan struct{}, conns)
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer stop()
	defer ln.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		c, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			s.ServeConn(ctx, c)
		}()
	}
}

// ServeConn serves one connection until either side ends it or ctx is done.
func (s *Server) ServeConn(ctx context.Context, c net.Conn) {
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	// A frame of the largest size and its header fit the buffer, so that a
	// frame can be waited for before it is read.
	br := bufio.NewReaderSize(c, FrameHeader+DefaultFrame+4096)
	s.patience(c)
	first, err := s.begin(c, br)
	if err != nil {
		return
	}
	if first.http1 {
		h := &http1.Server{Handle: s.Handle, Now: s.Now, Idle: s.idle(), Write: time.Minute}
		h.ServeConn(ctx, prefixed{c, br})
		return
	}
	newConn(s, c, br).serve(first)
}

func (s *Server) idle() time.Duration {
	if s.Idle > 0 {
		return s.Idle
	}
	return 2 * time.Minute
}

// patience says how long the next read may take.
func (s *Server) patience(c net.Conn) { _ = c.SetReadDeadline(s.Now().Add(s.idle())) }

func (s *Server) pick(cs []Candidate, last int) int {
	if s.Pick == nil {
		return RoundRobin(cs, last)
	}
	return s.Pick(cs, last)
}

func (s *Server) frame() int {
	if s.Frame > 0 {
		return s.Frame
	}
	return DefaultFrame
}

func (s *Server) date() string {
	if !s.Date {
		return ""
	}
	return s.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
}
