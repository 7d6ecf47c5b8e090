package http3

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/quic-go/quic-go"
	quichttp3 "github.com/quic-go/quic-go/http3"

	"netscope/protocols/web/http1"
)

// Server answers requests over HTTP/3.
type Server struct {
	Handle   Handler
	Identity *Identity
	Keys     io.Writer        // told the secrets of each connection before they are used; may be nil
	Now      func() time.Time // for certificates and the Date field
	Date     bool             // responses carry a Date field
	Idle     time.Duration    // how long a client may be silent; 2 min if 0

	// Turn is called before a request on a stream is answered. It may wait, so
	// that of requests that come at the same instant the order is known.
	Turn func(ctx context.Context, stream int64)
}

// Serve serves on a UDP socket until ctx is done, then closes every connection
// and the socket. It returns nil if ctx ended it.
func (s *Server) Serve(ctx context.Context, c net.PacketConn) error {
	defer c.Close()
	idle := s.Idle
	if idle <= 0 {
		idle = 2 * time.Minute
	}
	t := &quic.Transport{Conn: socket{c}}
	defer t.Close()
	ln, err := t.ListenEarly(s.Identity.server(s.Now, s.Keys), config(idle))
	if err != nil {
		return fmt.Errorf("cannot listen for QUIC: %w", err)
	}
	srv := &quichttp3.Server{Handler: http.HandlerFunc(s.answer)}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close(); _ = ln.Close() })
	defer stop()
	err = srv.ServeListener(ln)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// answer answers one request.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	if st, ok := r.Body.(interface{ StreamID() quic.StreamID }); ok && s.Turn != nil {
		s.Turn(r.Context(), int64(st.StreamID()))
	}
	q := &http1.Request{Method: r.Method, Target: r.RequestURI, Proto: "HTTP/3"}
	for name, vs := range r.Header {
		for _, v := range vs {
			q.Header = append(q.Header, http1.Field{Name: name, Value: v})
		}
	}
	reply := s.Handle(q)
	if c, ok := reply.Body.(io.Closer); ok {
		defer c.Close()
	}
	h := w.Header()
	if !s.Date {
		h["Date"] = nil
	} else {
		h.Set("Date", s.Now().UTC().Format(http.TimeFormat))
	}
	for _, f := range reply.Header {
		h.Add(f.Name, f.Value)
	}
	h.Set("Content-Length", strconv.FormatInt(reply.Size, 10))
	w.WriteHeader(reply.Status)
	if reply.Body == nil || reply.Size == 0 || r.Method == http.MethodHead {
		return
	}
	// The content goes in few and large DATA frames: how it is cut into packets
	// is not their business.
	buf := make([]byte, min(reply.Size, piece))
	_, _ = io.CopyBuffer(writerOnly{w}, io.LimitReader(reply.Body, reply.Size), buf)
}

// piece is how much content a DATA frame has at most.
const piece = 64 << 10

// writerOnly hides what else a writer can do from io.CopyBuffer.
type writerOnly struct{ io.Writer }
