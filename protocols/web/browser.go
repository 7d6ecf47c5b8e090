package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
	"netscope/protocols/web/http1"
	"netscope/protocols/web/model"
)

// stagger keeps apart what starts together, so that the order of events does
// not depend on which goroutine runs first.
const stagger = time.Microsecond

// headLimits let a base page name a thousand objects in its head.
var headLimits = http1.Limits{Head: 256 << 10}

// browser fetches a page and what it refers to.
type browser struct {
	world lab.World
	host  lab.Host
	way   model.Way
	conns int // connections at a time
}

// fetchPage gets the base page and then everything that it refers to.
func (b *browser) fetchPage(ctx context.Context) error {
	if b.way == model.Persistent || b.way == model.Pipelined {
		return b.overOne(ctx)
	}
	if b.way == model.Lanes {
		return b.overSeveral(ctx)
	}
	var page bytes.Buffer
	resp, err := b.fetchAlone(ctx, "/", &page)
	if err != nil {
		return err
	}
	refs := b.parse(page.Bytes(), resp.Header)
	if b.way == model.NonPersistent {
		for _, ref := range refs {
			if _, err := b.fetchAlone(ctx, ref, io.Discard); err != nil {
				return err
			}
		}
		return nil
	}
	return b.parallel(ctx, refs)
}

// parse finds the objects and says so: on the wire nothing shows it.
func (b *browser) parse(page []byte, h http1.Header) []string {
	refs := references(page, h)
	b.note("parsed", fmt.Sprintf("the base page refers to %d objects", len(refs)))
	return refs
}

func (b *browser) note(name, text string) {
	b.world.Note(capture.Note{Host: b.host.Name(), Proto: "http", Name: name, Summary: text})
}

// request is what the browser sends for a target.
func request(way model.Way, target string) *http1.Request {
	r := &http1.Request{Method: "GET", Target: target, Proto: http1.HTTP11, Header: http1.Header{
		{Name: "Host", Value: "server"}, {Name: "User-Agent", Value: "netscope"}, {Name: "Accept", Value: "*/*"},
	}}
	if !persistent(way) {
		r.Proto = http1.HTTP10
	}
	return r
}

func persistent(way model.Way) bool {
	return way == model.Persistent || way == model.Pipelined || way == model.Lanes
}

func (b *browser) dial(ctx context.Context) (*http1.Conn, func(), error) {
	c, err := b.host.DialContext(ctx, "tcp", "server:80")
	if err != nil {
		return nil, nil, fmt.Errorf("browser cannot connect to server:80: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	return http1.NewConn(c, headLimits), func() { stop(); _ = c.Close() }, nil
}

// fetchAlone gets one object over a connection of its own. It does not wait
// for the server to close: Content-Length says where the object ends.
func (b *browser) fetchAlone(ctx context.Context, target string, w io.Writer) (*http1.Response, error) {
	c, done, err := b.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	resp, err := c.Do(request(b.way, target), w)
	return resp, success(target, resp, err)
}

func success(target string, r *http1.Response, err error) error {
	if err == nil && r.Status != 200 {
		err = fmt.Errorf("server answers %d %s to %s", r.Status, r.Reason, target)
	}
	return err
}

// overOne gets everything over one connection.
func (b *browser) overOne(ctx context.Context) error {
	c, done, err := b.dial(ctx)
	if err != nil {
		return err
	}
	defer done()
	var page bytes.Buffer
	resp, err := c.Do(request(b.way, "/"), &page)
	if err := success("/", resp, err); err != nil {
		return err
	}
	refs := b.parse(page.Bytes(), resp.Header)
	var rs []*http1.Request
	for _, ref := range refs {
		rs = append(rs, request(b.way, ref))
	}
	if b.way == model.Pipelined {
		discard := func(int) io.Writer { return io.Discard }
		return c.Pipeline(rs, discard, func(i int, r *http1.Response) error { return success(refs[i], r, nil) })
	}
	for _, r := range rs {
		resp, err := c.Do(r, io.Discard)
		if err := success(r.Target, resp, err); err != nil {
			return err
		}
	}
	return nil
}

// parallel gets objects over several connections at a time: the next as soon as
// one is done, or in waves.
func (b *browser) parallel(ctx context.Context, refs []string) error {
	k := max(b.conns, 1)
	if len(refs) == 0 {
		return nil
	}
	if b.way == model.Pool {
		b.note("pool", fmt.Sprintf("up to %d connections at a time, a new one as soon as one is done", k))
		return b.pool(ctx, refs, min(k, len(refs)))
	}
	for n := 1; len(refs) > 0; n++ {
		wave := refs[:min(k, len(refs))]
		refs = refs[len(wave):]
		b.note("wave", fmt.Sprintf("wave %d: %d connections", n, len(wave)))
		if err := b.pool(ctx, wave, len(wave)); err != nil {
			return err
		}
	}
	return nil
}

// taker gives one reference after the other to whoever asks.
func taker(refs []string) func() (string, bool) {
	var mu sync.Mutex
	next := 0
	return func() (string, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(refs) {
			return "", false
		}
		next++
		return refs[next-1], true
	}
}

// pool runs workers until every object is there, or one of them has failed.
func (b *browser) pool(ctx context.Context, refs []string, workers int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	take := taker(refs)
	b.inParallel(ctx, workers, func(int) {
		for ref, ok := take(); ok; ref, ok = take() {
			if _, err := b.fetchAlone(ctx, ref, io.Discard); err != nil {
				cancel(err)
				return
			}
		}
	})
	return context.Cause(ctx)
}

// inParallel runs work(0), work(1), … and returns when all have; they begin a
// little after each other.
func (b *browser) inParallel(ctx context.Context, workers int, work func(i int)) {
	var wg sync.WaitGroup
	for i := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if b.world.Clock().Sleep(ctx, time.Duration(i)*stagger) == nil {
				work(i)
			}
		}()
	}
	wg.Wait()
}
