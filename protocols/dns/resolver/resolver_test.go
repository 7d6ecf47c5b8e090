package resolver_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"netscope/capture"
	"netscope/decoders/timeline"
	"netscope/protocols/dns/dnssec"
	"netscope/protocols/dns/resolver"
	"netscope/protocols/dns/server"
	"netscope/protocols/dns/zone"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

// world is a lab with a resolver and five servers around a switch.
type world struct {
	loss  float64
	zones map[string][]string // master files by host, the origin in the first line
	run   func(ctx context.Context, w lab.World, c resolver.Config) error
}

var hosts = []string{"r", "root", "s1", "s2", "s3", "s4"}

func addr(host string) string {
	for i, h := range hosts {
		if h == host {
			return fmt.Sprintf("192.0.2.%d", i+1)
		}
	}
	return ""
}

func addr6(host string) string { return strings.Replace(addr(host), "192.0.2.", "2001:db8::", 1) }

func (world) Spec() lab.Spec { return lab.Spec{ID: "resolver"} }

func (x world) Topology(string, lab.Params) lab.Topology {
	t := lab.Topology{Nodes: []lab.Node{{Name: "net", Kind: lab.SwitchNode}}}
	p := lab.Path{Delay: 5 * time.Millisecond, Loss: x.loss}
	for _, h := range hosts {
		t.Nodes = append(t.Nodes, lab.Node{Name: h, Addrs: []string{addr(h), addr6(h)}})
		t.Links = append(t.Links, lab.Link{A: h, B: "net", AB: p, BA: p})
	}
	return t
}

func (world) Predict(string, lab.Params) []lab.Measure { return nil }
func (world) Measure(string, lab.Params, *timeline.Snapshot, timeline.Position) []lab.Measure {
	return nil
}

// text replaces {host} and {host/6} by addresses.
func text(s string) string {
	for _, h := range hosts {
		s = strings.NewReplacer("{"+h+"}", addr(h), "{"+h+"/6}", addr6(h)).Replace(s)
	}
	return s
}

func parse(file string) (*zone.Zone, error) {
	origin, rest, _ := strings.Cut(text(file), "\n")
	return zone.ParseText("$TTL 100\n@ IN SOA ns.invalid. h 1 1 1 1 20\n"+rest, origin)
}

func (x world) Run(ctx context.Context, w lab.World, _ string, _ lab.Params) error {
	for _, host := range hosts[1:] {
		if x.zones[host] == nil {
			continue
		}
		set := zone.NewSet()
		for _, file := range x.zones[host] {
			z, err := parse(file)
			if err != nil {
				return err
			}
			set.Replace(z)
		}
		s := &server.Server{Zones: set}
		if err := server.Serve(ctx, w.Host(host), s.Handle, server.Options{Prompt: true}); err != nil {
			return err
		}
	}
	return x.run(ctx, w, resolver.Config{
		Host: w.Host("r"), Clock: w.Clock(), Rand: w.Rand("r"), Go: func(f func()) { lab.Go(w, f) }, Note: w.Note,
		Roots: []resolver.Hint{{Name: "root.", Addrs: []netip.Addr{netip.MustParseAddr(addr("root")), netip.MustParseAddr(addr6("root"))}}},
	})
}

// sink counts notes.
type sink struct{ notes map[string]int }

func (s *sink) Packet(capture.Packet) error { return nil }
func (s *sink) Meta(m capture.Meta) error {
	if n, ok := m.(capture.Note); ok {
		s.notes[n.Name]++
	}
	return nil
}

func try(t *testing.T, x world) map[string]int {
	t.Helper()
	s := &sink{map[string]int{}}
	if _, end := run.InBubble(t, x, run.Request{Seed: 1}, s); end.Err != "" {
		t.Error(end.Err)
	}
	return s.notes
}

var tree = map[string][]string{
	"root": {".\n. NS root.\nroot. A {root}\nnet. NS ns.net.\nns.net. A {s1}\nns.net. AAAA {s1/6}\norg. NS ns.org.\nns.org. A {s2}\nns.org. AAAA {s2/6}\n"},
	"s1": {"net.\n@ NS ns\nns A {s1}\nexample NS ns.other.org.\ntwo NS dead\ntwo NS alive\ndead A 192.0.2.99\nalive A {s3}\n" +
		"loop NS ns.pool.org.\nself NS ns.self\n"},
	"s2": {"org.\n@ NS ns\nns A {s2}\nother NS ns.other\nns.other A {s4}\nns.other AAAA {s4/6}\npool NS ns.loop.net.\n"},
	"s3": {"two.net.\n@ NS dead.net.\n@ NS alive.net.\nwww A 198.51.100.2\n"},
	"s4": {
		"other.org.\n@ NS ns\nns A {s4}\nns AAAA {s4/6}\nalias CNAME www.example.net.\nring1 CNAME ring2\nring2 CNAME ring1\n*.wild A 198.51.100.9\n",
		"example.net.\n@ NS ns.other.org.\nwww A 198.51.100.1\nwww AAAA 2001:db8::1\nshort 5 A 198.51.100.3\na.b.c A 198.51.100.4\nbig TXT " + strings.Repeat("\""+strings.Repeat("x", 250)+"\" ", 8) + "\n",
	},
}

func brief(r resolver.Result) string {
	return dns.RcodeToString[r.Rcode] + " " + strings.Join(resolver.Values(r.Answer), " ")
}

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		name, qtype, want string
		set               func(*resolver.Config)
	}{
		{"www.example.net.", "A", "NOERROR 198.51.100.1", nil}, // a server without glue, in another branch
		{"WWW.Example.NET.", "AAAA", "NOERROR 2001:db8::1", nil},
		{"alias.other.org.", "A", "NOERROR www.example.net. 198.51.100.1", nil},
		{"www.two.net.", "A", "NOERROR 198.51.100.2", nil}, // one of two servers is dead
		{"nosuch.net.", "A", "NXDOMAIN ", nil},
		{"www.example.net.", "MX", "NOERROR ", nil},
		{"any.wild.other.org.", "A", "NOERROR 198.51.100.9", nil},
		{"ring1.other.org.", "A", "SERVFAIL ", nil},
		{"www.loop.net.", "A", "SERVFAIL ", nil},
		{"www.self.net.", "A", "SERVFAIL ", nil},
		{"www.example.net.", "A", "NOERROR 198.51.100.1", func(c *resolver.Config) { c.Guard.MixCase, c.Guard.Ports = true, 100 }},
		{"www.example.net.", "A", "NOERROR 198.51.100.1", func(c *resolver.Config) { c.Guard.Port = 1053 }},
		{"www.example.net.", "A", "NOERROR 198.51.100.1", func(c *resolver.Config) { c.IPv6, c.NoIPv4 = true, true }},
		{"a.b.c.example.net.", "A", "NOERROR 198.51.100.4", func(c *resolver.Config) { c.Minimise, c.Prime = true, true }},
		{"x.nosuch.example.net.", "A", "NXDOMAIN ", func(c *resolver.Config) { c.Minimise = true }},
		{"www.example.net.", "A", "NOERROR 198.51.100.1", func(c *resolver.Config) { c.TCP = true }},
		{"www.example.net.", "A", "NOERROR 198.51.100.1", func(c *resolver.Config) { c.CacheSize = 1 }},
	} {
		try(t, world{zones: tree, run: func(ctx context.Context, _ lab.World, cfg resolver.Config) error {
			sent := 0
			cfg.Trace = func(resolver.Step) { sent++ }
			if c.set != nil {
				c.set(&cfg)
			}
			r := resolver.New(cfg)
			defer r.Close()
			res := r.Resolve(ctx, c.name, dns.StringToType[c.qtype], resolver.Option{})
			if got := brief(res); got != c.want {
				t.Errorf("%s %s: %q, want %q (%s)", c.name, c.qtype, got, c.want, res.Why)
			}
			if sent > 100 {
				t.Errorf("%s: %d questions", c.name, sent)
			}
			return nil
		}})
	}
}

func TestTruncationAndLoss(t *testing.T) {
	notes := try(t, world{zones: tree, loss: 0.1, run: func(ctx context.Context, _ lab.World, cfg resolver.Config) error {
		cfg.Tries = 8
		tcp := 0
		cfg.Trace = func(s resolver.Step) {
			if s.TCP {
				tcp++
			}
		}
		r := resolver.New(cfg)
		defer r.Close()
		if res := r.Resolve(ctx, "big.example.net.", dns.TypeTXT, resolver.Option{}); len(brief(res)) < 2000 || tcp == 0 {
			t.Errorf("%d times over TCP: %.80s %s", tcp, brief(res), res.Why)
		}
		return nil
	}})
	if notes["pending"] < 5 {
		t.Error(notes)
	}
}

func TestCacheLives(t *testing.T) {
	notes := try(t, world{zones: tree, run: func(ctx context.Context, w lab.World, cfg resolver.Config) error {
		sent := 0
		cfg.Trace = func(resolver.Step) { sent++ }
		r := resolver.New(cfg)
		defer r.Close()
		ask := func(name string, want int, left uint32) {
			t.Helper()
			before := sent
			res := r.Resolve(ctx, name, dns.TypeA, resolver.Option{})
			if sent-before != want || len(res.Answer) > 0 && res.Answer[0].Header().Ttl != left {
				t.Errorf("%s: %d questions, want %d; %v", name, sent-before, want, res.Answer)
			}
		}
		ask("short.example.net.", 6, 5) // root, net; root, org, other.org for its server's address; example.net
		ask("short.example.net.", 0, 5)
		_ = w.Clock().Sleep(ctx, 2*time.Second)
		ask("short.example.net.", 0, 3)
		_ = w.Clock().Sleep(ctx, 3*time.Second)
		ask("short.example.net.", 1, 5)
		ask("nosuch.example.net.", 1, 0)
		ask("nosuch.example.net.", 0, 0)
		_ = w.Clock().Sleep(ctx, 21*time.Second)
		ask("nosuch.example.net.", 1, 0) // 20 s is the zone's negative TTL

		// Equal questions are asked once.
		before := sent
		done := make(chan string, 3)
		for range 3 {
			lab.Go(w, func() { done <- brief(r.Resolve(ctx, "www.two.net.", dns.TypeA, resolver.Option{})) })
		}
		for range 3 {
			if got := <-done; got != "NOERROR 198.51.100.2" {
				t.Error(got)
			}
		}
		if n := sent - before; n > 6 { // the dead server costs some
			t.Errorf("%d questions for three equal ones", n)
		}
		return nil
	}})
	for _, name := range []string{"cache-insert", "cache-hit", "cache-miss", "cache-expire", "pending"} {
		if notes[name] == 0 {
			t.Errorf("no note %s: %v", name, notes)
		}
	}
}

// A chain of zones that are signed, but for one below.
func TestValidation(t *testing.T) {
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	r := rand.New(rand.NewPCG(1, 1))
	keys := map[string]dnssec.Keys{}
	for _, origin := range []string{".", "net.", "late.net."} {
		k, err := dnssec.NewKeys(origin, dnssec.ECDSA, r)
		if err != nil {
			t.Fatal(err)
		}
		keys[origin] = k
	}
	sign := func(origin, rest string, until time.Duration) string {
		z, err := parse(origin + "\n" + rest)
		if err != nil {
			t.Fatal(err)
		}
		s, err := dnssec.Sign(z, keys[origin], now.Add(-48*time.Hour), now.Add(until))
		if err != nil {
			t.Fatal(err)
		}
		return s.String()
	}
	files := map[string]string{
		"root": sign(".", ". NS root.\nroot. A {root}\nnet. NS ns.net.\nns.net. A {s1}\n"+keys["net."].DS().String()+"\n", time.Hour*48),
		"s1": sign("net.", "@ NS ns\nns A {s1}\nwww A 198.51.100.1\nalias CNAME www\n*.wild A 198.51.100.2\nplain NS ns.plain\nns.plain A {s2}\nlate NS ns.late\nns.late A {s3}\n"+
			keys["late.net."].DS().String()+"\nstripped NS ns.stripped\nns.stripped A {s4}\nstripped DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000\n", time.Hour*48),
		"s2": "$ORIGIN plain.net.\n$TTL 100\n@ IN SOA ns h 1 1 1 1 20\n@ IN NS ns\nwww IN A 198.51.100.3\n",
		"s3": sign("late.net.", "@ NS ns\nns A {s3}\nwww A 198.51.100.4\n", -time.Hour),
		"s4": "$ORIGIN stripped.net.\n$TTL 100\n@ IN SOA ns h 1 1 1 1 20\n@ IN NS ns\nwww IN A 198.51.100.5\n",
	}
	origins := map[string]string{"root": ".", "s1": "net.", "s2": "plain.net.", "s3": "late.net.", "s4": "stripped.net."}
	try(t, world{run: func(ctx context.Context, w lab.World, cfg resolver.Config) error {
		for _, host := range hosts[1:] {
			z, err := zone.ParseText(files[host], origins[host])
			if err != nil {
				return err
			}
			s := &server.Server{Zones: zone.NewSet(z)}
			if err := server.Serve(ctx, w.Host(host), s.Handle, server.Options{Prompt: true}); err != nil {
				return err
			}
		}
		cfg.Validate, cfg.Anchors = true, []dns.RR{keys["."].DS()}
		r := resolver.New(cfg)
		defer r.Close()
		for _, c := range []struct {
			name, qtype string
			rcode       int
			status      resolver.Status
		}{
			{"www.net.", "A", 0, resolver.Secure},
			{"www.net.", "A", 0, resolver.Secure}, // from the cache
			{"alias.net.", "A", 0, resolver.Secure},
			{"x.wild.net.", "A", 0, resolver.Secure},
			{"www.net.", "MX", 0, resolver.Secure},
			{"nosuch.net.", "A", dns.RcodeNameError, resolver.Secure},
			{"nosuch.", "A", dns.RcodeNameError, resolver.Secure},
			{"net.", "DNSKEY", 0, resolver.Secure},
			{"net.", "DS", 0, resolver.Secure},
			{"plain.net.", "DS", 0, resolver.Secure},
			{"www.plain.net.", "A", 0, resolver.Insecure},
			{"nosuch.plain.net.", "A", dns.RcodeNameError, resolver.Insecure},
			{"www.late.net.", "A", dns.RcodeServerFailure, resolver.Bogus},
			{"www.stripped.net.", "A", dns.RcodeServerFailure, resolver.Bogus},
		} {
			res := r.Resolve(ctx, c.name, dns.StringToType[c.qtype], resolver.Option{})
			if res.Rcode != c.rcode || res.Status != c.status {
				t.Errorf("%s %s: %s, %s (%s)", c.name, c.qtype, brief(res), res.Status, res.Why)
			}
		}
		if res := r.Resolve(ctx, "www.late.net.", dns.TypeA, resolver.Option{Unchecked: true}); len(res.Answer) == 0 {
			t.Errorf("unchecked: %s (%s)", brief(res), res.Why)
		}
		return nil
	}})
}
