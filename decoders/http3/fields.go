package http3

import (
	"slices"
	"strconv"
	"strings"

	"netscope/decoders"
	"netscope/decoders/qpack"
)

// What stands for a name or value that cannot be known.
const undecodable = "(unknown: in the dynamic table)"

func name(f qpack.Field) string {
	if f.NoName {
		return undecodable
	}
	return f.Name
}

func value(f qpack.Field) string {
	if f.NoValue {
		return undecodable
	}
	return f.Value
}

// sectionFields are the fields of a HEADERS frame.
func sectionFields(s qpack.Section) []decoders.KV {
	kvs := make([]decoders.KV, 0, 2+2*len(s.Items))
	if s.Dynamic {
		kvs = append(kvs, decoders.I("qpack.required_insert_count", int64(s.Required)), decoders.I("qpack.base", int64(s.Base)))
	}
	for i := range s.Items {
		kvs = append(kvs, decoders.KV{Name: "http3.header.name", Str: name(s.Items[i].Field), Many: true},
			decoders.KV{Name: "http3.header.value", Str: value(s.Items[i].Field), Many: true})
	}
	return kvs
}

// known are the header fields with names of their own in Wireshark, sorted.
// Those that HTTP/1 has too are also given under its name.
var known = []string{"accept", "accept-encoding", "accept-language", "accept-ranges", "access-control-allow-origin", "age", "allow",
	"alt-svc", "authorization", "cache-control", "content-disposition", "content-encoding", "content-language", "content-length",
	"content-range", "content-type", "cookie", "date", "etag", "expect", "expires", "host", "if-modified-since", "if-none-match",
	"if-range", "last-modified", "link", "location", "origin", "priority", "range", "referer", "retry-after", "server", "set-cookie",
	"strict-transport-security", "te", "user-agent", "vary", "via", "www-authenticate"}

// only3 are those of known that HTTP/1 has no name for.
var only3 = []string{"accept-ranges", "access-control-allow-origin", "allow", "content-disposition", "content-language", "content-range",
	"expect", "host", "priority", "retry-after", "strict-transport-security", "te"}

// fields are the fields kept with a message: those of HTTP of any version, then
// those of HTTP/3.
func (s section) fields(kind decoders.Kind, id int64) []decoders.KV {
	kvs := make([]decoders.KV, 0, 8+2*len(s.Items))
	line := "http.response.line"
	if kind == decoders.Request {
		line = "http.request.line"
		authority, path := s.get(":authority"), s.get(":path")
		if authority == "" {
			authority = s.get("host")
		}
		kvs = append(kvs, decoders.S("http.request.method", s.get(":method")), decoders.S("http.request.uri", path), decoders.S("http.request.version", proto))
		if scheme := s.get(":scheme"); scheme != "" && authority != "" {
			kvs = append(kvs, decoders.S("http.request.full_uri", scheme+"://"+authority+path))
		}
		if authority != "" {
			kvs = append(kvs, decoders.S("http.host", authority))
		}
	} else {
		kvs = append(kvs, decoders.S("http.response.version", proto))
		if code, err := strconv.Atoi(s.get(":status")); err == nil {
			kvs = append(kvs, decoders.I("http.response.code", int64(code)))
		}
	}
	kvs = append(kvs, decoders.KV{Name: "quic.stream.stream_id", Int: id, Kind: decoders.IntValue, Many: true})
	for i := range s.Items {
		f := s.Items[i].Field
		if !f.NoName {
			kvs = named(kvs, f.Name, value(f))
		}
		if f.NoName || !strings.HasPrefix(f.Name, ":") {
			kvs = append(kvs, decoders.KV{Name: line, Str: name(f) + ": " + value(f), Many: true})
		}
	}
	return kvs
}

// pseudo are the pseudo-header fields (RFC 9114 §4.3, RFC 9220).
var pseudo = []string{":authority", ":method", ":path", ":protocol", ":scheme", ":status"}

// named adds a field under Wireshark's names, if it has some.
func named(kvs []decoders.KV, name, value string) []decoders.KV {
	_, ok := slices.BinarySearch(known, name)
	if !ok && !slices.Contains(pseudo, name) {
		return kvs
	}
	field := strings.ReplaceAll(strings.TrimPrefix(name, ":"), "-", "_")
	kvs = join(kvs, name, "http3.headers."+field, value)
	if ok && !slices.Contains(only3, name) {
		if name == "content-length" {
			field = "content_length_header"
		}
		kvs = join(kvs, name, "http."+field, value)
	}
	return kvs
}

// join adds a field. Values of a repeated list field are joined at its first
// place (RFC 9110 §5.3); crumbs of a cookie with semicolons (RFC 9114 §4.2.1).
func join(kvs []decoders.KV, header, field, value string) []decoders.KV {
	if header == "set-cookie" {
		return append(kvs, decoders.KV{Name: field, Str: value, Many: true})
	}
	if n, err := strconv.ParseInt(value, 10, 62); err == nil && (header == ":status" || header == "content-length") {
		return append(kvs, decoders.I(field, n))
	}
	sep := ", "
	if header == "cookie" {
		sep = "; "
	}
	for i := range kvs {
		if kvs[i].Name == field && kvs[i].Kind == decoders.StrValue {
			kvs[i].Str += sep + value
			return kvs
		}
	}
	return append(kvs, decoders.S(field, value))
}

// check checks a header section (RFC 9114 §4.2, §4.3).
func (s section) check(kind decoders.Kind, bad *problems) {
	seen := map[string]bool{}
	regular := false
	for i := range s.Items {
		n := s.Items[i].Field.Name
		switch {
		case n == "":
			bad.add("a field name is empty (RFC 9114 §4.2)")
		case n[0] != ':':
			regular = true
			s.checkField(n, s.Items[i].Field.Value, bad)
		case !slices.Contains(pseudo, n) || (n == ":status") != (kind == decoders.Response):
			bad.add("the pseudo-header field " + clean(clip(n, 40)) + " does not belong here (RFC 9114 §4.3)")
		case regular:
			bad.add("the pseudo-header field " + n + " comes after other fields (RFC 9114 §4.3)")
		case seen[n]:
			bad.add("the pseudo-header field " + n + " comes twice (RFC 9114 §4.3)")
		}
		if n != "" && n[0] == ':' {
			seen[n] = true
		}
	}
	switch {
	case kind == decoders.Response:
		if !seen[":status"] {
			bad.add("a response without :status (RFC 9114 §4.3.2)")
		}
	case !seen[":method"]:
		bad.add("a request without :method (RFC 9114 §4.3.1)")
	case s.get(":method") == "CONNECT" && !seen[":protocol"]:
		if seen[":scheme"] || seen[":path"] || !seen[":authority"] {
			bad.add("CONNECT has :authority and neither :scheme nor :path (RFC 9114 §4.4)")
		}
	case !seen[":scheme"] || !seen[":path"]:
		bad.add("a request without :scheme or :path (RFC 9114 §4.3.1)")
	case s.get(":path") == "":
		bad.add("an empty :path (RFC 9114 §4.3.1)")
	case s.get(":authority") == "" && s.get("host") == "" && strings.HasPrefix(s.get(":scheme"), "http"):
		bad.add("a request without :authority or host (RFC 9114 §4.3.1)")
	}
}

func (s section) checkField(name, value string, bad *problems) {
	for i := range len(name) {
		if c := name[i]; c >= 'A' && c <= 'Z' {
			bad.add("an upper-case letter in a field name (RFC 9114 §4.2)")
			break
		}
	}
	switch name {
	case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade":
		bad.add("the field " + name + " belongs to HTTP/1 connections (RFC 9114 §4.2)")
	case "te":
		if value != "trailers" {
			bad.add("TE with anything but trailers (RFC 9114 §4.2)")
		}
	}
}
