package http1

import (
	"fmt"
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

type turn = decodertest.Turn

var (
	a, b       = decodertest.A, decodertest.B
	endA, endB = decodertest.EndA, decodertest.EndB
)

// line writes a message as the tests compare it:
//
//	key direction kind proto name [summary] off+head..end len=n ^reply <part !error
func line(m decodertest.Message) string {
	s := fmt.Sprintf("%d %c %s %s %s [%s] %d+%d..%d len=%d", m.Key, "AB"[m.Dir], m.Kind, m.Proto, m.Name, m.Summary, m.Off, m.HeadLen, m.End, m.Len)
	if m.Level == decoders.UnitLevel {
		s = strings.Replace(s, m.Kind.String(), "unit", 1)
	}
	if m.ReplyTo > 0 {
		s += fmt.Sprintf(" ^%d", m.ReplyTo)
	}
	if m.PartOf > 0 {
		s += fmt.Sprintf(" <%d", m.PartOf)
	}
	if m.Err != "" {
		s += " !" + m.Err
	}
	if !m.Closed {
		s += " open"
	}
	return s
}

const (
	get     = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"  // 27 bytes
	headReq = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" // 28 bytes
)

func TestDialogues(t *testing.T) {
	gotGet := "1 A request HTTP/1.1 GET [GET /] 0+27..27 len=0"
	cases := []struct {
		name     string
		mid      bool
		dialogue []turn
		want     []string
		handoff  string
	}{
		{"RFC 9112 §2.1 and RFC 9110 §3.9 example", false, []turn{
			a("GET /hello.txt HTTP/1.1\r\nUser-Agent: curl/7.64.1\r\nHost: www.example.com\r\nAccept-Language: en, mi\r\n\r\n"),
			b("HTTP/1.1 200 OK\r\nDate: Mon, 27 Jul 2009 12:28:53 GMT\r\nServer: Apache\r\nLast-Modified: Wed, 22 Jul 2009 19:15:56 GMT\r\nETag: \"34aa387-d-1568eb00\"\r\nAccept-Ranges: bytes\r\nContent-Length: 51\r\nVary: Accept-Encoding\r\nContent-Type: text/plain\r\n\r\nHello World! My content includes a trailing CRLF.\r\n"),
		}, []string{
			"1 A request HTTP/1.1 GET [GET /hello.txt] 0+100..100 len=0",
			"2 B response HTTP/1.1 200 [200 OK  text/plain  51 B] 0+237..288 len=51 ^1",
		}, ""},
		{"request with content", false, []turn{a("POST /f HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=1" + get)}, []string{
			"1 A request HTTP/1.1 POST [POST /f  3 B] 0+48..51 len=3",
			"2 A request HTTP/1.1 GET [GET /] 51+27..78 len=0"}, ""},
		{"empty lines before a request", false, []turn{a("\r\n\n" + get)}, []string{"1 A request HTTP/1.1 GET [GET /] 0+30..30 len=0"}, ""},
		{"an empty line at the end", false, []turn{a(get + "\r\n"), endA()}, []string{gotGet,
			"2 A event HTTP/1.x data [data  2 B] 27+0..29 len=2"}, ""},
		{"bare line feeds", false, []turn{a("GET / HTTP/1.0\n\n")}, []string{"1 A request HTTP/1.0 GET [GET /] 0+16..16 len=0"}, ""},
		{"pipelining", false, []turn{a(get + headReq + get),
			b("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 1\r\n\r\n")}, []string{
			gotGet, "2 A request HTTP/1.1 HEAD [HEAD /] 27+28..55 len=0", "3 A request HTTP/1.1 GET [GET /] 55+27..82 len=0",
			"4 B response HTTP/1.1 200 [200 OK  1 B] 0+38..39 len=1 ^1",
			"5 B response HTTP/1.1 200 [200 OK] 39+38..77 len=0 ^2",
			"6 B response HTTP/1.1 304 [304 Not Modified] 77+48..125 len=0 ^3"}, ""},
		{"interim responses", false, []turn{a(get), b("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")}, []string{gotGet,
			"2 B response HTTP/1.1 100 [100 Continue] 0+25..25 len=0 ^1",
			"3 B response HTTP/1.1 103 [103 Early Hints] 25+28..53 len=0 ^1",
			"4 B response HTTP/1.1 204 [204 No Content] 53+27..80 len=0 ^1"}, ""},
		{"until close", false, []turn{a(get), b("HTTP/1.0 200 OK\r\n\r\nabc"), b("def"), endB()}, []string{gotGet,
			"2 B response HTTP/1.0 200 [200 OK  6 B] 0+19..25 len=6 ^1"}, ""},
		{"until close, not closed yet", false, []turn{a(get), b("HTTP/1.0 200 OK\r\n\r\nabc")}, []string{gotGet,
			"2 B response HTTP/1.0 200 [200 OK] 0+19..0 len=0 ^1 open"}, ""},
		{"no reason phrase", false, []turn{b("HTTP/1.1 204\r\n\r\nHTTP/1.1 204 \r\n\r\n")}, []string{
			"1 B response HTTP/1.1 204 [204] 0+16..16 len=0", "2 B response HTTP/1.1 204 [204] 16+17..33 len=0"}, ""},
		{"chunked with extension and trailer", false, []turn{a(get),
			b("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nWiki\r\nB \r\npedia in ch\r\n0\r\nETag: z\r\n\r\n")}, []string{gotGet,
			"2 B response HTTP/1.1 200 [200 OK  15 B] 0+47..91 len=15 ^1",
			"3 B unit HTTP/1.1 chunk [chunk 4 bytes] 47+7..60 len=4 <2",
			"4 B unit HTTP/1.1 chunk [chunk 11 bytes] 60+4..77 len=11 <2",
			"5 B unit HTTP/1.1 chunk [last chunk] 77+3..91 len=0 <2"}, ""},
		{"several transfer codings", false, []turn{a("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")}, []string{
			"1 A request HTTP/1.1 POST [POST /] 0+81..86 len=0",
			"2 A unit HTTP/1.1 chunk [last chunk] 81+3..86 len=0 <1"}, ""},
		{"response whose last coding is not chunked", false, []turn{b("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxyz"), endB()}, []string{
			"1 B response HTTP/1.1 200 [200 OK  3 B] 0+44..47 len=3"}, ""},
		{"upgrade", false, []turn{a("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
			b("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00")}, []string{
			"1 A request HTTP/1.1 GET [GET /] 0+68..68 len=0",
			"2 B response HTTP/1.1 101 [101 Switching Protocols] 0+56..56 len=0 ^1"}, "websocket"},
		{"upgrade to HTTP/2", false, []turn{b("HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n")}, []string{
			"1 B response HTTP/1.1 101 [101 x] 0+32..32 len=0"}, "http2"},
		{"upgrade refused", false, []turn{a("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
			b("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), a(get)}, []string{
			"1 A request HTTP/1.1 GET [GET /] 0+62..62 len=0", "2 B response HTTP/1.1 200 [200 OK] 0+38..38 len=0 ^1",
			"3 A request HTTP/1.1 GET [GET /] 62+27..89 len=0"}, ""},
		{"tunnel, the client too early", false, []turn{a("CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n\x16\x03\x01\n"), b("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x16")}, []string{
			"1 A request HTTP/1.1 CONNECT [CONNECT b:443] 0+39..39 len=0",
			"2 B response HTTP/1.1 200 [200 OK] 0+38..38 len=0 ^1"}, "data"},
		{"tunnel refused", false, []turn{a("CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n"), b("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"), a(get)}, []string{
			"1 A request HTTP/1.1 CONNECT [CONNECT b:443] 0+39..39 len=0",
			"2 B response HTTP/1.1 403 [403 Forbidden  2 B] 0+45..47 len=2 ^1",
			"3 A request HTTP/1.1 GET [GET /] 39+27..66 len=0"}, ""},
		{"HTTP/2 preface", false, []turn{a("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")}, nil, "http2"},
		{"HTTP/0.9", false, []turn{a("GET /old\r\n"), b("<html>"), b("\nx"), endB(), a("more"), endA()}, []string{
			"1 A request HTTP/0.9 GET [GET /old] 0+10..10 len=0",
			"2 B response HTTP/0.9 body [HTTP/0.9 response  8 B] 0+0..8 len=8 ^1",
			"3 A event HTTP/1.x data [data  4 B] 10+0..14 len=4 !bytes after an HTTP/0.9 request (RFC 1945 §4.1)"}, ""},
		{"HTTP/1.1 after HTTP/0.9", false, []turn{a("GET /old\r\n" + get)}, []string{
			"1 A request HTTP/0.9 GET [GET /old] 0+10..10 len=0", "2 A request HTTP/1.1 GET [GET /] 10+27..37 len=0"}, ""},
		{"a request after a tunnel that is never granted", false, []turn{a("CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n" + get), endA()}, []string{
			"1 A request HTTP/1.1 CONNECT [CONNECT b:443] 0+39..39 len=0", "2 A request HTTP/1.1 GET [GET /] 39+27..66 len=0"}, ""},
		{"HTTP/0.9 answered by HTTP/1.1", false, []turn{a("GET /old\r\n"), b("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")}, []string{
			"1 A request HTTP/0.9 GET [GET /old] 0+10..10 len=0",
			"2 B response HTTP/1.1 400 [400 Bad Request] 0+47..47 len=0 ^1"}, ""},
		{"the server opened the connection", false, []turn{b(get), a("HTTP/1.1 204 x\r\n\r\n")}, []string{
			"1 B request HTTP/1.1 GET [GET /] 0+27..27 len=0", "2 A response HTTP/1.1 204 [204 x] 0+18..18 len=0 ^1"}, ""},
		{"midway", true, []turn{b("rest of a body"), b("HTTP/1.1 204 x\r\n\r\n"), a("tail\r\n" + get), b("HTTP/1.1 204 x\r\n\r\n")}, []string{
			"1 B event HTTP/1.x data [data  14 B] 0+0..14 len=14",
			"2 B response HTTP/1.1 204 [204 x] 14+18..32 len=0",
			"3 A event HTTP/1.x data [data  6 B] 0+0..6 len=6",
			"4 A request HTTP/1.1 GET [GET /] 6+27..33 len=0",
			"5 B response HTTP/1.1 204 [204 x] 32+18..50 len=0 ^4"}, ""},
		{"midway at a message", true, []turn{a(get), b("HTTP/1.1 204 x\r\n\r\n")}, []string{gotGet,
			"2 B response HTTP/1.1 204 [204 x] 0+18..18 len=0 ^1"}, ""},
		{"a response before its request", false, []turn{b("HTTP/1.1 204 x\r\n\r\n"), a(get + get), b("HTTP/1.1 204 y\r\n\r\n")}, []string{
			"1 B response HTTP/1.1 204 [204 x] 0+18..18 len=0",
			"2 A request HTTP/1.1 GET [GET /] 0+27..27 len=0", "3 A request HTTP/1.1 GET [GET /] 27+27..54 len=0",
			"4 B response HTTP/1.1 204 [204 y] 18+18..36 len=0 ^3"}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := decoders.Hint{Transport: decoders.TCP, Midway: c.mid}
			check(t, h, c.dialogue, c.want, c.handoff)
		})
	}
}

// check drives a dialogue and compares its messages.
func check(t *testing.T, h decoders.Hint, dialogue []turn, want []string, handoff string) {
	t.Helper()
	r := decodertest.Drive(Decoder{}, h, dialogue, decodertest.Whole)
	for _, v := range r.Violations {
		t.Error(v)
	}
	var got []string
	for _, m := range r.Messages {
		got = append(got, line(m))
	}
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("message %d:\n got %s\nwant %s", i+1, g, w)
		}
	}
	if r.Handoff != handoff {
		t.Errorf("hand-over to %q, not %q", r.Handoff, handoff)
	}
	decodertest.Splits(t, Decoder{}, h, dialogue)
}
