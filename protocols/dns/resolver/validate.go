package resolver

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/dnssec"
)

// zoneKeys are the keys of a zone that are known to be its own.
type zoneKeys struct {
	keys   []*dns.DNSKEY
	status Status
	why    string
	until  time.Time
}

// validate says whether an answer is what its zone has signed (RFC 4035 §5): it
// follows the chain of DS and DNSKEY records from a trust anchor down.
func (j *job) validate(ctx context.Context, m *dns.Msg, e *entry, k key, depth int) (Status, string) {
	now := j.r.cfg.Clock.Now()
	if e.kind == answer && e.key.t == dns.TypeDNSKEY {
		trusted, status, why := j.trusted(ctx, k.name, depth)
		if status != Secure {
			return status, why
		}
		keys, err := dnssec.VerifyKeys(trusted, e.rrs, e.sigs, k.name, now)
		if err != nil {
			return Bogus, err.Error()
		}
		j.r.mu.Lock()
		j.r.sure[k.name] = zoneKeys{keys: keys, status: Secure, until: now.Add(e.ttl)}
		j.r.mu.Unlock()
		return Secure, "signed by the key that is vouched for"
	}
	if e.kind == answer && e.key.t == dns.TypeCNAME && len(e.sigs) == 0 && madeOfDNAME(m, k.name) {
		return j.validDNAME(ctx, m, e, k.name, depth)
	}
	sigs := e.sigs
	if e.kind != answer {
		sigs = signatures(e.proof)
	}
	signer := dnssec.Signer(sigs)
	if signer == "" || !dns.IsSubDomain(e.zone, signer) || !dns.IsSubDomain(signer, k.name) {
		return j.unsigned(ctx, e.zone, k, depth)
	}
	zk := j.keys(ctx, signer, depth)
	if zk.status != Secure {
		return zk.status, zk.why
	}
	if e.kind != answer {
		return j.validAbsence(e, k, signer, zk)
	}
	wildcard, err := dnssec.Verify(e.rrs, e.sigs, signer, zk.keys, now)
	if err != nil {
		return Bogus, err.Error()
	}
	if wildcard != "" {
		proof, _ := verified(proofOf(m, signer), signer, zk.keys, now)
		if err := dnssec.DenyCloser(proof, signer, k.name, wildcard); err != nil {
			return Bogus, err.Error()
		}
		e.proof = append(e.proof, withoutSOA(proofOf(m, signer))...)
	}
	return Secure, "signed by " + signer
}

// validAbsence checks the proof that something does not exist.
func (j *job) validAbsence(e *entry, k key, signer string, zk zoneKeys) (Status, string) {
	proof, err := verified(e.proof, signer, zk.keys, j.r.cfg.Clock.Now())
	if err != nil {
		return Bogus, err.Error()
	}
	var d dnssec.Denial
	if e.kind == nxDomain {
		d, err = dnssec.DenyName(proof, signer, k.name)
	} else {
		d, err = dnssec.DenyType(proof, signer, k.name, k.t)
	}
	if err != nil {
		return Bogus, err.Error()
	}
	if d.Open && k.t != dns.TypeDS {
		return Insecure, "its zone leaves unsigned delegations out of its proofs"
	}
	return Secure, "its absence is signed by " + signer
}

// unsigned judges an answer without signatures: that is right only below a
// delegation that is proven to have no DS record.
func (j *job) unsigned(ctx context.Context, zone string, k key, depth int) (Status, string) {
	zk := j.keys(ctx, zone, depth)
	if zk.status != Secure {
		return zk.status, zk.why
	}
	name := k.name
	if k.t == dns.TypeDS && name != "." {
		name = up(name)
	}
	labels := dns.Split(name)
	for i := len(labels) - 1 - dns.CountLabel(zone); i >= 0; i-- {
		zk := j.keys(ctx, name[labels[i]:], depth)
		if zk.status == Insecure || zk.status == Bogus {
			return zk.status, zk.why
		}
	}
	return Bogus, fmt.Sprintf("%s is signed, but the answer has no signature", zone)
}

// trusted are the records that vouch for a zone's keys: trust anchors, or DS
// records of the parent's.
func (j *job) trusted(ctx context.Context, zone string, depth int) ([]dns.RR, Status, string) {
	var anchors []dns.RR
	below := false
	for _, rr := range j.r.cfg.Anchors {
		owner := dns.CanonicalName(rr.Header().Name)
		if owner == zone {
			anchors = append(anchors, rr)
		}
		below = below || dns.IsSubDomain(owner, zone)
	}
	if len(anchors) > 0 {
		return anchors, Secure, ""
	}
	if !below {
		return nil, Insecure, "no trust anchor stands above " + zone
	}
	e, err := j.entry(ctx, key{zone, dns.TypeDS}, depth)
	switch {
	case err != nil && isBogus(err):
		return nil, Bogus, err.Error()
	case err != nil:
		return nil, Bogus, fmt.Sprintf("the DS records of %s cannot be had: %v", zone, err)
	case e.status != Secure:
		return nil, e.status, "nothing above " + zone + " is signed"
	case e.kind != answer:
		if isCut(e.proof, zone) {
			return nil, Insecure, "the parent proves that " + zone + " is not signed"
		}
		return nil, Unchecked, zone + " is no zone of its own"
	case !dnssec.Known(e.rrs):
		return nil, Insecure, zone + " is signed in a way that cannot be checked"
	}
	return e.rrs, Secure, ""
}

// isCut reports whether a proven lack of DS is that of a delegation. What NSEC3
// leaves out, or an empty non-terminal, counts as one only if the proof says so.
func isCut(proof []dns.RR, name string) bool {
	d, err := dnssec.DenyType(proof, "", name, dns.TypeDS)
	return err == nil && d.Cut
}

// keys finds and checks a zone's keys. Unchecked: it is no zone of its own.
func (j *job) keys(ctx context.Context, zone string, depth int) zoneKeys {
	now := j.r.cfg.Clock.Now()
	j.r.mu.Lock()
	zk, ok := j.r.sure[zone]
	j.r.mu.Unlock()
	if ok && now.Before(zk.until) {
		return zk
	}
	_, status, why := j.trusted(ctx, zone, depth)
	if status != Secure {
		return zoneKeys{status: status, why: why}
	}
	_, err := j.entry(ctx, key{zone, dns.TypeDNSKEY}, depth)
	if err != nil {
		return zoneKeys{status: Bogus, why: fmt.Sprintf("the keys of %s cannot be had: %v", zone, err)}
	}
	j.r.mu.Lock()
	zk, ok = j.r.sure[zone]
	j.r.mu.Unlock()
	if !ok {
		return zoneKeys{status: Bogus, why: zone + " has no keys though its parent vouches for some"}
	}
	return zk
}

// entry gets one RRset or absence, from the cache or by asking.
func (j *job) entry(ctx context.Context, k key, depth int) (*entry, error) {
	if slices.Contains(j.asking, k) {
		return nil, fmt.Errorf("%s is needed to check %s", k, k)
	}
	j.asking = append(j.asking, k)
	defer func() { j.asking = j.asking[:len(j.asking)-1] }()
	if e := j.r.lookup(k, true); e != nil {
		return e, nil
	}
	return j.fetch(ctx, k, depth)
}

// signatures are the RRSIG records among others.
func signatures(rrs []dns.RR) []dns.RR {
	var out []dns.RR
	for _, rr := range rrs {
		if rr.Header().Rrtype == dns.TypeRRSIG {
			out = append(out, rr)
		}
	}
	return out
}

func withoutSOA(rrs []dns.RR) []dns.RR {
	var out []dns.RR
	for _, rr := range rrs {
		sig, ok := rr.(*dns.RRSIG)
		if rr.Header().Rrtype != dns.TypeSOA && !(ok && sig.TypeCovered == dns.TypeSOA) {
			out = append(out, rr)
		}
	}
	return out
}

// verified are the records of a proof whose signatures are right; the first that
// is not is the error.
func verified(proof []dns.RR, zone string, keys []*dns.DNSKEY, now time.Time) ([]dns.RR, error) {
	type id struct {
		name string
		t    uint16
	}
	sets, sigs := map[id][]dns.RR{}, map[id][]dns.RR{}
	var order []id
	for _, rr := range proof {
		h := rr.Header()
		at := id{dns.CanonicalName(h.Name), h.Rrtype}
		if sig, ok := rr.(*dns.RRSIG); ok {
			at.t = sig.TypeCovered
			sigs[at] = append(sigs[at], rr)
			continue
		}
		if sets[at] == nil {
			order = append(order, at)
		}
		sets[at] = append(sets[at], rr)
	}
	const most = 8 // a proof has at most three records and the SOA
	if len(order) > most {
		order = order[:most]
	}
	var out []dns.RR
	var first error
	for _, at := range order {
		if _, err := dnssec.Verify(sets[at], sigs[at], zone, keys, now); err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		out = append(out, sets[at]...)
	}
	if len(out) == 0 && first == nil {
		first = fmt.Errorf("%s proves nothing", zone)
	}
	return out, first
}

func madeOfDNAME(m *dns.Msg, name string) bool { return dnameAbove(m, name) != nil }

func dnameAbove(m *dns.Msg, name string) dns.RR {
	for _, rr := range m.Answer {
		owner := dns.CanonicalName(rr.Header().Name)
		if rr.Header().Rrtype == dns.TypeDNAME && owner != name && dns.IsSubDomain(owner, name) {
			return rr
		}
	}
	return nil
}

// validDNAME judges a CNAME that was made from a DNAME by the DNAME's signature
// (RFC 6672 §5.3.1).
func (j *job) validDNAME(ctx context.Context, m *dns.Msg, alias *entry, name string, depth int) (Status, string) {
	d, ok := dnameAbove(m, name).(*dns.DNAME)
	zone := alias.zone
	made := false
	for _, rr := range alias.rrs {
		c, is := rr.(*dns.CNAME)
		prefix := ""
		if ok {
			prefix = name[:len(name)-len(dns.CanonicalName(d.Hdr.Name))]
		}
		made = ok && is && dns.CanonicalName(c.Target) == dns.CanonicalName(prefix+d.Target)
	}
	if !made {
		return Bogus, "the alias of " + name + " is not what the DNAME above it makes"
	}
	k := key{dns.CanonicalName(d.Header().Name), dns.TypeDNAME}
	rd, err := read(m, zone, k)
	if err != nil || len(rd.rrs) == 0 {
		return Bogus, "the DNAME above " + name + " is missing"
	}
	e := &entry{key: k, rrs: rd.rrs, sigs: rd.sigs, zone: zone}
	return j.validate(ctx, m, e, k, depth)
}
