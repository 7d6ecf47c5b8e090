package http2

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

// line writes a message or unit as the tests compare it.
func line(m decodertest.Message) string {
	s := fmt.Sprintf("%d %c %s %s %s #%d [%s] %d+%d..%d len=%d", m.Key, "AB"[m.Dir], m.Kind, m.Proto, m.Name, m.Stream, m.Summary, m.Off, m.HeadLen, m.End, m.Len)
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
	return s
}

// TestDialogues compares what comes after the preface and the SETTINGS.
func TestDialogues(t *testing.T) {
	want := map[string]string{
		"interleaved": `6 A request HTTP/2 GET #1 [GET /o1] 42+24..66 len=0
7 A unit HTTP/2 HEADERS #1 [HEADERS 1  GET /o1  END_STREAM] 42+9..66 len=15 <6
8 A request HTTP/2 GET #3 [GET /o2] 66+16..82 len=0
9 A unit HTTP/2 HEADERS #3 [HEADERS 3  GET /o2  END_STREAM] 66+9..82 len=7 <8
10 B response HTTP/2 200 #1 [200 OK  text/html  6 B] 18+22..89 len=6 ^6
11 B unit HTTP/2 HEADERS #1 [HEADERS 1  200 OK  text/html] 18+9..40 len=13 <10
12 B response HTTP/2 404 #3 [404 Not Found  3 B] 40+13..77 len=3 ^8
13 B unit HTTP/2 HEADERS #3 [HEADERS 3  404 Not Found] 40+9..53 len=4 <12
14 B unit HTTP/2 DATA #1 [DATA 1  3 B] 53+9..65 len=3 <10
15 B unit HTTP/2 DATA #3 [DATA 3  3 B  END_STREAM] 65+9..77 len=3 <12
16 B unit HTTP/2 DATA #1 [DATA 1  3 B  END_STREAM] 77+9..89 len=3 <10
17 A unit HTTP/2 WINDOW_UPDATE #0 [WINDOW_UPDATE 0  +9] 82+9..95 len=4
18 A unit HTTP/2 PING #0 [PING  0100000000000000] 95+9..112 len=8
19 B unit HTTP/2 PING #0 [PING ACK  0100000000000000] 89+9..106 len=8
20 B unit HTTP/2 GOAWAY #0 [GOAWAY  last stream 3  NO_ERROR  bye] 106+9..126 len=11`,
		"continuation, padding, trailers": `6 A request HTTP/2 GET #1 [GET /  5 B] 42+151..228 len=5
7 A unit HTTP/2 HEADERS #1 [HEADERS 1  GET /] 42+9..69 len=18 <6
8 A unit HTTP/2 CONTINUATION #1 [CONTINUATION 1] 69+9..103 len=25 <6
9 A unit HTTP/2 CONTINUATION #1 [CONTINUATION 1] 103+9..193 len=81 <6
10 A unit HTTP/2 DATA #1 [DATA 1  5 B  padding 21  END_STREAM] 193+10..228 len=5 <6
11 B response HTTP/2 103 #1 [103 Early Hints] 18+13..31 len=0 ^6
12 B unit HTTP/2 HEADERS #1 [HEADERS 1  103 Early Hints] 18+9..31 len=4 <11
13 B response HTTP/2 200 #1 [200 OK  5,000 B] 31+10..5069 len=5000 ^6
14 B unit HTTP/2 HEADERS #1 [HEADERS 1  200 OK] 31+9..41 len=1 <13
15 B unit HTTP/2 DATA #1 [DATA 1  5,000 B] 41+9..5050 len=5000 <13
16 B unit HTTP/2 HEADERS #1 [HEADERS 1  trailers  END_STREAM] 5050+9..5069 len=10 <13`,
		"push and reset": `6 A request HTTP/2 GET #1 [GET /] 42+21..63 len=0
7 A unit HTTP/2 HEADERS #1 [HEADERS 1  GET /  END_STREAM] 42+9..63 len=12 <6
8 B request HTTP/2 GET #2 [GET /style.css  (promised)] 18+33..51 len=0
9 B unit HTTP/2 PUSH_PROMISE #1 [PUSH_PROMISE 1  promises stream 2  GET /style.css] 18+9..51 len=24 <8
10 B response HTTP/2 204 #1 [204 No Content] 51+10..61 len=0 ^6
11 B unit HTTP/2 HEADERS #1 [HEADERS 1  204 No Content  END_STREAM] 51+9..61 len=1 <10
12 B response HTTP/2 200 #2 [200 OK  6 B] 61+10..86 len=6 ^8 !cut off: the client resets the stream with CANCEL (RFC 9113 §6.4)
13 B unit HTTP/2 HEADERS #2 [HEADERS 2  200 OK] 61+9..71 len=1 <12
14 B unit HTTP/2 DATA #2 [DATA 2  6 B] 71+9..86 len=6 <12
15 A unit HTTP/2 RST_STREAM #2 [RST_STREAM 2  CANCEL] 63+9..76 len=4
16 B unit HTTP/2 DATA #2 [DATA 2  4 B  END_STREAM] 86+9..99 len=4`,
		"gRPC": `6 A request gRPC Call #1 [gRPC pkg.Service/Call  15 B] 42+53..128 len=15
7 A unit HTTP/2 HEADERS #1 [HEADERS 1  gRPC pkg.Service/Call] 42+9..95 len=44 <6
8 A unit HTTP/2 DATA #1 [DATA 1  7 B] 95+9..111 len=7 <6
9 A unit gRPC message #1 [message  5 B] 104+5..123 len=5 <6
10 A unit HTTP/2 DATA #1 [DATA 1  8 B  END_STREAM] 111+9..128 len=8 <6
11 A unit gRPC message #1 [message  0 B  compressed] 123+5..128 len=0 <6
12 B response gRPC 200 #1 [200 OK  application/grpc+proto  grpc-status 5 NOT_FOUND  7 B] 18+28..107 len=7 ^6
13 B unit HTTP/2 HEADERS #1 [HEADERS 1  200 OK  application/grpc+proto] 18+9..46 len=19 <12
14 B unit HTTP/2 DATA #1 [DATA 1  2 B] 46+9..57 len=2 <12
15 B unit HTTP/2 DATA #1 [DATA 1  5 B] 57+9..71 len=5 <12
16 B unit gRPC message #1 [message  2 B] 66+3..71 len=2 <12
17 B unit HTTP/2 HEADERS #1 [HEADERS 1  trailers  END_STREAM] 71+9..107 len=27 <12`,
		"extensions": `6 A unit HTTP/2 PRIORITY #3 [PRIORITY 3  depends on 1, weight 16] 42+9..56 len=5
7 A unit HTTP/2 PRIORITY_UPDATE #0 [PRIORITY_UPDATE  stream 1  u=1, i] 56+9..75 len=10
8 A unit HTTP/2 0xbb #7 [0xbb 7  5 bytes] 75+9..89 len=5
9 B unit HTTP/2 ALTSVC #0 [ALTSVC  a.example h3=":443"] 18+9..47 len=20
10 B unit HTTP/2 ORIGIN #0 [ORIGIN  https://a.example] 47+9..75 len=19`,
	}
	all := dialogues()
	for name, w := range want {
		t.Run(name, func(t *testing.T) {
			r := decodertest.Drive(Decoder{}, decoders.Hint{Transport: decoders.TCP}, all[name], decodertest.Whole)
			var got []string
			for _, m := range r.Messages[5:] {
				got = append(got, line(m))
			}
			if g := strings.Join(got, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
	r := decodertest.Drive(Decoder{}, decoders.Hint{}, all["server of HTTP/1"], decodertest.Whole)
	if r.Handoff != "http1" || r.Used != [2]int64{33, 0} {
		t.Errorf("hand-over to %q after %v", r.Handoff, r.Used)
	}
}

// TestRules breaks one rule a time.
func TestRules(t *testing.T) {
	raw := func(typ, flags byte, id uint32, payload string) func(c, s *peer) turn {
		return func(c, _ *peer) turn {
			return c.says(func(f *http2.Framer) {
				_ = f.WriteRawFrame(http2.FrameType(typ), http2.Flags(flags), id, []byte(payload))
			})
		}
	}
	head := func(lines ...string) func(c, s *peer) turn {
		return func(c, _ *peer) turn { return c.headers(1, true, lines...) }
	}
	for _, k := range []struct {
		want string
		do   func(c, s *peer) turn
	}{
		{"DATA on stream 0 (RFC 9113 §6.1)", raw(0, 0, 0, "x")},
		{"PRIORITY has 4 bytes instead of 5 (RFC 9113 §6.3)", raw(2, 0, 1, "1234")},
		{"RST_STREAM on an idle stream (RFC 9113 §6.4)", raw(3, 0, 1, "\x00\x00\x00\x08")},
		{"SETTINGS_MAX_FRAME_SIZE is outside", raw(4, 0, 0, "\x00\x05\x00\x00\x00\x01")},
		{"acknowledged that was not sent", raw(4, 1, 0, "")},
		{"a client sends PUSH_PROMISE (RFC 9113 §8.4)", raw(5, 4, 1, "\x00\x00\x00\x02\x82")},
		{"GOAWAY has 2 bytes", raw(7, 0, 0, "12")},
		{"WINDOW_UPDATE on an idle stream (RFC 9113 §5.1)", raw(8, 0, 5, "\x00\x00\x00\x01")},
		{"a window exceeds 2,147,483,647", raw(8, 0, 0, "\x7f\xff\xff\xff")},
		{"CONTINUATION without a header block", raw(9, 4, 1, "\x82")},
		{"a client opens a stream with an even number", raw(1, 5, 2, "\x82\x86\x84")},
		{"index 70 is beyond the end", raw(1, 5, 1, "\xc6")},
		{"without :path", head(":method: GET", ":scheme: http")},
		{":method comes twice", head(":method: GET", ":method: GET", ":scheme: http", ":path: /")},
		{"comes after other fields", head(":method: GET", ":scheme: http", "a: b", ":path: /")},
		{"upper-case", head(":method: GET", ":scheme: http", ":path: /", "Host: a")},
		{"belongs to HTTP/1.1", head(":method: GET", ":scheme: http", ":path: /", "connection: close")},
		{"content-length says 5 bytes, the content has 0", head(":method: POST", ":scheme: http", ":path: /", "content-length: 5")},
	} {
		c, s := pair2()
		r := decodertest.Drive(Decoder{}, decoders.Hint{}, join2(hello(c, s), k.do(c, s), endA, endB), decodertest.Whole)
		found := false
		for _, m := range r.Messages {
			found = found || strings.Contains(m.Err, k.want)
		}
		if !found {
			t.Errorf("nothing says %q", k.want)
			for _, m := range r.Messages {
				t.Log(line(m))
			}
		}
	}
}

func TestMidway(t *testing.T) {
	c, s := pair2()
	hello(c, s)
	c.headers(1, true, append(get("/1"), "x-secret: a")...)
	d := []turn{{Data: "end of a frame"}, c.headers(3, true, append(get("/2"), "x-secret: a")...), s.headers(3, false, ":status: 200", "server: x"), s.data(3, true, "hello"), endA, endB}
	r := decodertest.Drive(Decoder{}, decoders.Hint{Midway: true}, d, decodertest.Whole)
	var req decodertest.Message
	for _, m := range r.Messages {
		if m.Kind == decoders.Request && m.Level == decoders.MessageLevel {
			req = m
		}
	}
	if req.Name != "GET" || req.Summary != "GET /2" || !strings.Contains(req.Err, "cannot be decoded") {
		t.Errorf("%s %+v", line(req), req.Fields)
	}
	if kv, _ := decoders.Lookup(req.Fields, "http2.headers.scheme"); kv.Str != "http" {
		t.Errorf("%+v", req.Fields)
	}
	last := r.Messages[len(r.Messages)-1]
	if last.Name != "DATA" || last.Err != "" || last.PartOf == 0 {
		t.Error(line(last))
	}
}

// TestBody reads interleaved, padded content.
func TestBody(t *testing.T) {
	for name, want := range map[string][]string{"interleaved": {"oneone", "two"}, "gRPC": {"\x00\x00\x00\x00\x05hello\x01\x00\x00\x00\x00", "\x00\x00\x00\x00\x02hi"}} {
		d := dialogues()[name]
		var stream [2]string
		for _, u := range d {
			stream[u.Dir] += u.Data
		}
		h := decoders.Hint{}
		i := 0
		for _, m := range decodertest.Drive(Decoder{}, h, d, decodertest.Whole).Messages {
			if m.Level != decoders.MessageLevel || m.Len == 0 {
				continue
			}
			raw := stream[m.Dir][m.Off:m.End]
			r, err := Decoder{}.Body(decodertest.Expose(&m, h, raw), strings.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(r); err != nil || string(b) != want[i] {
				t.Errorf("%s: %q, %v; want %q", name, b, err, want[i])
			}
			i++
		}
	}
}

// TestExplain sets bytes and header fields side by side.
func TestExplain(t *testing.T) {
	d := dialogues()["interleaved"]
	a := ""
	for _, u := range d {
		if u.Dir == 0 {
			a += u.Data
		}
	}
	m := decodertest.Drive(Decoder{}, decoders.Hint{}, d, decodertest.Whole).Messages[8] // HEADERS of stream 3
	f := Decoder{}.Explain(decodertest.Expose(&m, decoders.Hint{}, a[m.Off:m.End]))
	block := f.Children[len(f.Children)-1]
	var got []string
	for _, c := range block.Children {
		got = append(got, fmt.Sprintf("%s: %s %d+%d %s", c.Label, c.Value, c.Off, c.Len, c.Children[0].Value))
	}
	want := []string{":method: GET 9+1 indexed header field", ":scheme: http 10+1 indexed header field",
		":authority: a.example 11+1 indexed header field", ":path: /o2 12+4 literal with incremental indexing"}
	if g := strings.Join(got, "\n"); g != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", g, strings.Join(want, "\n"))
	}
}
