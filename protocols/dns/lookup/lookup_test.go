package lookup

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/resolver"
	"netscope/protocols/dns/server"
	"netscope/protocols/dns/zone"
	"netscope/protocols/lab"
	"netscope/protocols/netlab"
)

// zones are those of a root, .edu and umass.edu, each on a server of its own.
var zones = map[string][2]string{
	"root": {".", `@ IN SOA a.root. h. 1 1 1 1 60
@ IN NS a.root.
a.root. IN A 10.1.0.3
edu. IN NS a.edu.
a.edu. IN A 10.1.0.4
`},
	"tld": {"edu.", `@ IN SOA a h 1 1 1 1 60
@ IN NS a
a IN A 10.1.0.4
umass IN NS ns.umass
ns.umass IN A 10.1.0.5
`},
	"org": {"umass.edu.", `@ IN SOA ns h 1 1 1 1 60
@ IN NS ns
ns IN A 10.1.0.5
gaia.cs IN A 128.119.245.12
www IN CNAME gaia.cs
`},
}

// inLab runs f where those servers are, with a resolver beside them.
func inLab(t *testing.T, f func(t *testing.T, w lab.World)) {
	p := lab.Path{Delay: 10 * time.Millisecond}
	top := lab.Topology{Nodes: []lab.Node{{Name: "hub", Kind: lab.SwitchNode}, {Name: "me", Addrs: []string{"10.1.0.2"}}}}
	for i, name := range []string{"root", "tld", "org", "dns"} {
		top.Nodes = append(top.Nodes, lab.Node{Name: name, Addrs: []string{netip.AddrFrom4([4]byte{10, 1, 0, byte(3 + i)}).String()}})
	}
	for _, n := range top.Nodes[1:] {
		top.Links = append(top.Links, lab.Link{A: n.Name, B: "hub", AB: p, BA: p})
	}
	synctest.Test(t, func(t *testing.T) {
		n, err := netlab.New(top, netlab.Options{Index: 1, Seed: 1, Settle: synctest.Wait})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		w := n.World()
		serve := func(host string, h server.Handler) {
			lab.Go(w, func() { _ = server.Serve(t.Context(), w.Host(host), h, server.Options{}) })
		}
		for host, z := range zones {
			parsed, err := zone.ParseText("$TTL 300\n"+z[1], z[0])
			if err != nil {
				t.Fatal(err)
			}
			serve(host, (&server.Server{Zones: zone.NewSet(parsed)}).Handle)
		}
		r := resolver.New(resolver.Config{Host: w.Host("dns"), Clock: w.Clock(), Rand: w.Rand("dns"),
			Roots: []resolver.Hint{{Name: "a.root.", Addrs: []netip.Addr{netip.MustParseAddr("10.1.0.3")}}}})
		defer r.Close()
		serve("dns", r.Handle)
		f(t, w)
	})
}

func at(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestWalk(t *testing.T) {
	inLab(t, func(t *testing.T, w lab.World) {
		rep := Do(t.Context(), w, "me", Query{Name: "www.umass.edu", Type: dns.TypeA, Walk: true, Server: at("10.1.0.3:53")})
		var text strings.Builder
		if err := rep.Text(&text); err != nil {
			t.Fatal(err)
		}
		if len(rep.Steps) != 3 || rep.Took < 120*time.Millisecond || !rep.Answered() {
			t.Fatalf("%d steps in %v\n%s", len(rep.Steps), rep.Took, &text)
		}
		for _, want := range []string{"iteratively from 10.1.0.3:53", "ask the servers of edu.", "ask the servers of umass.edu.", "CNAME gaia.cs.umass.edu.", "128.119.245.12", "NOERROR"} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("the report lacks %q:\n%s", want, &text)
			}
		}
	})
}

func TestRecursive(t *testing.T) {
	inLab(t, func(t *testing.T, w lab.World) {
		q := Query{Name: "gaia.cs.umass.edu", Type: dns.TypeA, Server: at("10.1.0.6:53")}
		rep := Do(t.Context(), w, "me", q)
		if len(rep.Steps) != 1 || len(rep.Answer) != 1 || rep.Took < 160*time.Millisecond {
			t.Errorf("%d steps, %v in %v: %s", len(rep.Steps), rep.Answer, rep.Took, rep.Why)
		}
		if rep = Do(t.Context(), w, "me", q); rep.Took > 50*time.Millisecond {
			t.Errorf("from the cache in %v", rep.Took)
		}
		q.Name = "nobody.umass.edu"
		rep = Do(t.Context(), w, "me", q)
		var text strings.Builder
		_ = rep.Text(&text)
		if !rep.Answered() || !strings.Contains(text.String(), "there is no such name") || !strings.Contains(text.String(), "SOA") {
			t.Errorf("%s", &text)
		}
	})
}

func TestNobodyAnswers(t *testing.T) {
	inLab(t, func(t *testing.T, w lab.World) {
		rep := Do(t.Context(), w, "me", Query{Name: "x.edu", Type: dns.TypeA, Walk: true, Server: at("10.1.0.2:53"), Tries: 2, Timeout: time.Second})
		var text strings.Builder
		_ = rep.Text(&text)
		if rep.Answered() || rep.Why == "" || !strings.Contains(text.String(), "no answer") {
			t.Errorf("%s", &text)
		}
	})
}

func TestArguments(t *testing.T) {
	for s, want := range map[string]uint16{"a": 1, "AAAA": 28, "TYPE65": 65, "https": 65, "TYPE70000": 0, "": 0, "FOO": 0} {
		if got, err := ParseType(s); got != want || (err == nil) != (want != 0) {
			t.Errorf("type %q: %d, %v", s, got, err)
		}
	}
	if s, err := Reverse("192.0.2.1"); s != "1.2.0.192.in-addr.arpa." || err != nil {
		t.Error(s, err)
	}
	if _, err := Reverse("nobody"); err == nil {
		t.Error("nobody was reversed")
	}
	for s, ok := range map[string]bool{"example.org": true, "": false, strings.Repeat("x", 64) + ".org": false, ".": true} {
		if err := CheckName(s); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
	if n := len(Roots()); n != 13 {
		t.Errorf("%d root servers", n)
	}
	for _, rr := range Anchors() {
		if ds := rr.(*dns.DS); len(ds.Digest) != 64 {
			t.Errorf("%v", ds)
		}
	}
}
