package coding

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

func TestUndo(t *testing.T) {
	const text = "the quick brown fox"
	var once, twice, bare bytes.Buffer
	z := gzip.NewWriter(&once)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	z = gzip.NewWriter(&twice)
	_, _ = z.Write(once.Bytes())
	_ = z.Close()
	f, _ := flate.NewWriter(&bare, 9)
	_, _ = f.Write([]byte(text))
	_ = f.Close()
	for _, c := range []struct{ list, in, want, bad string }{
		{"", text, text, ""},
		{"identity, chunked", text, text, ""},
		{"gzip", once.String(), text, ""},
		{"gzip, GZIP", twice.String(), text, ""},
		{"deflate", bare.String(), text, ""},
		{"gzip", "", "", ""},
		{"gzip", once.String()[:once.Len()-3], text, "no valid gzip"},
		{"gzip", text, "", "no valid gzip"},
		{"rot13", text, "", "not known"},
		{"br, br, br, br, br", text, "", "more than 4"},
	} {
		r, err := Undo(strings.NewReader(c.in), c.list)
		var got []byte
		if err == nil {
			got, err = io.ReadAll(r)
		}
		if string(got) != c.want || (err == nil) != (c.bad == "") || err != nil && !strings.Contains(err.Error(), c.bad) {
			t.Errorf("%q: %q, %v; want %q, %q", c.list, got, err, c.want, c.bad)
		}
	}
}
