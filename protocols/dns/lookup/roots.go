package lookup

import (
	"net/netip"

	"github.com/miekg/dns"

	"netscope/protocols/dns/resolver"
)

// Roots are the root servers: IANA's root hints (https://www.iana.org/domains/root/servers).
func Roots() []resolver.Hint {
	var out []resolver.Hint
	for _, r := range [...][3]string{
		{"a", "198.41.0.4", "2001:503:ba3e::2:30"},
		{"b", "170.247.170.2", "2801:1b8:10::b"},
		{"c", "192.33.4.12", "2001:500:2::c"},
		{"d", "199.7.91.13", "2001:500:2d::d"},
		{"e", "192.203.230.10", "2001:500:a8::e"},
		{"f", "192.5.5.241", "2001:500:2f::f"},
		{"g", "192.112.36.4", "2001:500:12::d0d"},
		{"h", "198.97.190.53", "2001:500:1::53"},
		{"i", "192.36.148.17", "2001:7fe::53"},
		{"j", "192.58.128.30", "2001:503:c27::2:30"},
		{"k", "193.0.14.129", "2001:7fd::1"},
		{"l", "199.7.83.42", "2001:500:9f::42"},
		{"m", "202.12.27.33", "2001:dc3::35"},
	} {
		out = append(out, resolver.Hint{Name: r[0] + ".root-servers.net.",
			Addrs: []netip.Addr{netip.MustParseAddr(r[1]), netip.MustParseAddr(r[2])}})
	}
	return out
}

// Anchors are the root zone's trust anchors: the keys of 2017 and 2024
// (https://data.iana.org/root-anchors/root-anchors.xml).
func Anchors() []dns.RR {
	ds := func(tag uint16, digest string) dns.RR {
		return &dns.DS{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeDS, Class: dns.ClassINET},
			KeyTag: tag, Algorithm: dns.RSASHA256, DigestType: dns.SHA256, Digest: digest}
	}
	return []dns.RR{
		ds(20326, "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d"),
		ds(38696, "683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16"),
	}
}
