package zone

import (
	"fmt"
	"slices"
	"sync"

	"github.com/miekg/dns"
)

// Set is the zones of one server. They can be replaced while it answers.
type Set struct {
	mu    sync.RWMutex
	zones map[string]*Zone
}

// NewSet makes a set of these zones.
func NewSet(zs ...*Zone) *Set {
	s := &Set{zones: map[string]*Zone{}}
	for _, z := range zs {
		s.zones[z.origin] = z
	}
	return s
}

// Replace puts a zone in the place of the one with its origin, or adds it.
func (s *Set) Replace(z *Zone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zones[z.origin] = z
}

// Zone is the zone with this origin, nil if there is none.
func (s *Set) Zone(origin string) *Zone {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.zones[dns.CanonicalName(origin)]
}

// Find is the zone that is the nearest ancestor of a name, or nil. For a
// question of type DS at a zone's origin it is the parent's zone, if the set
// has it (RFC 4035 §3.1.4.1).
func (s *Set) Find(name string, qtype uint16) *Zone {
	s.mu.RLock()
	defer s.mu.RUnlock()
	name = dns.CanonicalName(name)
	own := s.zones[name]
	if own != nil && qtype != dns.TypeDS {
		return own
	}
	for name != "." {
		name = parent(name)
		if z := s.zones[name]; z != nil {
			return z
		}
	}
	return own
}

// All are the zones in canonical order of their origins.
func (s *Set) All() []*Zone {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]*Zone, 0, len(s.zones))
	for _, z := range s.zones {
		out = append(out, z)
	}
	slices.SortFunc(out, func(a, b *Zone) int { return Compare(a.origin, b.origin) })
	return out
}

// Edit is the zone without the RRsets that remove names, with the records of
// add, and with the next serial number (RFC 1982). Signatures do not survive
// it: a signed zone is signed again.
func (z *Zone) Edit(remove []Key, add []dns.RR) (*Zone, error) {
	var rrs []dns.RR
	for _, rr := range z.Records() {
		h := rr.Header()
		if h.Rrtype == dns.TypeRRSIG || h.Rrtype == dns.TypeNSEC {
			continue
		}
		gone := slices.ContainsFunc(remove, func(k Key) bool {
			return dns.CanonicalName(k.Name) == dns.CanonicalName(h.Name) && (k.Type == h.Rrtype || k.Type == dns.TypeANY)
		})
		if soa, ok := rr.(*dns.SOA); ok {
			soa.Serial++
			gone = false
		}
		if !gone {
			rrs = append(rrs, rr)
		}
	}
	return New(z.origin, append(rrs, add...))
}

// Key names an RRset; type ANY stands for all of the name's.
type Key struct {
	Name string
	Type uint16
}

// ParseRecord reads one record as a master file has it.
func ParseRecord(text string) (dns.RR, error) {
	rr, err := dns.NewRR(text)
	if err != nil || rr == nil {
		return nil, fmt.Errorf("%q is not a record: write it as in a zone file, say \"www.example.com. 3600 IN A 192.0.2.1\"", text)
	}
	return rr, nil
}
