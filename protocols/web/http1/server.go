package http1

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

// Reply is what a handler answers. The server adds Date, Content-Length and
// Connection.
type Reply struct {
	Status int
	Header Header    // Content-Type and the like
	Size   int64     // bytes of content, exact
	Body   io.Reader // gives Size bytes; nil if Size is 0. Closed after use if it is an io.Closer
}

// Server answers requests, each connection in its own goroutine.
type Server struct {
	Handle func(*Request) Reply
	Now    func() time.Time // for Date and deadlines
	Limits Limits
	Idle   time.Duration // how long a persistent connection may wait for a request; 2 min if 0
	Head   time.Duration // how long a head may take once it has begun; 30 s if 0
	Write  time.Duration // how long the peer may take to make room for a piece of 256 KiB; none if 0
	Conns  int           // connections at a time, others wait to be accepted; 1024 if 0
}

// Piece is what is given to the connection in one write. The head travels with
// the beginning of the body, so a small response is one segment.
const Piece = 256 << 10

// maxRequestBody is how much of a request's body is read to be thrown away.
const maxRequestBody = 1 << 20

// Serve accepts until ctx is done, then closes the listener and every
// connection, and returns when all its goroutines have ended. It returns nil if
// ctx ended it.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	conns := s.Conns
	if conns <= 0 {
		conns = 1024
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
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	s.conn(c)
}

// conn speaks on one connection until either side wants to end it.
func (s *Server) conn(c net.Conn) {
	defer c.Close()
	br := bufio.NewReaderSize(c, 4<<10)
	buf := make([]byte, 0, 4<<10)
	for {
		_ = c.SetReadDeadline(s.Now().Add(or(s.Idle, 2*time.Minute)))
		if _, err := br.Peek(1); err != nil {
			return
		}
		_ = c.SetReadDeadline(s.Now().Add(or(s.Head, 30*time.Second)))
		req, err := ReadRequest(br, s.Limits)
		reply, keep := s.answer(c, br, req, err)
		if reply == nil {
			return
		}
		buf, err = s.write(c, buf[:0], req, *reply, keep)
		if err != nil || !keep {
			s.linger(c, br, err == nil && reply.Status >= 400)
			return
		}
	}
}

// answer decides on the reply to what was read, and whether the connection
// goes on. A nil reply means that nobody is there to answer.
func (s *Server) answer(c net.Conn, br *bufio.Reader, req *Request, err error) (*Reply, bool) {
	var b *BadMessage
	switch {
	case errors.As(err, &b):
		r := failure(b.Status, b.Reason)
		return &r, false
	case errors.Is(err, os.ErrDeadlineExceeded):
		r := failure(408, "the head did not arrive in time")
		return &r, false
	case err != nil:
		return nil, false
	}
	keep := req.Persists()
	body, err := requestFraming(req)
	if err == nil && (body.chunked || body.length > 0) {
		if req.Header.HasToken("Expect", "100-continue") {
			r := failure(417, "this server takes no content")
			return &r, false
		}
		_, err = body.read(br, io.Discard, maxRequestBody)
	}
	switch {
	case errors.As(err, &b):
		r := failure(b.Status, b.Reason)
		return &r, false
	case errors.Is(err, errTooMuch):
		r := failure(413, "this server takes no content of that size")
		return &r, false
	case err != nil:
		return nil, false
	}
	r := s.reply(req)
	return &r, keep
}

func (s *Server) reply(req *Request) Reply {
	switch req.Method {
	case "GET", "HEAD":
		return s.Handle(req)
	case "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH":
		r := failure(405, req.Method+" is not allowed here")
		r.Header = append(r.Header, Field{"Allow", "GET, HEAD"})
		return r
	}
	return failure(501, "the method "+req.Method+" is not known here")
}

// failure is a reply that says in one line what is wrong.
func failure(status int, text string) Reply {
	text += "\n"
	return Reply{
		Status: status,
		Header: Header{{"Content-Type", "text/plain; charset=utf-8"}},
		Size:   int64(len(text)),
		Body:   &stringReader{text},
	}
}

// NotFound is the reply to a target that does not exist.
func NotFound(target string) Reply { return failure(404, "there is no "+target+" here") }

// ResponseHead is the head that the server sends for a reply to a request with
// this version. It is exported so that predictions know its size.
func ResponseHead(proto string, r Reply, keep bool, now time.Time) *Response {
	// RFC 9110 §2.5 lets a server answer with its own version; answering with
	// the client's keeps HTTP/1.0 exchanges recognisable.
	h := Header{{"Date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")}, {"Server", "netscope"}}
	h = append(h, r.Header...)
	h = append(h, Field{"Content-Length", strconv.FormatInt(r.Size, 10)})
	switch {
	case !keep:
		h = append(h, Field{"Connection", "close"})
	case proto == HTTP10:
		h = append(h, Field{"Connection", "keep-alive"})
	}
	return &Response{Proto: proto, Status: r.Status, Reason: reason(r.Status), Header: h, Length: r.Size}
}

// write sends a reply, the head together with the beginning of the body.
func (s *Server) write(c net.Conn, buf []byte, req *Request, r Reply, keep bool) ([]byte, error) {
	if cl, ok := r.Body.(io.Closer); ok {
		defer cl.Close()
	}
	proto := HTTP11
	if req != nil && req.Proto != "" {
		proto = req.Proto
	}
	buf = ResponseHead(proto, r, keep, s.Now()).AppendHead(buf)
	left := r.Size
	if req != nil && req.Method == "HEAD" {
		left = 0
	}
	for {
		n := int(min(left, int64(Piece-len(buf))))
		if n > 0 {
			head := len(buf)
			if cap(buf) < head+n {
				buf = append(make([]byte, 0, head+n), buf...)
			}
			buf = buf[:head+n]
			if _, err := io.ReadFull(r.Body, buf[head:]); err != nil {
				// The promised length cannot be kept: the client must notice
				// by a short body, so the connection ends here.
				return buf, err
			}
			left -= int64(n)
		}
		if s.Write > 0 {
			_ = c.SetWriteDeadline(s.Now().Add(s.Write))
		}
		if _, err := c.Write(buf); err != nil {
			return buf, err
		}
		if left == 0 {
			return buf, nil
		}
		buf = buf[:0]
	}
}

// linger reads away what the peer is still sending after an error, for a short
// time: closing with unread bytes would reset the connection, and the peer
// would never see the answer (RFC 9112 §9.6).
func (s *Server) linger(c net.Conn, br *bufio.Reader, failed bool) {
	if !failed {
		return
	}
	half, ok := c.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	_ = c.SetReadDeadline(s.Now().Add(2 * time.Second))
	_, _ = io.CopyN(io.Discard, br, 1<<20)
}

func or(d, def time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return def
}

// stringReader reads a string once.
type stringReader struct{ s string }

func (r *stringReader) Read(b []byte) (int, error) {
	if r.s == "" {
		return 0, io.EOF
	}
	n := copy(b, r.s)
	r.s = r.s[n:]
	return n, nil
}
