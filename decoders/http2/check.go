package http2

import "strings"

// check checks a header list (RFC 9113 §8.2, §8.3). A list that breaks a rule
// makes the message malformed.
func (b *Block) check(e *Effect) {
	if b.Err != "" || b.Unknown {
		return
	}
	var pseudo [6]bool
	regular := false
	for i := range b.Items {
		f := &b.Items[i].Field
		if f.Name == "" {
			if b.Items[i].Kind < 4 {
				e.Bad.add("a field name is empty (RFC 9113 §8.2.1)")
			}
			continue
		}
		if f.Name[0] != ':' {
			regular = true
			checkField(f.Name, f.Value, e)
			continue
		}
		k := pseudoIndex(f.Name)
		switch {
		case b.Role == Trailers:
			e.Bad.addf("the pseudo-header %s in trailers (RFC 9113 §8.1)", clean(f.Name))
		case k < 0 || (f.Name == ":status") != (b.Role == ResponseHead || b.Role == InterimHead):
			e.Bad.addf("the pseudo-header %s does not belong here (RFC 9113 §8.3)", clean(clip(f.Name, 40)))
		case regular:
			e.Bad.addf("the pseudo-header %s comes after other fields (RFC 9113 §8.3)", f.Name)
		case pseudo[k]:
			e.Bad.addf("the pseudo-header %s comes twice (RFC 9113 §8.3)", f.Name)
		}
		if k >= 0 {
			pseudo[k] = true
		}
	}
	switch b.Role {
	case RequestHead, Promise:
		b.checkRequest(pseudo, e)
	case ResponseHead, InterimHead:
		if !pseudo[hasStatus] {
			e.Bad.add("a response without :status (RFC 9113 §8.3.2)")
		}
	}
}

// The pseudo-headers.
const (
	hasMethod = iota
	hasScheme
	hasAuthority
	hasPath
	hasProtocol
	hasStatus
)

func pseudoIndex(name string) int {
	for i, n := range [...]string{":method", ":scheme", ":authority", ":path", ":protocol", ":status"} {
		if n == name {
			return i
		}
	}
	return -1
}

// checkRequest checks that the pseudo-headers of a request are there
// (RFC 9113 §8.3.1, §8.5; RFC 8441 §4).
func (b *Block) checkRequest(has [6]bool, e *Effect) {
	m, _ := b.Get(":method")
	switch {
	case !has[hasMethod]:
		e.Bad.add("a request without :method (RFC 9113 §8.3.1)")
	case m == "CONNECT" && !has[hasProtocol]:
		if has[hasScheme] || has[hasPath] || !has[hasAuthority] {
			e.Bad.add("CONNECT has :authority and neither :scheme nor :path (RFC 9113 §8.5)")
		}
	case !has[hasScheme]:
		e.Bad.add("a request without :scheme (RFC 9113 §8.3.1)")
	case !has[hasPath]:
		e.Bad.add("a request without :path (RFC 9113 §8.3.1)")
	default:
		if p, _ := b.Get(":path"); p == "" {
			e.Bad.add("an empty :path (RFC 9113 §8.3.1)")
		}
	}
}

// checkField checks a field that is no pseudo-header (RFC 9113 §8.2.1, §8.2.2).
func checkField(name, value string, e *Effect) {
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z':
			e.Bad.add("a field name has an upper-case letter (RFC 9113 §8.2.1)")
		case c <= ' ' || c >= 0x7f || c == ':':
			e.Bad.add("a field name has a character that is not allowed (RFC 9113 §8.2.1)")
		}
	}
	if strings.ContainsAny(value, "\x00\r\n") || value != strings.Trim(value, " \t") {
		e.Bad.add("a field value has a character that is not allowed (RFC 9113 §8.2.1)")
	}
	switch name {
	case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade":
		e.Bad.addf("the field %s belongs to HTTP/1.1 connections (RFC 9113 §8.2.2)", name)
	case "te":
		if value != "trailers" {
			e.Bad.add("te may only say trailers (RFC 9113 §8.2.2)")
		}
	}
}
