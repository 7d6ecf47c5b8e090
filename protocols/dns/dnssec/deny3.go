package dnssec

import (
	"fmt"

	"github.com/miekg/dns"
)

// maxIterations is how often a name may be hashed: more counts as no proof
// (RFC 9276 §3.2).
const maxIterations = 150

func nsec3s(proof []dns.RR) []*dns.NSEC3 {
	var out []*dns.NSEC3
	for _, rr := range proof {
		if n, ok := rr.(*dns.NSEC3); ok && n.Hash == dns.SHA1 && n.Iterations <= maxIterations {
			out = append(out, n)
		}
	}
	return out
}

func matching3(ns []*dns.NSEC3, name string) *dns.NSEC3 {
	for _, n := range ns {
		if n.Match(name) {
			return n
		}
	}
	return nil
}

func covering3(ns []*dns.NSEC3, name string) *dns.NSEC3 {
	for _, n := range ns {
		if n.Cover(name) {
			return n
		}
	}
	return nil
}

// denyType3 is DenyType by NSEC3 (RFC 5155 §8.5 to 8.7).
func denyType3(proof []dns.RR, origin, name string, t uint16) (Denial, error) {
	ns := nsec3s(proof)
	if n := matching3(ns, name); n != nil {
		return lacks(n.TypeBitMap, name, t)
	}
	if t == dns.TypeDS { // opt-out: the delegation may be left out
		d, err := denyName3(proof, origin, name, false)
		if err == nil && d.Open {
			return Denial{Cut: true, Open: true}, nil
		}
	}
	if above, _, err := closest3(ns, origin, name); err == nil {
		if n := matching3(ns, "*."+trimRoot(above)); n != nil {
			return lacks(n.TypeBitMap, name, t)
		}
	}
	return Denial{}, fmt.Errorf("nothing proves that %s has no %s", name, dns.Type(t))
}

// closest3 finds the closest existing ancestor of a name, and the record that
// covers the next name towards it (RFC 5155 §8.3).
func closest3(ns []*dns.NSEC3, origin, name string) (above string, cover *dns.NSEC3, err error) {
	labels := dns.Split(name)
	next := name
	for i := 1; i <= len(labels); i++ {
		at := "."
		if i < len(labels) {
			at = name[labels[i]:]
		}
		if matching3(ns, at) != nil {
			if c := covering3(ns, next); c != nil {
				return at, c, nil
			}
			break
		}
		if at == origin {
			break
		}
		next = at
	}
	return "", nil, fmt.Errorf("nothing proves that %s does not exist", name)
}

func denyName3(proof []dns.RR, origin, name string, wildcard bool) (Denial, error) {
	ns := nsec3s(proof)
	above, cover, err := closest3(ns, origin, name)
	if err != nil {
		return Denial{}, err
	}
	open := cover.Flags&1 != 0
	if !wildcard {
		return Denial{Open: open}, nil
	}
	if covering3(ns, "*."+trimRoot(above)) == nil {
		return Denial{}, fmt.Errorf("nothing shows that %s has no wildcard at %s", origin, above)
	}
	return Denial{Open: open}, nil
}

// closer3 finds the record that covers the name one label longer than the
// wildcard's parent (RFC 5155 §8.8).
func closer3(proof []dns.RR, origin, name, above string) (*dns.NSEC3, error) {
	labels := dns.Split(name)
	k := dns.CountLabel(dns.Fqdn(above)) + 1
	if k <= len(labels) {
		if c := covering3(nsec3s(proof), name[labels[len(labels)-k]:]); c != nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("nothing proves that %s has no closer match in %s than a wildcard", name, origin)
}
