package dnssec

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/zone"
)

const text = `$TTL 600
@ IN SOA ns h 1 1 1 1 300
@ IN NS ns
ns IN A 192.0.2.1
www IN A 192.0.2.2
www IN A 192.0.2.3
*.wild IN TXT "any"
a.ent IN A 192.0.2.4
sub IN NS ns.sub
ns.sub IN A 192.0.2.5
safe IN NS ns.safe
safe IN DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000
ns.safe IN A 192.0.2.6
`

func signed(t *testing.T, a Algorithm, now time.Time) (*zone.Zone, Keys) {
	t.Helper()
	z, err := zone.ParseText(text, "example.com")
	if err != nil {
		t.Fatal(err)
	}
	k, err := NewKeys("example.com", a, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Sign(z, k, now.Add(-time.Hour), now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return s, k
}

// split takes an answer section apart.
func split(rrs []dns.RR) (set, sigs []dns.RR) {
	for _, rr := range rrs {
		if rr.Header().Rrtype == dns.TypeRRSIG {
			sigs = append(sigs, rr)
		} else {
			set = append(set, rr)
		}
	}
	return set, sigs
}

func TestSignAndVerify(t *testing.T) {
	now := time.Unix(946684800, 0)
	for _, a := range []Algorithm{ECDSA, Ed25519} {
		z, k := signed(t, a, now)
		again, _ := signed(t, a, now)
		if z.String() != again.String() {
			t.Errorf("algorithm %d: two signings differ", a)
		}
		set, sigs := split(z.Lookup("example.com.", dns.TypeDNSKEY, true).Answer)
		keys, err := VerifyKeys([]dns.RR{k.DS()}, set, sigs, "example.com.", now)
		if err != nil || len(keys) != 2 {
			t.Fatalf("algorithm %d: %v", a, err)
		}
		if _, err := VerifyKeys([]dns.RR{k.Anchor()}, set, sigs, "example.com.", now); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"www.example.com.", "WWW.example.com."} {
			set, sigs = split(z.Lookup(name, dns.TypeA, true).Answer)
			if _, err := Verify(set, sigs, "example.com.", keys, now); err != nil || len(set) != 2 {
				t.Error(err)
			}
		}
		if _, err := Verify(set, sigs, "example.com.", keys, now.Add(2*time.Hour)); err == nil {
			t.Error("an expired signature holds")
		}
		forged, _ := dns.NewRR("www.example.com. 600 IN A 203.0.113.66")
		if _, err := Verify([]dns.RR{forged}, sigs, "example.com.", keys, now); err == nil {
			t.Error("a forged record is signed")
		}
		if _, err := Verify(set, nil, "example.com.", keys, now); err == nil {
			t.Error("no signature is enough")
		}
		r := z.Lookup("q.wild.example.com.", dns.TypeTXT, true)
		set, sigs = split(r.Answer)
		wildcard, err := Verify(set, sigs, "example.com.", keys, now)
		if err != nil || wildcard != "*.wild.example.com." {
			t.Errorf("wildcard %q: %v", wildcard, err)
		}
		if err := DenyCloser(r.Authority, "example.com.", "q.wild.example.com.", wildcard); err != nil {
			t.Error(err)
		}
		other, _ := NewKeys("example.com", a, rand.New(rand.NewPCG(3, 4)))
		set, sigs = split(z.Lookup("example.com.", dns.TypeDNSKEY, true).Answer)
		if _, err := VerifyKeys([]dns.RR{other.DS()}, set, sigs, "example.com.", now); err == nil {
			t.Error("another zone's DS vouches for these keys")
		}
	}
}

func TestDenial(t *testing.T) {
	z, _ := signed(t, Ed25519, time.Unix(946684800, 0))
	for _, c := range []struct {
		name  string
		qtype uint16
		cut   bool
	}{
		{"www.example.com.", dns.TypeAAAA, false},
		{"ent.example.com.", dns.TypeA, false},
		{"q.wild.example.com.", dns.TypeA, false},
		{"sub.example.com.", dns.TypeDS, true},
	} {
		r := z.Lookup(c.name, c.qtype, true)
		d, err := DenyType(r.Authority, "example.com.", c.name, c.qtype)
		if err != nil || d.Cut != c.cut {
			t.Errorf("%s %s: %+v, %v", c.name, dns.Type(c.qtype), d, err)
		}
		if _, err := DenyType(nil, "example.com.", c.name, c.qtype); err == nil {
			t.Errorf("%s: nothing proves everything", c.name)
		}
	}
	for _, name := range []string{"nope.example.com.", "a.b.nope.example.com.", "zzz.example.com.", "0.example.com."} {
		r := z.Lookup(name, dns.TypeA, true)
		if _, err := DenyName(r.Authority, "example.com.", name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	proof := z.Lookup("nope.example.com.", dns.TypeA, true).Authority
	for _, name := range []string{"www.example.com.", "q.wild.example.com.", "x.sub.example.com."} {
		if _, err := DenyName(proof, "example.com.", name); err == nil {
			t.Errorf("%s is denied by another name's proof", name)
		}
	}
	r := z.Lookup("x.sub.example.com.", dns.TypeA, true)
	if d, err := DenyType(r.Authority, "example.com.", "sub.example.com.", dns.TypeDS); err != nil || !d.Cut {
		t.Errorf("insecure referral: %+v %v", d, err)
	}
	if r := z.Lookup("x.safe.example.com.", dns.TypeA, true); len(r.Authority) != 3 || r.Authority[1].Header().Rrtype != dns.TypeDS {
		t.Errorf("secure referral: %v", r.Authority)
	}
}
