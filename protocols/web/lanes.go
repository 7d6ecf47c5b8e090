package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"netscope/protocols/web/http1"
)

// overSeveral gets the base page over one persistent connection, and the
// objects over this and others that stay open: as soon as a connection is free
// it asks for the next.
func (b *browser) overSeveral(ctx context.Context) error {
	first, done, err := b.dial(ctx)
	if err != nil {
		return err
	}
	defer done()
	var page bytes.Buffer
	resp, err := first.Do(request(b.way, "/"), &page)
	if err := success("/", resp, err); err != nil {
		return err
	}
	refs := b.parse(page.Bytes(), resp.Header)
	k := min(max(b.conns, 1), len(refs))
	b.note("connections", fmt.Sprintf("%d connections at a time, which stay open", max(k, 1)))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Nobody says goodbye before the page is complete.
	var mu sync.Mutex
	var open []func()
	defer func() {
		for _, done := range open {
			done()
		}
	}()
	take := taker(refs)
	b.inParallel(ctx, k, func(i int) {
		c := first
		if i > 0 {
			another, done, err := b.dial(ctx)
			if err != nil {
				cancel(err)
				return
			}
			mu.Lock()
			open = append(open, done)
			mu.Unlock()
			c = another
		}
		if err := b.keepAsking(c, take); err != nil {
			cancel(err)
		}
	})
	return context.Cause(ctx)
}

// keepAsking gets one object after the other over a connection.
func (b *browser) keepAsking(c *http1.Conn, take func() (string, bool)) error {
	for ref, ok := take(); ok; ref, ok = take() {
		resp, err := c.Do(request(b.way, ref), io.Discard)
		if err := success(ref, resp, err); err != nil {
			return err
		}
	}
	return nil
}
