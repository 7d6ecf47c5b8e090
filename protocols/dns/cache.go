package dns

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/resolver"
	"netscope/protocols/dns/server"
	"netscope/protocols/dns/zone"
	"netscope/protocols/lab"
)

// Cache is the lab dns-cache: what is remembered, for how long, and what that
// is good for. The zero value works.
type Cache struct{}

var _ lab.Lab = Cache{}

// Hosts of dns-cache beside the root.
const (
	alice     = "alice"
	bob       = "bob"
	localA    = "local-a"
	localB    = "local-b"
	exampleNS = "dns.example.com"
)

// Variants of dns-cache.
const (
	changing = "change"
	crowd    = "zipf"
)

// Addresses of www.example.com before and after it moves.
const (
	oldAddr = "192.0.2.1"
	newAddr = "192.0.2.2"
)

// Spec implements lab.Lab.
func (Cache) Spec() lab.Spec {
	return lab.Spec{
		ID: "dns-cache", Title: "DNS: caches", Group: "DNS",
		Summary: "TTLs count down, an address changes and some still see the old one; how many questions a cache answers",
		About:   aboutCache,
		Params: []lab.Param{
			distance("rtt-local", "RTT to the local server", "round-trip time between a client and its local name server", 0.01),
			distance("rtt", "RTT to the others", "round-trip time between a local name server and each other name server", 0.05),
			{Name: "ttl", Label: "TTL T", Doc: "for how long an address may be remembered, in whole seconds", Kind: lab.Duration, Default: 20, Min: 0, Max: 86400},
			{Name: "poll", Label: "asks every", Doc: "how often alice and bob ask for www.example.com", Kind: lab.Duration, Default: 3, Min: 0.1, Max: 3600},
			{Name: "later", Label: "bob begins after", Doc: "how much later than alice bob begins to ask", Kind: lab.Duration, Default: 8, Min: 0, Max: 3600},
			{Name: "change", Label: "address changes at", Doc: "when www.example.com gets another address", Kind: lab.Duration, Default: 25, Min: 0, Max: 86400},
			{Name: "lasts", Label: "lasts", Doc: "for how long clients ask", Kind: lab.Duration, Default: 60, Min: 1, Max: 86400},
			{Name: "names", Label: "names", Doc: "how many names the many clients ask for", Kind: lab.Count, Default: 8, Min: 1, Max: 500},
			{Name: "rate", Label: "questions a second", Doc: "of all clients together, at random times (Poisson)", Kind: lab.Count, Default: 4, Min: 1, Max: 1000},
			{Name: "zipf", Label: "Zipf exponent ·100", Doc: "how unequal the names are: name k is asked for in proportion to 1/k^s; 100 is s = 1", Kind: lab.Count, Default: 100, Min: 0, Max: 300},
			{Name: "crowd", Label: "the crowd asks for", Doc: "for how long the many clients ask", Kind: lab.Duration, Default: 600, Min: 1, Max: 1e6},
		},
		Variants: []lab.Variant{
			{ID: changing, Title: "an address changes", Summary: "two clients with a local server each; who still sees the old address, and for how long"},
			{ID: crowd, Title: "many clients", Summary: "questions at random times for names of unequal popularity; the share that the cache answers"},
		},
	}
}

const aboutCache = `A resolver remembers what it has learnt for as long as the TTL says. From then on the entry's time runs down, and every answer from the cache carries the time that is left, so that nobody further down remembers it for longer.

When www.example.com moves to another address, its own server knows at once, and everybody who asks it. A resolver with a fresh entry goes on giving the old address until its TTL has run out: no message tells it. How long depends on when it last asked, which is why alice and bob do not see the change at the same time. A short TTL before a move keeps that time short, and costs questions.

With many clients, a name that is asked for λ times a second at random is fetched once, and then answered from the cache for T seconds: λT hits for each miss, a hit rate of λT/(1+λT). Popular names are nearly always in the cache, rare ones nearly never.`

// Topology implements lab.Lab.
func (Cache) Topology(variant string, p lab.Params) lab.Topology {
	t := lab.Topology{Nodes: []lab.Node{
		{Name: alice, Role: "client"}, {Name: bob, Role: "client"},
		{Name: localA, Role: "server", Services: services()}, {Name: localB, Role: "server", Services: services()},
	}}
	t.Links = append(t.Links, link(alice, localA, p.Duration("rtt-local")), link(bob, localB, p.Duration("rtt-local")), link(alice, localB, p.Duration("rtt-local")))
	for _, host := range []string{rootDNS, tldCom, exampleNS} {
		t.Nodes = append(t.Nodes, lab.Node{Name: host, Role: "server", Services: services()})
		for _, l := range []string{localA, localB, alice} {
			t.Links = append(t.Links, link(l, host, p.Duration("rtt")))
		}
	}
	return t
}

// Run implements lab.Lab.
func (l Cache) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	b, err := addresses(w, localA, localB, rootDNS, tldCom, exampleNS)
	if err != nil {
		return err
	}
	h := newHierarchy(w, b, 0)
	ttl := int(p["ttl"])
	text := fmt.Sprintf("$TTL 86400\n@ IN SOA dns hostmaster 1 1800 900 604800 300\n@ IN NS dns\ndns IN A {dns.example.com}\nwww %d IN A %s\n", ttl, oldAddr)
	for k := range p.Int("names") {
		text += fmt.Sprintf("name%d %d IN A 198.51.100.%d\n", k+1, ttl, k%250+1)
	}
	for _, z := range []struct{ origin, text, host string }{
		{".", rootZone + "com. IN NS a.gtld-servers.net.\na.gtld-servers.net. IN A {tld-com}\n", rootDNS},
		{"com.", "$TTL 172800\n@ IN SOA a.gtld-servers.net. nstld.verisign-grs.com. 1 1800 900 604800 900\n@ IN NS a.gtld-servers.net.\nexample IN NS dns.example\ndns.example IN A {dns.example.com}\n", tldCom},
		{"example.com.", text, exampleNS},
	} {
		if err := h.add(z.origin, z.text, z.host); err != nil {
			return err
		}
	}
	if err := h.start(ctx, nil, nil); err != nil {
		return err
	}
	for _, host := range []string{localA, localB} {
		c := config(w, host)
		c.Roots = []resolver.Hint{{Name: "a.root-servers.net.", Addrs: h.addrs(rootDNS)}}
		c.Timeout = time.Second + 4*p.Duration("rtt")
		if err := resolver.New(c).Serve(ctx, server.Options{}); err != nil {
			return err
		}
	}
	lab.OnAction(w, func(a lab.Action) {
		if err := h.act(a); err != nil {
			say(w, exampleNS, "action-failed", err.Error())
		}
	})
	if lab.Exposed(w) {
		<-ctx.Done()
		return nil
	}
	if variant == crowd {
		return l.runCrowd(ctx, w, h, p)
	}
	return l.runChange(ctx, w, h, p)
}

// patience is a time-out that no answer of the local server exceeds.
func (Cache) patience(p lab.Params) time.Duration {
	return 5*time.Second + 20*(p.Duration("rtt")+p.Duration("rtt-local"))
}

// runChange has two clients ask while the address changes.
func (l Cache) runChange(ctx context.Context, w lab.World, h *hierarchy, p lab.Params) error {
	clock := w.Clock()
	began := clock.Now()
	done := make(chan error, 3)
	lab.Go(w, func() {
		if p["change"] >= p["lasts"] {
			done <- nil
			return
		}
		err := clock.Sleep(ctx, p.Duration("change"))
		if err == nil {
			rr, _ := zone.ParseRecord(fmt.Sprintf("www.example.com. %d IN A %s", int(p["ttl"]), newAddr))
			err = h.edit("example.com.", []zone.Key{{Name: "www.example.com.", Type: dns.TypeA}}, rr)
		}
		done <- err
	})
	for i, who := range []string{alice, bob} {
		r := stub(w, who, l.patience(p), h.book.at([]string{localA, localB}[i]))
		lab.Go(w, func() {
			for t := time.Duration(i) * p.Duration("later"); t < p.Duration("lasts"); t += p.Duration("poll") {
				if err := clock.Sleep(ctx, began.Add(t).Sub(clock.Now())); err != nil {
					done <- err
					return
				}
				learnedBy(w, who, "www.example.com.", dns.TypeA, r.Resolve(ctx, "www.example.com.", dns.TypeA, resolver.Option{}))
			}
			done <- nil
		})
	}
	for range 3 {
		if err := <-done; err != nil {
			return err
		}
	}
	return nil
}

// runCrowd has many clients, of which alice's host stands for all, ask at random
// times.
func (l Cache) runCrowd(ctx context.Context, w lab.World, h *hierarchy, p lab.Params) error {
	clock := w.Clock()
	began := clock.Now()
	draw := w.Rand("crowd")
	weights := popularity(p)
	c := config(w, alice)
	c.Note, c.CacheSize, c.Forward, c.Timeout = nil, -1, only(h.book.at(localA)), l.patience(p)
	c.Guard.Birthday = true // each client asks for itself
	r := resolver.New(c)
	var wg sync.WaitGroup
	// The servers above are known before it begins: only the names count.
	r.Resolve(ctx, "dns.example.com.", dns.TypeA, resolver.Option{})
	for t := draw.ExpFloat64() / p["rate"]; t < p["crowd"]; t += draw.ExpFloat64() / p["rate"] {
		name := fmt.Sprintf("name%d.example.com.", pick(draw, weights)+1)
		if err := clock.Sleep(ctx, began.Add(time.Duration(t*1e9)).Sub(clock.Now())); err != nil {
			return err
		}
		wg.Add(1)
		lab.Go(w, func() {
			defer wg.Done()
			r.Resolve(ctx, name, dns.TypeA, resolver.Option{})
		})
	}
	wg.Wait()
	return nil
}

// popularity is which share of all questions each name has.
func popularity(p lab.Params) []float64 {
	ws := make([]float64, p.Int("names"))
	sum := 0.0
	for k := range ws {
		ws[k] = zipf(k+1, p["zipf"]/100)
		sum += ws[k]
	}
	for k := range ws {
		ws[k] /= sum
	}
	return ws
}

func pick(r *rand.Rand, weights []float64) int {
	x := r.Float64()
	for k, w := range weights {
		if x -= w; x < 0 {
			return k
		}
	}
	return len(weights) - 1
}
