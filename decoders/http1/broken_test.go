package http1

import (
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

// TestBadMessages has a case for every rule whose breach is reported.
func TestBadMessages(t *testing.T) {
	long := strings.Repeat("x", maxHead)
	const next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
	cases := []struct {
		name, stream string
		bad          string // of the first message
		first        string // its name
		after        bool   // the request after it is found
	}{
		{"no start line", "hello\r\n", badStartLine, nameData, true},
		{"glued to the next", "hello", badStartLine, nameData, true},
		{"method", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", badMethod, nameMalformed, true},
		{"space in target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", badTarget, "GET", true},
		{"no target", "OPTIONS\r\nHost: a\r\n\r\n", badNoTarget + "; " + badNoVersion, "OPTIONS", true},
		{"no version", "GET /HTTP/1.1\r\nHost: a\r\n\r\n", badNoVersion, "GET", true},
		{"version", "GET / HTTP/1.\r\nHost: a\r\n\r\n", badVersion, "GET", true},
		{"major version", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", badMajor, "GET", true},
		{"status", "HTTP/1.1 2OO OK\r\n\r\n", badStatus, nameMalformed, true},
		{"status range", "HTTP/1.1 600 x\r\nContent-Length: 0\r\n\r\n", badStatusRange, "600", true},
		{"no colon", "GET / HTTP/1.1\r\nHost: a\r\nfoo\r\n\r\n", badFieldLine, "GET", true},
		{"field name", "GET / HTTP/1.1\r\nHost: a\r\nf o: x\r\n\r\n", badFieldName, "GET", true},
		{"space before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", badFieldSpace, "GET", true},
		{"field value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", badFieldValue, "GET", true},
		{"fold first", "GET / HTTP/1.1\r\n Host: b\r\nHost: a\r\n\r\n", badFirstFold, "GET", true},
		{"no Host", "GET / HTTP/1.1\r\n\r\n", badNoHost, "GET", true},
		{"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", badManyHosts, "GET", true},
		{"bad Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", badHost, "GET", true},
		{"length", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", badLength, "GET", true},
		{"lengths", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", badLengths, "GET", true},
		{"equal lengths", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", "", "GET", true},
		{"length and coding", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", badTEAndCL, "GET", true},
		{"coding in 1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", badTE10, "GET", true},
		{"chunked not last", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n???", badTEChunked, "GET", true},
		{"chunked twice", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", badTEChunked, "GET", true},
		{"coding without content", "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n", badTEForbidden, "204", true},
		{"long head", "GET / HTTP/1.1\r\nX: " + long + "\r\n\r\n", badHeadLong, "GET", true},
		{"chunk size", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", badChunkSize, "GET", true},
		{"chunk size beyond 62 bits", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", badChunkSize, "GET", true},
		{"chunk header", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + long + "\r\n", badChunkLong, "GET", true},
		{"chunk end", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", badChunkEnd, "GET", true},
		{"long trailers", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + long + "\r\n\r\n", badTrailers, "GET", true},
		{"end in the head", "GET / HTTP/1.1\r\nHost: a\r\n", endInHead, "GET", false},
		{"end in the start line", "GET /inde", "", "GET", false},
		{"end in the content", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", shortBody(2, 3), "GET", false},
		{"end in a chunk", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", endInChunks, "GET", false},
		{"end in a chunk header", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3", endInChunks, "GET", false},
		{"end in the trailers", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n", endInTrailers, "GET", false},
		{"end of a hoped-for tunnel", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nx", "", "CONNECT", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := decoders.Hint{Transport: decoders.TCP}
			dialogue := []turn{a(c.stream)}
			if c.after {
				dialogue = append(dialogue, a(next))
			}
			dialogue = append(dialogue, endA(), endB())
			r := decodertest.Drive(Decoder{}, h, dialogue, decodertest.Whole)
			for _, v := range r.Violations {
				t.Error(v)
			}
			m := r.Messages[0]
			if m.Name != c.first || m.Err != c.bad {
				t.Errorf("%s with error %q, want %s with %q", m.Name, m.Err, c.first, c.bad)
			}
			last := r.Messages[len(r.Messages)-1]
			if c.after && (last.Summary != "GET /next" || last.Err != "") {
				t.Errorf("the request after it is %q with error %q", last.Summary, last.Err)
			}
			if !testing.Short() && len(c.stream) < 2000 {
				decodertest.Splits(t, Decoder{}, h, dialogue)
				decodertest.Prefixes(t, Decoder{}, h, dialogue)
			}
		})
	}
}

// TestAnswersToBadRequests: what a client got wrong still has its answer.
func TestAnswersToBadRequests(t *testing.T) {
	for _, bad := range []string{"GET/ HTTP/1.1\r\nHost: a\r\n\r\n", "hello\r\n"} {
		ms := decodertest.Run(Decoder{}, a(bad), endA(), b("HTTP/1.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
		if last := ms[len(ms)-1]; last.Name != "400" || last.ReplyTo != 1 {
			t.Errorf("%q: %s answers %d", bad, last.Name, last.ReplyTo)
		}
	}
}

func TestGaps(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" // 39 bytes
	ba := decoders.BtoA
	gap := decodertest.Gap
	req := func(n int) string { return strings.Repeat(get, n) }
	cases := []struct {
		name     string
		dialogue []turn
		want     []string // responses and stray bytes only
	}{
		{"in content of known length", []turn{a(req(2)), b(ok + "012"), gap(ba, 4, "789HTTP/1.1 204 x\r\n\r\n")}, []string{
			"3 B response HTTP/1.1 200 [200 OK  10 B] 0+39..49 len=10 ^1 !4 bytes missing in the capture",
			"4 B response HTTP/1.1 204 [204 x] 49+18..67 len=0 ^2"}},
		{"at the end of the content", []turn{a(req(2)), b(ok + "012"), gap(ba, 7, "HTTP/1.1 204 x\r\n\r\n")}, []string{
			"3 B response HTTP/1.1 200 [200 OK  10 B] 0+39..49 len=10 ^1 !7 bytes missing in the capture",
			"4 B response HTTP/1.1 204 [204 x] 49+18..67 len=0 ^2"}},
		{"over a message and into the next", []turn{a(req(3)), b(ok + "012"), gap(ba, 27, "tail HTTP/1.1 204 x\r\n\r\n")}, []string{
			"4 B response HTTP/1.1 200 [200 OK  10 B] 0+39..49 len=10 ^1 !7 bytes missing in the capture",
			"5 B event HTTP/1.x data [data  5 B] 49+0..74 len=5 !20 bytes missing in the capture",
			"6 B response HTTP/1.1 204 [204 x] 74+18..92 len=0 ^3"}},
		{"between messages", []turn{a(req(2)), gap(ba, 20, "HTTP/1.1 204 x\r\n\r\n")}, []string{
			"3 B event HTTP/1.x data [data] 0+0..20 len=0 !20 bytes missing in the capture",
			"4 B response HTTP/1.1 204 [204 x] 20+18..38 len=0 ^2"}},
		{"in the head", []turn{a(req(2)), b("HTTP/1.1 200 OK\r\nServer: x\r\nCont"), gap(ba, 8, "th: 3\r\n\r\nabcHTTP/1.1 204 x\r\n\r\n")}, []string{
			"3 B response HTTP/1.1 200 [200 OK] 0+32..52 len=0 ^1 !bytes of the head are missing in the capture; 8 bytes missing in the capture",
			"4 B response HTTP/1.1 204 [204 x] 52+18..70 len=0 ^2"}},
		{"in a chunk", []turn{a(req(1)), b("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), gap(ba, 2, "e\r\n0\r\n\r\n")}, []string{
			"2 B response HTTP/1.1 200 [200 OK  5 B] 0+47..62 len=5 ^1 !2 bytes missing in the capture",
			"3 B unit HTTP/1.1 chunk [chunk 5 bytes] 47+3..57 len=5 <2",
			"4 B unit HTTP/1.1 chunk [last chunk] 57+3..62 len=0 <2"}},
		{"over a chunk header", []turn{a(req(2)), b("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), gap(ba, 20, "e\r\n0\r\n\r\nHTTP/1.1 204 x\r\n\r\n")}, []string{
			"3 B response HTTP/1.1 200 [200 OK  2 B] 0+47..80 len=2 ^1 !20 bytes missing in the capture",
			"4 B unit HTTP/1.1 chunk [chunk 5 bytes] 47+3..72 len=2 <3",
			"5 B response HTTP/1.1 204 [204 x] 80+18..98 len=0 ^2"}},
		{"until close", []turn{a(req(1)), b("HTTP/1.1 200 OK\r\n\r\nab"), gap(ba, 3, "c"), endB()}, []string{
			"2 B response HTTP/1.1 200 [200 OK  6 B] 0+19..25 len=6 ^1 !3 bytes missing in the capture"}},
		{"a request is missing", []turn{a(req(1)), b("HTTP/1.1 204 x\r\n\r\n"), gap(decoders.AtoB, 27, req(1)), b("HTTP/1.1 204 y\r\n\r\nHTTP/1.1 204 z\r\n\r\n")}, []string{
			"2 B response HTTP/1.1 204 [204 x] 0+18..18 len=0 ^1",
			"3 A event HTTP/1.x data [data] 27+0..54 len=0 !27 bytes missing in the capture",
			"5 B response HTTP/1.1 204 [204 y] 18+18..36 len=0",
			"6 B response HTTP/1.1 204 [204 z] 36+18..54 len=0 ^4"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := decodertest.Drive(Decoder{}, decoders.Hint{Transport: decoders.TCP}, c.dialogue, decodertest.Whole)
			for _, v := range r.Violations {
				t.Error(v)
			}
			var got []string
			for _, m := range r.Messages {
				if m.Kind != decoders.Request {
					got = append(got, line(m))
				}
			}
			if g, w := strings.Join(got, "\n"), strings.Join(c.want, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
}

// TestQueue: what a client asks without ever being answered is bounded.
func TestQueue(t *testing.T) {
	var q queue
	for i := range 3 * maxQueue {
		q.push(asked{key: uint64(i + 1)})
	}
	for i := range 3 * maxQueue {
		front, ok := q.front()
		if want := uint64(i + 1); !ok || i < maxQueue && front.key != want || i >= maxQueue && front.key != 0 {
			t.Fatalf("request %d: %v %v", want, front, ok)
		}
		q.pop()
	}
	if _, ok := q.front(); ok {
		t.Error("the queue is not empty")
	}
}
