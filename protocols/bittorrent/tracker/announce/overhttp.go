package announce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"netscope/protocols/bittorrent/tracker"
)

// errTimeout says that nothing came in time.
var errTimeout = errors.New("no answer in time")

// within gives a context that ends after d of the client's clock, with
// errTimeout as its cause.
func (c *Client) within(ctx context.Context, d time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	c.cfg.Go(func() {
		if c.cfg.Clock.Sleep(ctx, d) == nil {
			cancel(errTimeout)
		}
	})
	return ctx, func() { cancel(nil) }
}

// get fetches a tracker's answer: its own query, if any, and ours behind it.
func (c *Client) get(ctx context.Context, u *url.URL, query string) ([]byte, error) {
	ctx, cancel := c.within(ctx, c.cfg.Timeout)
	defer cancel()
	to := *u
	to.Fragment = ""
	if to.RawQuery != "" {
		to.RawQuery += "&"
	}
	to.RawQuery += query
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", c.cfg.UserAgent)
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, cause(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, tracker.MaxAnswer+1))
	switch {
	case err != nil:
		return nil, cause(ctx, err)
	case len(body) > tracker.MaxAnswer:
		return nil, fmt.Errorf("its answer is longer than %d bytes", tracker.MaxAnswer)
	case resp.StatusCode != http.StatusOK:
		// Some trackers put a bencoded reason into an error's body.
		if a, err := tracker.ParseAnswer(body); err != nil || a.Failure == "" {
			return nil, fmt.Errorf("it says %.100q", resp.Status)
		}
	}
	return body, nil
}

// cause prefers what ended a context to what came of it.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil {
		return why
	}
	return err
}
