package dnssec

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// maxChecks bounds how many pairs of keys and signatures are tried for one
// RRset: every one costs time, and an attacker chooses how many there are.
const maxChecks = 16

// Signer is the zone that signed an RRset, by its first signature; "" if there
// is none.
func Signer(sigs []dns.RR) string {
	for _, rr := range sigs {
		if s, ok := rr.(*dns.RRSIG); ok {
			return dns.CanonicalName(s.SignerName)
		}
	}
	return ""
}

// Verify checks that one of the signatures over an RRset was made with one of a
// zone's keys and holds now (RFC 4035 §5.3). wildcard is the name that the
// records were made from, if that is not their owner.
func Verify(rrs, sigs []dns.RR, zone string, keys []*dns.DNSKEY, now time.Time) (wildcard string, err error) {
	if len(rrs) == 0 {
		return "", errors.New("there is nothing to check")
	}
	h := rrs[0].Header()
	what := fmt.Sprintf("%s %s", h.Name, dns.Type(h.Rrtype))
	err = fmt.Errorf("%s has no signature, though %s is signed", what, zone)
	checks := 0
	for _, rr := range sigs {
		sig, ok := rr.(*dns.RRSIG)
		if !ok || dns.CanonicalName(sig.SignerName) != zone || sig.TypeCovered != h.Rrtype || int(sig.Labels) > dns.CountLabel(h.Name) {
			continue
		}
		if !dns.IsSubDomain(zone, dns.CanonicalName(h.Name)) {
			continue
		}
		if !sig.ValidityPeriod(now) {
			err = fmt.Errorf("the signature over %s does not hold at this time", what)
			continue
		}
		found := false
		for _, k := range keys {
			if k.KeyTag() != sig.KeyTag || k.Algorithm != sig.Algorithm || k.Flags&dns.ZONE == 0 || k.Protocol != 3 || k.Flags&dns.REVOKE != 0 {
				continue
			}
			found = true
			if checks++; checks > maxChecks {
				return "", fmt.Errorf("%s has too many signatures", what)
			}
			if sig.Verify(k, owned(rrs)) == nil {
				return wild(h.Name, sig), nil
			}
			err = fmt.Errorf("the signature over %s is wrong: the records are not what %s signed", what, zone)
		}
		if !found {
			err = fmt.Errorf("the signature over %s was made with key %d, which is not one of %s", what, sig.KeyTag, zone)
		}
	}
	return "", err
}

// owned are copies of an RRset with the owner in lower case and one TTL.
func owned(rrs []dns.RR) []dns.RR {
	out := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		out[i] = dns.Copy(rr)
		out[i].Header().Name = dns.CanonicalName(rr.Header().Name)
		out[i].Header().Ttl = rrs[0].Header().Ttl
	}
	return out
}

// wild is the wildcard that a signature is over (RFC 4035 §5.3.4), or "".
func wild(owner string, sig *dns.RRSIG) string {
	n := dns.CountLabel(owner)
	if strings.HasPrefix(owner, "*.") {
		n--
	}
	if int(sig.Labels) >= n {
		return ""
	}
	at := dns.Split(owner)
	if sig.Labels == 0 {
		return "*."
	}
	return "*." + dns.CanonicalName(owner[at[len(at)-int(sig.Labels)]:])
}

// VerifyKeys checks a zone's keys: one of them must be what the parent's DS
// records, or the trust anchors, say, and must have signed all of them
// (RFC 4035 §5.2).
func VerifyKeys(trusted, rrs, sigs []dns.RR, zone string, now time.Time) ([]*dns.DNSKEY, error) {
	var all, entry []*dns.DNSKEY
	for _, rr := range rrs {
		if k, ok := rr.(*dns.DNSKEY); ok && len(all) < maxChecks {
			all = append(all, k)
			if k.Flags&dns.ZONE != 0 && matches(trusted, k) {
				entry = append(entry, k)
			}
		}
	}
	if len(entry) == 0 {
		return nil, fmt.Errorf("none of the keys of %s is the one that is vouched for", zone)
	}
	if _, err := Verify(rrs, sigs, zone, entry, now); err != nil {
		return nil, err
	}
	return all, nil
}

func matches(trusted []dns.RR, k *dns.DNSKEY) bool {
	for _, rr := range trusted {
		switch t := rr.(type) {
		case *dns.DS:
			if t.KeyTag != k.KeyTag() || t.Algorithm != k.Algorithm {
				continue
			}
			if ds := k.ToDS(t.DigestType); ds != nil && strings.EqualFold(ds.Digest, t.Digest) {
				return true
			}
		case *dns.DNSKEY:
			if t.Algorithm == k.Algorithm && t.PublicKey == k.PublicKey && t.Flags == k.Flags {
				return true
			}
		}
	}
	return false
}

// Known reports whether one of the DS records is of an algorithm and digest
// that can be checked here; if none is, the zone counts as unsigned
// (RFC 4035 §5.2).
func Known(ds []dns.RR) bool {
	for _, rr := range ds {
		d, ok := rr.(*dns.DS)
		if !ok {
			continue
		}
		algorithm := false
		switch d.Algorithm {
		case dns.RSASHA1, dns.RSASHA1NSEC3SHA1, dns.RSASHA256, dns.RSASHA512, dns.ECDSAP256SHA256, dns.ECDSAP384SHA384, dns.ED25519:
			algorithm = true
		}
		if algorithm && (d.DigestType == dns.SHA1 || d.DigestType == dns.SHA256 || d.DigestType == dns.SHA384) {
			return true
		}
	}
	return false
}
