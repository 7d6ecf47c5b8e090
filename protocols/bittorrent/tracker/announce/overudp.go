package announce

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"time"

	"netscope/protocols/bittorrent/tracker"
)

// Timing of BEP 15.
const (
	firstWait = 15 * time.Second // doubled with every retry
	idLife    = time.Minute      // a connection ID may be used so long after it came
	maxKnown  = 256              // trackers whose connection IDs are kept
)

// connection is a connection ID and when it came.
type connection struct {
	id uint64
	at time.Time
}

func (c *Client) announceUDP(ctx context.Context, u *url.URL, a tracker.Announce) (tracker.Answer, error) {
	r := tracker.UDPRequest{Action: tracker.ActionAnnounce, Announce: a, URLData: u.EscapedPath()}
	if u.RawQuery != "" {
		r.URLData += "?" + u.RawQuery
	}
	if r.URLData == "/" {
		r.URLData = ""
	}
	resp, err := c.ask(ctx, u.Host, r)
	return resp.Answer, err
}

func (c *Client) scrapeUDP(ctx context.Context, u *url.URL, hashes []tracker.Hash) ([]tracker.Scrape, string, error) {
	resp, err := c.ask(ctx, u.Host, tracker.UDPRequest{Action: tracker.ActionScrape, Hashes: hashes})
	if err != nil || resp.Action == tracker.ActionError {
		return nil, resp.Answer.Failure, err
	}
	if len(resp.Scrapes) != len(hashes) {
		return nil, "", errors.New("it answers about another number of torrents")
	}
	for i := range resp.Scrapes {
		resp.Scrapes[i].InfoHash = hashes[i]
	}
	return resp.Scrapes, "", nil
}

// ask sends a request until it is answered: first a connect where there is no
// connection ID, or where it is older than a minute. A wait without an answer
// doubles the next; an answer to the connect does not shorten it again, so that
// all of it ends in bounded time.
func (c *Client) ask(ctx context.Context, addr string, r tracker.UDPRequest) (tracker.UDPResponse, error) {
	var none tracker.UDPResponse
	dial, cancel := c.within(ctx, c.cfg.Timeout)
	conn, err := c.cfg.Host.DialContext(dial, "udp", addr)
	err2 := context.Cause(dial)
	cancel()
	if err != nil {
		if err2 != nil {
			err = err2
		}
		return none, err
	}
	packets := make(chan []byte, 4)
	done := make(chan struct{})
	defer close(done)
	defer func() { _ = conn.Close() }()
	c.cfg.Go(func() { receive(conn, packets, done) })
	v6 := isV6(conn.RemoteAddr())

	old := true // the ID may be from another socket: some trackers do not take it
	for n := 0; n <= max(0, c.cfg.Retries); {
		id, ok := c.recall(addr)
		if !ok {
			old = false
		}
		q := r
		q.ConnectionID = id
		if !ok {
			q = tracker.UDPRequest{ConnectionID: tracker.ProtocolID, Action: tracker.ActionConnect}
		}
		q.Transaction = c.transaction()
		if _, err := conn.Write(q.Append(nil)); err != nil {
			return none, err
		}
		resp, err := c.await(ctx, packets, q, v6, firstWait<<min(n, 8))
		switch {
		case errors.Is(err, errTimeout):
			n++
			if old {
				c.forget(addr)
			}
		case err != nil:
			return none, err
		case resp.Action == tracker.ActionError && old:
			c.forget(addr)
			old = false
		case resp.Action == tracker.ActionConnect:
			c.remember(addr, resp.ConnectionID)
		default:
			return resp, nil
		}
	}
	return none, errTimeout
}

// await takes packets until one answers q; others are not for us.
func (c *Client) await(ctx context.Context, packets <-chan []byte, q tracker.UDPRequest, v6 bool, d time.Duration) (tracker.UDPResponse, error) {
	ctx, cancel := c.within(ctx, d)
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return tracker.UDPResponse{}, context.Cause(ctx)
		case b, ok := <-packets:
			if !ok {
				// Refused by the machine: it may come back before the next try.
				packets = nil
				continue
			}
			resp, err := tracker.ParseUDPResponse(b, v6)
			if err == nil && resp.Transaction == q.Transaction && (resp.Action == q.Action || resp.Action == tracker.ActionError) {
				return resp, nil
			}
		}
	}
}

// receive reads datagrams until the socket is closed. Errors are few, such as a
// port that is not there (ICMP), and do not end it, unless they repeat.
func receive(conn net.Conn, out chan<- []byte, done <-chan struct{}) {
	defer close(out)
	for errs := 0; errs < 16; {
		buf := make([]byte, 4096)
		n, err := conn.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			errs++
			continue
		}
		select {
		case out <- buf[:n]:
		case <-done:
			return
		}
	}
}

func isV6(a net.Addr) bool {
	if u, ok := a.(*net.UDPAddr); ok {
		return u.AddrPort().Addr().Unmap().Is6()
	}
	ap, err := netip.ParseAddrPort(a.String())
	return err == nil && ap.Addr().Unmap().Is6()
}

func (c *Client) transaction() uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rand.Uint32()
}

func (c *Client) recall(addr string) (uint64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.known[addr]
	if ok && c.cfg.Clock.Now().Sub(k.at) >= idLife {
		delete(c.known, addr)
		return 0, false
	}
	return k.id, ok
}

func (c *Client) remember(addr string, id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxKnown {
		clear(c.known)
	}
	c.known[addr] = connection{id, c.cfg.Clock.Now()}
}

func (c *Client) forget(addr string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, addr)
}
