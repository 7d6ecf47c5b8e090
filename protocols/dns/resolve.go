package dns

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/resolver"
	"netscope/protocols/dns/server"
	"netscope/protocols/dns/zone"
	"netscope/protocols/lab"
)

// Resolve is the lab dns-resolve: one name, resolved in two ways. The zero
// value works.
type Resolve struct{}

var _ lab.Lab = Resolve{}

// The hosts of the slide, and the name that is looked up.
const (
	asker     = "engineering.nyu.edu"
	localDNS  = "dns.nyu.edu"
	rootDNS   = "root"
	tldDNS    = "tld-edu"
	authDNS   = "dns.cs.umass.edu"
	gaia      = "gaia.cs.umass.edu."
	gaiaAddr  = "128.119.245.12"
	iterative = "iterative"
	recursive = "recursive"
)

// Spec implements lab.Lab.
func (Resolve) Spec() lab.Spec {
	return lab.Spec{
		ID: "dns-resolve", Title: "DNS: iterated and recursive", Group: "DNS",
		Summary: "gaia.cs.umass.edu looked up from engineering.nyu.edu in two ways, on one clock: who asks whom, who waits, who remembers",
		About:   aboutResolve,
		Params: []lab.Param{
			distance("rtt-local", "RTT to the local server", "round-trip time between engineering.nyu.edu and dns.nyu.edu", 0.01),
			distance("rtt-root", "RTT local–root", "round-trip time between dns.nyu.edu and the root server", 0.04),
			distance("rtt-tld", "RTT local–TLD", "round-trip time between dns.nyu.edu and the .edu server", 0.03),
			distance("rtt-auth", "RTT local–authoritative", "round-trip time between dns.nyu.edu and dns.cs.umass.edu", 0.05),
			distance("rtt-root-tld", "RTT root–TLD", "round-trip time between the root server and the .edu server; used by the recursive way", 0.02),
			distance("rtt-tld-auth", "RTT TLD–authoritative", "round-trip time between the .edu server and dns.cs.umass.edu; used by the recursive way", 0.06),
			{Name: "again", Label: "second lookup after", Doc: "how long after the first lookup the same name is looked up again", Kind: lab.Duration, Default: 1, Min: 0, Max: 1e6, Zero: "never"},
			{Name: "ttl", Label: "TTL", Doc: "for how long gaia's address may be remembered", Kind: lab.Duration, Default: 3600, Min: 0, Max: 86400},
			onOff("prime", "priming", "ask the root for the names of the root servers first (RFC 8109); iterative only"),
			onOff("minimise", "minimisation", "tell each server only as much of the name as it needs (RFC 9156); iterative only"),
			onOff("edns", "EDNS", "say in each question how large an answer may be (RFC 6891)"),
		},
		Variants: []lab.Variant{
			{ID: iterative, Title: "iterated", Summary: "the local server asks each server in turn and is sent on to the next"},
			{ID: recursive, Title: "recursive", Summary: "each server asks the next and waits for its answer"},
		},
	}
}

const aboutResolve = `A program on engineering.nyu.edu wants to know the address of gaia.cs.umass.edu. It asks its local name server, dns.nyu.edu, and waits. What the local server does then can be done in two ways.

Iterated: the local server asks the root, which does not know, but names the server of .edu. That one does not know either, but names the server of umass.edu, and this one has the answer. The local server does all the work and is the only one that has to remember an open question.

Recursive: the local server asks the root and waits; the root asks the .edu server and waits; the .edu server asks dns.cs.umass.edu. The answer comes back along the same way. Now the root and the .edu server keep state for every question of the whole world, which is why they refuse to do this.

Either way eight messages are sent. The time is the sum of the round-trip times on the way: those between the local server and the three others, or those of the chain.

Every server that has learnt something remembers it until its TTL has run out. Look the name up a second time, and two messages are enough.

Real resolvers ask a few more questions: for the root servers' names when they start (priming), and with less than the whole name (minimisation). Both are off here unless you ask for them.`

// Topology implements lab.Lab: a link between each pair that talks.
func (Resolve) Topology(variant string, p lab.Params) lab.Topology {
	t := lab.Topology{
		Nodes: []lab.Node{
			{Name: asker, Role: "client"},
			{Name: localDNS, Role: "server", Services: services()},
			{Name: rootDNS, Role: "server", Services: services()},
			{Name: tldDNS, Role: "server", Services: services()},
			{Name: authDNS, Role: "server", Services: services()},
		},
		Links: []lab.Link{
			link(asker, localDNS, p.Duration("rtt-local")),
			link(localDNS, rootDNS, p.Duration("rtt-root")),
			link(localDNS, tldDNS, p.Duration("rtt-tld")),
			link(localDNS, authDNS, p.Duration("rtt-auth")),
			link(rootDNS, tldDNS, p.Duration("rtt-root-tld")),
			link(tldDNS, authDNS, p.Duration("rtt-tld-auth")),
		},
	}
	// Programs of the real machine reach every server from the client's place.
	for _, host := range []string{rootDNS, tldDNS, authDNS} {
		t.Links = append(t.Links, link(asker, host, p.Duration("rtt-local")+p.Duration("rtt-root")))
	}
	return t
}

// zones are what the three servers know.
func (Resolve) zones(b book, p lab.Params) (root, edu, umass *zone.Zone, err error) {
	if root, err = b.zone(".", rootZone+`
edu.       IN NS a.edu-servers.net.
a.edu-servers.net. IN A {`+tldDNS+`}
`); err != nil {
		return nil, nil, nil, err
	}
	if edu, err = b.zone("edu.", `$TTL 172800
@ IN SOA a.edu-servers.net. hostmaster.edu-servers.net. 1 1800 900 604800 900
@ IN NS a.edu-servers.net.
umass IN NS dns.cs.umass
dns.cs.umass IN A {`+authDNS+`}
`); err != nil {
		return nil, nil, nil, err
	}
	umass, err = b.zone("umass.edu.", fmt.Sprintf(`$TTL 3600
@ IN SOA dns.cs hostmaster 1 1800 900 604800 300
@ IN NS dns.cs
@ IN MX 10 mail
mail IN A 128.119.166.4
dns.cs IN A {%s}
dns.cs IN AAAA {%s/6}
gaia.cs %d IN A %s
www.cs IN CNAME gaia.cs
`, authDNS, authDNS, int(p["ttl"]), gaiaAddr))
	return root, edu, umass, err
}

// rootZone is what every lab's root zone begins with.
const rootZone = `$TTL 518400
. 86400 IN SOA a.root-servers.net. nstld.verisign-grs.com. 1 1800 900 604800 86400
. IN NS a.root-servers.net.
a.root-servers.net. IN A {root}
`

// Run implements lab.Lab.
func (l Resolve) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	b, err := addresses(w, asker, localDNS, rootDNS, tldDNS, authDNS)
	if err != nil {
		return err
	}
	root, edu, umass, err := l.zones(b, p)
	if err != nil {
		return err
	}
	patience := l.patience(p)
	for _, at := range []struct {
		host string
		zone *zone.Zone
	}{{rootDNS, root}, {tldDNS, edu}, {authDNS, umass}} {
		host, z := at.host, at.zone
		s := &server.Server{Zones: zone.NewSet(z)}
		if variant == recursive && host != authDNS {
			c := l.config(w, host, p)
			c.Forward, c.Timeout = resolver.Delegated(s.Zones, port), patience
			r := resolver.New(c)
			context.AfterFunc(ctx, r.Close)
			s.Recurse = r.Recurse
		}
		if err := serve(ctx, w, host, s); err != nil {
			return err
		}
	}
	c := l.config(w, localDNS, p)
	c.Timeout = patience
	if variant == recursive {
		c.Forward = only(b.at(rootDNS))
	} else {
		c.Prime, c.Minimise = p["prime"] > 0, p["minimise"] > 0
		c.Roots = []resolver.Hint{{Name: "a.root-servers.net.", Addrs: []netip.Addr{b.four[rootDNS]}}}
	}
	if err := resolver.New(c).Serve(ctx, server.Options{}); err != nil {
		return err
	}
	if lab.Exposed(w) {
		<-ctx.Done() // the person's own programs ask
		return nil
	}
	return l.ask(ctx, w, p, stub(w, asker, 2*patience, b.at(localDNS)))
}

// ask looks the name up, once or twice.
func (Resolve) ask(ctx context.Context, w lab.World, p lab.Params, r *resolver.Resolver) error {
	for i, wait := range []time.Duration{0, p.Duration("again")} {
		if i > 0 && wait == 0 {
			break
		}
		if err := w.Clock().Sleep(ctx, wait); err != nil {
			return err
		}
		res := r.Resolve(ctx, gaia, dns.TypeA, resolver.Option{})
		say(w, asker, "resolved", "gaia.cs.umass.edu is "+outcome(res))
		if res.Rcode != dns.RcodeSuccess {
			return fmt.Errorf("gaia.cs.umass.edu cannot be resolved: %s", outcome(res))
		}
	}
	return nil
}

func (Resolve) config(w lab.World, host string, p lab.Params) resolver.Config {
	c := config(w, host)
	if p["edns"] > 0 {
		c.UDPSize = server.UDPSize
	}
	return c
}

// patience is a time-out that no answer exceeds.
func (Resolve) patience(p lab.Params) time.Duration {
	sum := time.Second
	for _, name := range [...]string{"rtt-local", "rtt-root", "rtt-tld", "rtt-auth", "rtt-root-tld", "rtt-tld-auth"} {
		sum += 2 * p.Duration(name)
	}
	return sum
}
