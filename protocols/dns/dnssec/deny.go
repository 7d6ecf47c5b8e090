package dnssec

import (
	"fmt"
	"slices"

	"github.com/miekg/dns"

	"netscope/protocols/dns/zone"
)

// Denial is what checked NSEC or NSEC3 records prove.
type Denial struct {
	// Cut tells that the name is a delegation without DS: what lies below it
	// is not signed.
	Cut bool
	// Open tells that NSEC3 records leave out unsigned delegations there
	// (opt-out, RFC 5155 §6).
	Open bool
}

// DenyType checks that a name lacks a type (RFC 4035 §5.4). The records have
// been verified.
func DenyType(proof []dns.RR, origin, name string, t uint16) (Denial, error) {
	for _, rr := range proof {
		n, ok := rr.(*dns.NSEC)
		if !ok {
			continue
		}
		owner := dns.CanonicalName(n.Hdr.Name)
		if owner == name {
			return lacks(n.TypeBitMap, name, t)
		}
		// An empty non-terminal: the next name lies below.
		next := dns.CanonicalName(n.NextDomain)
		if covers(n, name) && dns.IsSubDomain(name, next) {
			return Denial{}, nil
		}
	}
	// The name may come from a wildcard, which lacks the type.
	if d, err := wildLacks(proof, origin, name, t); err == nil {
		return d, nil
	}
	return denyType3(proof, origin, name, t)
}

func wildLacks(proof []dns.RR, origin, name string, t uint16) (Denial, error) {
	for _, rr := range proof {
		n, ok := rr.(*dns.NSEC)
		if !ok || !covers(n, name) {
			continue
		}
		star := "*." + trimRoot(encloser(n, name))
		for _, rr := range proof {
			if w, ok := rr.(*dns.NSEC); ok && dns.CanonicalName(w.Hdr.Name) == star {
				return lacks(w.TypeBitMap, name, t)
			}
		}
	}
	return Denial{}, fmt.Errorf("no wildcard of %s is shown to lack the type", origin)
}

func trimRoot(name string) string {
	if name == "." {
		return ""
	}
	return name
}

func lacks(types []uint16, name string, t uint16) (Denial, error) {
	has := func(t uint16) bool { return slices.Contains(types, t) }
	if has(t) || has(dns.TypeCNAME) && t != dns.TypeDS {
		return Denial{}, fmt.Errorf("the proof says that %s has %s after all", name, dns.Type(t))
	}
	if t == dns.TypeDS && has(dns.TypeSOA) && name != "." {
		return Denial{}, fmt.Errorf("the proof about the DS record of %s comes from the wrong side of the delegation", name)
	}
	if t != dns.TypeDS && has(dns.TypeNS) && !has(dns.TypeSOA) {
		return Denial{}, fmt.Errorf("the proof about %s comes from above its delegation", name)
	}
	return Denial{Cut: t == dns.TypeDS && has(dns.TypeNS)}, nil
}

// DenyName checks that a name does not exist and that no wildcard stands in for
// it (RFC 4035 §5.4).
func DenyName(proof []dns.RR, origin, name string) (Denial, error) {
	for _, rr := range proof {
		n, ok := rr.(*dns.NSEC)
		if !ok || !covers(n, name) {
			continue
		}
		star := "*." + trimRoot(encloser(n, name))
		for _, rr := range proof {
			if w, ok := rr.(*dns.NSEC); ok && covers(w, star) {
				return Denial{}, nil
			}
		}
		return Denial{}, fmt.Errorf("nothing shows that %s has no wildcard %s", origin, star)
	}
	return denyName3(proof, origin, name, true)
}

// DenyCloser checks that a name that was made from a wildcard has no closer
// match (RFC 4035 §5.3.4).
func DenyCloser(proof []dns.RR, origin, name, wildcard string) error {
	for _, rr := range proof {
		if n, ok := rr.(*dns.NSEC); ok && covers(n, name) {
			return nil
		}
	}
	_, err := closer3(proof, origin, name, trimRoot(wildcard[2:]))
	return err
}

// covers reports whether a name falls into the gap after an NSEC record.
func covers(n *dns.NSEC, name string) bool {
	owner, next := dns.CanonicalName(n.Hdr.Name), dns.CanonicalName(n.NextDomain)
	// Below a delegation or DNAME the record says nothing.
	if owner != name && dns.IsSubDomain(owner, name) {
		if slices.Contains(n.TypeBitMap, dns.TypeDNAME) || slices.Contains(n.TypeBitMap, dns.TypeNS) && !slices.Contains(n.TypeBitMap, dns.TypeSOA) {
			return false
		}
	}
	if zone.Compare(owner, name) >= 0 {
		return false
	}
	// The last record points back at the origin.
	return zone.Compare(name, next) < 0 || zone.Compare(next, owner) <= 0
}

// encloser is the closest existing ancestor of a name in the gap after n: the
// longest that it shares with either end.
func encloser(n *dns.NSEC, name string) string {
	a := dns.CompareDomainName(name, n.Hdr.Name)
	b := dns.CompareDomainName(name, n.NextDomain)
	labels := dns.Split(name)
	k := max(a, b)
	if k == 0 {
		return "."
	}
	return name[labels[len(labels)-k]:]
}
