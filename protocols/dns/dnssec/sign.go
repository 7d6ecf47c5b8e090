package dnssec

import (
	"fmt"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/zone"
)

// Sign is the zone with keys, NSEC records and signatures that hold from one
// time to another (RFC 4035 §2). What it had of these before is replaced.
func Sign(z *zone.Zone, k Keys, from, until time.Time) (*zone.Zone, error) {
	s := signer{origin: z.Origin(), keys: k, from: uint32(from.Unix()), until: uint32(until.Unix()), negative: min(z.SOA().Minttl, z.SOA().Hdr.Ttl)}
	sets := map[zone.Key][]dns.RR{}
	names := map[string]*owner{}
	var order []string
	put := func(rr dns.RR) {
		h := rr.Header()
		name := dns.CanonicalName(h.Name)
		if names[name] == nil {
			names[name] = &owner{types: map[uint16]bool{}}
			order = append(order, name)
		}
		names[name].types[h.Rrtype] = true
		sets[zone.Key{Name: name, Type: h.Rrtype}] = append(sets[zone.Key{Name: name, Type: h.Rrtype}], rr)
	}
	for _, rr := range z.Records() {
		switch rr.Header().Rrtype {
		case dns.TypeRRSIG, dns.TypeNSEC, dns.TypeDNSKEY:
		default:
			put(rr)
		}
	}
	put(dns.Copy(k.KSK.Public))
	put(dns.Copy(k.ZSK.Public))
	order = s.authoritative(sortNames(order), names)
	var out []dns.RR
	for i, name := range order {
		o := names[name]
		next := order[(i+1)%len(order)]
		nsec := s.nsec(name, next, o)
		o.types[dns.TypeNSEC] = true
		sets[zone.Key{Name: name, Type: dns.TypeNSEC}] = []dns.RR{nsec}
		for _, t := range o.signed(name == s.origin) {
			rrs := sets[zone.Key{Name: name, Type: t}]
			sigs, err := s.sign(rrs, t)
			if err != nil {
				return nil, err
			}
			out = append(out, sigs...)
		}
	}
	for _, rrs := range sets {
		out = append(out, rrs...)
	}
	// The order within the zone must not depend on that of the map.
	return zone.New(z.Origin(), sortRecords(out))
}

// owner is what one name has.
type owner struct{ types map[uint16]bool }

// signed are the types at a name that the zone signs: at a delegation DS and
// NSEC alone (RFC 4035 §2.2).
func (o *owner) signed(apex bool) []uint16 {
	cut := o.types[dns.TypeNS] && !apex
	var ts []uint16
	for t := range o.types {
		if !cut || t == dns.TypeDS || t == dns.TypeNSEC {
			ts = append(ts, t)
		}
	}
	return sortTypes(ts)
}

type signer struct {
	origin      string
	keys        Keys
	from, until uint32
	negative    uint32
}

// authoritative leaves out glue: names below a delegation.
func (s *signer) authoritative(sorted []string, names map[string]*owner) []string {
	var out []string
	cut := ""
	for _, name := range sorted {
		if cut != "" && dns.IsSubDomain(cut, name) {
			continue
		}
		if name != s.origin && names[name].types[dns.TypeNS] {
			cut = name
		}
		out = append(out, name)
	}
	return out
}

// nsec says which types a name has and which name comes next (RFC 4034 §4).
func (s *signer) nsec(name, next string, o *owner) *dns.NSEC {
	ts := []uint16{dns.TypeRRSIG, dns.TypeNSEC}
	cut := o.types[dns.TypeNS] && name != s.origin
	for t := range o.types {
		if !cut || t == dns.TypeNS || t == dns.TypeDS {
			ts = append(ts, t)
		}
	}
	return &dns.NSEC{
		Hdr:        dns.RR_Header{Name: name, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: s.negative},
		NextDomain: next, TypeBitMap: sortTypes(ts),
	}
}

func (s *signer) sign(rrs []dns.RR, t uint16) ([]dns.RR, error) {
	k := s.keys.ZSK
	if t == dns.TypeDNSKEY {
		k = s.keys.KSK
	}
	h := rrs[0].Header()
	sig := &dns.RRSIG{
		Hdr:       dns.RR_Header{Name: h.Name, Rrtype: dns.TypeRRSIG, Class: dns.ClassINET, Ttl: h.Ttl},
		Algorithm: k.Public.Algorithm, SignerName: s.origin, KeyTag: k.Public.KeyTag(),
		Inception: s.from, Expiration: s.until,
	}
	if err := sig.Sign(k.signer, rrs); err != nil {
		return nil, fmt.Errorf("%s %s cannot be signed: %w", h.Name, dns.Type(t), err)
	}
	return []dns.RR{sig}, nil
}
