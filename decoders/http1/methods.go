package http1

import "strings"

// methodInfo is a method that is registered or often met.
type methodInfo struct{ name, doc string }

// methods are those of RFC 9110 §9.3, then those of the registry and of common
// services (https://www.iana.org/assignments/http-methods).
var methods = [...]methodInfo{
	{"GET", "Asks for a current representation of the target. It is safe, idempotent and cacheable (RFC 9110 §9.3.1)."},
	{"HEAD", "Like GET, but the response has no content: its header fields are what GET would have sent (RFC 9110 §9.3.2)."},
	{"POST", "Asks the target to process the enclosed content by its own rules, such as a form's input. It is neither safe nor idempotent (RFC 9110 §9.3.3)."},
	{"PUT", "Asks that the target's state be created or replaced by the enclosed content. Doing it twice is the same as once (RFC 9110 §9.3.4)."},
	{"DELETE", "Asks the server to remove the association between the target and its function (RFC 9110 §9.3.5)."},
	{"CONNECT", "Asks a proxy to open a tunnel to the host and port that are the target. After a 2xx answer both sides send whatever they like (RFC 9110 §9.3.6)."},
	{"OPTIONS", "Asks what the target, or with * the server, can do (RFC 9110 §9.3.7)."},
	{"TRACE", "Asks the last recipient to send back what it received, to show what proxies changed on the way (RFC 9110 §9.3.8)."},
	{"PATCH", "Asks for the changes that the content describes to be applied to the target (RFC 5789 §2)."},
	{"QUERY", "A safe and idempotent request whose content is the query."},
	{"PROPFIND", "Asks for properties of a WebDAV resource (RFC 4918 §9.1)."},
	{"PROPPATCH", "Sets or removes properties of a WebDAV resource (RFC 4918 §9.2)."},
	{"MKCOL", "Makes a WebDAV collection (RFC 4918 §9.3)."},
	{"COPY", "Duplicates a WebDAV resource (RFC 4918 §9.8)."},
	{"MOVE", "Moves a WebDAV resource (RFC 4918 §9.9)."},
	{"LOCK", "Takes or refreshes a lock on a WebDAV resource (RFC 4918 §9.10)."},
	{"UNLOCK", "Removes a WebDAV lock (RFC 4918 §9.11)."},
	{"SEARCH", "Searches a WebDAV collection (RFC 5323 §2)."},
	{"REPORT", "Asks for a report on a resource (RFC 3253 §3.6)."},
	{"VERSION-CONTROL", "Puts a resource under version control (RFC 3253 §3.5)."},
	{"CHECKOUT", "Makes a version-controlled resource editable (RFC 3253 §4.3)."},
	{"CHECKIN", "Makes a new version of a checked-out resource (RFC 3253 §4.4)."},
	{"UNCHECKOUT", "Cancels a checkout (RFC 3253 §4.5)."},
	{"UPDATE", "Changes which version a resource shows (RFC 3253 §7.1)."},
	{"LABEL", "Changes the labels of a version (RFC 3253 §8.2)."},
	{"MERGE", "Merges versions (RFC 3253 §11.2)."},
	{"MKWORKSPACE", "Makes a workspace (RFC 3253 §6.3)."},
	{"MKACTIVITY", "Makes an activity (RFC 3253 §13.5)."},
	{"BASELINE-CONTROL", "Puts a collection under baseline control (RFC 3253 §12.6)."},
	{"ACL", "Changes a resource's access control list (RFC 3744 §8.1)."},
	{"BIND", "Adds a binding to a collection (RFC 5842 §4)."},
	{"UNBIND", "Removes a binding (RFC 5842 §5)."},
	{"REBIND", "Moves a binding (RFC 5842 §6)."},
	{"LINK", "Establishes a link to another resource (RFC 2068 §19.6.1.2)."},
	{"UNLINK", "Removes a link to another resource (RFC 2068 §19.6.1.3)."},
	{"MKCALENDAR", "Makes a calendar collection (RFC 4791 §5.3.1)."},
	{"ORDERPATCH", "Changes the order of a collection (RFC 3648 §7)."},
	{"MKREDIRECTREF", "Makes a redirect reference (RFC 4437 §6)."},
	{"UPDATEREDIRECTREF", "Changes a redirect reference (RFC 4437 §7)."},
	{"PURGE", "Asks a cache to drop what it holds for the target. It is no standard method."},
	{"SUBSCRIBE", "Subscribes to events (General Event Notification Architecture, as used by UPnP)."},
	{"UNSUBSCRIBE", "Ends a subscription to events (UPnP)."},
	{"NOTIFY", "Tells a subscriber of an event (UPnP)."},
	{"M-SEARCH", "Searches for UPnP devices."},
	{"BCOPY", "Batch COPY of Microsoft's WebDAV."},
	{"BDELETE", "Batch DELETE of Microsoft's WebDAV."},
	{"BMOVE", "Batch MOVE of Microsoft's WebDAV."},
	{"BPROPFIND", "Batch PROPFIND of Microsoft's WebDAV."},
	{"BPROPPATCH", "Batch PROPPATCH of Microsoft's WebDAV."},
	{"POLL", "Asks whether subscribed events have happened (Microsoft's WebDAV)."},
	{"CCM_POST", "POST of a configuration management client. It is no standard method."},
	{"RPC_CONNECT", "Opens a channel of RPC over HTTP (Microsoft)."},
	{"RPC_IN_DATA", "The inbound channel of RPC over HTTP (Microsoft)."},
	{"RPC_OUT_DATA", "The outbound channel of RPC over HTTP (Microsoft)."},
}

func isMethod(s string) bool { return methodDoc(s) != "" }

func methodDoc(name string) string {
	for i := range methods {
		if methods[i].name == name {
			return methods[i].doc
		}
	}
	return ""
}

// methodSuffix is the length of the longest known method that s ends with.
func methodSuffix(s string) int {
	n := 0
	for i := range methods {
		if m := methods[i].name; len(m) > n && strings.HasSuffix(s, m) {
			n = len(m)
		}
	}
	return n
}
