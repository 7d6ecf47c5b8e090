package web

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/net/http2/hpack"

	"netscope/protocols/lab"
	"netscope/protocols/web/http1"
	"netscope/protocols/web/http2"
)

// Run implements lab.Lab: it serves the site until ctx is done, fetches the
// page, and returns. An exposed lab only serves.
func (r Race) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	s := pageOf(p)
	b := &browser{world: w, host: w.Host("client"), way: racerWay(variant), conns: p.Int("connections")}
	fetch := b.fetchPage
	switch variant {
	case overHTTP2:
		if err := s.serveHTTP2(ctx, w, p); err != nil {
			return err
		}
		fetch = func(ctx context.Context) error { return b.pageOverHTTP2(ctx, configOf(p)) }
	case overHTTP3:
		q := &quicRun{world: w, handle: s.handle, idle: patience(s, bitsOf(p)), lose: r.Topology(variant, p).Links[0].BA}
		q.lose.Drops = dropped(p)
		if err := q.serve(ctx); err != nil {
			return err
		}
		fetch = func(ctx context.Context) error { return b.pageOverHTTP3(ctx, q) }
	default:
		ln, err := w.Host("server").Listen("tcp", ":80")
		if err != nil {
			return err
		}
		idle := patience(s, bitsOf(p))
		srv := &http1.Server{Handle: s.handle, Now: w.Clock().Now, Limits: headLimits, Idle: idle, Head: idle}
		lab.Go(w, func() { _ = srv.Serve(ctx, ln) })
	}
	if lab.Exposed(w) {
		<-ctx.Done() // the person's own programs are the browser
		return nil
	}
	return fetch(ctx)
}

// configOf is what the browser says of itself over HTTP/2: windows that never
// hold anything back.
func configOf(p lab.Params) http2.Config {
	return http2.Config{Window: 1 << 30, StreamWindow: 1 << 30, Frame: p.Int("frame")}
}

// serveHTTP2 starts the server of HTTP/2, which ends with ctx.
func (s site) serveHTTP2(ctx context.Context, w lab.World, p lab.Params) error {
	ln, err := w.Host("server").Listen("tcp", ":80")
	if err != nil {
		return err
	}
	clock := w.Clock()
	srv := &http2.Server{
		Handle: s.handle, Pick: http2.RoundRobin, Frame: p.Int("frame"), Now: clock.Now,
		Idle: patience(s, bitsOf(p)), Date: lab.Exposed(w),
	}
	if !lab.Exposed(w) {
		srv.Settle = func() { _ = clock.Sleep(ctx, settle) }
	} else if err := alsoOverTLS(ctx, w, srv); err != nil {
		return err
	}
	lab.Go(w, func() { _ = srv.Serve(ctx, ln) })
	return nil
}

// pageOverHTTP2 gets the page and then asks for all objects at once.
func (b *browser) pageOverHTTP2(ctx context.Context, cfg http2.Config) error {
	c, err := b.host.DialContext(ctx, "tcp", "server:80")
	if err != nil {
		return fmt.Errorf("browser cannot connect to server:80: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	k := http2.NewClient(c, cfg)
	defer k.Close()
	base := k.Ask(http2.Request{Target: "/"})
	var page bytes.Buffer
	var head http1.Header
	k.OnHeader = func(id uint32, fs []hpack.HeaderField) {
		for _, f := range fs {
			if id == base {
				head = append(head, http1.Field{Name: f.Name, Value: f.Value})
			}
		}
	}
	k.OnContent = func(id uint32, p []byte) {
		if id == base {
			page.Write(p)
		}
	}
	k.OnComplete = func(id uint32) int {
		if id != base {
			return 0
		}
		refs := b.parse(page.Bytes(), head)
		for _, ref := range refs {
			k.Ask(http2.Request{Target: ref})
		}
		return len(refs)
	}
	if err := k.Flush(); err != nil {
		return err
	}
	return k.Receive(1)
}

// pageOverHTTP3 gets the page and then asks for all objects at once.
func (b *browser) pageOverHTTP3(ctx context.Context, q *quicRun) error {
	k, err := q.dial(ctx)
	if err != nil {
		return err
	}
	defer k.Close()
	rs, err := k.Ask(ctx, "/")
	if err != nil {
		return err
	}
	var page bytes.Buffer
	h, err := rs[0].Read(&page)
	if err != nil {
		return err
	}
	return q.fetch(ctx, k, b.parse(page.Bytes(), h))
}
