package zone

import (
	"strings"

	"github.com/miekg/dns"
)

// Kind is how a lookup ends.
type Kind uint8

// The ways in which a lookup ends.
const (
	Found    Kind = iota // records of the type, or a chain of aliases
	Referral             // the name lies below a delegation
	NoData               // the name exists, the type does not (RFC 2308 §2.2)
	NXDomain             // the name does not exist (RFC 2308 §2.1)
	Loop                 // aliases point at each other
)

// Result is what a zone knows about a question. Records are shared with the
// zone and must not be changed.
type Result struct {
	Kind       Kind
	Answer     []dns.RR
	Authority  []dns.RR
	Additional []dns.RR
	// Cut is the delegation of a referral.
	Cut string
	// Target is the name at which a chain of aliases leaves the zone.
	Target string
}

// maxAliases bounds a chain of aliases within the zone.
const maxAliases = 16

// Lookup answers a question from the zone by RFC 1034 §4.3.2 with the wildcards
// of RFC 4592 and the aliases of RFC 6672. With do, signatures and proofs of
// what does not exist come along (RFC 4035 §3.1). The name must lie in the zone.
func (z *Zone) Lookup(qname string, qtype uint16, do bool) Result {
	q := &query{zone: z, qtype: qtype, do: do && z.Signed()}
	name := dns.CanonicalName(qname)
	for range maxAliases {
		next, more := q.step(name)
		if !more {
			q.extras()
			return q.r
		}
		if !dns.IsSubDomain(z.origin, next) {
			q.r.Kind, q.r.Target = Found, next
			return q.r
		}
		name = next
	}
	q.r.Kind = Loop
	return q.r
}

// query is a lookup under way.
type query struct {
	zone  *Zone
	qtype uint16
	do    bool
	r     Result
}

// step looks one name up. It tells the next name if this one is an alias.
func (q *query) step(name string) (next string, more bool) {
	z := q.zone
	closest := z.nodes[z.origin]
	encloser := z.origin
	for _, at := range z.path(name) {
		n := z.nodes[at]
		if n == nil {
			return q.beyond(name, encloser)
		}
		if at != z.origin && len(n.sets[dns.TypeNS]) > 0 && !(at == name && q.qtype == dns.TypeDS) {
			q.refer(at, n)
			return "", false
		}
		if d := n.sets[dns.TypeDNAME]; len(d) > 0 && at != name {
			return q.rename(name, at, n)
		}
		closest, encloser = n, at
	}
	return q.at(name, name, closest)
}

// path are the names from the origin down to name.
func (z *Zone) path(name string) []string {
	labels := dns.Split(name)
	out := []string{z.origin}
	for i := len(labels) - 1 - dns.CountLabel(z.origin); i >= 0; i-- {
		out = append(out, name[labels[i]:])
	}
	return out
}

// at answers from a node for a name: its own, or the wildcard's.
func (q *query) at(name, owner string, n *node) (next string, more bool) {
	if alias := n.sets[dns.TypeCNAME]; len(alias) > 0 && q.qtype != dns.TypeCNAME && q.qtype != dns.TypeANY && q.qtype != dns.TypeNSEC {
		q.r.Answer = append(q.r.Answer, q.set(name, n, dns.TypeCNAME)...)
		target, _ := alias[0].(*dns.CNAME)
		return dns.CanonicalName(target.Target), true
	}
	t := q.qtype
	if t == dns.TypeANY { // one RRset is enough (RFC 8482 §4.1)
		if ts := n.types(); len(ts) > 0 {
			t = ts[0]
		}
	}
	if len(n.sets[t]) == 0 {
		q.absent(NoData)
		q.prove(owner)
		return "", false
	}
	q.r.Kind = Found
	q.r.Answer = append(q.r.Answer, q.set(name, n, t)...)
	return "", false
}

// beyond answers for a name that has no node: from a wildcard at its closest
// encloser, or with its absence.
func (q *query) beyond(name, encloser string) (next string, more bool) {
	star := "*." + strings.TrimPrefix(encloser, ".")
	n := q.zone.nodes[star]
	if n == nil {
		q.absent(NXDomain)
		q.proveAll(name, star)
		return "", false
	}
	q.prove(name) // that there is no closer match (RFC 4035 §3.1.3.3)
	return q.at(name, star, n)
}

// rename answers below a DNAME with a CNAME made for this name (RFC 6672 §3.1).
func (q *query) rename(name, at string, n *node) (next string, more bool) {
	d, _ := n.sets[dns.TypeDNAME][0].(*dns.DNAME)
	prefix := strings.TrimSuffix(name, at)
	target := dns.CanonicalName(prefix + strings.TrimPrefix(d.Target, "."))
	q.r.Answer = append(q.r.Answer, q.set(at, n, dns.TypeDNAME)...)
	q.r.Answer = append(q.r.Answer, &dns.CNAME{
		Hdr:    dns.RR_Header{Name: name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: d.Hdr.Ttl},
		Target: target,
	})
	return target, true
}

// set is an RRset as the records of name, with its signatures if they are asked
// for.
func (q *query) set(name string, n *node, t uint16) []dns.RR {
	rrs := n.sets[t]
	if q.do {
		rrs = append(append([]dns.RR(nil), rrs...), n.sigs[t]...)
	}
	if len(rrs) == 0 || dns.CanonicalName(rrs[0].Header().Name) == name {
		return rrs
	}
	rrs = copies(rrs)
	for _, rr := range rrs {
		rr.Header().Name = name
	}
	return rrs
}

// refer points at the servers of a delegated zone, with glue.
func (q *query) refer(cut string, n *node) {
	if len(q.r.Answer) > 0 { // an alias into a child: the asker goes on from there
		q.r.Kind, q.r.Target = Found, cut
		return
	}
	q.r.Kind, q.r.Cut = Referral, cut
	q.r.Authority = append(q.r.Authority, n.sets[dns.TypeNS]...)
	if q.do {
		if len(n.sets[dns.TypeDS]) > 0 {
			q.r.Authority = append(q.r.Authority, q.set(cut, n, dns.TypeDS)...)
		} else {
			q.prove(cut)
		}
	}
	q.addresses(n.sets[dns.TypeNS])
}

// absent puts the SOA into the authority section. Its TTL is how long the
// absence may be remembered (RFC 2308 §3).
func (q *query) absent(k Kind) {
	q.r.Kind = k
	soa := q.zone.SOA()
	ttl := min(soa.Hdr.Ttl, soa.Minttl)
	for _, rr := range copies(q.set(q.zone.origin, q.zone.nodes[q.zone.origin], dns.TypeSOA)) {
		rr.Header().Ttl = ttl
		q.r.Authority = append(q.r.Authority, rr)
	}
}

// extras adds the addresses of hosts that the answer names (RFC 1035 §3.3).
func (q *query) extras() {
	if q.r.Kind == Found {
		q.addresses(q.r.Answer)
	}
}

func (q *query) addresses(rrs []dns.RR) {
	seen := map[string]bool{}
	for _, rr := range rrs {
		var host string
		switch rr := rr.(type) {
		case *dns.NS:
			host = rr.Ns
		case *dns.MX:
			host = rr.Mx
		case *dns.SRV:
			host = rr.Target
		default:
			continue
		}
		host = dns.CanonicalName(host)
		n := q.zone.nodes[host]
		if n == nil || seen[host] {
			continue
		}
		seen[host] = true
		for _, t := range [...]uint16{dns.TypeA, dns.TypeAAAA} {
			q.r.Additional = append(q.r.Additional, q.set(host, n, t)...)
		}
	}
}
