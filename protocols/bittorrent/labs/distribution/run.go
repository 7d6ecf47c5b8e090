package distribution

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"time"

	"netscope/protocols/lab"
	"netscope/protocols/web/http1"
)

// Run implements lab.Lab: real transfers, one number of peers after the other,
// then, for P2P, simulations.
func (Lab) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	transfer := func(n int) (time.Duration, error) { return overSwarm(ctx, w, p, n) }
	if variant == clientServer {
		stop, err := serve(ctx, w, p)
		if err != nil {
			return err
		}
		defer stop()
		transfer = func(n int) (time.Duration, error) { return overHTTP(ctx, w, n, int64(p["size"])) }
	}
	if lab.Exposed(w) {
		// The person's own programs are the peers.
		_, err := transfer(0)
		return err
	}
	for _, n := range measuredAt(p) {
		took, err := transfer(n)
		if err != nil {
			return err
		}
		scaled := took.Seconds() * p["hour"] / p["scaled"]
		least := bound(variant, p, n)
		tell(w, "measured", fmt.Sprintf("the last of %d peers has the file after %.4g s: %.4g h at full scale, %.1f %% above the bound", n, took.Seconds(), scaled/3600, 100*(scaled/least-1)),
			outcome{N: n, Seconds: scaled, Bound: least, Kind: "measured"})
		if err := w.Clock().Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	if variant == peerToPeer {
		return simulate(ctx, w, p)
	}
	return nil
}

// content is a file of its own for every number of peers.
func content(w lab.World, p lab.Params, n int) []byte {
	b := make([]byte, int(p["size"]))
	r := w.Rand(fmt.Sprintf("file/%d", n))
	for i := 0; i+8 <= len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b
}

// serve gives the file to whoever asks, until stop is called.
func serve(ctx context.Context, w lab.World, p lab.Params) (stop func(), err error) {
	file := content(w, p, 0)
	ln, err := w.Host("server").Listen("tcp", ":80")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan struct{})
	srv := &http1.Server{Now: w.Clock().Now, Handle: func(*http1.Request) http1.Reply {
		return http1.Reply{Status: 200, Header: http1.Header{{Name: "Content-Type", Value: "application/octet-stream"}}, Size: int64(len(file)), Body: bytes.NewReader(file)}
	}}
	lab.Go(w, func() { defer close(served); _ = srv.Serve(ctx, ln) })
	return func() { cancel(); <-served }, nil
}

// overHTTP has n peers download the file from the server at the same time. With
// n = 0 it waits until ctx is done.
func overHTTP(ctx context.Context, w lab.World, n int, size int64) (took time.Duration, err error) {
	if n == 0 {
		<-ctx.Done()
		return 0, nil
	}
	start := w.Clock().Now()
	type end struct {
		err  error
		took time.Duration
	}
	ends := make(chan end, n)
	for i := range n {
		lab.Go(w, func() {
			err := download(ctx, w.Host(peerName(i)), size)
			ends <- end{err, w.Clock().Now().Sub(start)}
		})
	}
	for range n {
		e := <-ends
		if e.err != nil && err == nil {
			err = e.err
		}
		took = max(took, e.took)
	}
	return took, err
}

// download gets the file and throws it away.
func download(ctx context.Context, h lab.Host, size int64) error {
	c, err := h.DialContext(ctx, "tcp", "server:80")
	if err != nil {
		return fmt.Errorf("%s cannot connect to server:80: %w", h.Name(), err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if _, err := io.WriteString(c, "GET /file HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n"); err != nil {
		return err
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return fmt.Errorf("%s got no response: %w", h.Name(), err)
	}
	defer r.Body.Close()
	n, err := io.Copy(io.Discard, r.Body)
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("%s got %d of %d bytes: %w", h.Name(), n, size, err)
	}
	return nil
}
