package run

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

const (
	// datagramIdle is how long a source of datagrams keeps its socket.
	datagramIdle = time.Minute
	// maxSources bounds how many sources of datagrams there are at a time.
	maxSources = 1024
)

// forwardTCP joins every connection of l with one made by dial, until ctx is
// done.
func forwardTCP(ctx context.Context, l net.Listener, dial func() (net.Conn, error)) {
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	for {
		c, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			select { // out of descriptors, most likely: it passes
			case <-time.After(100 * time.Millisecond):
				continue
			case <-ctx.Done():
				return
			}
		}
		go func() {
			d, err := dial()
			if err != nil {
				reset(c) // a refused port looks refused
				return
			}
			join(ctx, c, d)
		}()
	}
}

// join copies both ways; the end of one direction is passed on, a failure
// resets both.
func join(ctx context.Context, a, b net.Conn) {
	stop := context.AfterFunc(ctx, func() { reset(a); reset(b) })
	defer stop()
	var both sync.WaitGroup
	pass := func(to, from net.Conn) {
		_, err := io.Copy(to, from)
		if h, ok := to.(interface{ CloseWrite() error }); ok && err == nil {
			err = h.CloseWrite()
		}
		if err != nil {
			reset(a)
			reset(b)
		}
	}
	both.Go(func() { pass(a, b) })
	both.Go(func() { pass(b, a) })
	both.Wait()
	_ = a.Close()
	_ = b.Close()
}

// reset closes a connection so that the other end sees a reset.
func reset(c net.Conn) {
	if l, ok := c.(interface{ SetLinger(int) error }); ok {
		_ = l.SetLinger(0)
	}
	_ = c.Close()
}

// forwardUDP gives every source of datagrams on c a socket of its own, made by
// dial, and sends back what comes there, until ctx is done.
func forwardUDP(ctx context.Context, c net.PacketConn, dial func() (net.Conn, error)) {
	var mu sync.Mutex
	sources := map[string]*correspondent{}
	stop := context.AfterFunc(ctx, func() {
		_ = c.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, d := range sources {
			_ = d.conn.Close()
		}
	})
	defer stop()
	buf := make([]byte, 65535)
	for {
		n, from, err := c.ReadFrom(buf)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			continue // an ICMP error of an earlier datagram
		}
		mu.Lock()
		d := sources[from.String()]
		full := len(sources) >= maxSources
		mu.Unlock()
		if d == nil {
			if full {
				continue
			}
			conn, err := dial()
			if err != nil {
				continue
			}
			d = &correspondent{conn, time.AfterFunc(datagramIdle, func() { _ = conn.Close() })}
			mu.Lock()
			sources[from.String()] = d
			mu.Unlock()
			if ctx.Err() != nil { // done meanwhile: nobody else closes this one
				_ = conn.Close()
			}
			go func() {
				answers(c, from, conn)
				mu.Lock()
				delete(sources, from.String())
				mu.Unlock()
				d.idle.Stop()
				_ = conn.Close()
			}()
		}
		d.idle.Reset(datagramIdle)
		_, _ = d.conn.Write(buf[:n])
	}
}

// correspondent is the far end's socket of one source of datagrams.
type correspondent struct {
	conn net.Conn
	idle *time.Timer
}

// answers sends what comes from d to a source, until d is closed or idle.
func answers(c net.PacketConn, to net.Addr, d net.Conn) {
	buf := make([]byte, 65535)
	for {
		n, err := d.Read(buf)
		if err != nil {
			return
		}
		if _, err := c.WriteTo(buf[:n], to); err != nil {
			return
		}
	}
}
