package http1

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net"
)

// Conn is a client's end of a connection. It is used by one goroutine.
type Conn struct {
	c   net.Conn
	br  *bufio.Reader
	lim Limits
	end bool // the server has said, or shown, that nothing more will come
}

// NewConn speaks HTTP on c.
func NewConn(c net.Conn, lim Limits) *Conn {
	return &Conn{c: c, br: bufio.NewReaderSize(c, 32<<10), lim: lim}
}

// Close closes the connection.
func (c *Conn) Close() error { return c.c.Close() }

// Persists reports whether another request may be sent.
func (c *Conn) Persists() bool { return !c.end }

// Do sends one request and reads its response, the content into w.
func (c *Conn) Do(r *Request, w io.Writer) (*Response, error) {
	if _, err := c.c.Write(r.Append(nil)); err != nil {
		return nil, fmt.Errorf("sending %s %s: %w", r.Method, r.Target, err)
	}
	return c.receive(r, w)
}

// Pipeline sends all requests at once and then reads the responses, which come
// in the same order (RFC 9112 §9.3.2). each is called after every response; its
// error ends the work. w gives the place for the content of response i.
func (c *Conn) Pipeline(rs []*Request, w func(i int) io.Writer, each func(i int, r *Response) error) error {
	var b []byte
	for _, r := range rs {
		b = r.Append(b)
	}
	// Responses are read while requests are still being written: a server that
	// answers before it has read everything would otherwise block, and so
	// would we.
	sent := make(chan error, 1)
	go func() {
		_, err := c.c.Write(b)
		sent <- err
	}()
	for i, r := range rs {
		resp, err := c.receive(r, w(i))
		if err == nil {
			err = each(i, resp)
		}
		if err == nil && c.end && i+1 < len(rs) {
			err = fmt.Errorf("server closed after response %d of %d: %w", i+1, len(rs), io.ErrUnexpectedEOF)
		}
		if err != nil {
			_ = c.c.Close() // frees the writer
			<-sent
			return err
		}
	}
	return <-sent
}

// receive reads the final response to r; interim responses are skipped.
func (c *Conn) receive(r *Request, w io.Writer) (*Response, error) {
	for interim := 0; ; interim++ {
		resp, err := ReadResponse(c.br, c.lim)
		if err != nil {
			c.end = true
			if isClosed(err) {
				err = io.ErrUnexpectedEOF
			}
			return nil, fmt.Errorf("reading the response to %s %s: %w", r.Method, r.Target, err)
		}
		if resp.Status < 200 && resp.Status != 101 {
			if interim > 16 {
				return nil, bad(502, "more than 16 interim responses")
			}
			continue
		}
		f, err := responseFraming(r.Method, resp)
		if err == nil {
			resp.Length, err = f.read(c.br, w, math.MaxInt64-1)
		}
		if err != nil || f.untilClose || !resp.Persists() {
			c.end = true
		}
		if err != nil {
			return resp, fmt.Errorf("reading the content of %s: %w", r.Target, err)
		}
		return resp, nil
	}
}
