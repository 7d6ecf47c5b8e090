package dns

import (
	"slices"
	"testing"

	"netscope/protocols/lab"
)

func TestResolve(t *testing.T) {
	want := map[string][]string{
		iterative: {
			asker + " > " + localDNS, localDNS + " > " + rootDNS, rootDNS + " > " + localDNS, localDNS + " > " + tldDNS, tldDNS + " > " + localDNS,
			localDNS + " > " + authDNS, authDNS + " > " + localDNS, localDNS + " > " + asker, asker + " > " + localDNS, localDNS + " > " + asker,
		},
		recursive: {
			asker + " > " + localDNS, localDNS + " > " + rootDNS, rootDNS + " > " + tldDNS, tldDNS + " > " + authDNS, authDNS + " > " + tldDNS,
			tldDNS + " > " + rootDNS, rootDNS + " > " + localDNS, localDNS + " > " + asker, asker + " > " + localDNS, localDNS + " > " + asker,
		},
	}
	for variant, hosts := range want {
		for _, set := range []lab.Params{
			nil,
			{"rtt-local": 0.3, "rtt-root": 1.5, "rtt-tld": 0.0007, "rtt-auth": 4, "rtt-root-tld": 2.2, "rtt-tld-auth": 3.3},
			{"edns": 1, "rtt-local": 0.001},
		} {
			s, p := emulate(t, Resolve{}, variant, set, 1)
			check(t, Resolve{}, variant, s, p)
			if got := way(s); !slices.Equal(got, hosts) {
				t.Errorf("%s: %q", variant, got)
			}
		}
	}
	for _, set := range []lab.Params{{"prime": 1}, {"minimise": 1}, {"prime": 1, "minimise": 1}, {"again": 0}, {"ttl": 1, "again": 5}} {
		s, p := emulate(t, Resolve{}, iterative, set, 1)
		check(t, Resolve{}, iterative, s, p)
	}
}
