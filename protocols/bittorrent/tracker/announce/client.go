// Package announce is the client of trackers: it tells one over HTTP or UDP
// what a peer does, and goes through several in BEP 12's order.
//
// Sockets come from a host, emulated or real, time from a clock. The package
// decides nothing about when to announce, and must not know of peers'
// connections.
package announce

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"netscope/protocols/bittorrent/tracker"
)

// Host is a machine that connections are made from. A lab.Host is one.
type Host interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// Clock is the clock of all waiting. A lab.Clock is one.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Config is what a client is made of.
type Config struct {
	Host  Host
	Clock Clock
	Rand  *rand.Rand   // for transaction IDs; used under a lock of the client's
	Go    func(func()) // starts a goroutine; nil: a go statement

	UserAgent string        // of HTTP; "netscope" if empty
	Timeout   time.Duration // of an HTTP exchange; 0: 30 s
	// Retries is how often a UDP packet is sent again, after 15·2ⁿ seconds
	// (BEP 15 allows 8, which takes two hours). 0: 2; negative: never.
	Retries int
}

// Client talks to trackers. Its methods may be called at once.
type Client struct {
	cfg  Config
	http *http.Client

	mu    sync.Mutex
	rand  *rand.Rand
	known map[string]connection // UDP trackers' connection IDs, by host:port
}

// New makes a client.
func New(cfg Config) *Client {
	if cfg.Go == nil {
		cfg.Go = func(f func()) { go f() }
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "netscope"
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.Retries == 0 {
		cfg.Retries = 2
	}
	c := &Client{cfg: cfg, rand: cfg.Rand, known: map[string]connection{}}
	c.http = &http.Client{
		Transport: &http.Transport{
			DialContext:            cfg.Host.DialContext,
			DisableKeepAlives:      true, // the next announce is half an hour away
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) >= 5 {
				return errors.New("the tracker redirects too often")
			}
			return nil
		},
	}
	return c
}

// Refused is the error when a tracker answers that it will not.
type Refused struct {
	URL, Reason string
}

// Error gives the tracker's own reason.
func (r *Refused) Error() string {
	return fmt.Sprintf("the tracker %s refuses: %.300q", host(r.URL), r.Reason)
}

// Announce tells the tracker at a URL (http, https or udp) and gives its
// answer. A tracker's refusal is a [Refused].
func (c *Client) Announce(ctx context.Context, raw string, a tracker.Announce) (tracker.Answer, error) {
	u, err := parse(raw)
	if err != nil {
		return tracker.Answer{}, err
	}
	var answer tracker.Answer
	if u.Scheme == "udp" {
		answer, err = c.announceUDP(ctx, u, a)
	} else {
		var body []byte
		if body, err = c.get(ctx, u, a.Query()); err == nil {
			answer, err = tracker.ParseAnswer(body)
		}
	}
	return answer, c.wrap(raw, answer.Failure, err)
}

// Scrape asks the tracker at an announce URL about torrents, at most
// tracker.MaxScrape; the answers are in the order of the question.
func (c *Client) Scrape(ctx context.Context, raw string, hashes []tracker.Hash) ([]tracker.Scrape, error) {
	if len(hashes) == 0 || len(hashes) > tracker.MaxScrape {
		return nil, fmt.Errorf("a scrape asks about 1 to %d torrents, not %d", tracker.MaxScrape, len(hashes))
	}
	where, ok := tracker.ScrapeURL(raw)
	if !ok {
		return nil, fmt.Errorf("the tracker %s has no scrape: its address does not end in announce (BEP 48)", host(raw))
	}
	u, err := parse(where)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "udp" {
		out, failure, err := c.scrapeUDP(ctx, u, hashes)
		return out, c.wrap(raw, failure, err)
	}
	body, err := c.get(ctx, u, tracker.ScrapeQuery(hashes))
	if err != nil {
		return nil, c.wrap(raw, "", err)
	}
	answer, err := tracker.ParseScrape(body)
	if err != nil || answer.Failure != "" {
		return nil, c.wrap(raw, answer.Failure, err)
	}
	out := make([]tracker.Scrape, len(hashes))
	for i, h := range hashes {
		out[i].InfoHash = h
		for _, s := range answer.Torrents {
			if s.InfoHash == h {
				out[i] = s
			}
		}
	}
	return out, nil
}

func parse(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("the tracker's address %.100q cannot be read", raw)
	}
	switch u.Scheme {
	case "http", "https":
	case "udp":
		if u.Port() == "" {
			return nil, fmt.Errorf("the tracker's address %.100q has no port", raw)
		}
	default:
		return nil, fmt.Errorf("the tracker's address %.100q is neither http, https nor udp", raw)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("the tracker's address %.100q names no host", raw)
	}
	return u, nil
}

// host is the part of a tracker's address that may be shown: its path and query
// often hold a person's passkey.
func host(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	return "?"
}

// wrap makes one sentence of what went wrong, without the address's secrets.
func (c *Client) wrap(raw, failure string, err error) error {
	switch {
	case err != nil:
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return fmt.Errorf("the tracker %s does not answer: %w", host(raw), err)
	case failure != "":
		return &Refused{raw, strings.ToValidUTF8(failure, "\uFFFD")}
	}
	return nil
}
