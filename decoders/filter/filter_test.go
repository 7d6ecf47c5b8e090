package filter

import (
	"net/netip"
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

func sample() *subject {
	return &subject{
		m: timeline.Message{Proto: "HTTP/1.1", First: 3, Last: 5, Dir: decoders.BtoA, Fields: []decoders.KV{
			decoders.I("http.response.code", 404), decoders.S("http.server", "lab"), decoders.B("http.chunked", true),
			{Name: "http.response.line", Str: "Server: lab", Many: true}, {Name: "http.response.line", Str: "Age: 3", Many: true},
		}},
		c: timeline.Conversation{ID: 7, Transport: decoders.TCP, A: netip.MustParseAddrPort("10.1.0.1:49152"), B: netip.MustParseAddrPort("10.1.0.2:80")},
	}
}

func TestMatch(t *testing.T) {
	for text, want := range map[string]bool{
		"http":                                  true,
		"dns":                                   false,
		"tcp and not udp":                       true,
		"http2":                                 false,
		"http.response.code == 404":             true,
		"http.response.code eq 0x194":           true,
		"http.response.code != 404":             false,
		"http.response.code >= 400 && tcp":      true,
		"http.response.code in {200, 404}":      true,
		"http.response.code in {400..499}":      true,
		"http.response.code in {200 304}":       false,
		"!(http.response.code < 400)":           true,
		"http.request.method":                   false,
		"http.request.method == GET":            false,
		"http.request.method != \"GET\"":        false,
		"http.server contains \"la\"":           true,
		"http.server matches \"^L.B$\"":         true,
		"http.server ~ x or http.chunked==true": true,
		"http.response.line == \"Age: 3\"":      true,
		"ip.addr == 10.1.0.0/16":                true,
		"ip.src == 10.1.0.2":                    true,
		"ip.dst == 10.1.0.2":                    false,
		"tcp.port == 80":                        true,
		"tcp.srcport == 80":                     true,
		"udp.port == 80":                        false,
		"tcp.stream == 7":                       true,
		"frame.number == 4":                     true,
		"ipv6":                                  false,
	} {
		f, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := f.root.match(sample()); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "empty",
		"http.response.code ==":  "it ends where a value",
		"(http":                  "closing parenthesis",
		"http http":              "and, or, or the end",
		"http.server == \"a":     "does not end",
		"== 3":                   "a field or protocol",
		"http.x matches \"(\"":   "regular expression",
		"a in {}":                "empty",
		"a in 3":                 "a set",
		strings.Repeat("!", 500): "nested",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`http.response.code in {200..299, 304} && !(tcp.port == 80) || a matches "x"`)
	f.Fuzz(func(t *testing.T, text string) {
		if fl, err := Parse(text); err == nil {
			fl.root.match(sample())
		}
	})
}
