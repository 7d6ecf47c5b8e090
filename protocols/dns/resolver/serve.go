package resolver

import (
	"context"
	"net/netip"

	"github.com/miekg/dns"

	"netscope/protocols/dns/server"
	"netscope/protocols/dns/zone"
)

// Serve answers stub resolvers on the resolver's host until ctx is done.
func (r *Resolver) Serve(ctx context.Context, o server.Options) error {
	if o.Go == nil {
		o.Go = r.cfg.Go
	}
	context.AfterFunc(ctx, r.Close)
	return server.Serve(ctx, r.cfg.Host, r.Handle, o)
}

// Handle implements [server.Handler].
func (r *Resolver) Handle(ctx context.Context, req server.Request) []byte {
	q, refusal := server.Accept(req.Message)
	if q == nil {
		return refusal
	}
	m := r.respond(ctx, q, req.From.Addr().String())
	return server.Pack(q, m, req.UDP, 0)
}

// Recurse answers a question on behalf of a server that could only refer
// (see server.Server).
func (r *Resolver) Recurse(ctx context.Context, q *dns.Msg) *dns.Msg { return r.respond(ctx, q, "") }

func (r *Resolver) respond(ctx context.Context, q *dns.Msg, client string) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	m.RecursionAvailable = true
	m.CheckingDisabled = q.CheckingDisabled
	if !q.RecursionDesired {
		m.Rcode = dns.RcodeRefused
		return m
	}
	ask := q.Question[0]
	res := r.Resolve(ctx, ask.Name, ask.Qtype, Option{Client: client, Unchecked: q.CheckingDisabled})
	opt := q.IsEdns0()
	do := opt != nil && opt.Do()
	m.Rcode = res.Rcode
	m.Answer = ownCase(visible(res.Answer, do, ask.Qtype), ask.Name)
	m.Ns = visible(res.Authority, do, ask.Qtype)
	m.AuthenticatedData = res.Status == Secure && r.cfg.Validate && res.Rcode != dns.RcodeServerFailure && (do || q.AuthenticatedData)
	return m
}

// visible leaves out DNSSEC's records for those who did not ask for them
// (RFC 4035 §3.2.1).
func visible(rrs []dns.RR, do bool, asked uint16) []dns.RR {
	if do {
		return rrs
	}
	var out []dns.RR
	for _, rr := range rrs {
		switch t := rr.Header().Rrtype; t {
		case asked:
		case dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3:
			continue
		}
		out = append(out, rr)
	}
	return out
}

// ownCase writes the question's name as it was asked. The records may be shared
// by several askers.
func ownCase(rrs []dns.RR, name string) []dns.RR {
	out := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		if h := rr.Header(); h.Name != name && dns.CanonicalName(h.Name) == dns.CanonicalName(name) {
			rr = dns.Copy(rr)
			rr.Header().Name = name
		}
		out[i] = rr
	}
	return out
}

// Delegated names the servers to which a set of zones delegates a name: whom a
// server of these zones asks when it recurses itself. Only glue counts.
func Delegated(zones *zone.Set, port uint16) func(name string) []netip.AddrPort {
	return func(name string) []netip.AddrPort {
		z := zones.Find(name, dns.TypeA)
		if z == nil {
			return nil
		}
		var out []netip.AddrPort
		for _, a := range addressesOf(z.Lookup(name, dns.TypeA, false).Additional) {
			if a.Is4() {
				out = append(out, netip.AddrPortFrom(a, port))
			}
		}
		return out
	}
}
