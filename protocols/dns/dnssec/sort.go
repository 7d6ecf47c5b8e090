package dnssec

import (
	"cmp"
	"slices"

	"github.com/miekg/dns"

	"netscope/protocols/dns/zone"
)

func sortNames(names []string) []string {
	slices.SortFunc(names, zone.Compare)
	return names
}

func sortTypes(ts []uint16) []uint16 {
	slices.Sort(ts)
	return slices.Compact(ts)
}

func sortRecords(rrs []dns.RR) []dns.RR {
	// Stable: records of one set keep the order in which they were written.
	slices.SortStableFunc(rrs, func(a, b dns.RR) int {
		return cmp.Or(zone.Compare(a.Header().Name, b.Header().Name), cmp.Compare(a.Header().Rrtype, b.Header().Rrtype))
	})
	return rrs
}
