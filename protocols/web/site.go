package web

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"netscope/protocols/web/http1"
)

// site is a web site of one base page and some objects, each of an exact size.
type site struct {
	page    int64 // bytes of the base page
	objects int
	size    int64 // bytes of each object
}

// handle answers a request for the page ("/", "/index.html") or an object
// ("/o1", "/o2", …).
func (s site) handle(r *http1.Request) http1.Reply {
	path := r.Path()
	if path == "/" || path == "/index.html" {
		return s.base()
	}
	if k, ok := s.number(path); ok {
		return s.object(k)
	}
	return http1.NotFound(strconv.Quote(r.Target))
}

// number is the k of "/ok".
func (s site) number(path string) (int, bool) {
	digits, ok := strings.CutPrefix(path, "/o")
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	k, err := strconv.Atoi(digits)
	return k, err == nil && k <= s.objects
}

// object is object number k.
func (s site) object(k int) http1.Reply {
	return http1.Reply{
		Status: 200,
		Header: http1.Header{{Name: "Content-Type", Value: "text/plain"}},
		Size:   s.size,
		Body:   filler("object " + strconv.Itoa(k) + "\n"),
	}
}

const (
	pageTop = "<!doctype html>\n<title>A page of netscope</title>\n"
	pageEnd = "\n-->\n"
)

// base is the base page. Its size is exact; the references to the objects stand
// in its HTML if they fit, else in Link fields (RFC 8288), which a browser
// follows as well.
func (s site) base() http1.Reply {
	r := http1.Reply{
		Status: 200,
		Header: http1.Header{{Name: "Content-Type", Value: "text/html"}},
		Size:   s.page,
	}
	for _, top := range []string{pageTop, ""} {
		var b bytes.Buffer
		b.WriteString(top)
		for k := 1; k <= s.objects; k++ {
			if top == "" {
				b.WriteString("<img src=/o" + strconv.Itoa(k) + ">")
			} else {
				b.WriteString("<img src=\"/o" + strconv.Itoa(k) + "\">\n")
			}
		}
		if room := s.page - int64(b.Len()); room >= 0 {
			r.Body = io.MultiReader(&b, padding(room))
			return r
		}
	}
	var links []string
	for k := 1; k <= s.objects; k++ {
		links = append(links, "</o"+strconv.Itoa(k)+">;rel=preload")
	}
	if len(links) > 0 {
		r.Header = append(r.Header, http1.Field{Name: "Link", Value: strings.Join(links, ", ")})
	}
	r.Body = padding(s.page)
	return r
}

// padding is n bytes of HTML that show nothing.
func padding(n int64) io.Reader {
	const open = "<!--\n"
	if n < int64(len(open)+len(pageEnd)) {
		return io.LimitReader(filler("\n"), n)
	}
	middle := n - int64(len(open)+len(pageEnd))
	return io.MultiReader(strings.NewReader(open), io.LimitReader(filler("this page is as large as it was asked to be\n"), middle), strings.NewReader(pageEnd))
}

// repeat gives one text again and again, without end.
type repeat struct {
	text string
	at   int
}

func filler(text string) io.Reader { return &repeat{text: text} }

func (r *repeat) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		k := copy(b[n:], r.text[r.at:])
		n += k
		r.at = (r.at + k) % len(r.text)
	}
	return n, nil
}

// references finds what a page needs beside itself: the targets of its images
// and of Link fields with rel=preload, in order, each once.
func references(html []byte, h http1.Header) []string {
	var found []string
	seen := map[string]bool{}
	add := func(ref string) {
		if strings.HasPrefix(ref, "/") && !seen[ref] {
			seen[ref] = true
			found = append(found, ref)
		}
	}
	for rest := string(html); ; {
		_, tag, ok := strings.Cut(rest, "<")
		if !ok {
			break
		}
		rest = tag
		if strings.HasPrefix(tag, "!--") {
			if _, after, ok := strings.Cut(tag, "-->"); ok {
				rest = after
				continue
			}
			break
		}
		inside, after, ok := strings.Cut(tag, ">")
		if !ok {
			break
		}
		rest = after
		if name, attributes, _ := strings.Cut(inside, " "); strings.EqualFold(name, "img") {
			if _, v, ok := strings.Cut(attributes, "src="); ok {
				add(attribute(v))
			}
		}
	}
	for _, v := range h.Values("Link") {
		for _, link := range strings.Split(v, ",") {
			target, params, _ := strings.Cut(strings.TrimSpace(link), ">")
			if strings.Contains(params, "rel=preload") || strings.Contains(params, `rel="preload"`) {
				add(strings.TrimPrefix(target, "<"))
			}
		}
	}
	return found
}

// attribute is the value at the beginning of v, quoted or not.
func attribute(v string) string {
	if v != "" && (v[0] == '"' || v[0] == '\'') {
		q, _, _ := strings.Cut(v[1:], v[:1])
		return q
	}
	q, _, _ := strings.Cut(v, " ")
	return q
}
