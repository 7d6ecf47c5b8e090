package zone

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

const example = `$ORIGIN example.com.
$TTL 600
@      IN SOA ns hostmaster 7 3600 600 86400 300
       IN NS  ns
       IN NS  ns.other.net.
       IN MX  10 mail
ns     IN A   192.0.2.1
       IN AAAA 2001:db8::1
mail   60 IN A 192.0.2.2
www    IN CNAME web.east
web.east IN A 192.0.2.3
       IN A   192.0.2.4
ext    IN CNAME www.example.org.
loop1  IN CNAME loop2
loop2  IN CNAME loop1
*.wild IN TXT "any"
x.y.wild IN A 192.0.2.9
sub    IN NS  ns.sub
ns.sub IN A   192.0.2.5
old    IN DNAME new
a.new  IN A   192.0.2.6
deep   IN CNAME h.sub
`

func parse(t testing.TB, text, origin string) *Zone {
	t.Helper()
	z, err := ParseText(text, origin)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// brief is a result in few words: kind, then the sections.
func brief(r Result) string {
	words := []string{[...]string{"found", "referral", "nodata", "nxdomain", "loop"}[r.Kind]}
	for _, sec := range [][]dns.RR{r.Answer, r.Authority, r.Additional} {
		words = append(words, "|")
		for _, rr := range sec {
			f := strings.Fields(rr.String())
			words = append(words, strings.TrimSuffix(f[0], "example.com.")+" "+f[3]+" "+f[4])
		}
	}
	return strings.Join(words, " ")
}

func TestLookup(t *testing.T) {
	z := parse(t, example, "example.com")
	for _, c := range []struct{ name, qtype, want string }{
		{"mail", "A", "found | mail. A 192.0.2.2 | |"},
		{"MAIL", "A", "found | mail. A 192.0.2.2 | |"},
		{"mail", "AAAA", "nodata | |  SOA ns.example.com. |"},
		{"", "MX", "found |  MX 10 | | mail. A 192.0.2.2"},
		{"", "NS", "found |  NS ns.example.com.  NS ns.other.net. | | ns. A 192.0.2.1 ns. AAAA 2001:db8::1"},
		{"nope", "A", "nxdomain | |  SOA ns.example.com. |"},
		{"east", "A", "nodata | |  SOA ns.example.com. |"}, // an empty non-terminal
		{"www", "A", "found | www. CNAME web.east.example.com. web.east. A 192.0.2.3 web.east. A 192.0.2.4 | |"},
		{"www", "CNAME", "found | www. CNAME web.east.example.com. | |"},
		{"www", "MX", "nodata | www. CNAME web.east.example.com. |  SOA ns.example.com. |"},
		{"ext", "A", "found | ext. CNAME www.example.org. | |"},
		{"q.wild", "TXT", `found | q.wild. TXT "any" | |`},
		{"q.r.wild", "TXT", `found | q.r.wild. TXT "any" | |`},
		{"q.wild", "A", "nodata | |  SOA ns.example.com. |"},
		{"z.y.wild", "TXT", "nxdomain | |  SOA ns.example.com. |"}, // y.wild exists
		{"sub", "A", "referral | | sub. NS ns.sub.example.com. | ns.sub. A 192.0.2.5"},
		{"ns.sub", "A", "referral | | sub. NS ns.sub.example.com. | ns.sub. A 192.0.2.5"},
		{"sub", "DS", "nodata | |  SOA ns.example.com. |"},
		{"a.old", "A", "found | old. DNAME new.example.com. a.old. CNAME a.new.example.com. a.new. A 192.0.2.6 | |"},
		{"deep", "A", "found | deep. CNAME h.sub.example.com. | |"},
		{"loop1", "A", "loop"},
		{"mail", "ANY", "found | mail. A 192.0.2.2 | |"},
	} {
		name := strings.TrimPrefix(c.name+".example.com.", ".")
		got := strings.ReplaceAll(brief(z.Lookup(name, dns.StringToType[c.qtype], false)), "  ", " ")
		if want := strings.ReplaceAll(c.want, "  ", " "); got != want && !(c.want == "loop" && strings.HasPrefix(got, "loop")) {
			t.Errorf("%s %s:\n got %s\nwant %s", c.name, c.qtype, got, want)
		}
	}
	if ttl := z.Lookup("nope.example.com.", dns.TypeA, false).Authority[0].Header().Ttl; ttl != 300 {
		t.Errorf("negative TTL is %d, not min(600, 300)", ttl)
	}
}

func TestBadZones(t *testing.T) {
	soa := "@ IN SOA ns h 1 1 1 1 1\n"
	for _, c := range []struct{ text, says string }{
		{"", "exactly one SOA"},
		{soa + soa + "@ IN SOA ns2 h 1 1 1 1 1\n", "exactly one SOA"},
		{soa + "www.example.org. IN A 192.0.2.1\n", "outside zone"},
		{soa + "a IN CNAME b\na IN A 192.0.2.1\n", "CNAME and other"},
		{soa + "$INCLUDE /etc/passwd\n", "$INCLUDE"},
		{soa + "a IN A 1.2.3\n", "cannot be read"},
		{soa + "a CH A 192.0.2.1\n", "class"},
	} {
		_, err := ParseText(c.text, "example.com")
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.text, err, c.says)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	z := parse(t, example, "example.com")
	again := parse(t, z.String(), "example.com")
	if z.String() != again.String() {
		t.Errorf("%s\nbecame\n%s", z, again)
	}
}

func TestSet(t *testing.T) {
	com, ex := parse(t, "@ IN SOA ns h 1 1 1 1 1\n", "com"), parse(t, example, "example.com")
	s := NewSet(com, ex)
	for _, c := range []struct {
		name  string
		qtype uint16
		want  *Zone
	}{
		{"WWW.example.com.", dns.TypeA, ex}, {"example.com.", dns.TypeA, ex}, {"example.com.", dns.TypeDS, com},
		{"foo.com.", dns.TypeA, com}, {"com.", dns.TypeDS, com}, {"org.", dns.TypeA, nil},
	} {
		if s.Find(c.name, c.qtype) != c.want {
			t.Errorf("Find(%s, %d)", c.name, c.qtype)
		}
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			rr, _ := ParseRecord(fmt.Sprintf("new.example.com. IN A 192.0.2.%d", i))
			z, err := s.Zone("example.com").Edit([]Key{{"new.example.com.", dns.TypeA}}, []dns.RR{rr})
			if err != nil {
				t.Error(err)
			}
			s.Replace(z)
			s.Find("new.example.com.", dns.TypeA).Lookup("new.example.com.", dns.TypeA, true)
		})
	}
	wg.Wait()
	if z := s.Zone("example.com"); z.SOA().Serial < 8 || len(z.RRset("new.example.com.", dns.TypeA)) != 1 || ex.RRset("new.example.com.", dns.TypeA) != nil {
		t.Errorf("after editing: %v", z.SOA())
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example, "www.example.com.")
	f.Add("@ SOA a b 1 1 1 1 1\n$GENERATE 1-9 h$ A 192.0.2.$\n", "h1.example.com.")
	f.Fuzz(func(t *testing.T, text, name string) {
		if len(text) > 4096 {
			return
		}
		z, err := ParseText(text, "example.com")
		if err != nil || !dns.IsSubDomain("example.com.", dns.CanonicalName(name)) {
			return
		}
		z.Lookup(name, dns.TypeA, true)
		z.Lookup(name, dns.TypeANY, true)
	})
}
