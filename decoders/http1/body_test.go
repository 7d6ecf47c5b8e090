package http1

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

// exposeLast drives dialogue and exposes the message with this key.
func expose(t testing.TB, key uint64, stream string, dialogue ...turn) decoders.Exposed {
	t.Helper()
	ms := decodertest.Run(Decoder{}, dialogue...)
	m := ms[key-1]
	x := decodertest.Expose(&m, decoders.Hint{}, stream[m.Off:m.End])
	if m.ReplyTo > 0 {
		r := decodertest.Expose(&ms[m.ReplyTo-1], decoders.Hint{}, "")
		x.Request = &r
	}
	return x
}

func squeeze(t testing.TB, w io.WriteCloser, text string) {
	t.Helper()
	_, err := io.WriteString(w, text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestBody(t *testing.T) {
	text := strings.Repeat("All the world's a stage. ", 1000)
	coded := func(name string) string {
		var out bytes.Buffer
		var w io.WriteCloser
		switch name {
		case "gzip", "x-gzip":
			w = gzip.NewWriter(&out)
		case "deflate":
			w = zlib.NewWriter(&out)
		case "raw deflate":
			w, _ = flate.NewWriter(&out, 5)
		case "br":
			w = brotli.NewWriter(&out)
		case "zstd":
			w, _ = zstd.NewWriter(&out)
		}
		squeeze(t, w, text)
		return out.String()
	}
	chunks := func(s string) string {
		var out strings.Builder
		for i := 0; i < len(s); i += 100 {
			c := s[i:min(i+100, len(s))]
			fmt.Fprintf(&out, "%x;n=%d\r\n%s\r\n", len(c), i, c)
		}
		return out.String() + "0\r\nX-Sum: 1\r\n\r\n"
	}
	gz := coded("gzip")
	twice := func() string {
		var out bytes.Buffer
		squeeze(t, gzip.NewWriter(&out), coded("br"))
		return out.String()
	}()
	cases := []struct {
		name, head, body, want string
		err                    string
	}{
		{"plain", "", text, text, ""},
		{"length", "Content-Length: 4\r\n", "abcd", "abcd", ""},
		{"chunked", "Transfer-Encoding: chunked\r\n", chunks(text), text, ""},
		{"gzip", "Content-Encoding: gzip\r\n", gz, text, ""},
		{"x-gzip", "Content-Encoding: X-GZIP\r\n", gz, text, ""},
		{"deflate", "Content-Encoding: deflate\r\n", coded("deflate"), text, ""},
		{"raw deflate", "Content-Encoding: deflate\r\n", coded("raw deflate"), text, ""},
		{"br", "Content-Encoding: br\r\n", coded("br"), text, ""},
		{"zstd", "Content-Encoding: zstd\r\n", coded("zstd"), text, ""},
		{"identity", "Content-Encoding: identity\r\n", text, text, ""},
		{"two codings", "Content-Encoding: br, gzip\r\n", twice, text, ""},
		{"two fields", "Content-Encoding: br\r\nContent-Encoding: gzip\r\n", twice, text, ""},
		{"transfer coding", "Transfer-Encoding: gzip, chunked\r\n", chunks(gz), text, ""},
		{"chunked gzip", "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", chunks(gz), text, ""},
		{"nothing coded", "Content-Encoding: gzip\r\nContent-Length: 0\r\n", "", "", ""},
		{"unknown coding", "Content-Encoding: rot13\r\n", "uryyb", "", "rot13"},
		{"too many codings", "Content-Encoding: br,br,br,br,br\r\n", "x", "", "more than 4"},
		{"not gzip", "Content-Encoding: gzip\r\n", "plain text", "", "no valid gzip"},
		{"not brotli", "Content-Encoding: br\r\n", "plain text", "", "no valid br"},
		{"cut gzip", "Content-Encoding: gzip\r\n", gz[:len(gz)-9], text, "no valid gzip"},
		{"broken chunk", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\nzz\r\n", "abc", badChunkSize},
		{"unended chunk", "Transfer-Encoding: chunked\r\n", "3\r\nabc!!\r\n", "abc", badChunkEnd},
		{"cut chunk", "Transfer-Encoding: chunked\r\n", "5\r\nabc", "abc", "EOF"},
		{"cut length", "Content-Length: 5\r\n", "abc", "abc", "EOF"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			stream := "HTTP/1.1 200 OK\r\n" + c.head + "\r\n" + c.body
			x := expose(t, 2, stream, a(get), b(stream), endB())
			body, err := Decoder{}.Body(x, strings.NewReader(stream))
			var got []byte
			if err == nil {
				got, err = io.ReadAll(body)
			}
			if !strings.HasPrefix(c.want, string(got)) || c.err == "" && len(got) != len(c.want) || c.err != "" && c.want != "" && len(got) == 0 {
				t.Errorf("content is %.40q of %d bytes, want %d", got, len(got), len(c.want))
			}
			if c.err == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			n, sum, err2 := ContentLength(x, strings.NewReader(stream))
			if n != int64(len(got)) || sum != sha256.Sum256(got) || (err == nil) != (err2 == nil) {
				t.Errorf("ContentLength gives %d, %v", n, err2)
			}
		})
	}
}

func TestNoBody(t *testing.T) {
	for _, c := range []struct{ request, response string }{
		{headReq, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
		{get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\n"},
		{get, "HTTP/1.1 204 No Content\r\n\r\n"},
	} {
		x := expose(t, 2, c.response, a(c.request), b(c.response))
		if n, _, err := ContentLength(x, strings.NewReader(c.response+"other")); n != 0 || err != nil {
			t.Errorf("%q has content of %d bytes, %v", c.response, n, err)
		}
	}
}

func TestUnitAndStrayBodies(t *testing.T) {
	stream := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n!!"
	for key, want := range map[uint64]string{1: "abc", 2: "abc", 3: "", 4: "!!"} {
		x := expose(t, key, stream, b(stream), endB())
		body, err := Decoder{}.Body(x, bytes.NewReader(x.Raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(body); string(got) != want || err != nil {
			t.Errorf("message %d has content %q, %v", key, got, err)
		}
	}
}

// zeros is an endless stream of zeros.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestContentLengthIsBounded(t *testing.T) {
	stream := "HTTP/1.1 200 OK\r\n\r\n"
	x := expose(t, 1, stream, b(stream), endB())
	x.Total = 0
	n, _, err := contentLength(x, io.MultiReader(strings.NewReader(stream), zeros{}), 1<<20)
	if n != 1<<20 || !errors.Is(err, ErrTooLong) {
		t.Errorf("%d bytes, %v", n, err)
	}
}
