package server

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/zone"
)

func testServer(t testing.TB) *Server {
	t.Helper()
	big := strings.Repeat(`big IN TXT "`+strings.Repeat("x", 200)+`"`+"\n", 1)
	for i := range 20 {
		big += `big IN TXT "` + strings.Repeat(string(rune('a'+i)), 200) + `"` + "\n"
	}
	z, err := zone.ParseText(`$TTL 60
@ IN SOA ns h 1 1 1 1 1
@ IN NS ns
ns IN A 192.0.2.1
www IN A 192.0.2.2
www IN A 192.0.2.3
www IN A 192.0.2.4
sub IN NS ns.sub
ns.sub IN A 192.0.2.9
`+big, "example.com")
	if err != nil {
		t.Fatal(err)
	}
	return &Server{Zones: zone.NewSet(z), Rotate: true}
}

func ask(t testing.TB, s *Server, q *dns.Msg, udp bool) *dns.Msg {
	t.Helper()
	raw, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	m := new(dns.Msg)
	if err := m.Unpack(s.Respond(context.Background(), raw, udp)); err != nil {
		t.Fatal(err)
	}
	if m.Id != q.Id || !m.Response {
		t.Errorf("answer %v to %v", m, q)
	}
	return m
}

func question(name string, qtype uint16) *dns.Msg { return new(dns.Msg).SetQuestion(name, qtype) }

func TestRespond(t *testing.T) {
	s := testServer(t)
	if m := ask(t, s, question("WwW.example.com.", dns.TypeA), true); !m.Authoritative || len(m.Answer) != 3 || m.Answer[0].Header().Name != "WwW.example.com." || m.RecursionAvailable || !m.RecursionDesired {
		t.Errorf("%v", m)
	}
	if m := ask(t, s, question("a.sub.example.com.", dns.TypeA), true); m.Authoritative || len(m.Ns) != 1 || len(m.Extra) != 1 {
		t.Errorf("referral: %v", m)
	}
	for _, c := range []struct {
		q    *dns.Msg
		want int
	}{
		{question("nope.example.com.", dns.TypeA), dns.RcodeNameError},
		{question("example.org.", dns.TypeA), dns.RcodeRefused},
		{question("example.com.", dns.TypeAXFR), dns.RcodeRefused},
		{&dns.Msg{MsgHdr: dns.MsgHdr{Id: 5, Opcode: dns.OpcodeNotify}, Question: []dns.Question{{Name: "example.com.", Qtype: dns.TypeSOA, Qclass: dns.ClassINET}}}, dns.RcodeNotImplemented},
		{&dns.Msg{MsgHdr: dns.MsgHdr{Id: 6}}, dns.RcodeFormatError},
		{&dns.Msg{MsgHdr: dns.MsgHdr{Id: 7}, Question: []dns.Question{{Name: "version.bind.", Qtype: dns.TypeTXT, Qclass: dns.ClassCHAOS}}}, dns.RcodeRefused},
	} {
		if m := ask(t, s, c.q, true); m.Rcode != c.want {
			t.Errorf("%v: %v", c.q.Question, dns.RcodeToString[m.Rcode])
		}
	}
}

func TestRotation(t *testing.T) {
	s := testServer(t)
	first := map[string]int{}
	for range 9 {
		first[ask(t, s, question("www.example.com.", dns.TypeA), true).Answer[0].(*dns.A).A.String()]++
	}
	for a, n := range first {
		if n != 3 || len(first) != 3 {
			t.Errorf("%s is first %d times of 9", a, n)
		}
	}
}

func TestTruncation(t *testing.T) {
	s := testServer(t)
	q := question("big.example.com.", dns.TypeTXT)
	for _, c := range []struct {
		edns, most int
		tc         bool
		udp        bool
	}{{0, 512, true, true}, {600, 600, true, true}, {4096, UDPSize, true, true}, {100, 512, true, true}, {0, 65535, false, false}} {
		q := q.Copy()
		if c.edns > 0 {
			q.SetEdns0(uint16(c.edns), false)
		}
		m := ask(t, s, q, c.udp)
		m.Compress = true
		if m.Truncated != c.tc || m.Len() > c.most || (m.IsEdns0() != nil) != (c.edns > 0) {
			t.Errorf("EDNS %d: TC %v, %d bytes", c.edns, m.Truncated, m.Len())
		}
	}
	bad := q.Copy()
	bad.SetEdns0(1232, false)
	bad.IsEdns0().SetVersion(3)
	if m := ask(t, s, bad, true); m.Rcode != dns.RcodeBadVers {
		t.Errorf("EDNS version 3: %d", m.Rcode)
	}
}

func TestLimit(t *testing.T) {
	now := time.Unix(0, 0)
	l := &Limit{PerSecond: 2, Now: func() time.Time { return now }}
	r := Request{From: netip.MustParseAddrPort("192.0.2.1:1")}
	for i, want := range []bool{true, true, false} {
		if l.Allow(r) != want {
			t.Errorf("question %d of a second: not two are allowed", i+1)
		}
	}
	now = now.Add(time.Second / 2)
	for i, want := range []bool{true, false} {
		if l.Allow(r) != want {
			t.Errorf("question %d after half a second: not one more is allowed", i+1)
		}
	}
}

func FuzzRespond(f *testing.F) {
	s := testServer(f)
	raw, _ := question("www.example.com.", dns.TypeA).Pack()
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if a := s.Respond(context.Background(), raw, true); len(a) > 1232 {
			t.Errorf("%d bytes over UDP", len(a))
		}
	})
}
