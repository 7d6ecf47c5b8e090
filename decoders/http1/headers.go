package http1

import "strings"

// headerInfo is a header field that is known by name.
type headerInfo struct {
	name  string // as people write it; compared without regard to case
	field string // Wireshark's name, "" if it has none
	doc   string // what it is for, two sentences at most, with its source
}

// findHeader is the index of a field name in headerInfos, -1 if it is not
// there.
func findHeader(name string) int {
	lo, hi := 0, len(headerInfos)
	for lo < hi {
		mid := (lo + hi) / 2
		switch compareFold(headerInfos[mid].name, name) {
		case 0:
			return mid
		case -1:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return -1
}

// compareFold compares two names without regard to ASCII case.
func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		x, y := lower(a[i]), lower(b[i])
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
	}
	return min(max(len(a)-len(b), -1), 1)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// canRepeat says whether a field may stand several times without being a list.
func canRepeat(name string) bool { return strings.EqualFold(name, "set-cookie") }

// headerInfos is sorted by name without regard to case.
var headerInfos = [...]headerInfo{
	{"Accept", "http.accept", "Media types that the client can use, with weights (RFC 9110 §12.5.1)."},
	{"Accept-Charset", "", "Character encodings that the client can use. It is deprecated (RFC 9110 §12.5.2)."},
	{"Accept-Encoding", "http.accept_encoding", "Content codings (compressions) that the client can undo (RFC 9110 §12.5.3)."},
	{"Accept-Language", "http.accept_language", "Natural languages that the user prefers, with weights (RFC 9110 §12.5.4)."},
	{"Accept-Patch", "", "Media types that PATCH may use on this resource (RFC 5789 §3.1)."},
	{"Accept-Ranges", "", "Whether the server answers requests for parts of the representation (RFC 9110 §14.3)."},
	{"Access-Control-Allow-Credentials", "", "Whether a script of another origin may see a response to a request with credentials (Fetch standard)."},
	{"Access-Control-Allow-Headers", "", "Header fields that a script of another origin may send (Fetch standard)."},
	{"Access-Control-Allow-Methods", "", "Methods that a script of another origin may use (Fetch standard)."},
	{"Access-Control-Allow-Origin", "", "The origin whose scripts may read this response (Fetch standard)."},
	{"Access-Control-Expose-Headers", "", "Header fields that a script of another origin may read (Fetch standard)."},
	{"Access-Control-Max-Age", "", "How many seconds the permission for another origin may be cached (Fetch standard)."},
	{"Access-Control-Request-Headers", "", "Asks whether a script of another origin may send these fields (Fetch standard)."},
	{"Access-Control-Request-Method", "", "Asks whether a script of another origin may use this method (Fetch standard)."},
	{"Age", "http.age", "Seconds since the response was made or validated at the origin server: the answer comes from a cache (RFC 9111 §5.1)."},
	{"Allow", "", "Methods that the target supports (RFC 9110 §10.2.1)."},
	{"Alt-Svc", "http.alt_svc", "Other protocols and addresses at which the same origin can be had, such as HTTP/3 (RFC 7838 §3)."},
	{"Authentication-Info", "", "What the server says after a successful authentication (RFC 9110 §11.6.3)."},
	{"Authorization", "http.authorization", "The client's credentials for the target. Over plain HTTP anybody on the path can read them (RFC 9110 §11.6.2)."},
	{"Cache-Control", "http.cache_control", "Directives for caches on the way, such as max-age (seconds of freshness) or no-store (RFC 9111 §5.2)."},
	{"Clear-Site-Data", "", "Asks the browser to delete what it keeps for this site (Clear Site Data)."},
	{"Connection", "http.connection", "Options for this connection only: close, keep-alive, or names of fields that a proxy must not pass on (RFC 9110 §7.6.1)."},
	{"Content-Disposition", "", "Whether the content is to be shown or saved, and under which name (RFC 6266 §4)."},
	{"Content-Encoding", "http.content_encoding", "Codings applied to the content, in order. The receiver undoes them to get the media type named in Content-Type (RFC 9110 §8.4)."},
	{"Content-Language", "http.content_language", "Natural language of the intended audience (RFC 9110 §8.5)."},
	{"Content-Length", "http.content_length_header", "Length of the content in bytes. On a persistent connection the receiver finds the end of the message by it (RFC 9110 §8.6)."},
	{"Content-Location", "", "A URI for this very representation (RFC 9110 §8.7)."},
	{"Content-MD5", "", "A checksum of the content. It was removed from HTTP (RFC 7231 app. B)."},
	{"Content-Range", "", "Which part of the whole representation the content is (RFC 9110 §14.4)."},
	{"Content-Security-Policy", "", "Sources from which the page may load scripts, images and so on (CSP Level 3)."},
	{"Content-Transfer-Encoding", "", "A field of MIME that HTTP does not use (RFC 9112 app. B.5)."},
	{"Content-Type", "http.content_type", "Media type of the content after content codings are undone (RFC 9110 §8.3)."},
	{"Cookie", "http.cookie", "Cookies that the server has set before: how a stateless protocol recognises a client (RFC 6265 §5.4)."},
	{"Date", "http.date", "When the message was originated (RFC 9110 §6.6.1)."},
	{"Destination", "", "Where COPY or MOVE puts the resource (RFC 4918 §10.3)."},
	{"DNT", "", "The user does not want to be tracked. It never became a standard."},
	{"ETag", "http.etag", "A name for this version of the representation. A cache sends it back in If-None-Match to ask whether it has changed (RFC 9110 §8.8.3)."},
	{"Expect", "", "What the client expects of the server: 100-continue asks for a go-ahead before a large body is sent (RFC 9110 §10.1.1)."},
	{"Expires", "http.expires", "When the response becomes stale (RFC 9111 §5.3)."},
	{"Forwarded", "", "What proxies on the way would otherwise hide: the client's address and protocol (RFC 7239 §4)."},
	{"From", "", "Mail address of the person behind the user agent (RFC 9110 §10.1.2)."},
	{"Host", "http.host", "Host and port of the target. One server can hold many sites, so that every HTTP/1.1 request must have it (RFC 9110 §7.2)."},
	{"HTTP2-Settings", "", "HTTP/2 settings sent with an offer to upgrade. Upgrading this way is deprecated (RFC 7540 §3.2.1)."},
	{"If-Match", "http.if_match", "Do this only if the target's current entity tag is one of these (RFC 9110 §13.1.1)."},
	{"If-Modified-Since", "http.if_modified_since", "Send the content only if it has changed since then, or else answer 304 (RFC 9110 §13.1.3)."},
	{"If-None-Match", "http.if_none_match", "Send the content only if its entity tag is none of these, or else answer 304 (RFC 9110 §13.1.2)."},
	{"If-Range", "http.if_range", "Send the part asked for if the representation is unchanged, or else all of it (RFC 9110 §13.1.5)."},
	{"If-Unmodified-Since", "http.if_unmodified_since", "Do this only if the target has not changed since then (RFC 9110 §13.1.4)."},
	{"Keep-Alive", "http.keep_alive", "Hints on how long a persistent connection stays open. HTTP/1.1 needs no such field (RFC 9112 app. C.2.2)."},
	{"Last-Modified", "http.last_modified", "When the origin server believes that the representation was last changed (RFC 9110 §8.8.2)."},
	{"Link", "http.link", "Links to other resources, each with its relation (RFC 8288 §3)."},
	{"Location", "http.location", "URI to go to for a redirection (3xx), or of what was made (201) (RFC 9110 §10.2.2)."},
	{"Max-Forwards", "", "How many proxies may pass on a TRACE or OPTIONS request (RFC 9110 §7.6.2)."},
	{"NEL", "", "Asks the browser to report network errors of this site (Network Error Logging)."},
	{"Origin", "http.origin", "Scheme, host and port of the page whose script sends the request (RFC 6454 §7)."},
	{"P3P", "", "A privacy policy in a format that is no longer used (P3P 1.0)."},
	{"Pragma", "http.pragma", "no-cache for caches of HTTP/1.0. It is deprecated (RFC 9111 §5.4)."},
	{"Prefer", "", "Behaviour that the client would like (RFC 7240 §2)."},
	{"Proxy-Authenticate", "http.proxy_authenticate", "How to authenticate to the proxy (RFC 9110 §11.7.1)."},
	{"Proxy-Authorization", "http.proxy_authorization", "The client's credentials for the proxy (RFC 9110 §11.7.2)."},
	{"Proxy-Connection", "", "A misunderstanding of Connection that some clients send to proxies (RFC 9112 app. C.2.2)."},
	{"Range", "http.range", "Which bytes of the representation the client wants (RFC 9110 §14.2)."},
	{"Referer", "http.referer", "URI of the page from which the target was reached. The name is misspelt since 1996 (RFC 9110 §10.1.3)."},
	{"Referrer-Policy", "", "How much of its own URI the page may tell in Referer (Referrer Policy)."},
	{"Refresh", "", "Asks the browser to load a page after some seconds. It is in no RFC."},
	{"Retry-After", "", "How long to wait before trying again: seconds or a date (RFC 9110 §10.2.3)."},
	{"Sec-CH-UA", "", "Client hints: the browser's brand and version (User-Agent Client Hints)."},
	{"Sec-CH-UA-Mobile", "", "Client hints: whether the browser would like a mobile page (User-Agent Client Hints)."},
	{"Sec-CH-UA-Platform", "", "Client hints: the operating system (User-Agent Client Hints)."},
	{"Sec-Fetch-Dest", "", "What the browser wants to do with the content (Fetch Metadata)."},
	{"Sec-Fetch-Mode", "", "The mode of the browser's request (Fetch Metadata)."},
	{"Sec-Fetch-Site", "", "How the origin of the request is related to that of the target (Fetch Metadata)."},
	{"Sec-Fetch-User", "", "A person's click caused this request (Fetch Metadata)."},
	{"Sec-WebSocket-Accept", "http.sec_websocket_accept", "Proves that the server has understood the WebSocket handshake: a hash of the client's key (RFC 6455 §11.3.3)."},
	{"Sec-WebSocket-Extensions", "http.sec_websocket_extensions", "Extensions of WebSocket that are offered or taken, such as compression (RFC 6455 §11.3.2)."},
	{"Sec-WebSocket-Key", "http.sec_websocket_key", "A random value for the WebSocket handshake, 16 bytes in base64 (RFC 6455 §11.3.1)."},
	{"Sec-WebSocket-Protocol", "http.sec_websocket_protocol", "Application protocols over WebSocket that are offered, or the one taken (RFC 6455 §11.3.4)."},
	{"Sec-WebSocket-Version", "http.sec_websocket_version", "Version of WebSocket: 13 (RFC 6455 §11.3.5)."},
	{"Server", "http.server", "The software of the origin server (RFC 9110 §10.2.4)."},
	{"Server-Timing", "", "How long parts of the work took at the server (Server Timing)."},
	{"Set-Cookie", "http.set_cookie", "Asks the client to keep this name and value, and to send it back in Cookie. Each cookie has its own field (RFC 6265 §5.2)."},
	{"Strict-Transport-Security", "", "For so many seconds this host is to be visited over TLS only (RFC 6797 §6.1)."},
	{"TE", "", "Transfer codings besides chunked that the client takes, and whether it takes trailers (RFC 9110 §10.1.4)."},
	{"Timing-Allow-Origin", "", "Origins that may see how long loading this resource took (Resource Timing)."},
	{"Tk", "", "Tracking status. It never became a standard."},
	{"Trailer", "", "Names of the fields that follow the chunked content (RFC 9110 §6.6.2)."},
	{"Transfer-Encoding", "http.transfer_encoding", "Codings applied for the transfer only. chunked sends content in pieces, each with its length, when the whole length is not known beforehand (RFC 9112 §6.1)."},
	{"Upgrade", "http.upgrade", "Protocols that the sender would rather speak on this connection; in a 101 response, the one that follows (RFC 9110 §7.8)."},
	{"Upgrade-Insecure-Requests", "", "The browser would rather be redirected to a page over TLS (Upgrade Insecure Requests)."},
	{"User-Agent", "http.user_agent", "The software that makes the request (RFC 9110 §10.1.5)."},
	{"Vary", "http.vary", "Request fields that have decided which representation was sent: a cache must compare them (RFC 9110 §12.5.5)."},
	{"Via", "http.via", "Proxies that the message has passed, and their protocol versions (RFC 9110 §7.6.3)."},
	{"Warning", "http.warning", "What a cache had to say of a response. It is obsolete (RFC 9111 §5.5)."},
	{"WWW-Authenticate", "http.www_authenticate", "How to authenticate to the target (RFC 9110 §11.6.1)."},
	{"X-Cache", "", "Whether a cache had the answer (HIT or MISS). It is no standard field."},
	{"X-Content-Type-Options", "", "nosniff: take the media type as it is written (Fetch standard)."},
	{"X-Forwarded-For", "http.x_forwarded_for", "Addresses of the client and the proxies, as they claim. Forwarded is the standard (RFC 7239 §5.2)."},
	{"X-Forwarded-Host", "", "The Host field that the proxy received (RFC 7239 §5.3)."},
	{"X-Forwarded-Proto", "", "The protocol over which the proxy was reached (RFC 7239 §5.4)."},
	{"X-Frame-Options", "", "Whether the page may stand in a frame of another page (RFC 7034 §2)."},
	{"X-Powered-By", "", "Software behind the server. It is no standard field."},
	{"X-Requested-With", "", "Names the script library that made the request. It is no standard field."},
	{"X-XSS-Protection", "", "Switched a filter of older browsers. It is no standard field."},
}
