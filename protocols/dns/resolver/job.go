package resolver

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// job is the work for one question of somebody else's, with its bounds.
type job struct {
	r         *Resolver
	id        int // of the flight
	top       key
	sent      int
	asking    []key // questions that wait for each other, the last waits for none
	silent    bool
	unchecked bool
}

// fromCache answers from the cache alone.
func (j *job) fromCache(k key) (Result, bool) {
	var res Result
	res.Status = Secure
	now := j.r.cfg.Clock.Now()
	for range maxAliases {
		e := j.r.lookup(k, j.silent)
		if e == nil {
			return res, false
		}
		res.add(e, now)
		target, alias := e.alias(k.t)
		if !alias {
			return res, true
		}
		k.name = target
	}
	return failure("aliases point at each other without end"), true
}

// resolve answers a question, following aliases.
func (j *job) resolve(ctx context.Context, k key, depth int) Result {
	for _, a := range j.asking {
		if a == k {
			return failure(fmt.Sprintf("%s is needed to find %s: nobody can", k, k))
		}
	}
	j.asking = append(j.asking, k)
	defer func() { j.asking = j.asking[:len(j.asking)-1] }()
	var res Result
	res.Status = Secure
	for range maxAliases {
		e := j.r.lookup(k, false)
		if e == nil {
			j.r.note("cache-miss", fmt.Sprintf("%s is not in the cache", k), k.data())
			var err error
			if e, err = j.fetch(ctx, k, depth); err != nil {
				f := failure(err.Error())
				if isBogus(err) {
					f.Status = Bogus
				}
				return f
			}
		}
		res.add(e, j.r.cfg.Clock.Now())
		target, alias := e.alias(k.t)
		if !alias {
			return res
		}
		k.name = target
	}
	return failure("aliases point at each other without end")
}

// alias is where an entry sends a question of type t on.
func (e *entry) alias(t uint16) (target string, ok bool) {
	if e.kind != answer || t == dns.TypeCNAME || t == dns.TypeANY || len(e.rrs) == 0 {
		return "", false
	}
	c, ok := e.rrs[0].(*dns.CNAME)
	if !ok {
		return "", false
	}
	return dns.CanonicalName(c.Target), true
}

// add appends an entry to a result.
func (res *Result) add(e *entry, now time.Time) {
	left := max(e.left(now), 0)
	res.Answer = append(res.Answer, aged(e.rrs, left)...)
	res.Answer = append(res.Answer, aged(e.sigs, left)...)
	res.Authority = append(res.Authority, aged(e.proof, left)...)
	if e.kind == nxDomain {
		res.Rcode = dns.RcodeNameError
	}
	// The whole is as good as its worst part.
	switch {
	case e.status == Bogus || res.Status == Bogus:
		res.Status = Bogus
	case e.status == Insecure || res.Status == Insecure:
		res.Status = Insecure
	case e.status == Unchecked || res.Status == Unchecked:
		res.Status = Unchecked
	}
}

// fetch asks servers, from the nearest zone whose servers are known downwards,
// until one has the answer (RFC 1034 §5.3.3).
func (j *job) fetch(ctx context.Context, k key, depth int) (*entry, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("finding the servers for %s needs servers that need servers, and so on: given up", k.name)
	}
	if j.r.cfg.Forward != nil {
		return j.forward(ctx, k)
	}
	zone := j.r.closest(k)
	for range maxReferrals {
		next, e, err := j.askZone(ctx, zone, k, depth)
		if err != nil || e != nil {
			return e, err
		}
		zone = next
	}
	return nil, fmt.Errorf("the delegations for %s do not end", k.name)
}

// delegation is a zone and its servers' names.
type delegation struct {
	zone    string
	servers []Hint // Addrs only of servers whose addresses are known beforehand
}

// closest is the nearest zone above a name whose servers are known. A DS record
// belongs to the parent's side.
func (r *Resolver) closest(k key) delegation {
	name := k.name
	if k.t == dns.TypeDS && name != "." {
		name = up(name)
	}
	for {
		if e := r.peek(key{name, dns.TypeNS}); e != nil && e.kind == answer {
			d := delegation{name, serversOf(e.rrs)}
			if name == "." { // nobody could tell the addresses of these
				d.servers = append(d.servers, r.cfg.Roots...)
			}
			return d
		}
		if name == "." {
			return delegation{".", r.cfg.Roots}
		}
		name = up(name)
	}
}

func serversOf(rrs []dns.RR) []Hint {
	var out []Hint
	for _, rr := range rrs {
		if ns, ok := rr.(*dns.NS); ok && len(out) < maxServers {
			out = append(out, Hint{Name: dns.CanonicalName(ns.Ns)})
		}
	}
	return out
}

// up is the name without its first label.
func up(name string) string {
	i, end := dns.NextLabel(name, 0)
	if end {
		return "."
	}
	return name[i:]
}

// prime asks the root for its servers (RFC 8109).
func (r *Resolver) prime(ctx context.Context, j *job) {
	if !r.cfg.Prime || r.cfg.Forward != nil {
		return
	}
	r.mu.Lock()
	primed := r.primed
	r.primed = true
	r.mu.Unlock()
	if !primed {
		j.resolve(ctx, key{".", dns.TypeNS}, 0)
	}
}

// askedName is how much of a name a zone's server is told (RFC 9156).
func (j *job) askedName(zone string, k key) key {
	if !j.r.cfg.Minimise {
		return k
	}
	n, have := dns.CountLabel(k.name), dns.CountLabel(zone)
	if n <= have+1 {
		return k
	}
	at := dns.Split(k.name)
	// A name without a cut is known to exist once its NS are known not to.
	for cut := have + 1; cut < n; cut++ {
		part := k.name[at[n-cut]:]
		if e := j.r.peek(key{part, dns.TypeNS}); e != nil && e.kind == noData {
			continue
		}
		return key{part, dns.TypeNS}
	}
	return k
}

// sections of an answer, sorted by what they say of a question.
type reading struct {
	kind     kind
	rrs      []dns.RR // of the name, or an alias
	sigs     []dns.RR
	ns       []dns.RR // of a delegation
	cut      string
	referral bool
}

// read finds out what a message says of a question when it comes from a server
// of zone. Records about names outside the zone are not that server's business.
func read(m *dns.Msg, zone string, k key) (reading, error) {
	rd := reading{}
	in := func(name string) bool { return dns.IsSubDomain(zone, dns.CanonicalName(name)) }
	asked := k.t
	if asked == dns.TypeANY { // whatever comes first; one RRset is enough
		for _, rr := range m.Answer {
			if h := rr.Header(); h.Rrtype != dns.TypeRRSIG && dns.CanonicalName(h.Name) == k.name {
				asked = h.Rrtype
				break
			}
		}
	}
	for _, want := range [...]uint16{asked, dns.TypeCNAME} {
		if len(rd.rrs) > 0 {
			break
		}
		for _, rr := range m.Answer {
			h := rr.Header()
			if dns.CanonicalName(h.Name) != k.name || !in(h.Name) {
				continue
			}
			if sig, ok := rr.(*dns.RRSIG); ok && sig.TypeCovered == want && k.t != dns.TypeRRSIG {
				rd.sigs = append(rd.sigs, rr)
			} else if h.Rrtype == want {
				rd.rrs = append(rd.rrs, rr)
			}
		}
		if len(rd.rrs) == 0 {
			rd.sigs = nil
		}
	}
	if len(rd.rrs) > 0 {
		return rd, nil
	}
	switch m.Rcode {
	case dns.RcodeNameError:
		rd.kind = nxDomain
		return rd, nil
	case dns.RcodeSuccess:
	default:
		return rd, fmt.Errorf("it says %s", dns.RcodeToString[m.Rcode])
	}
	soa := false
	for _, rr := range m.Ns {
		name := dns.CanonicalName(rr.Header().Name)
		switch rr.(type) {
		case *dns.SOA:
			soa = soa || in(name)
		case *dns.NS:
			if in(name) && name != zone && dns.IsSubDomain(name, k.name) && (rd.cut == "" || rd.cut == name) {
				rd.ns, rd.cut = append(rd.ns, rr), name
			}
		}
	}
	switch {
	case rd.cut != "" && !soa && !m.Authoritative:
		rd.referral = true
	case soa || m.Authoritative || strings.EqualFold(zone, k.name):
		rd.kind = noData
	default:
		return rd, fmt.Errorf("it knows nothing of %s", zone)
	}
	return rd, nil
}

// proofOf are the records of an absence: SOA, NSEC, NSEC3 and their signatures,
// of the zone.
func proofOf(m *dns.Msg, zone string) []dns.RR {
	var out []dns.RR
	for _, rr := range m.Ns {
		h := rr.Header()
		t := h.Rrtype
		if sig, ok := rr.(*dns.RRSIG); ok {
			t = sig.TypeCovered
		}
		if slices.Contains([]uint16{dns.TypeSOA, dns.TypeNSEC, dns.TypeNSEC3}, t) && dns.IsSubDomain(zone, dns.CanonicalName(h.Name)) {
			out = append(out, rr)
		}
	}
	return out
}

// negativeTTL is for how long an absence may be remembered (RFC 2308 §5); 0
// without SOA.
func negativeTTL(proof []dns.RR) time.Duration {
	for _, rr := range proof {
		if soa, ok := rr.(*dns.SOA); ok {
			return time.Duration(min(soa.Hdr.Ttl, soa.Minttl)) * time.Second
		}
	}
	return 0
}

func positiveTTL(rrs []dns.RR) time.Duration {
	ttl := uint32(1<<31 - 1)
	for _, rr := range rrs {
		if rr.Header().Ttl >= 1<<31 {
			return 0 // RFC 2181 §8
		}
		ttl = min(ttl, rr.Header().Ttl)
	}
	return time.Duration(ttl) * time.Second
}
