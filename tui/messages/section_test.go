package messages

import (
	"strings"
	"testing"

	"netscope/decoders"
)

// The head of a message of HTTP/2 or HTTP/3 reads as it was sent.
func TestSectionLines(t *testing.T) {
	line := func(s string) decoders.KV { return decoders.KV{Name: "http.request.line", Str: s, Many: true} }
	got := HeadLines([]byte{0, 0, 9, 1}, []decoders.KV{
		decoders.S("http.request.method", "GET"), decoders.S("http.request.uri", "/o1"), decoders.I("http2.streamid", 1),
		decoders.S("http2.headers.method", "GET"), decoders.S("http2.headers.path", "/o1"), decoders.S("http2.headers.scheme", "https"),
		decoders.S("http2.headers.user_agent", "x"), line("user-agent: x"), line("x-odd: a: b"),
	}, "GET /o1")
	var text []string
	for _, l := range got {
		text = append(text, l.Text[:l.Name]+"|"+l.Text[l.Name:])
	}
	if s, want := strings.Join(text, "\n"), ":method| GET\n:path| /o1\n:scheme| https\nuser-agent:| x\nx-odd:| a: b"; s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	if l := HeadLines(nil, []decoders.KV{decoders.S("dns.qry.name", "a.b")}, "query"); len(l) != 2 || l[1].Text != "dns.qry.name: a.b" {
		t.Errorf("%+v", l)
	}
}
