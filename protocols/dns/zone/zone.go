package zone

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Zone is one zone: the records from its origin down to its delegations, and
// the glue below those. It is immutable and safe for use by many goroutines.
type Zone struct {
	origin string
	nodes  map[string]*node // by canonical name, empty non-terminals included
	chain  []string         // owners of NSEC records in canonical order (RFC 4034 §6.1)
}

// node is all that one name owns.
type node struct {
	sets map[uint16][]dns.RR
	sigs map[uint16][]dns.RR // RRSIG by the type that they cover
}

// New makes a zone of these records. The origin needs exactly one SOA.
// Records are not copied and must not be changed afterwards.
func New(origin string, rrs []dns.RR) (*Zone, error) {
	z := &Zone{origin: dns.CanonicalName(origin), nodes: map[string]*node{}}
	for _, rr := range rrs {
		if err := z.add(rr); err != nil {
			return nil, err
		}
	}
	top := z.nodes[z.origin]
	if top == nil || len(top.sets[dns.TypeSOA]) != 1 {
		return nil, fmt.Errorf("zone %s needs exactly one SOA record at %s (RFC 1035 §5.2)", z.origin, z.origin)
	}
	for name, n := range z.nodes {
		if len(n.sets[dns.TypeCNAME]) > 0 && n.others() {
			return nil, fmt.Errorf("%s has a CNAME and other records: an alias can have nothing else (RFC 1034 §3.6.2)", name)
		}
		if len(n.sets[dns.TypeNSEC]) > 0 {
			z.chain = append(z.chain, name)
		}
	}
	slices.SortFunc(z.chain, Compare)
	return z, nil
}

// others reports whether there is more beside a CNAME than DNSSEC allows.
func (n *node) others() bool {
	for t := range n.sets {
		if t != dns.TypeCNAME && t != dns.TypeNSEC {
			return true
		}
	}
	return len(n.sets[dns.TypeCNAME]) > 1
}

func (z *Zone) add(rr dns.RR) error {
	h := rr.Header()
	name := dns.CanonicalName(h.Name)
	if !dns.IsSubDomain(z.origin, name) {
		return fmt.Errorf("%s lies outside zone %s: it belongs into another zone", name, z.origin)
	}
	if h.Class != dns.ClassINET {
		return fmt.Errorf("%s has class %s: only IN is served", name, dns.Class(h.Class))
	}
	n := z.grow(name)
	if sig, ok := rr.(*dns.RRSIG); ok {
		n.sigs[sig.TypeCovered] = append(n.sigs[sig.TypeCovered], rr)
		return nil
	}
	for _, old := range n.sets[h.Rrtype] {
		if dns.IsDuplicate(old, rr) {
			return nil
		}
	}
	n.sets[h.Rrtype] = append(n.sets[h.Rrtype], rr)
	return nil
}

// grow makes the node and the empty non-terminals between it and the origin.
func (z *Zone) grow(name string) *node {
	n := z.nodes[name]
	if n != nil {
		return n
	}
	n = &node{sets: map[uint16][]dns.RR{}, sigs: map[uint16][]dns.RR{}}
	z.nodes[name] = n
	if name != z.origin {
		z.grow(parent(name))
	}
	return n
}

// Origin is the zone's name, in lower case with the final dot.
func (z *Zone) Origin() string { return z.origin }

// SOA is the zone's start of authority.
func (z *Zone) SOA() *dns.SOA {
	soa, _ := z.nodes[z.origin].sets[dns.TypeSOA][0].(*dns.SOA)
	return soa
}

// Signed reports whether the zone has keys (RFC 4035 §2.1).
func (z *Zone) Signed() bool { return len(z.nodes[z.origin].sets[dns.TypeDNSKEY]) > 0 }

// RRset are the records of a name and type, nil if there are none. The slice
// must not be changed.
func (z *Zone) RRset(name string, t uint16) []dns.RR {
	if n := z.nodes[dns.CanonicalName(name)]; n != nil {
		return n.sets[t]
	}
	return nil
}

// Records are copies of all records in canonical order, the SOA first.
func (z *Zone) Records() []dns.RR {
	names := make([]string, 0, len(z.nodes))
	for name := range z.nodes {
		names = append(names, name)
	}
	slices.SortFunc(names, Compare)
	out := []dns.RR{dns.Copy(z.SOA())}
	for _, name := range names {
		n := z.nodes[name]
		for _, t := range n.types() {
			if t == dns.TypeSOA {
				out = append(out, copies(n.sigs[t])...)
				continue
			}
			out = append(out, copies(n.sets[t])...)
			out = append(out, copies(n.sigs[t])...)
		}
	}
	return out
}

// String is the zone as a master file (RFC 1035 §5).
func (z *Zone) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "$ORIGIN %s\n", z.origin)
	for _, rr := range z.Records() {
		b.WriteString(rr.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// types are the types that a node has, in order of their numbers.
func (n *node) types() []uint16 {
	ts := make([]uint16, 0, len(n.sets))
	for t := range n.sets {
		ts = append(ts, t)
	}
	slices.Sort(ts)
	return ts
}

func copies(rrs []dns.RR) []dns.RR {
	out := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		out[i] = dns.Copy(rr)
	}
	return out
}

// parent is the name without its first label.
func parent(name string) string {
	i, end := dns.NextLabel(name, 0)
	if end {
		return "."
	}
	return name[i:]
}

// Compare orders names canonically: label by label from the right, in lower
// case (RFC 4034 §6.1).
func Compare(a, b string) int {
	x, y := dns.SplitDomainName(strings.ToLower(a)), dns.SplitDomainName(strings.ToLower(b))
	for i := 1; i <= len(x) && i <= len(y); i++ {
		if c := strings.Compare(x[len(x)-i], y[len(y)-i]); c != 0 {
			return c
		}
	}
	return len(x) - len(y)
}
