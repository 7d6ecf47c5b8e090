package http1

// statusInfo is a registered status code
// (https://www.iana.org/assignments/http-status-codes).
type statusInfo struct {
	code        int
	phrase, doc string
}

// statusDoc says what a status code means; of unknown ones only the class.
func statusDoc(code int) string {
	for i := range statuses {
		if statuses[i].code == code {
			return statuses[i].doc
		}
	}
	switch code / 100 {
	case 1:
		return "An interim response: the final one follows (RFC 9110 §15.2)."
	case 2:
		return "The request was received, understood and accepted (RFC 9110 §15.3)."
	case 3:
		return "The client has more to do to complete the request (RFC 9110 §15.4)."
	case 4:
		return "The client seems to have made a mistake (RFC 9110 §15.5)."
	case 5:
		return "The server has made a mistake or cannot do it (RFC 9110 §15.6)."
	}
	return ""
}

var statuses = [...]statusInfo{
	{100, "Continue", "The server has read the head and wants the content. An interim response: the final one follows (RFC 9110 §15.2.1)."},
	{101, "Switching Protocols", "After this empty line the connection speaks the protocol named in Upgrade (RFC 9110 §15.2.2)."},
	{102, "Processing", "The server has accepted the request but is not done (WebDAV) (RFC 2518 §10.1)."},
	{103, "Early Hints", "Links that the client may load while the final response is prepared (RFC 8297 §2)."},
	{200, "OK", "The request has succeeded (RFC 9110 §15.3.1)."},
	{201, "Created", "The request has made one or more new resources (RFC 9110 §15.3.2)."},
	{202, "Accepted", "The request will be worked on later (RFC 9110 §15.3.3)."},
	{203, "Non-Authoritative Information", "A proxy has changed the content of the origin server's 200 (RFC 9110 §15.3.4)."},
	{204, "No Content", "The request has succeeded and there is no content to send (RFC 9110 §15.3.5)."},
	{205, "Reset Content", "The user agent should reset the form that sent the request (RFC 9110 §15.3.6)."},
	{206, "Partial Content", "The content is the part that Range asked for (RFC 9110 §15.3.7)."},
	{207, "Multi-Status", "The content holds the status of several resources (RFC 4918 §11.1)."},
	{208, "Already Reported", "The members of this binding were listed before (RFC 5842 §7.1)."},
	{226, "IM Used", "The content is the result of changes applied to the instance (RFC 3229 §10.4.1)."},
	{300, "Multiple Choices", "The target has several representations; choose (RFC 9110 §15.4.1)."},
	{301, "Moved Permanently", "The target has a new URI for good, named in Location (RFC 9110 §15.4.2)."},
	{302, "Found", "The target is for now at the URI in Location (RFC 9110 §15.4.3)."},
	{303, "See Other", "The answer can be had by GET from the URI in Location (RFC 9110 §15.4.4)."},
	{304, "Not Modified", "What the client has cached is still good: no content is sent (RFC 9110 §15.4.5)."},
	{305, "Use Proxy", "It is deprecated (RFC 9110 §15.4.6)."},
	{307, "Temporary Redirect", "Repeat the same request at the URI in Location, this time only (RFC 9110 §15.4.8)."},
	{308, "Permanent Redirect", "Repeat the same request at the URI in Location, now and later (RFC 9110 §15.4.9)."},
	{400, "Bad Request", "The server cannot or will not understand the request (RFC 9110 §15.5.1)."},
	{401, "Unauthorized", "The request lacks valid credentials; WWW-Authenticate says which (RFC 9110 §15.5.2)."},
	{402, "Payment Required", "It is reserved (RFC 9110 §15.5.3)."},
	{403, "Forbidden", "The server understands the request and refuses it (RFC 9110 §15.5.4)."},
	{404, "Not Found", "The server has nothing at this target, or does not want to say so (RFC 9110 §15.5.5)."},
	{405, "Method Not Allowed", "The target does not support the method; Allow lists those it does (RFC 9110 §15.5.6)."},
	{406, "Not Acceptable", "There is no representation that the Accept fields permit (RFC 9110 §15.5.7)."},
	{407, "Proxy Authentication Required", "The client must authenticate to the proxy first (RFC 9110 §15.5.8)."},
	{408, "Request Timeout", "The whole request did not come in time (RFC 9110 §15.5.9)."},
	{409, "Conflict", "The request contradicts the state of the target (RFC 9110 §15.5.10)."},
	{410, "Gone", "The target was here and will not come back (RFC 9110 §15.5.11)."},
	{411, "Length Required", "The server wants a Content-Length (RFC 9110 §15.5.12)."},
	{412, "Precondition Failed", "A condition such as If-Match is not met (RFC 9110 §15.5.13)."},
	{413, "Content Too Large", "The content is larger than the server is willing to read (RFC 9110 §15.5.14)."},
	{414, "URI Too Long", "The target is longer than the server is willing to read (RFC 9110 §15.5.15)."},
	{415, "Unsupported Media Type", "The server does not take content of this type or coding (RFC 9110 §15.5.16)."},
	{416, "Range Not Satisfiable", "The representation has no such part (RFC 9110 §15.5.17)."},
	{417, "Expectation Failed", "The server cannot meet what Expect asks for (RFC 9110 §15.5.18)."},
	{418, "I'm a teapot", "A joke of RFC 2324; the code is unused (RFC 9110 §15.5.19)."},
	{421, "Misdirected Request", "This server does not answer for the target's host (RFC 9110 §15.5.20)."},
	{422, "Unprocessable Content", "The content is well formed but makes no sense to the server (RFC 9110 §15.5.21)."},
	{423, "Locked", "The resource is locked (RFC 4918 §11.3)."},
	{424, "Failed Dependency", "Another action that this one depends on has failed (RFC 4918 §11.4)."},
	{425, "Too Early", "The server does not act on a request that could be a replay (RFC 8470 §5.2)."},
	{426, "Upgrade Required", "The client must speak the protocol named in Upgrade (RFC 9110 §15.5.22)."},
	{428, "Precondition Required", "The request must be conditional (RFC 6585 §3)."},
	{429, "Too Many Requests", "The client has sent too many requests in a time (RFC 6585 §4)."},
	{431, "Request Header Fields Too Large", "The header fields are larger than the server is willing to read (RFC 6585 §5)."},
	{451, "Unavailable For Legal Reasons", "A legal demand forbids access (RFC 7725 §3)."},
	{499, "Client Closed Request", "The client has closed the connection before the answer (nginx)."},
	{500, "Internal Server Error", "Something unexpected went wrong in the server (RFC 9110 §15.6.1)."},
	{501, "Not Implemented", "The server does not know the method (RFC 9110 §15.6.2)."},
	{502, "Bad Gateway", "A server further on has sent an invalid response (RFC 9110 §15.6.3)."},
	{503, "Service Unavailable", "The server is overloaded or being maintained; Retry-After may say for how long (RFC 9110 §15.6.4)."},
	{504, "Gateway Timeout", "A server further on has not answered in time (RFC 9110 §15.6.5)."},
	{505, "HTTP Version Not Supported", "The server does not speak the request's version (RFC 9110 §15.6.6)."},
	{506, "Variant Also Negotiates", "Content negotiation is configured in a circle (RFC 2295 §8.1)."},
	{507, "Insufficient Storage", "There is no room for the result (RFC 4918 §11.5)."},
	{508, "Loop Detected", "The server met a circle of bindings (RFC 5842 §7.2)."},
	{511, "Network Authentication Required", "Log in to the network first (RFC 6585 §6)."},
}
