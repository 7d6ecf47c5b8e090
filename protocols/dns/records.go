package dns

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/resolver"
	"netscope/protocols/dns/server"
	"netscope/protocols/dns/zone"
	"netscope/protocols/lab"
)

// Records is the lab dns-records: what is in a zone, how a domain gets into the
// hierarchy, how load is spread. The zero value works.
type Records struct{}

var _ lab.Lab = Records{}

// Hosts of dns-records beside the root.
const (
	client    = "client"
	local     = "local"
	tldCom    = "tld-com"
	tldOrg    = "tld-org"
	ibmDNS    = "dns.ibm.com"
	pbsDNS    = "dns.pbs.org"
	utopiaDNS = "dns1.networkutopia.com"
)

// Variants of dns-records.
const (
	asking      = "query"
	registering = "register"
	spreading   = "distribution"
)

// questions are those of the variant query.
var questions = [...]struct {
	name  string
	qtype uint16
}{
	{"www.ibm.com.", dns.TypeA}, {"www.ibm.com.", dns.TypeAAAA}, {"www.ibm.com.", dns.TypeCNAME}, {"ibm.com.", dns.TypeNS},
	{"ibm.com.", dns.TypeMX}, {"ibm.com.", dns.TypeTXT}, {"ibm.com.", dns.TypeSOA}, {"big.ibm.com.", dns.TypeTXT},
	{"nosuch.ibm.com.", dns.TypeA}, {"www.pbs.org.", dns.TypeA}, {"_sip._tcp.pbs.org.", dns.TypeSRV}, {"ibm.com.", dns.TypeANY},
}

// Spec implements lab.Lab.
func (Records) Spec() lab.Spec {
	choices := []string{"all"}
	for _, q := range questions {
		choices = append(choices, strings.TrimSuffix(q.name, ".")+" "+dns.Type(q.qtype).String())
	}
	return lab.Spec{
		ID: "dns-records", Title: "DNS: records and zones", Group: "DNS",
		Summary: "every type of record, an alias, a domain that is registered and then found, load that is spread by rotation",
		About:   aboutRecords,
		Params: []lab.Param{
			distance("rtt-local", "RTT to the local server", "round-trip time between the client and its local name server", 0.01),
			distance("rtt", "RTT to the others", "round-trip time between the local name server and each other name server", 0.05),
			{Name: "question", Label: "question", Doc: "what the variant query asks", Kind: lab.Choice, Choices: choices, Max: float64(len(choices) - 1)},
			{Name: "register", Label: "registered at", Doc: "when networkutopia.com is registered", Kind: lab.Duration, Default: 3.5, Min: 0, Max: 3600},
			{Name: "negative", Label: "negative TTL", Doc: "for how long it may be remembered that .com has no such domain", Kind: lab.Duration, Default: 10, Min: 0, Max: 3600},
			{Name: "poll", Label: "asks every", Doc: "how often the client asks for www.networkutopia.com", Kind: lab.Duration, Default: 1, Min: 0.1, Max: 3600},
			{Name: "servers", Label: "replicas", Doc: "how many addresses the replicated server has", Kind: lab.Count, Default: 3, Min: 1, Max: 50},
			{Name: "questions", Label: "questions", Doc: "how many clients ask for the replicated server", Kind: lab.Count, Default: 30, Min: 1, Max: 10_000},
			signing(),
		},
		Variants: []lab.Variant{
			{ID: asking, Title: "query any type", Summary: "A, AAAA, CNAME, NS, MX, TXT, SOA, SRV: what each looks like in the message"},
			{ID: registering, Title: "register a domain", Summary: "NS and glue for networkutopia.com at .com, then A and MX at its own server"},
			{ID: spreading, Title: "load distribution", Summary: "a replicated server's addresses in another order in each answer"},
		},
	}
}

const aboutRecords = `A name server answers with resource records: a name, a type, a value, and for how long the answer may be remembered. Type A is a host's IPv4 address, AAAA its IPv6 address, NS the name of a zone's server, CNAME the real name behind an alias, MX the name of a domain's mail server, TXT any text, SOA the particulars of a zone.

www.ibm.com is an alias: its answer has the CNAME first and then the address of what it stands for. big.ibm.com has more text than fits a datagram: the answer over UDP says "truncated", and the question is asked again over TCP.

A domain that nobody has registered does not exist, and the local server remembers that as well. Registering networkutopia.com puts two records into .com: an NS record that names its server, and an A record with that server's address, 212.212.212.1 (the glue, without which the name of the server could only be found by asking the server). From then on everybody can find www.networkutopia.com and its mail server, once they have forgotten that it did not exist.

A replicated site has several addresses. Its server gives all of them in every answer, each time beginning with another, and as clients take the first, each replica gets its share.

Edit a zone while it is served: an action with the zone's name, and "add NAME TTL TYPE DATA" or "delete NAME TYPE".`

// Topology implements lab.Lab.
func (Records) Topology(variant string, p lab.Params) lab.Topology {
	t := lab.Topology{Nodes: []lab.Node{
		{Name: client, Role: "client"},
		{Name: local, Role: "server", Services: services()},
	}}
	t.Links = append(t.Links, link(client, local, p.Duration("rtt-local")))
	for _, host := range (Records{}).servers() {
		n := lab.Node{Name: host, Role: "server", Services: services()}
		if host == utopiaDNS {
			n.Addrs = []string{"212.212.212.1"}
		}
		t.Nodes = append(t.Nodes, n)
		t.Links = append(t.Links, link(local, host, p.Duration("rtt")), link(client, host, p.Duration("rtt")))
	}
	return t
}

func (Records) servers() []string {
	return []string{rootDNS, tldCom, tldOrg, ibmDNS, pbsDNS, utopiaDNS}
}

// build makes the zones.
func (l Records) build(w lab.World, p lab.Params) (*hierarchy, error) {
	b, err := addresses(w, append(l.servers(), local)...)
	if err != nil {
		return nil, err
	}
	h := newHierarchy(w, b, algorithm(p))
	var big, replicas strings.Builder
	for i := range 16 {
		fmt.Fprintf(&big, "big IN TXT \"%s\"\n", strings.Repeat(fmt.Sprintf("line %2d of a long text; ", i+1), 8))
	}
	for i := range p.Int("servers") {
		fmt.Fprintf(&replicas, "replicated 60 IN A 198.51.100.%d\n", i+1)
	}
	for _, z := range []struct{ origin, text, host string }{
		{".", rootZone + "com. IN NS a.gtld-servers.net.\norg. IN NS a0.org.afilias-nst.info.\na.gtld-servers.net. IN A {tld-com}\na0.org.afilias-nst.info. IN A {tld-org}\n", rootDNS},
		{"com.", fmt.Sprintf("$TTL 172800\n@ 900 IN SOA a.gtld-servers.net. nstld.verisign-grs.com. 1 1800 900 604800 %d\n@ IN NS a.gtld-servers.net.\nibm IN NS dns.ibm\ndns.ibm IN A {dns.ibm.com}\ndns.ibm IN AAAA {dns.ibm.com/6}\n", int(p["negative"])), tldCom},
		{"org.", "$TTL 86400\n@ IN SOA a0.org.afilias-nst.info. hostmaster 1 1800 900 604800 900\n@ IN NS a0.org.afilias-nst.info.\npbs IN NS dns.pbs\ndns.pbs IN A {dns.pbs.org}\n", tldOrg},
		{"ibm.com.", `$TTL 3600
@ IN SOA dns hostmaster 1 1800 900 604800 300
@ IN NS dns
@ IN MX 10 mail
@ IN MX 20 backup.mail
@ IN TXT "v=spf1 mx -all"
dns IN A {dns.ibm.com}
dns IN AAAA {dns.ibm.com/6}
mail IN A 192.0.2.25
backup.mail IN A 192.0.2.26
www IN CNAME servereast.backup2
servereast.backup2 IN A 192.0.2.80
servereast.backup2 IN AAAA 2001:db8::80
` + big.String() + replicas.String(), ibmDNS},
		{"pbs.org.", "$TTL 3600\n@ IN SOA dns hostmaster 1 1800 900 604800 300\n@ IN NS dns\ndns IN A {dns.pbs.org}\nwww IN A 192.0.2.100\n_sip._tcp IN SRV 1 5 5060 sip\nsip IN A 192.0.2.101\n* IN TXT \"any name below pbs.org\"\n", pbsDNS},
		{"networkutopia.com.", "$TTL 3600\n@ IN SOA dns1 hostmaster 1 1800 900 604800 300\n@ IN NS dns1\n@ IN MX 10 mail\ndns1 IN A 212.212.212.1\nwww IN A 212.212.71.4\nmail IN A 212.212.71.5\n", utopiaDNS},
	} {
		if err := h.add(z.origin, z.text, z.host); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// resolverOf is the local server's resolver.
func resolverOf(w lab.World, h *hierarchy, p lab.Params) resolver.Config {
	c := config(w, local)
	c.Roots = []resolver.Hint{{Name: "a.root-servers.net.", Addrs: h.addrs(rootDNS)}}
	c.UDPSize = server.UDPSize
	c.Timeout = time.Second + 4*p.Duration("rtt")
	if h.sign != 0 {
		c.Validate, c.Anchors = true, []dns.RR{h.keys["."].Anchor()}
	}
	return c
}

// Run implements lab.Lab.
func (l Records) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	h, err := l.build(w, p)
	if err != nil {
		return err
	}
	if err := h.start(ctx, func(_ string, zs *zone.Set) *server.Server { return &server.Server{Zones: zs, Rotate: true} }, nil); err != nil {
		return err
	}
	if err := resolver.New(resolverOf(w, h, p)).Serve(ctx, server.Options{}); err != nil {
		return err
	}
	patience := 5*time.Second + 40*(p.Duration("rtt")+p.Duration("rtt-local"))
	at := h.book.at(local)
	if variant == spreading {
		at = h.book.at(ibmDNS)
	}
	r := stub(w, client, patience, at)
	lab.OnAction(w, func(a lab.Action) {
		var err error
		if a.Name == "query" {
			err = l.query(ctx, w, r, a.Text)
		} else {
			err = h.act(a)
		}
		if err != nil {
			say(w, client, "action-failed", err.Error())
		}
	})
	if lab.Exposed(w) {
		if variant == registering {
			if err := l.register(h); err != nil {
				return err
			}
		}
		<-ctx.Done()
		return nil
	}
	switch variant {
	case registering:
		return l.runRegister(ctx, w, h, r, p)
	case spreading:
		return l.runSpread(ctx, w, r, p)
	}
	for i, q := range questions {
		if k := p.Int("question"); k == 0 || k == i+1 {
			learned(w, q.name, q.qtype, r.Resolve(ctx, q.name, q.qtype, resolver.Option{}))
		}
	}
	return nil
}

// query asks what an action says: "www.ibm.com MX".
func (Records) query(ctx context.Context, w lab.World, r *resolver.Resolver, text string) error {
	f := strings.Fields(text)
	if len(f) == 1 {
		f = append(f, "A")
	}
	if len(f) != 2 || dns.StringToType[strings.ToUpper(f[1])] == 0 {
		return fmt.Errorf("%q is no question: write a name and a type, as in \"www.ibm.com MX\"", text)
	}
	t := dns.StringToType[strings.ToUpper(f[1])]
	learned(w, dns.Fqdn(f[0]), t, r.Resolve(ctx, dns.Fqdn(f[0]), t, resolver.Option{}))
	return nil
}

// register puts NS and glue into .com.
func (Records) register(h *hierarchy) error {
	var rrs []dns.RR
	for _, text := range []string{
		"networkutopia.com. 172800 IN NS dns1.networkutopia.com.",
		"dns1.networkutopia.com. 172800 IN A 212.212.212.1",
	} {
		rr, err := zone.ParseRecord(text)
		if err != nil {
			return err
		}
		rrs = append(rrs, rr)
	}
	return h.edit("com.", nil, rrs...)
}

// runRegister asks again and again, registers meanwhile, and then asks for mail.
func (l Records) runRegister(ctx context.Context, w lab.World, h *hierarchy, r *resolver.Resolver, p lab.Params) error {
	clock := w.Clock()
	began := clock.Now()
	failed := make(chan error, 1)
	lab.Go(w, func() {
		err := clock.Sleep(ctx, p.Duration("register"))
		if err == nil {
			err = l.register(h)
		}
		failed <- err
	})
	limit := p.Duration("register") + p.Duration("negative") + 3*p.Duration("poll") + 10*p.Duration("rtt")
	for k := 0; ; k++ {
		next := began.Add(time.Duration(k) * p.Duration("poll"))
		if err := clock.Sleep(ctx, next.Sub(clock.Now())); err != nil {
			return err
		}
		res := r.Resolve(ctx, "www.networkutopia.com.", dns.TypeA, resolver.Option{})
		learned(w, "www.networkutopia.com.", dns.TypeA, res)
		if len(res.Answer) > 0 {
			break
		}
		if clock.Now().Sub(began) > limit {
			return fmt.Errorf("www.networkutopia.com cannot be resolved: %s", outcome(res))
		}
	}
	if err := <-failed; err != nil {
		return err
	}
	learned(w, "networkutopia.com.", dns.TypeMX, r.Resolve(ctx, "networkutopia.com.", dns.TypeMX, resolver.Option{}))
	learned(w, "mail.networkutopia.com.", dns.TypeA, r.Resolve(ctx, "mail.networkutopia.com.", dns.TypeA, resolver.Option{}))
	return nil
}

// runSpread has many clients ask for the replicated server.
func (Records) runSpread(ctx context.Context, w lab.World, r *resolver.Resolver, p lab.Params) error {
	for range p.Int("questions") {
		res := r.Resolve(ctx, "replicated.ibm.com.", dns.TypeA, resolver.Option{})
		learned(w, "replicated.ibm.com.", dns.TypeA, res)
		if len(res.Answer) == 0 {
			return fmt.Errorf("replicated.ibm.com cannot be resolved: %s", outcome(res))
		}
	}
	return nil
}
