package dns

import (
	"context"
	"fmt"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/dnssec"
	"netscope/protocols/dns/resolver"
	"netscope/protocols/dns/server"
	"netscope/protocols/dns/zone"
	"netscope/protocols/lab"
)

// Security is the lab dns-security: how answers are forged, and what helps. The
// zero value works.
type Security struct{}

var _ lab.Lab = Security{}

// Hosts of dns-security beside client, local, the root and .com.
const (
	attacker = "attacker"
	tap      = "router" // on the path to the bank's servers
	bankDNS  = "dns1.bank.com"
)

// Addresses that the bank's name has, truly and not.
const (
	bankAddr = "192.0.2.10"
	evilAddr = "203.0.113.66"
	bankName = "www.bank.com."
	bankMail = "mail.bank.com."
)

// Variants of dns-security.
const (
	fixedPort  = "fixed-port"
	somePorts  = "random-ports"
	mixedCase  = "mixed-case"
	kaminsky   = "kaminsky"
	naive      = "naive"
	bailiwick  = "bailiwick"
	onPath     = "on-path"
	withDNSSEC = "dnssec"
	flood      = "flood"
)

// Spec implements lab.Lab.
func (Security) Spec() lab.Spec {
	return lab.Spec{
		ID: "dns-security", Title: "DNS: attacks and DNSSEC", Group: "DNS",
		Summary: "a race to forge an answer, poisoned caches, interception, a flood, and what withstands them",
		About:   aboutSecurity,
		Params: []lab.Param{
			{Name: "ids", Label: "ID space I", Doc: "how many different IDs questions have; 65,536 in truth, fewer so that chances can be measured", Kind: lab.Count, Default: 256, Min: 1, Max: 65536},
			{Name: "ports", Label: "ports P", Doc: "among how many source ports the variant random-ports chooses", Kind: lab.Count, Default: 8, Min: 1, Max: 64512},
			{Name: "servers", Label: "servers N", Doc: "how many name servers the bank has, any of which may be asked", Kind: lab.Count, Default: 1, Min: 1, Max: 4},
			{Name: "outstanding", Label: "open questions D", Doc: "how many equal questions the resolver has open at a time: more than 1 is the birthday attack", Kind: lab.Count, Default: 1, Min: 1, Max: 100},
			{Name: "rate", Label: "forged answers a second R", Doc: "how fast the attacker sends", Kind: lab.Count, Default: 500, Min: 1, Max: 1_000_000},
			distance("window", "window W", "round-trip time between the resolver and the bank's servers: for so long an answer is waited for", 0.1),
			{Name: "ttl", Label: "TTL", Doc: "for how long the true address is remembered: the attacker has one chance in each", Kind: lab.Duration, Default: 2, Min: 1, Max: 86400},
			{Name: "windows", Label: "attempts", Doc: "how many windows the attacker uses", Kind: lab.Count, Default: 400, Min: 1, Max: 100_000},
			{Name: "round", Label: "T/TTL", Doc: "how many attempts count as one attack of length T", Kind: lab.Count, Default: 10, Min: 1, Max: 10_000},
			{Name: "target", Label: "flooded server", Doc: "which server the variant flood attacks", Kind: lab.Choice, Choices: []string{"root", ".com"}, Max: 1},
			{Name: "defence", Label: "defence", Doc: "against the flood: none, a filter for the attacker's address, or a second server at the same name (anycast) that takes the attacker's share", Kind: lab.Choice, Choices: []string{"none", "filter", "anycast"}, Max: 2},
			{Name: "flood", Label: "flood", Doc: "questions a second that the attacker sends", Kind: lab.Count, Default: 500, Min: 1, Max: 100_000},
			{Name: "capacity", Label: "capacity", Doc: "questions a second that the flooded server can answer", Kind: lab.Count, Default: 100, Min: 1, Max: 1_000_000},
		},
		Variants: []lab.Variant{
			{ID: fixedPort, Title: "off the path, fixed port", Summary: "the attacker sees nothing and guesses the ID"},
			{ID: somePorts, Title: "random source ports", Summary: "the attacker has to guess the port, too"},
			{ID: mixedCase, Title: "mixed case (0x20)", Summary: "each letter of the name is one more bit to guess"},
			{ID: kaminsky, Title: "Kaminsky's attack", Summary: "names that do not exist: no TTL makes the attacker wait, and the prize is the whole zone"},
			{ID: naive, Title: "a naive resolver", Summary: "it believes what a server says about other people's names"},
			{ID: bailiwick, Title: "the same, with bailiwick checks", Summary: "a server is believed about its own zone alone"},
			{ID: onPath, Title: "on the path", Summary: "the attacker sees each question and has nothing to guess"},
			{ID: withDNSSEC, Title: "DNSSEC", Summary: "the same attacker on the path, and a resolver that checks signatures"},
			{ID: flood, Title: "flood", Summary: "the root or .com under more questions than it can answer, and what caches keep alive"},
		},
	}
}

const aboutSecurity = `A resolver takes the first answer that looks right: from the server that was asked, to the port that asked, with the question's ID. Whoever cannot see the question must guess these. The attacker asks the resolver for www.bank.com, which makes it ask the bank's server, and sends forged answers until the true one comes.

With D open questions, R forged answers a second, a window of W seconds, N servers, P ports and I IDs, one attempt succeeds with probability D·R·W/(N·P·I). If it fails, the true answer is remembered, and there is no other chance before the TTL has run out: in a time T the attacker succeeds with P = 1 − (1 − D·R·W/(N·P·I))^(T/TTL) (RFC 5452). With one port and 65,536 IDs that is soon done; with random ports it takes years. Here the ID space is small, so that chances can be measured; make it 65,536 to see what is true of the real one.

Kaminsky saw in 2008 that the TTL protects nobody: ask for names that do not exist, one after the other, and let the forged answer say who the name servers of all of bank.com are.

An attacker on the path sees the question. Ports, IDs and mixed case are no help then. A signature is: with DNSSEC the resolver checks, from the root's key down, that the bank has signed the answer, refuses what it has not, and asks again.

The flood shows why the attacks on the root in 2002 and after did so little: resolvers have the servers of .com in their caches and do not need the root for days. A flood of .com itself would be felt more.`

// banks are the names of the bank's servers.
func banks(p lab.Params) []string {
	var out []string
	for i := range max(p.Int("servers"), 1) {
		out = append(out, fmt.Sprintf("dns%d.bank.com", i+1))
	}
	return out
}

// near is the RTT of everything that is not the window, in the lab.
const near = 10 * time.Millisecond

// Topology implements lab.Lab. In the variants on the path, a router that the
// attacker owns stands half-way to the bank's servers.
func (Security) Topology(variant string, p lab.Params) lab.Topology {
	t := lab.Topology{Nodes: []lab.Node{
		{Name: client, Role: "client"},
		{Name: attacker, Role: "client", Services: services()},
		{Name: local, Role: "server", Services: services()},
		{Name: rootDNS, Role: "server", Services: services()},
		{Name: tldCom, Role: "server", Services: services()},
	}}
	t.Links = []lab.Link{
		link(client, local, near), link(attacker, local, near), link(local, rootDNS, 2*near), link(local, tldCom, 2*near),
		link(attacker, rootDNS, 2*near), link(attacker, tldCom, 2*near), link(client, rootDNS, 2*near), link(client, tldCom, 2*near),
	}
	way := local
	w := p.Duration("window")
	if variant == onPath || variant == withDNSSEC {
		t.Nodes = append(t.Nodes, lab.Node{Name: tap, Kind: lab.RouterNode})
		t.Links = append(t.Links, link(local, tap, w/2))
		way, w = tap, w/2
	}
	for _, host := range banks(p) {
		t.Nodes = append(t.Nodes, lab.Node{Name: host, Role: "server", Services: services()})
		t.Links = append(t.Links, link(way, host, w), link(client, host, w))
	}
	if variant == flood {
		t.Nodes = append(t.Nodes, lab.Node{Name: anycast, Role: "server", Services: services()})
		t.Links = append(t.Links, link(attacker, anycast, near))
	}
	return t
}

// build makes the zones; those of the attacker are evil.com, which is its own,
// and a bank.com that is not.
func (Security) build(w lab.World, variant string, p lab.Params) (*hierarchy, error) {
	names := append([]string{attacker, local, rootDNS, tldCom}, banks(p)...)
	if variant == flood {
		names = append(names, anycast)
	}
	b, err := addresses(w, names...)
	if err != nil {
		return nil, err
	}
	var sign dnssec.Algorithm
	if variant == withDNSSEC {
		sign = dnssec.Ed25519
	}
	h := newHierarchy(w, b, sign)
	ns, glue, hosts := "", "", ""
	for _, name := range banks(p) {
		ns += "bank IN NS " + name + ".\n"
		glue += name + ". IN A {" + name + "}\n"
		hosts += "@ IN NS " + name + ".\n"
	}
	com := "$TTL 172800\n@ IN SOA a.gtld-servers.net. nstld.verisign-grs.com. 1 1800 900 604800 900\n@ IN NS a.gtld-servers.net.\n" + ns + glue + "evil IN NS ns.evil\nns.evil IN A {attacker}\n"
	root := rootZone + "com. IN NS a.gtld-servers.net.\na.gtld-servers.net. IN A {tld-com}\n"
	above := []string{}
	if variant == flood {
		above = append(above, anycast)
	}
	for _, z := range []struct {
		origin, text string
		hosts        []string
	}{
		{".", root, append([]string{rootDNS}, above...)},
		{"com.", com, append([]string{tldCom}, above...)},
		{"bank.com.", fmt.Sprintf("$TTL 86400\n@ IN SOA dns1 hostmaster 1 1800 900 604800 %d\n%s%swww %d IN A %s\nmail %d IN A 192.0.2.11\n", int(p["ttl"]), hosts, glue, int(p["ttl"]), bankAddr, int(p["ttl"])), banks(p)},
		{"evil.com.", "$TTL 60\n@ IN SOA ns hostmaster 1 1800 900 604800 60\n@ IN NS ns\nns IN A {attacker}\nwww IN A " + evilAddr + "\n", []string{attacker}},
	} {
		if err := h.add(z.origin, z.text, z.hosts...); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// guard is how the variant's resolver defends itself.
func (Security) guard(variant string, p lab.Params) resolver.Guard {
	g := resolver.Guard{Port: 1053, IDs: p.Int("ids"), Birthday: p["outstanding"] > 1}
	switch variant {
	case somePorts:
		g.Port, g.Ports = 0, p.Int("ports")
	case mixedCase:
		g.MixCase = true
	case naive:
		g.Naive = true
	}
	return g
}

// Run implements lab.Lab.
func (l Security) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	h, err := l.build(w, variant, p)
	if err != nil {
		return err
	}
	// What the attacker says of the bank once resolvers ask it.
	fake, err := h.book.zone("bank.com.", fmt.Sprintf("$TTL %d\n@ IN SOA ns hostmaster 1 1800 900 604800 60\n@ IN NS ns\nns IN A {attacker}\n* IN A %s\nwww IN A %s\n", int(p["ttl"]), evilAddr, evilAddr))
	if err != nil {
		return err
	}
	fl := &flooding{w: w, p: p, rand: w.Rand("overload")}
	err = h.start(ctx, func(host string, zs *zone.Set) *server.Server {
		s := &server.Server{Zones: zs}
		if host == attacker && (variant == naive || variant == bailiwick) {
			return nil // its server says more than its zone has, see outOfBailiwick
		}
		if host == attacker && variant == kaminsky {
			zs.Replace(fake)
		}
		return s
	}, fl.options(variant, h))
	if err != nil {
		return err
	}
	c := resolverOf(w, h, lab.Params{"rtt": p["window"]})
	if variant != withDNSSEC {
		c.UDPSize = 0
	}
	c.Guard, c.Random = l.guard(variant, p), true
	c.Timeout = 4*p.Duration("window") + time.Second
	if variant == flood {
		c.Timeout, c.Guard.Port = 200*time.Millisecond, 0
	}
	c.Forged = forged
	r := resolver.New(c)
	if err := r.Serve(ctx, server.Options{}); err != nil {
		return err
	}
	a := &assault{
		w: w, h: h, p: p, variant: variant, cache: r, rand: w.Rand("attacker"),
		ask: stub(w, attacker, 8*c.Timeout+time.Minute, h.book.at(local)),
	}
	if lab.Exposed(w) {
		<-ctx.Done()
		return nil
	}
	switch variant {
	case naive, bailiwick:
		return a.outOfBailiwick(ctx)
	case onPath, withDNSSEC:
		return a.intercept(ctx)
	case flood:
		return fl.run(ctx, h)
	}
	return a.race(ctx)
}

// forged recognises what the attacker says.
func forged(rr dns.RR) bool {
	a, ok := rr.(*dns.A)
	return ok && a.A.String() == evilAddr
}
