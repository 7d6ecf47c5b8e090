package resolver

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// bogus is the failure of an answer whose signatures are wrong.
type bogus struct{ why string }

func (b bogus) Error() string { return b.why }

func isBogus(err error) bool {
	var b bogus
	return errors.As(err, &b)
}

var errBudget = fmt.Errorf("the answer needs more than %d questions: given up", maxQueries)

// askZone asks a zone's servers in turn until one says something useful: the
// answer, or which zone to ask next.
func (j *job) askZone(ctx context.Context, d delegation, k key, depth int) (next delegation, e *entry, err error) {
	q := j.askedName(d.zone, k)
	list, missing := j.known(d)
	failed := fmt.Errorf("%s has no servers that can be asked", d.zone)
	dead := map[netip.Addr]bool{}
	for try := 0; try < j.r.cfg.Tries; try++ {
		for i := 0; i < len(list) || len(missing) > 0; i++ {
			if i == len(list) {
				// Nobody with a known address helps: look up another.
				name := missing[0]
				missing = missing[1:]
				list = append(list, j.find(ctx, name, depth)...)
				i--
				continue
			}
			s := list[i]
			if dead[s.addr] {
				continue
			}
			next, e, err = j.askServer(ctx, d, s, q, k, depth, try)
			if err == nil {
				return next, e, nil
			}
			if ctx.Err() != nil || errors.Is(err, errBudget) {
				return d, nil, err
			}
			var silence timeoutError
			if !errors.As(err, &silence) && !isBogus(err) {
				dead[s.addr] = true // asking again would not help
			}
			if !isBogus(failed) {
				failed = fmt.Errorf("%s cannot be asked about %s: %w", d.zone, q, err)
			}
		}
	}
	return d, nil, failed
}

// askServer asks one server and takes in what it says.
func (j *job) askServer(ctx context.Context, d delegation, s nameServer, q, k key, depth, try int) (delegation, *entry, error) {
	m, err := j.exchange(ctx, d.zone, s, q, false, try)
	if err != nil {
		return d, nil, err
	}
	rd, err := read(m, d.zone, q)
	if err != nil {
		j.r.learn(s.addr, -1)
		return d, nil, fmt.Errorf("%s: %w", s, err)
	}
	if rd.referral {
		j.r.harvest(m, d.zone, rd)
		return delegation{rd.cut, withGlue(serversOf(rd.ns), m, d.zone)}, nil, nil
	}
	if q != k && rd.kind != nxDomain { // a minimised question
		if rd.kind == answer && rd.rrs[0].Header().Rrtype == dns.TypeNS {
			j.r.store(&entry{key: q, rrs: rd.rrs, rank: fromReferral, ttl: positiveTTL(rd.rrs), zone: d.zone})
			return delegation{q.name, serversOf(rd.rrs)}, nil, nil
		}
		j.r.store(&entry{key: key{q.name, dns.TypeNS}, kind: noData, rank: fromReferral, ttl: time.Minute, zone: d.zone})
		return d, nil, nil
	}
	e, err := j.accept(ctx, m, d.zone, q, rd, depth)
	if err != nil {
		return d, nil, err
	}
	j.r.harvest(m, d.zone, rd)
	return d, e, nil
}

func (s nameServer) String() string {
	if s.name == "" {
		return s.addr.String()
	}
	return s.name + " (" + s.addr.String() + ")"
}

// forward leaves the work to the next server up.
func (j *job) forward(ctx context.Context, k key) (*entry, error) {
	var list []nameServer
	for _, a := range j.r.cfg.Forward(k.name) {
		list = append(list, nameServer{addr: a.Addr()})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no server to ask about %s", k.name)
	}
	failed := errors.New("no server answers")
	dead := map[netip.Addr]bool{}
	for try := range j.r.cfg.Tries {
		for _, s := range j.r.order(list) {
			if dead[s.addr] {
				continue
			}
			m, err := j.exchange(ctx, ".", s, k, true, try)
			if err == nil {
				var rd reading
				if rd, err = read(m, ".", k); err == nil && rd.referral {
					err = errors.New("it only refers to others")
				}
				var e *entry
				if err == nil {
					e, err = j.accept(ctx, m, ".", k, rd, 0)
				}
				if err == nil {
					return e, nil
				}
			}
			if ctx.Err() != nil || errors.Is(err, errBudget) {
				return nil, err
			}
			var silence timeoutError
			if !errors.As(err, &silence) && !isBogus(err) {
				dead[s.addr] = true // asking again would not help
			}
			if !isBogus(failed) {
				failed = fmt.Errorf("%s: %w", s, err)
			}
		}
	}
	return nil, failed
}

// accept checks and remembers an answer, and what it says of the names that its
// aliases lead to.
func (j *job) accept(ctx context.Context, m *dns.Msg, zone string, k key, rd reading, depth int) (*entry, error) {
	first, err := j.take(ctx, m, zone, k, rd, depth)
	if err != nil {
		return nil, err
	}
	e := first
	for range maxAliases {
		target, alias := e.alias(k.t)
		if !alias || !dns.IsSubDomain(zone, target) {
			break
		}
		k.name = target
		rd, err := read(m, zone, k)
		if err != nil || rd.kind != answer || rd.referral || len(rd.rrs) == 0 {
			break
		}
		if e, err = j.take(ctx, m, zone, k, rd, depth); err != nil {
			break
		}
	}
	return first, nil
}

// take checks and remembers one RRset or absence.
func (j *job) take(ctx context.Context, m *dns.Msg, zone string, k key, rd reading, depth int) (*entry, error) {
	e := &entry{key: k, kind: rd.kind, rank: fromAnswer, rrs: rd.rrs, sigs: rd.sigs, zone: zone}
	if m.Authoritative {
		e.rank = fromAuthority
	}
	if rd.kind == answer {
		e.ttl = positiveTTL(rd.rrs)
		e.key.t = rd.rrs[0].Header().Rrtype
		if k.t == dns.TypeANY {
			e.key.t = dns.TypeANY
		}
	} else {
		e.proof = proofOf(m, zone)
		e.ttl = negativeTTL(e.proof)
		if rd.kind == nxDomain {
			e.key.t = 0
		}
	}
	if j.r.cfg.Validate {
		status, why := j.validate(ctx, m, e, k, depth)
		d := k.data()
		d["status"], d["reason"] = status.String(), why
		j.r.note("validated", fmt.Sprintf("%s is %s: %s", k, status, why), d)
		if status == Bogus && !j.unchecked {
			return nil, bogus{why}
		}
		e.status = status
	}
	e.stored = j.r.cfg.Clock.Now()
	if e.status != Bogus {
		j.r.store(e)
	}
	return e, nil
}

// harvest remembers what a message says beside its answer: delegations, a
// zone's own NS records, and addresses of name servers. What a server says
// about names outside its zone is left out, unless the resolver is naive.
func (r *Resolver) harvest(m *dns.Msg, zone string, rd reading) {
	if r.cfg.Guard.Naive {
		r.harvestAll(m)
		return
	}
	hosts := map[string]bool{}
	take := func(cut string, rrs []dns.RR, rk rank) {
		for _, h := range serversOf(rrs) {
			hosts[h.Name] = true
		}
		r.store(&entry{key: key{cut, dns.TypeNS}, rrs: rrs, rank: rk, ttl: positiveTTL(rrs), zone: zone})
	}
	if rd.referral {
		take(rd.cut, rd.ns, fromReferral)
	} else if m.Authoritative {
		var own []dns.RR
		for _, rr := range m.Ns {
			if ns, ok := rr.(*dns.NS); ok && dns.CanonicalName(ns.Hdr.Name) == zone {
				own = append(own, rr)
			}
		}
		// A validating resolver goes by the parent's word: these are not checked.
		if len(own) > 0 && zone != "." && !r.cfg.Validate {
			take(zone, own, fromAnswer)
		}
	}
	for _, h := range serversOf(rd.rrs) { // somebody asked for them
		hosts[h.Name] = true
	}
	for _, e := range sets(m.Extra) {
		if hosts[e.key.name] && dns.IsSubDomain(zone, e.key.name) {
			e.rank, e.zone = fromGlue, zone
			r.store(e)
		}
	}
}

// withGlue adds the addresses that a referral brings along, so that a full cache
// does not matter.
func withGlue(hs []Hint, m *dns.Msg, zone string) []Hint {
	for _, e := range sets(m.Extra) {
		for i := range hs {
			if hs[i].Name == e.key.name && dns.IsSubDomain(zone, e.key.name) {
				hs[i].Addrs = append(hs[i].Addrs, addressesOf(e.rrs)...)
			}
		}
	}
	return hs
}

// harvestAll believes everything, as resolvers did before 1997.
func (r *Resolver) harvestAll(m *dns.Msg) {
	for _, e := range sets(append(append([]dns.RR(nil), m.Ns...), m.Extra...)) {
		e.rank = fromReferral
		r.store(e)
	}
}

// sets are the NS and address RRsets among some records, in their order.
func sets(rrs []dns.RR) []*entry {
	var out []*entry
	at := map[key]*entry{}
	for _, rr := range rrs {
		h := rr.Header()
		if h.Rrtype != dns.TypeA && h.Rrtype != dns.TypeAAAA && h.Rrtype != dns.TypeNS {
			continue
		}
		k := key{dns.CanonicalName(h.Name), h.Rrtype}
		if at[k] == nil {
			at[k] = &entry{key: k}
			out = append(out, at[k])
		}
		at[k].rrs = append(at[k].rrs, rr)
	}
	for _, e := range out {
		e.ttl = positiveTTL(e.rrs)
	}
	return out
}
