package dns

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	lib "github.com/miekg/dns"

	"netscope/decoders"
	dt "netscope/decoders/decodertest"
)

// TestConversation is the way answers are matched with queries.
func TestConversation(t *testing.T) {
	q := query("gaia.cs.umass.edu", lib.TypeA, 4660)
	other := query("gaia.cs.umass.edu", lib.TypeA, 99)
	forged := answer(t, q, "gaia.cs.umass.edu. 86400 IN A 6.6.6.6")
	strange := answer(t, query("evil.example", lib.TypeA, 4660), "evil.example. 60 IN A 6.6.6.6")
	right := pack(t, answer(t, q, zone[0]))
	ms := datagrams(t, decoders.Hint{},
		dt.A(pack(t, q)), dt.A(pack(t, q)),
		dt.B(pack(t, answer(t, other, zone[0]))), dt.B(pack(t, strange)), dt.B(right), dt.B(right), dt.B(pack(t, forged)))
	want := []struct {
		name, summary string
		reply         uint64
		bad           bool
	}{
		{"query", "A gaia.cs.umass.edu", 0, false},
		{"query", "A gaia.cs.umass.edu · again", 0, false},
		{"response", "A 128.119.245.12 (ttl 86400) · wrong ID", 0, true},
		{"response", "A 6.6.6.6 (ttl 60) · wrong question", 0, true},
		{"response", "A 128.119.245.12 (ttl 86400)", 1, false},
		{"response", "A 128.119.245.12 (ttl 86400) · again", 0, false},
		{"response", "A 6.6.6.6 (ttl 86400) · a second answer, and another one", 0, false},
	}
	if len(ms) != len(want) {
		t.Fatalf("%d messages", len(ms))
	}
	for i, w := range want {
		if m := ms[i]; m.Name != w.name || m.Summary != w.summary || m.ReplyTo != w.reply || (m.Err != "") != w.bad {
			t.Errorf("%d: %s %q replies to %d, error %q", i+1, m.Name, m.Summary, m.ReplyTo, m.Err)
		}
	}
	if kv, _ := decoders.Lookup(ms[4].Fields, "dns.time"); kv.Str != "0.004000000" {
		t.Errorf("response time %q", kv.Str)
	}
}

func TestSummaries(t *testing.T) {
	q := query("www.umass.edu", lib.TypeAAAA, 1)
	referral := answer(t, q)
	for _, l := range []string{"edu. 172800 IN NS a.edu-servers.net.", "edu. 172800 IN NS b.edu-servers.net."} {
		rr, _ := lib.NewRR(l)
		referral.Ns = append(referral.Ns, rr)
	}
	glue, _ := lib.NewRR("a.edu-servers.net. 172800 IN A 192.5.6.30")
	referral.Extra = append(referral.Extra, glue)
	no := answer(t, q)
	no.Rcode = lib.RcodeNameError
	badvers := answer(t, q)
	badvers.SetEdns0(1232, false)
	badvers.Rcode = lib.RcodeBadVers
	cut := answer(t, q)
	cut.Truncated = true
	up := new(lib.Msg)
	up.SetUpdate("networkutopia.com.")
	rr, _ := lib.NewRR("www.networkutopia.com. 60 IN A 212.212.212.1")
	up.Insert([]lib.RR{rr})
	chaos := query("version.bind", lib.TypeTXT, 3)
	chaos.Question[0].Qclass = lib.ClassCHAOS
	for _, c := range []struct {
		m    *lib.Msg
		want string
	}{
		{q, "AAAA www.umass.edu"},
		{referral, "referral: edu NS a.edu-servers.net +1 (1 with address)"},
		{no, "NXDOMAIN www.umass.edu"},
		{badvers, "BADVERS www.umass.edu"},
		{cut, "no AAAA for www.umass.edu, truncated"},
		{up, "UPDATE networkutopia.com +www.networkutopia.com A 212.212.212.1"},
		{chaos, "TXT CH version.bind"},
		{answer(t, q, zone[2], "servereast.backup2.ibm.com. 30 IN AAAA 2001:db8::1"), "CNAME servereast.backup2.ibm.com, AAAA 2001:db8::1 (ttl 30)"},
	} {
		if got := read([]byte(pack(t, c.m)), false, false).summary(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestEveryType reads every record without a complaint, and explains it within
// its bytes.
func TestEveryType(t *testing.T) {
	for _, l := range zone {
		b := []byte(pack(t, answer(t, query("umass.edu", 255, 1), l)))
		r := read(b, false, false)
		if r.m.Bad != "" || len(r.m.Records) != 1 || r.m.End != len(b) {
			t.Fatalf("%s: %+v", l, r.m)
		}
		parts, bad := data(b, &r.m.Records[0], true)
		end := r.m.Records[0].DataOff
		for i := range parts {
			if parts[i].off != end {
				t.Errorf("%s: %q at %d, not %d", l, parts[i].label, parts[i].off, end)
			}
			end += parts[i].len
		}
		if bad != "" || end != len(b) {
			t.Errorf("%s: %s; %d of %d bytes shown", l, bad, end, len(b))
		}
	}
}

func options() []lib.EDNS0 {
	return []lib.EDNS0{&lib.EDNS0_NSID{Code: lib.EDNS0NSID, Nsid: "6e7331"}, &lib.EDNS0_COOKIE{Code: lib.EDNS0COOKIE, Cookie: "24a5ac1222334455"},
		&lib.EDNS0_SUBNET{Code: lib.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: []byte{192, 0, 2, 0}},
		&lib.EDNS0_EDE{InfoCode: 6, ExtraText: "no"}, &lib.EDNS0_PADDING{Padding: make([]byte, 8)}, &lib.EDNS0_TCP_KEEPALIVE{Code: lib.EDNS0TCPKEEPALIVE, Timeout: 100}}
}

func hostPort(port int) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), uint16(port))
}

func TestOptions(t *testing.T) {
	m := query("a.example", lib.TypeA, 1)
	o := &lib.OPT{Hdr: lib.RR_Header{Name: ".", Rrtype: lib.TypeOPT}}
	o.SetUDPSize(1232)
	o.SetDo()
	o.Option = options()
	m.Extra = append(m.Extra, o)
	r := read([]byte(pack(t, m)), false, false)
	parts, bad := data(r.b, &r.m.Records[0], true)
	var got []string
	for i := range parts {
		got = append(got, parts[i].label+" "+parts[i].text())
	}
	want := "NSID ns1|COOKIE 24a5ac1222334455|CLIENT-SUBNET 1 24 0 192.0.2.0|EXTENDED-ERROR 6 (DNSSEC bogus) no|PADDING 0000000000000000|TCP-KEEPALIVE 100 (10 s)"
	if bad != "" || strings.Join(got, "|") != want {
		t.Errorf("%s\n got %s\nwant %s", bad, strings.Join(got, "|"), want)
	}
}

// TestHostile are messages that try to keep a decoder busy.
func TestHostile(t *testing.T) {
	header := func(qd, an uint16) []byte {
		return []byte{0, 1, 0x80, 0, byte(qd >> 8), byte(qd), byte(an >> 8), byte(an), 0, 0, 0, 0}
	}
	loops := header(65535, 65535)
	for len(loops) < 65000 {
		loops = append(loops, 0xc0, 12, 0, 1, 0, 1)
	}
	// Every question points into a long chain of labels.
	chain := header(65535, 65535)
	for len(chain) < 16000 {
		chain = append(chain, 1, 'a')
	}
	chain = append(chain, 0, 0, 1, 0, 1)
	for len(chain) < 65000 {
		chain = append(chain, 0xc0, 12, 0, 1, 0, 1)
	}
	tiny := header(0, 65535)
	for len(tiny) < 65520 {
		tiny = append(tiny, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0)
	}
	jumps := header(1, 0)
	for len(jumps) < 16000 { // each points to the one before
		at := len(jumps) - 2
		jumps = append(jumps, 0xc0|byte(at>>8), byte(at))
	}
	for name, b := range map[string][]byte{"loops": loops, "chain": chain, "tiny": tiny, "jumps": jumps} {
		start := time.Now()
		ms := datagrams(t, decoders.Hint{A: netip.MustParseAddrPort("10.0.0.1:53")}, dt.A(string(b)))
		Decoder{}.Explain(dt.Expose(&ms[0], decoders.Hint{Transport: decoders.UDP}, string(b)))
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("%s took %v", name, d)
		}
		if ms[0].Err == "" {
			t.Errorf("%s is no error", name)
		}
		if n := len(ms[0].Fields); n > 100_000 {
			t.Errorf("%s has %d fields", name, n)
		}
	}
}

func TestProbe(t *testing.T) {
	q := pack(t, query("gaia.cs.umass.edu", lib.TypeA, 7))
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		b := make([]byte, 12+rng.IntN(60))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		if (Decoder{}).Probe(decoders.Hint{Transport: decoders.UDP}, 0, b, true) == decoders.Accept {
			t.Fatalf("noise is taken for DNS: %x", b)
		}
	}
	high := decoders.Hint{Transport: decoders.UDP, A: netip.MustParseAddrPort("127.0.0.1:40000"), B: netip.MustParseAddrPort("127.0.0.1:5300")}
	for what, c := range map[string]struct {
		b    string
		want decoders.Verdict
	}{
		"query":   {q, decoders.Accept},
		"longer":  {q + "x", decoders.Reject},
		"dht":     {"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe", decoders.Reject},
		"tracker": {"\x00\x00\x04\x17\x27\x10\x19\x80\x00\x00\x00\x00abcd", decoders.Reject},
		"utp":     {"\x41\x00\x12\x34\x00\x00\x00\x01\x00\x00\x00\x00\x00\x10\x00\x00\x00\x01\x00\x00", decoders.Reject},
		"stun":    {"\x00\x01\x00\x00\x21\x12\xa4\x42aaaabbbbcccc", decoders.Reject},
	} {
		if got := (Decoder{}).Probe(high, 0, []byte(c.b), true); got != c.want {
			t.Errorf("%s: %d", what, got)
		}
	}
}

func FuzzMessage(f *testing.F) {
	for _, l := range zone {
		f.Add([]byte(pack(f, answer(f, query("umass.edu", 255, 1), l))), false)
	}
	f.Fuzz(func(t *testing.T, b []byte, mdns bool) {
		h := decoders.Hint{Transport: decoders.UDP}
		if mdns {
			h.A = netip.MustParseAddrPort("10.0.0.1:5353")
		}
		turn := []dt.Turn{dt.A(string(b)), dt.EndA(), dt.EndB()}
		dt.Prefixes(t, Decoder{}, h, turn)
		dt.Quick(t, Decoder{}, decoders.Hint{Transport: decoders.TCP}, []dt.Turn{dt.A(onStream(string(b[:min(len(b), 60000)])) + string(b)), dt.EndA(), dt.EndB()}, uint64(len(b)))
	})
}

func BenchmarkMessage(b *testing.B) {
	q := query("gaia.cs.umass.edu", lib.TypeA, 4660)
	for name, m := range map[string]*lib.Msg{"query": q, "answer": answer(b, q, zone[0])} {
		raw := []byte(pack(b, m))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			p := Decoder{}.NewParser(decoders.Hint{Transport: decoders.UDP}, decoders.Env{})
			for i := 0; b.Loop(); i++ {
				raw[0], raw[1] = byte(i>>8), byte(i)
				_, _ = p.Next(decoders.Chunk{Buf: raw})
			}
		})
	}
}
