package http2

import (
	"strconv"
	"strings"

	"netscope/decoders"
)

// fields are the fields kept with a message: those of HTTP of any version, so
// that views and filters need not ask for the version, then those of HTTP/2.
func (b *Block) fields(kind decoders.Kind, id uint32) []decoders.KV {
	kvs := make([]decoders.KV, 0, 8+2*len(b.Items))
	get := func(name string) string { v, _ := b.Get(name); return v }
	line := "http.response.line"
	if kind == decoders.Request {
		line = "http.request.line"
		authority, path := get(":authority"), get(":path")
		if authority == "" {
			authority = get("host")
		}
		kvs = append(kvs, decoders.S("http.request.method", get(":method")), decoders.S("http.request.uri", path),
			decoders.S("http.request.version", proto))
		if scheme := get(":scheme"); scheme != "" && authority != "" {
			kvs = append(kvs, decoders.S("http.request.full_uri", scheme+"://"+authority+path))
		}
		if authority != "" {
			kvs = append(kvs, decoders.S("http.host", authority))
		}
	} else {
		code, err := strconv.Atoi(get(":status"))
		kvs = append(kvs, decoders.S("http.response.version", proto))
		if err == nil {
			kvs = append(kvs, decoders.I("http.response.code", int64(code)))
		}
	}
	kvs = append(kvs, decoders.I("http2.streamid", int64(id)))
	for i := range b.Items {
		it := &b.Items[i]
		if it.Kind > 3 {
			continue
		}
		f := it.Field
		if !f.NoName {
			if info, ok := fieldByName(f.Name); ok {
				kvs = info.add(kvs, fieldValue(f))
			}
		}
		if f.NoName || !strings.HasPrefix(f.Name, ":") {
			kvs = append(kvs, decoders.KV{Name: line, Str: fieldName(f) + ": " + fieldValue(f), Many: true})
		}
	}
	return kvs
}

// fieldInfo is a header field that has names of its own in Wireshark.
type fieldInfo struct {
	name  string // as on the wire
	http2 string // after "http2.headers."
	http1 string // after "http.", empty if HTTP/1 has no such field
	doc   string
}

// fieldByName finds a header field.
func fieldByName(name string) (fieldInfo, bool) {
	lo, hi := 0, len(fieldInfos)
	for lo < hi {
		mid := (lo + hi) / 2
		switch {
		case fieldInfos[mid].name == name:
			return fieldInfos[mid], true
		case fieldInfos[mid].name < name:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return fieldInfo{}, false
}

// add adds a value under the field's names.
func (i *fieldInfo) add(kvs []decoders.KV, value string) []decoders.KV {
	many := i.name == "set-cookie"
	for _, name := range [...]string{"http2.headers." + i.http2, "http." + i.http1} {
		if name == "http." {
			continue
		}
		kvs = join(kvs, decoders.KV{Name: name, Str: value, Many: many}, i.name == "cookie")
		if name == "http.content_length_header" || name == "http2.headers.status" || name == "http2.headers.content_length" {
			k := &kvs[len(kvs)-1]
			if n, err := strconv.ParseInt(k.Str, 10, 62); err == nil && k.Name == name {
				*k = decoders.I(name, n)
			}
		}
	}
	return kvs
}

// join adds a field. Values of a repeated list field are joined at its first
// place (RFC 9110 §5.3); crumbs of a cookie with semicolons (RFC 9113 §8.2.3).
func join(kvs []decoders.KV, kv decoders.KV, cookie bool) []decoders.KV {
	if !kv.Many {
		for i := range kvs {
			if kvs[i].Name == kv.Name && kvs[i].Kind == decoders.StrValue {
				sep := ", "
				if cookie {
					sep = "; "
				}
				kvs[i].Str += sep + kv.Str
				return kvs
			}
		}
	}
	return append(kvs, kv)
}

// fieldInfos is sorted by name.
var fieldInfos = [...]fieldInfo{
	{":authority", "authority", "", "Host and port of the target: what Host is in HTTP/1.1 (RFC 9113 §8.3.1)."},
	{":method", "method", "", "What is to be done with the target (RFC 9113 §8.3.1)."},
	{":path", "path", "", "Path and query of the target (RFC 9113 §8.3.1)."},
	{":protocol", "protocol", "", "With CONNECT: the protocol that is to be spoken on the stream, such as websocket (RFC 8441 §4)."},
	{":scheme", "scheme", "", "Scheme of the target's URI: http or https (RFC 9113 §8.3.1)."},
	{":status", "status", "", "The status code. There is no reason phrase in HTTP/2 (RFC 9113 §8.3.2)."},
	{"accept", "accept", "accept", "Media types that the client can use, with weights (RFC 9110 §12.5.1)."},
	{"accept-encoding", "accept_encoding", "accept_encoding", "Content codings (compressions) that the client can undo (RFC 9110 §12.5.3)."},
	{"accept-language", "accept_language", "accept_language", "Natural languages that the user prefers, with weights (RFC 9110 §12.5.4)."},
	{"accept-ranges", "accept_ranges", "", "Whether the server answers requests for parts of the representation (RFC 9110 §14.3)."},
	{"access-control-allow-origin", "access_control_allow_origin", "", "The origin whose scripts may read this response (Fetch standard)."},
	{"age", "age", "age", "Seconds since the response was made or validated at the origin server: the answer comes from a cache (RFC 9111 §5.1)."},
	{"allow", "allow", "", "Methods that the target supports (RFC 9110 §10.2.1)."},
	{"alt-svc", "alt_svc", "alt_svc", "Other protocols and addresses at which the same origin can be had, such as HTTP/3 (RFC 7838 §3)."},
	{"authorization", "authorization", "authorization", "The client's credentials for the target (RFC 9110 §11.6.2)."},
	{"cache-control", "cache_control", "cache_control", "Directives for caches on the way, such as max-age (seconds of freshness) or no-store (RFC 9111 §5.2)."},
	{"content-disposition", "content_disposition", "", "Whether the content is to be shown or saved, and under which name (RFC 6266 §4)."},
	{"content-encoding", "content_encoding", "content_encoding", "Codings applied to the content; the receiver undoes them (RFC 9110 §8.4)."},
	{"content-language", "content_language", "", "Natural language of the intended audience (RFC 9110 §8.5)."},
	{"content-length", "content_length", "content_length_header", "Length of the content in bytes. It must agree with the DATA frames (RFC 9113 §8.1.1)."},
	{"content-range", "content_range", "", "Which part of the whole representation the content is (RFC 9110 §14.4)."},
	{"content-type", "content_type", "content_type", "Media type of the content after content codings are undone (RFC 9110 §8.3)."},
	{"cookie", "cookie", "cookie", "Cookies that the server has set before. HTTP/2 may split it, so that each crumb compresses well (RFC 9113 §8.2.3)."},
	{"date", "date", "date", "When the message was originated (RFC 9110 §6.6.1)."},
	{"etag", "etag", "etag", "A name for this version of the representation (RFC 9110 §8.8.3)."},
	{"expect", "expect", "", "What the client expects of the server, such as 100-continue (RFC 9110 §10.1.1)."},
	{"expires", "expires", "expires", "When the response becomes stale (RFC 9111 §5.3)."},
	{"grpc-message", "grpc_message", "", "Why a call of gRPC has failed, in words."},
	{"grpc-status", "grpc_status", "", "How a call of gRPC has ended; 0 is success."},
	{"grpc-timeout", "grpc_timeout", "", "How long the client of gRPC waits."},
	{"host", "host", "", "Host and port of the target, if :authority is not used (RFC 9113 §8.3.1)."},
	{"if-modified-since", "if_modified_since", "if_modified_since", "Send the content only if it has changed since then (RFC 9110 §13.1.3)."},
	{"if-none-match", "if_none_match", "if_none_match", "Send the content only if its entity tag is none of these (RFC 9110 §13.1.2)."},
	{"if-range", "if_range", "if_range", "Send the part asked for if the representation is unchanged (RFC 9110 §13.1.5)."},
	{"last-modified", "last_modified", "last_modified", "When the representation was last changed (RFC 9110 §8.8.2)."},
	{"link", "link", "link", "Links to other resources, each with its relation (RFC 8288 §3)."},
	{"location", "location", "location", "URI to go to for a redirection, or of what was made (RFC 9110 §10.2.2)."},
	{"origin", "origin", "origin", "Scheme, host and port of the page whose script sends the request (RFC 6454 §7)."},
	{"priority", "priority", "", "Urgency u (0 to 7, 3 unless told) and whether the content is useful piece by piece, i (RFC 9218 §4)."},
	{"range", "range", "range", "Which bytes of the representation the client wants (RFC 9110 §14.2)."},
	{"referer", "referer", "referer", "URI of the page from which the target was reached (RFC 9110 §10.1.3)."},
	{"retry-after", "retry_after", "", "How long to wait before trying again (RFC 9110 §10.2.3)."},
	{"server", "server", "server", "The software of the origin server (RFC 9110 §10.2.4)."},
	{"set-cookie", "set_cookie", "set_cookie", "Asks the client to keep this name and value, and to send it back (RFC 6265 §5.2)."},
	{"strict-transport-security", "strict_transport_security", "", "For so many seconds this host is to be visited over TLS only (RFC 6797 §6.1)."},
	{"te", "te", "", "trailers: the client takes trailers; nothing else is allowed in HTTP/2 (RFC 9113 §8.2.2)."},
	{"user-agent", "user_agent", "user_agent", "The software that makes the request (RFC 9110 §10.1.5)."},
	{"vary", "vary", "vary", "Request fields that have decided which representation was sent (RFC 9110 §12.5.5)."},
	{"via", "via", "via", "Proxies that the message has passed (RFC 9110 §7.6.3)."},
	{"www-authenticate", "www_authenticate", "www_authenticate", "How to authenticate to the target (RFC 9110 §11.6.1)."},
}
