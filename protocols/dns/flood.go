package dns

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/resolver"
	"netscope/protocols/dns/server"
	"netscope/protocols/lab"
)

const (
	anycast = "root-2" // the instance that is nearest to the attacker
	// floodLookups is how many lookups of each sort are made during the flood.
	floodLookups = 40
	floodGap     = 100 * time.Millisecond
)

// flooding is a server under more questions than it can answer.
type flooding struct {
	w    lab.World
	p    lab.Params
	rand *rand.Rand

	mu    sync.Mutex
	slice int64 // the 100 ms that are counted
	count int
	last  int // in the slice before
}

// options are how the flooded server is served.
func (f *flooding) options(variant string, h *hierarchy) func(host string) server.Options {
	if variant != flood {
		return nil
	}
	target := []string{rootDNS, tldCom}[f.p.Int("target")]
	return func(host string) server.Options {
		if host != target {
			return server.Options{}
		}
		return server.Options{Allow: func(r server.Request) bool {
			if f.p.Int("defence") == 1 && r.From.Addr() == h.book.four[attacker] {
				return false // the filter costs the server nothing
			}
			return f.admit()
		}}
	}
}

// admit takes questions at random when more come than can be answered.
func (f *flooding) admit() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	const slices = 10 // a second
	if now := f.w.Clock().Now().UnixMilli() / (1000 / slices); now != f.slice {
		f.last = f.count
		if now != f.slice+1 {
			f.last = 0
		}
		f.slice, f.count = now, 0
	}
	f.count++
	load := float64(max(f.count, f.last)) * slices
	return load <= f.p["capacity"] || f.rand.Float64() < f.p["capacity"]/load
}

// floodTries is how often a server is asked before it is given up.
const floodTries = 3

// run floods, and looks names up meanwhile: some below a top-level domain that
// the cache knows, some that need the flooded server.
func (f *flooding) run(ctx context.Context, h *hierarchy) error {
	c := stub(f.w, client, time.Minute, h.book.at(local))
	c.Resolve(ctx, bankMail, dns.TypeA, resolver.Option{}) // .com and bank.com are known
	ctxFlood, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	lab.Go(f.w, func() { ended <- f.attack(ctxFlood, h) })
	clock := f.w.Clock()
	if err := clock.Sleep(ctx, 300*time.Millisecond); err != nil {
		return err
	}
	var wg sync.WaitGroup
	for k := range floodLookups {
		needs := fmt.Sprintf("nosuch%d.", k) // the root alone knows
		if f.p.Int("target") == 1 {
			needs = fmt.Sprintf("nosuch%d.com.", k)
		}
		for _, name := range []string{fmt.Sprintf("nosuch%d.bank.com.", k), needs} {
			wg.Add(1)
			lab.Go(f.w, func() {
				defer wg.Done()
				learned(f.w, name, dns.TypeA, c.Resolve(ctx, name, dns.TypeA, resolver.Option{}))
			})
		}
		if err := clock.Sleep(ctx, floodGap); err != nil {
			return err
		}
	}
	wg.Wait()
	stop()
	return <-ended
}

// attack sends questions to the target, or, with anycast, to the instance that
// is nearest to the attacker.
func (f *flooding) attack(ctx context.Context, h *hierarchy) error {
	target := []string{rootDNS, tldCom}[f.p.Int("target")]
	if f.p.Int("defence") == 2 {
		target = anycast
	}
	conn, err := f.w.Host(attacker).DialContext(ctx, "udp4", h.book.at(target).String())
	if err != nil {
		return err
	}
	defer conn.Close()
	q := new(dns.Msg)
	q.SetQuestion("flood.", dns.TypeA)
	raw, err := q.Pack()
	if err != nil {
		return err
	}
	gap := time.Duration(float64(time.Second) / f.p["flood"])
	for ctx.Err() == nil {
		if _, err := conn.Write(raw); err != nil && ctx.Err() == nil {
			continue
		}
		if f.w.Clock().Sleep(ctx, gap) != nil {
			break
		}
	}
	return nil
}
