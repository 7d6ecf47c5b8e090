package http1

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"netscope/decoders"
)

// tree writes a field tree: indent, label, value, the bytes of the span.
func tree(f decoders.Field, raw string, depth int, out *strings.Builder) {
	bad := ""
	if f.Bad {
		bad = " BAD"
	}
	fmt.Fprintf(out, "%s%s: %s <%s>%s\n", strings.Repeat("  ", depth), f.Label, quote(f.Value), quote(raw[f.Off:f.Off+f.Len]), bad)
	for _, c := range f.Children {
		tree(c, raw, depth+1, out)
	}
}

func TestExplain(t *testing.T) {
	cases := []struct {
		name, stream string
		key          uint64
		want         string
	}{
		{"request", "\r\nGET /s?q=a%20b&x HTTP/1.1\r\nHost:  a \r\nX: 1\n  2\r\n\r\n", 1, `
HTTP/1.1 request: GET /s?q=a%20b&x <\r\nGET /s?q=a%20b&x HTTP/1.1\r\nHost:  a \r\nX: 1\n  2\r\n\r\n>
  Empty lines: \\r\\n <\r\n>
  Request line: GET /s?q=a%20b&x HTTP/1.1\\r\\n <GET /s?q=a%20b&x HTTP/1.1\r\n>
    Method: GET <GET>
    Request target: /s?q=a%20b&x </s?q=a%20b&x>
      Path: /s </s>
      Query: q=a%20b&x <q=a%20b&x>
        q: a%20b <q=a%20b>
        x:  <x>
    Version: HTTP/1.1 <HTTP/1.1>
    End of line: \\r\\n <\r\n>
  Host: a <Host:  a \r\n>
    Name: Host <Host>
    Value: a <a>
    End of line: \\r\\n <\r\n>
  X: 1 2 <X: 1\n  2\r\n> BAD
    Name: X <X>
    Value: 1 2 <1\n  2>
    End of line: \\r\\n <\r\n>
  End of head: \\r\\n <\r\n>
`},
		{"chunked response", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nxyz\r\n0\r\nT: u\r\n\r\n", 1, `
HTTP/1.1 response: 200 OK <HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nxyz\r\n0\r\nT: u\r\n\r\n>
  Status line: HTTP/1.1 200 OK\\r\\n <HTTP/1.1 200 OK\r\n>
    Version: HTTP/1.1 <HTTP/1.1>
    Status code: 200 <200>
    Reason phrase: OK <OK>
    End of line: \\r\\n <\r\n>
  Transfer-Encoding: chunked <Transfer-Encoding: chunked\r\n>
    Name: Transfer-Encoding <Transfer-Encoding>
    Value: chunked <chunked>
    End of line: \\r\\n <\r\n>
  End of head: \\r\\n <\r\n>
  Chunked body: 23 bytes on the wire <3;a=b\r\nxyz\r\n0\r\nT: u\r\n\r\n>
    Chunk: 3 bytes <3;a=b\r\nxyz\r\n>
      Chunk size: 3 bytes <3>
      Chunk extension: a=b <a=b>
      End of line: \\r\\n <\r\n>
      Data: 3 bytes <xyz>
      End of line: \\r\\n <\r\n>
    Last chunk: 0 bytes <0\r\nT: u\r\n\r\n>
      Chunk size: 0 bytes <0>
      End of line: \\r\\n <\r\n>
      T: u <T: u\r\n>
        Name: T <T>
        Value: u <u>
        End of line: \\r\\n <\r\n>
      End of line: \\r\\n <\r\n>
`},
		{"bad request", "GET /\x01 HTTP/1.1\nHost : a\n\n", 1, `
HTTP/1.1 request: GET /\\x01 <GET /\x01 HTTP/1.1\nHost : a\n\n>
  Request line: GET /\\x01 HTTP/1.1\\n <GET /\x01 HTTP/1.1\n>
    Method: GET <GET>
    Request target: /\\x01 </\x01>
    Version: HTTP/1.1 <HTTP/1.1>
    End of line: \\n <\n> BAD
  Host: a <Host : a\n> BAD
    Name: Host <Host>
    Value: a <a>
    End of line: \\n <\n> BAD
  End of head: \\n <\n>
  Problem: whitespace between a field name and the colon (RFC 9112 §5.1) <> BAD
`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := expose(t, c.key, c.stream, a(c.stream))
			var out strings.Builder
			tree(Decoder{}.Explain(x), string(x.Raw), 0, &out)
			if got, want := out.String(), strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestTables(t *testing.T) {
	names := make([]string, 0, len(headerInfos))
	for _, h := range headerInfos {
		names = append(names, strings.ToLower(h.name))
		if i := findHeader(strings.ToUpper(h.name)); i < 0 || headerInfos[i].name != h.name {
			t.Errorf("%s is not found", h.name)
		}
		if h.doc == "" {
			t.Errorf("%s has no text", h.name)
		}
	}
	if !sort.StringsAreSorted(names) {
		t.Error("headerInfos is not sorted")
	}
	if findHeader("nonsense") >= 0 || findHeader("") >= 0 || findHeader("Hos") >= 0 {
		t.Error("an unknown field is found")
	}
	for _, s := range statuses {
		if statusDoc(s.code) == "" || s.phrase == "" {
			t.Errorf("%d has no text", s.code)
		}
	}
}

func TestFields(t *testing.T) {
	stream := "GET /x HTTP/1.1\r\nhost: a:8080\r\nCookie: id=1\r\nAccept: a\r\nAccept: b\r\nContent-Length: 0\r\n\r\n"
	x := expose(t, 1, stream, a(stream))
	want := map[string]string{
		"http.request.method": "GET", "http.request.uri": "/x", "http.request.version": "HTTP/1.1",
		"http.request.full_uri": "http://a:8080/x", "http.host": "a:8080", "http.cookie": "id=1", "http.accept": "a, b",
		"http.content_length_header": "0",
	}
	for name, v := range want {
		if kv, _ := decoders.Lookup(x.Fields, name); kv.Str != v {
			t.Errorf("%s is %q, not %q", name, kv.Str, v)
		}
	}
	if kv, ok := decoders.Lookup(x.Fields, "http.content_length"); !ok || kv.Int != 0 || kv.Kind != decoders.IntValue {
		t.Errorf("http.content_length is %+v", kv)
	}
	lines := 0
	for _, kv := range x.Fields {
		if kv.Name == "http.request.line" && kv.Many {
			lines++
		}
	}
	if lines != 5 {
		t.Errorf("%d header lines", lines)
	}
}
