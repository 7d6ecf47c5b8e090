package dns

import (
	"testing"

	"netscope/protocols/lab"
)

func TestCacheChange(t *testing.T) {
	for _, set := range []lab.Params{
		nil, {"ttl": 5, "poll": 0.7}, {"change": 50, "ttl": 30}, {"change": 100}, {"rtt": 0.4, "rtt-local": 0.2, "later": 1}, {"ttl": 0},
	} {
		s, p := emulate(t, Cache{}, changing, set, 1)
		check(t, Cache{}, changing, s, p)
	}
}

func TestCacheCrowd(t *testing.T) {
	for seed, set := range []lab.Params{{"crowd": 300}, {"ttl": 5, "crowd": 300}, {"zipf": 0, "names": 3, "crowd": 200}, {"rate": 20, "ttl": 2, "crowd": 100}, {"rtt": 0.5, "ttl": 3, "crowd": 300}} {
		s, p := emulate(t, Cache{}, crowd, set, uint64(seed))
		check(t, Cache{}, crowd, s, p)
	}
}
