package http1

import (
	"net/netip"
	"strings"
	"testing"

	"netscope/decoders"
)

func TestProbe(t *testing.T) {
	const (
		more   = decoders.NeedMore
		accept = decoders.Accept
		reject = decoders.Reject
	)
	tcp := decoders.Hint{Transport: decoders.TCP}
	web := tcp
	web.B = netip.MustParseAddrPort("10.0.0.2:80")
	mid := tcp
	mid.Midway = true
	cases := []struct {
		name   string
		hint   decoders.Hint
		prefix string
		end    bool
		want   decoders.Verdict
	}{
		{"nothing", tcp, "", false, more},
		{"nothing will come", tcp, "", true, reject},
		{"request", tcp, "GET / HTTP/1.1\r\n", false, accept},
		{"request by its target", tcp, "GET /", false, accept},
		{"part of a method", tcp, "GE", false, more},
		{"absolute form", tcp, "GET http://a/ HTTP/1.1\r\n", false, accept},
		{"connect", tcp, "CONNECT a:443 HTTP/1.1\r\n", false, accept},
		{"unknown method", tcp, "FROB /x HTTP/1.1\r\n", false, accept},
		{"response", tcp, "HTTP/1.0 ", false, accept},
		{"HTTP/0.9", tcp, "GET /x\r\n", false, accept},
		{"empty line first", tcp, "\r\nGET /", false, accept},
		{"method glued to the version", tcp, "OPTIONSHTTP/1.1\r\n", false, accept},
		{"method alone and Host", tcp, "OPTIONS\r\nhost: a", false, accept},
		{"method alone and part of Host", tcp, "OPTIONS\r\nHo", false, more},
		{"method alone", tcp, "OPTIONS\r\nfoo", false, reject},
		{"plain text", tcp, "hello", false, reject},
		{"shouting", tcp, "HELLO\r\n", false, reject},
		{"SMTP", tcp, "220 hamburger.edu\r\n", false, reject},
		{"RTSP", tcp, "OPTIONS rtsp://a/ RTSP/1.0\r\n", false, reject},
		{"SIP", tcp, "SUBSCRIBE sip:a@b SIP/2.0\r\n", false, reject},
		{"HTTP/2", tcp, "PRI * HTTP/2.0\r\n\r\nSM", false, reject},
		{"TLS", tcp, "\x16\x03\x01", false, reject},
		{"long line", tcp, "GET " + strings.Repeat("x", maxProbe), false, reject},
		{"UDP", decoders.Hint{Transport: decoders.UDP}, "GET / HTTP/1.1\r\n", false, reject},
		{"typed wrongly on the web's port", web, "get / http\r\n", false, accept},
		{"TLS on the web's port", web, "\x16\x03\x01\n", false, reject},
		{"midway in content", mid, "lorem ipsum\r\n", false, more},
		{"midway, a request", mid, "lorem ipsumGET / HTTP/1.1\r\n", false, accept},
		{"midway, a response", mid, "</html>HTTP/1.1 200 OK\r\n", false, accept},
		{"midway, nothing", mid, "lorem ipsum\r\n", true, reject},
	}
	for _, c := range cases {
		if got := (Decoder{}).Probe(c.hint, 0, []byte(c.prefix), c.end); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
