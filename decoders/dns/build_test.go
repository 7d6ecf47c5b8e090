package dns

import (
	"encoding/base64"
	"strings"
	"testing"

	lib "github.com/miekg/dns"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

// pack makes the bytes of a message with an independent library.
func pack(t testing.TB, m *lib.Msg) string {
	t.Helper()
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func query(name string, typ uint16, id uint16) *lib.Msg {
	m := new(lib.Msg)
	m.SetQuestion(lib.Fqdn(name), typ)
	m.Id = id
	return m
}

func answer(t testing.TB, q *lib.Msg, lines ...string) *lib.Msg {
	t.Helper()
	m := new(lib.Msg)
	m.SetReply(q)
	m.Compress = true
	for _, l := range lines {
		rr, err := lib.NewRR(l)
		if err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		m.Answer = append(m.Answer, rr)
	}
	return m
}

// onStream puts the length before a message, as on TCP.
func onStream(msg string) string {
	return string([]byte{byte(len(msg) >> 8), byte(len(msg))}) + msg
}

// zone has a record of every type that the library can write.
var zone = []string{
	"gaia.cs.umass.edu. 86400 IN A 128.119.245.12",
	"gaia.cs.umass.edu. 86400 IN AAAA 2001:db8::12",
	"www.ibm.com. 60 IN CNAME servereast.backup2.ibm.com.",
	"umass.edu. 3600 IN NS dns.umass.edu.",
	"umass.edu. 3600 IN MX 10 mail.umass.edu.",
	`umass.edu. 3600 IN TXT "v=spf1 -all" "second string"`,
	"umass.edu. 3600 IN SOA dns.umass.edu. admin.umass.edu. 2026010101 7200 900 1209600 300",
	"12.245.119.128.in-addr.arpa. 60 IN PTR gaia.cs.umass.edu.",
	"_sip._udp.umass.edu. 60 IN SRV 10 60 5060 sip.umass.edu.",
	`umass.edu. 60 IN NAPTR 100 10 "S" "SIP+D2U" "!^.*$!sip:a@b!" _sip._udp.umass.edu.`,
	`umass.edu. 60 IN HINFO "RFC8482" ""`,
	"umass.edu. 60 IN LOC 42 21 54.000 N 71 06 18.000 W -24.00m 30m 10m 10m",
	"umass.edu. 60 IN DNAME umass.example.",
	"umass.edu. 60 IN DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
	"umass.edu. 60 IN CDS 60485 13 2 2BB183AF5F22588179A53B0A98631FAD1A2921182BB183AF5F22588179A53B0A",
	"umass.edu. 60 IN DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==",
	"umass.edu. 60 IN CDNSKEY 256 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
	"umass.edu. 60 IN RRSIG A 13 2 86400 20301231000000 20260101000000 60485 umass.edu. " + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 64))),
	"umass.edu. 60 IN NSEC a.umass.edu. A NS SOA MX RRSIG NSEC DNSKEY CAA",
	"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.umass.edu. 60 IN NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM",
	"umass.edu. 60 IN NSEC3PARAM 1 0 12 aabbccdd",
	"umass.edu. 60 IN SSHFP 4 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
	"_443._tcp.umass.edu. 60 IN TLSA 3 1 1 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
	`umass.edu. 60 IN CAA 128 issue "letsencrypt.org"`,
	`umass.edu. 60 IN HTTPS 1 . alpn="h3,h2" port="8443" ipv4hint="192.0.2.1,192.0.2.2" ipv6hint="2001:db8::1" ech="AAQAAA=="`,
	`_dns.umass.edu. 60 IN SVCB 1 dns.umass.edu. mandatory="alpn" alpn="dot" key65280="x"`,
	"umass.edu. 60 IN OPENPGPKEY AQIDBA==",
	"umass.edu. 60 IN CSYNC 66 3 A NS AAAA",
	"umass.edu. 60 IN ZONEMD 2026010101 1 1 " + strings.Repeat("ab", 48),
	"umass.edu. 60 IN APL 1:192.168.32.0/21 !1:192.168.38.0/28 2:ff00::/8",
	"umass.edu. 60 IN RP admin.umass.edu. txt.umass.edu.",
	"umass.edu. 60 IN AFSDB 1 afs.umass.edu.",
	"umass.edu. 60 IN KX 10 kx.umass.edu.",
	"umass.edu. 60 IN EUI48 00-00-5e-00-53-2a",
	"umass.edu. 60 IN NID 10 0014:4fff:ff20:ee64",
	"umass.edu. 60 IN L32 10 10.1.2.0",
	`umass.edu. 60 IN URI 10 1 "https://umass.edu/"`,
	"umass.edu. 60 CLASS32 TYPE65280 \\# 4 0A000001",
}

func dialogues(t testing.TB) map[string][]decodertest.Turn {
	q1, q2 := query("gaia.cs.umass.edu", lib.TypeA, 4660), query("umass.edu", lib.TypeANY, 2)
	a1, a2 := answer(t, q1, zone[0]), answer(t, q2, zone...)
	s := func(m *lib.Msg) string { return onStream(pack(t, m)) }
	return map[string][]decodertest.Turn{
		"one":       {decodertest.A(s(q1)), decodertest.B(s(a1)), decodertest.EndA(), decodertest.EndB()},
		"pipelined": {decodertest.A(s(q1) + s(q2)), decodertest.B(s(a2) + s(a1)), decodertest.EndA(), decodertest.EndB()},
		"short":     {decodertest.A("\x00\x03abc" + s(q1)), decodertest.B("\x00\x00" + s(a1) + "\x00"), decodertest.EndA(), decodertest.EndB()},
	}
}

func TestBattery(t *testing.T) { decodertest.Battery(t, Decoder{}, dialogues(t)) }

// one decodes a dialogue of datagrams.
func datagrams(t testing.TB, h decoders.Hint, turns ...decodertest.Turn) []decodertest.Message {
	t.Helper()
	h.Transport = decoders.UDP
	r := decodertest.Drive(Decoder{}, h, turns, decodertest.Whole)
	for _, v := range r.Violations {
		t.Error(v)
	}
	return r.Messages
}
