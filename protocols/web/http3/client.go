package http3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/quic-go/quic-go"
	quichttp3 "github.com/quic-go/quic-go/http3"

	"netscope/protocols/web/http1"
)

// Client is a client's end of a connection.
type Client struct {
	socket net.Conn
	t      *quic.Transport
	conn   *quic.Conn
	h3     *quichttp3.ClientConn
	name   string
}

// Dial opens a connection over a connected UDP socket, which it closes with the
// connection or if it fails. It returns when requests can be sent.
func Dial(ctx context.Context, c net.Conn, id *Identity, now func() time.Time, idle time.Duration) (*Client, error) {
	t := &quic.Transport{Conn: socket{dialed{c}}}
	tc := id.client(now)
	conn, err := t.Dial(ctx, c.RemoteAddr(), tc, config(idle))
	if err != nil {
		_ = t.Close()
		_ = c.Close()
		return nil, fmt.Errorf("cannot open a QUIC connection to %s: %w", c.RemoteAddr(), err)
	}
	tr := &quichttp3.Transport{DisableCompression: true}
	return &Client{socket: c, t: t, conn: conn, h3: tr.NewClientConn(conn), name: tc.ServerName}, nil
}

// Close says goodbye and closes the connection and its socket.
func (k *Client) Close() error {
	err := k.conn.CloseWithError(quic.ApplicationErrorCode(quichttp3.ErrCodeNoError), "")
	return errors.Join(err, k.t.Close(), k.socket.Close())
}

// Response is a response that is coming in.
type Response struct {
	Target string
	Stream int64
	st     *quichttp3.RequestStream
}

// Ask sends GET requests, one after the other, and does not wait for answers.
func (k *Client) Ask(ctx context.Context, targets ...string) ([]*Response, error) {
	var out []*Response
	for _, target := range targets {
		st, err := k.h3.OpenRequestStream(ctx)
		if err != nil {
			return out, fmt.Errorf("no stream for %s: %w", target, err)
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+k.name+target, nil)
		if err != nil {
			return out, fmt.Errorf("cannot ask for %s: %w", target, err)
		}
		r.Header.Set("User-Agent", "netscope")
		r.Header.Set("Accept", "*/*")
		if err = st.SendRequestHeader(r); err == nil {
			err = st.Close()
		}
		if err != nil {
			return out, fmt.Errorf("asking for %s: %w", target, err)
		}
		out = append(out, &Response{target, int64(st.StreamID()), st})
	}
	return out, nil
}

// Read reads the response, its content into w, and gives its header. Another
// status than 200 is an error.
func (r *Response) Read(w io.Writer) (http1.Header, error) {
	resp, err := r.st.ReadResponse()
	if err != nil {
		return nil, fmt.Errorf("reading the response to %s: %w", r.Target, err)
	}
	defer resp.Body.Close()
	var h http1.Header
	for name, vs := range resp.Header {
		for _, v := range vs {
			h = append(h, http1.Field{Name: name, Value: v})
		}
	}
	if resp.StatusCode != http.StatusOK {
		return h, fmt.Errorf("server answers %s to %s", resp.Status, r.Target)
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		return h, fmt.Errorf("reading the content of %s: %w", r.Target, err)
	}
	return h, nil
}
