package web

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"netscope/protocols/web/http1"
)

// Whatever its size, the base page has that size and names every object.
func TestBasePage(t *testing.T) {
	for _, s := range []site{
		{page: 12500, objects: 10, size: 12500},
		{page: 1, objects: 0, size: 1},
		{page: 1, objects: 40, size: 1},
		{page: 130, objects: 10, size: 1}, // too small for the long form
		{page: 90, objects: 10, size: 1},  // too small for any
		{page: 5 << 20, objects: 1000, size: 1},
	} {
		r := s.base()
		body, err := io.ReadAll(r.Body)
		if err != nil || int64(len(body)) < s.page || r.Size != s.page {
			t.Errorf("%+v: %d bytes, said to be %d, %v", s, len(body), r.Size, err)
			continue
		}
		refs := references(body[:s.page], r.Header)
		if len(refs) != s.objects {
			t.Errorf("%+v: %d references", s, len(refs))
		}
		for i, ref := range refs {
			if ref != fmt.Sprintf("/o%d", i+1) {
				t.Errorf("%+v: reference %d is %s", s, i+1, ref)
			}
		}
		if s.page > 200 && bytes.Count(body, []byte("<!--")) != bytes.Count(body, []byte("-->")) {
			t.Errorf("%+v: the padding is not a comment", s)
		}
	}
}

func TestSite(t *testing.T) {
	s := site{page: 1000, objects: 10, size: 77}
	for target, want := range map[string]struct {
		status int
		size   int64
	}{
		"/": {200, 1000}, "/index.html": {200, 1000}, "/?q": {200, 1000}, "http://server/o3": {200, 77},
		"/o1": {200, 77}, "/o10": {200, 77}, "/o11": {404, 0}, "/o0": {404, 0}, "/o01": {404, 0}, "/o": {404, 0},
		"/o1x": {404, 0}, "*": {404, 0}, "/o99999999999999999999": {404, 0}, "/%6f1": {200, 77},
	} {
		r := s.handle(&http1.Request{Method: "GET", Target: target, Proto: http1.HTTP11})
		if r.Status != want.status || r.Status == 200 && r.Size != want.size {
			t.Errorf("%s: %d with %d bytes, want %+v", target, r.Status, r.Size, want)
		}
	}
}

func TestReferences(t *testing.T) {
	html := `<!-- <img src="/no"> --><IMG alt=x src='/a'><img src=/b><img src="/a"><img src="http://elsewhere/">< img src=/no><img`
	h := http1.Header{{Name: "Link", Value: "</c>; rel=preload; as=image, </d>; rel=next"}}
	if got := fmt.Sprint(references([]byte(html), h)); got != "[/a /b /c]" {
		t.Errorf("found %s", got)
	}
}
