package server

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"time"

	"netscope/protocols/bittorrent/tracker"
)

// ServeHTTP answers GET /announce and GET /scrape (BEP 3, 48).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body []byte
	switch {
	case r.Method != http.MethodGet:
		http.Error(w, "a tracker is asked with GET", http.StatusMethodNotAllowed)
		return
	case r.URL.Path == "/announce":
		body = s.announceHTTP(r)
	case r.URL.Path == "/scrape":
		body = s.scrapeHTTP(r)
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write(body)
}

func (s *Server) announceHTTP(r *http.Request) []byte {
	a, err := tracker.ParseAnnounce(r.URL.RawQuery)
	if err != nil {
		return tracker.Answer{Failure: err.Error()}.Encode(true, true)
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return tracker.Answer{Failure: "your address cannot be read"}.Encode(true, true)
	}
	return s.Announce(a, from.Addr()).Encode(a.Compact, a.NoPeerID)
}

func (s *Server) scrapeHTTP(r *http.Request) []byte {
	hashes, err := tracker.ParseScrapeQuery(r.URL.RawQuery)
	if err == nil && len(hashes) == 0 {
		err = errors.New("this tracker does not list all of its torrents: name some")
	}
	if err != nil {
		return tracker.ScrapeAnswer{Failure: err.Error()}.Encode()
	}
	return tracker.ScrapeAnswer{Torrents: s.Scrape(hashes)}.Encode()
}

// Serve answers HTTP on a listener until ctx ends, and closes it.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	srv.SetKeepAlivesEnabled(false)
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	err := srv.Serve(&limited{Listener: l, slots: make(chan struct{}, s.cfg.MaxConns)})
	if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
		_ = srv.Close()
		return nil
	}
	return err
}

// limited closes connections at once that are too many.
type limited struct {
	net.Listener
	slots chan struct{}
}

func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.slots <- struct{}{}:
			return &slotted{Conn: c, free: l.slots}, nil
		default:
			_ = c.Close()
		}
	}
}
