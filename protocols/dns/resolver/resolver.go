package resolver

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Resolver finds answers and remembers them. It is safe for many goroutines.
type Resolver struct {
	cfg  Config
	wire *wire

	mu      sync.Mutex
	cache   *cache
	flights map[key]*flight
	busy    int
	nextID  int
	rtt     map[serverKey]*estimate
	primed  bool
	sure    map[string]zoneKeys // validated keys by zone
}

// flight is a question under way, for which others may wait.
type flight struct {
	id   int
	done chan struct{}
	res  Result
}

// New makes a resolver. It sends nothing until it is asked.
func New(c Config) *Resolver {
	c = c.normal()
	r := &Resolver{
		cfg: c, cache: newCache(c.CacheSize), flights: map[key]*flight{},
		rtt: map[serverKey]*estimate{}, sure: map[string]zoneKeys{},
	}
	r.wire = &wire{r: r, sockets: map[socketKey]*socket{}}
	return r
}

// Close closes the sockets that stay open. Questions under way fail.
func (r *Resolver) Close() { r.wire.close() }

// Flush empties the cache.
func (r *Resolver) Flush() {
	r.mu.Lock()
	r.cache = newCache(r.cfg.CacheSize)
	r.sure = map[string]zoneKeys{}
	r.mu.Unlock()
	r.note("cache-flush", "the cache was emptied", data{})
}

// Option of a question.
type Option struct {
	Client    string // who asks, for the notes
	Unchecked bool   // the asker checks for itself (CD)
}

// Resolve answers a question, from the cache or by asking. It does not fail: a
// failure is the code SERVFAIL, and Why says what went wrong.
func (r *Resolver) Resolve(ctx context.Context, name string, qtype uint16, o Option) Result {
	k := key{dns.CanonicalName(name), qtype}
	if res, ok := r.cached(k); ok {
		return res
	}
	r.mu.Lock()
	if f := r.flights[k]; f != nil && !r.cfg.Guard.Birthday {
		r.mu.Unlock()
		d := k.data()
		d["id"], d["state"], d["client"] = f.id, "join", o.Client
		r.note("pending", fmt.Sprintf("%s is being asked for already", k), d)
		select {
		case <-f.done:
			return f.res
		case <-ctx.Done():
			return failure("given up")
		}
	}
	if r.busy >= maxFlights {
		r.mu.Unlock()
		return failure("too many questions at a time: try again later")
	}
	r.busy++
	r.nextID++
	f := &flight{id: r.nextID, done: make(chan struct{})}
	r.flights[k] = f
	r.mu.Unlock()

	f.res = r.fly(ctx, f, k, o)

	r.mu.Lock()
	r.busy--
	if r.flights[k] == f {
		delete(r.flights, k)
	}
	r.mu.Unlock()
	close(f.done)
	return f.res
}

// cached answers from the cache alone, aliases included.
func (r *Resolver) cached(k key) (Result, bool) {
	j := &job{r: r, silent: true}
	res, ok := j.fromCache(k)
	if !ok {
		return Result{}, false
	}
	res.Hit = true
	j = &job{r: r}
	j.fromCache(k) // again, aloud
	return res, true
}

// fly takes a question up and sees it through.
func (r *Resolver) fly(ctx context.Context, f *flight, k key, o Option) Result {
	began := r.cfg.Clock.Now()
	d := k.data()
	d["id"], d["state"], d["client"] = f.id, "begin", o.Client
	r.note("pending", fmt.Sprintf("%s is taken up", k), d)

	j := &job{r: r, id: f.id, top: k, unchecked: o.Unchecked}
	r.prime(ctx, j)
	res := j.resolve(ctx, k, 0)
	if res.Status == Bogus && !o.Unchecked {
		res = Result{Rcode: dns.RcodeServerFailure, Status: Bogus, Why: res.Why}
	}

	took := r.cfg.Clock.Now().Sub(began)
	d = k.data()
	d["id"], d["state"], d["rcode"], d["ms"] = f.id, "end", dns.RcodeToString[res.Rcode], float64(took)/float64(time.Millisecond)
	text := fmt.Sprintf("%s is answered after %v: %s", k, took, dns.RcodeToString[res.Rcode])
	if res.Why != "" {
		text += ", " + res.Why
	}
	r.note("pending", text, d)
	return res
}

func failure(why string) Result { return Result{Rcode: dns.RcodeServerFailure, Why: why} }

// random draws a number from 0 to n−1.
func (r *Resolver) random(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cfg.Rand.IntN(n)
}

// lookup finds an entry for a question: the RRset, an alias, or an absence.
func (r *Resolver) lookup(k key, silent bool) *entry {
	now := r.cfg.Clock.Now()
	var expired []*entry
	var found *entry
	left := time.Duration(0)
	r.mu.Lock()
	for _, at := range [...]key{{k.name, 0}, k, {k.name, dns.TypeCNAME}} {
		if at.t == dns.TypeCNAME && at != k && (k.t == dns.TypeANY || k.t == dns.TypeDS) {
			continue
		}
		e, old := r.cache.get(at, now)
		if old != nil {
			expired = append(expired, old)
		}
		if e == nil || at != k && at.t == dns.TypeCNAME && e.kind != answer {
			continue
		}
		// Glue and referrals are good for finding servers, not for answers.
		if e.rank < fromAnswer && !r.cfg.Guard.Naive {
			continue
		}
		if e.rank < fromAnswer && r.cfg.Guard.Naive && k.t == dns.TypeNS {
			continue
		}
		found, left = e, e.left(now)
		break
	}
	r.mu.Unlock()
	for _, e := range expired {
		r.note("cache-expire", fmt.Sprintf("%s has expired", e.key), e.key.data())
	}
	if found != nil && !silent {
		r.noteHit(found, left)
	}
	return found
}

// peek finds an RRset of any rank, for the search for servers.
func (r *Resolver) peek(k key) *entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, _ := r.cache.get(k, r.cfg.Clock.Now())
	return e
}

// store remembers an entry.
func (r *Resolver) store(e *entry) {
	now := r.cfg.Clock.Now()
	limit := r.cfg.MaxTTL
	if e.kind != answer {
		limit = r.cfg.MaxNegative
	}
	e.ttl, e.stored = min(e.ttl, limit), now
	r.mu.Lock()
	stored, evicted := r.cache.put(e, now)
	r.mu.Unlock()
	if evicted != nil {
		r.note("cache-evict", fmt.Sprintf("%s is forgotten: the cache is full", evicted.key), evicted.key.data())
	}
	if !stored {
		return
	}
	r.noteInsert(e)
	if r.cfg.Forged != nil {
		for _, rr := range e.rrs {
			if r.cfg.Forged(rr) {
				d := e.key.data()
				d["value"] = Values(e.rrs)
				r.note("forged-accepted", fmt.Sprintf("a forged record was taken for true: %s is %s", e.key, e.what()), d)
				break
			}
		}
	}
}
