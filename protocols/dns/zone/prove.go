package zone

import (
	"slices"

	"github.com/miekg/dns"
)

// prove adds the NSEC record that matches or covers a name: what it says does
// not exist there (RFC 4035 §3.1.3).
func (q *query) prove(name string) { q.proveAll(name) }

// proveAll proves several names, with each record once.
func (q *query) proveAll(names ...string) {
	if !q.do || len(q.zone.chain) == 0 {
		return
	}
	for _, name := range names {
		owner := q.zone.before(name)
		n := q.zone.nodes[owner]
		has := slices.ContainsFunc(q.r.Authority, func(rr dns.RR) bool {
			return rr.Header().Rrtype == dns.TypeNSEC && dns.CanonicalName(rr.Header().Name) == owner
		})
		if !has {
			q.r.Authority = append(q.r.Authority, q.set(owner, n, dns.TypeNSEC)...)
		}
	}
}

// before is the last owner of an NSEC record that does not come after name.
func (z *Zone) before(name string) string {
	i, found := slices.BinarySearchFunc(z.chain, name, Compare)
	if found {
		return z.chain[i]
	}
	return z.chain[(i+len(z.chain)-1)%len(z.chain)]
}
