package http1

import (
	"fmt"
	"strings"

	"netscope/decoders"
)

// Explain gives the field tree of a message, a chunk or stray bytes. Spans
// count from the message's first byte. What stands in it is fit for the screen.
func (Decoder) Explain(m decoders.Exposed) decoders.Field {
	f := explain(m)
	tidy(&f)
	return f
}

// tidy escapes what a terminal must not be sent.
func tidy(f *decoders.Field) {
	f.Label, f.Value = clean(f.Label), clean(f.Value)
	for i := range f.Children {
		tidy(&f.Children[i])
	}
}

func explain(m decoders.Exposed) decoders.Field {
	total := int(max(m.Total, int64(len(m.Raw))))
	switch formOf(m) {
	case strayBytes:
		return decoders.Field{Label: "Data", Value: thousands(int64(total)) + " bytes", Len: total,
			Doc: "Bytes that belong to no HTTP message: the end of a message whose head was not captured, or no HTTP at all."}
	case content09:
		return decoders.Field{Name: "http", Label: "HTTP/0.9 response", Len: total,
			Doc:      "HTTP/0.9 has neither status nor header: the response is the content, and ends with the connection (RFC 1945 §4.1).",
			Children: []decoders.Field{content(0, total)}}
	case oneChunk:
		f, _ := explainChunk(string(m.Raw), 0, total)
		return f
	}
	h := parseHead(string(m.Raw[:min(int64(len(m.Raw)), max(m.HeadLen, 0))]))
	method := ""
	if m.Request != nil {
		method = m.Request.Name
	}
	f, _ := h.frame(method)
	h.checkHost()
	root := decoders.Field{Name: "http", Label: strings.TrimSpace(m.Proto + " " + m.Kind.String()), Value: h.summary(), Len: total,
		Doc: kindDoc(m.Kind)}
	if h.lead > 0 {
		root.Children = append(root.Children, decoders.Field{Label: "Empty lines", Value: quote(h.raw[:h.lead]), Len: h.lead,
			Doc: "Some clients send an empty line too many; a server ignores it before a request (RFC 9112 §2.2)."})
	}
	root.Children = append(root.Children, h.explainStart())
	for i := range h.fields {
		root.Children = append(root.Children, h.explainField(&h.fields[i]))
	}
	if h.whole && h.start.class != request09 {
		root.Children = append(root.Children, h.explainEnd())
	}
	for _, text := range h.bad.list {
		root.Children = append(root.Children, decoders.Field{Label: "Problem", Value: text, Doc: "The message breaks this rule.", Bad: true})
	}
	if total > h.end && h.whole && f != noBody && f != tunnel {
		if f == chunked {
			root.Children = append(root.Children, explainChunked(m.Raw, h.end, total))
		} else {
			root.Children = append(root.Children, content(h.end, total))
		}
	}
	return root
}

func kindDoc(k decoders.Kind) string {
	switch k {
	case decoders.Request:
		return "A client asks a server to apply a method to a target. A request is a request line, header fields, an empty line, and possibly content (RFC 9112 §2.1)."
	case decoders.Response:
		return "The server's answer: a status line, header fields, an empty line, and possibly content (RFC 9112 §2.1)."
	}
	return "What was probably meant as a message, but breaks the grammar of its first line (RFC 9112 §2.1)."
}

func content(off, end int) decoders.Field {
	return decoders.Field{Name: "http.file_data", Label: "Content", Value: thousands(int64(end-off)) + " bytes", Off: off, Len: end - off,
		Doc: "What the message carries, as on the wire: content codings are not undone here (RFC 9110 §6.4)."}
}

// explainEnd is the empty line that ends the head.
func (h *head) explainEnd() decoders.Field {
	off := h.end - 1
	if off > 0 && h.raw[off-1] == '\r' {
		off--
	}
	return decoders.Field{Label: "End of head", Value: quote(h.raw[off:h.end]), Off: off, Len: h.end - off,
		Doc: "An empty line, CR LF, ends the header section (RFC 9112 §2.1)."}
}

// explainStart is the request line or status line.
func (h *head) explainStart() decoders.Field {
	l := &h.start
	_, next := lineAt(h.raw, h.lead)
	f := decoders.Field{Label: "Request line", Value: quote(h.raw[l.line.off:next]), Off: l.line.off, Len: next - l.line.off,
		Doc: "Method, request target and version, separated by single spaces (RFC 9112 §3)."}
	var bad problems
	parseStart(h.raw, l.line, &bad)
	if f.Bad = len(bad.list) > 0; f.Bad {
		f.Doc = "Bad: " + bad.String() + "."
	}
	version := decoders.Field{Name: "http.request.version", Label: "Version", Value: l.version.of(h.raw), Off: l.version.off, Len: l.version.len,
		Doc: "The sender understands this version; a minor version only adds what older receivers can ignore (RFC 9110 §2.5).",
		Bad: l.class != request09 && !isVersion(l.version.of(h.raw))}
	switch l.class {
	case statusLine:
		f.Label = "Status line"
		if !f.Bad {
			f.Doc = "Version, status code and reason phrase (RFC 9112 §4)."
		}
		version.Name = "http.response.version"
		f.Children = append(f.Children, version,
			decoders.Field{Name: "http.response.code", Label: "Status code", Value: l.code.of(h.raw), Off: l.code.off, Len: l.code.len,
				Doc: statusDoc(l.status), Bad: l.status < 100 || l.status > 599},
			decoders.Field{Name: "http.response.phrase", Label: "Reason phrase", Value: l.phrase.of(h.raw), Off: l.phrase.off, Len: l.phrase.len,
				Doc: "Text for people; programs go by the code only (RFC 9112 §4)."})
	case request09, requestLine:
		m := h.method()
		doc := methodDoc(m)
		if doc == "" {
			doc = "What is to be done with the target. This method is not registered (RFC 9110 §9.1)."
		}
		f.Children = append(f.Children, decoders.Field{Name: "http.request.method", Label: "Method", Value: m, Off: l.method.off, Len: l.method.len,
			Doc: doc, Bad: !isToken(m)}, h.explainTarget())
		if l.version.len > 0 {
			f.Children = append(f.Children, version)
		}
	default:
		f.Label = "First line"
	}
	if eol := next - l.line.off - l.line.len; eol > 0 && l.line.off+l.line.len < len(h.raw) {
		f.Children = append(f.Children, endOfLine(h.raw, l.line.off+l.line.len, next))
	}
	return f
}

// endOfLine is a line terminator.
func endOfLine(raw string, off, next int) decoders.Field {
	f := decoders.Field{Label: "End of line", Value: quote(raw[off:next]), Off: off, Len: next - off,
		Doc: "Carriage return and line feed end every line of a head (RFC 9112 §2.1)."}
	if raw[off:next] == "\n" {
		f.Doc, f.Bad = "Bad: a line feed without carriage return; a receiver may take it as the end of a line (RFC 9112 §2.2).", true
	}
	return f
}

// explainTarget is the request target, its query split into parameters.
func (h *head) explainTarget() decoders.Field {
	s := h.start.target
	t := s.of(h.raw)
	f := decoders.Field{Name: "http.request.uri", Label: "Request target", Value: t, Off: s.off, Len: s.len,
		Doc: targetDoc(t, h.method()), Bad: t == "" || strings.ContainsAny(t, " \t")}
	q := strings.IndexByte(t, '?')
	if q < 0 {
		return f
	}
	query := decoders.Field{Name: "http.request.uri.query", Label: "Query", Value: t[q+1:], Off: s.off + q + 1, Len: len(t) - q - 1,
		Doc: "What follows the question mark; its form is up to the server, usually name=value pairs joined by & (RFC 3986 §3.4)."}
	for off := q + 1; off <= len(t); {
		n := strings.IndexByte(t[off:], '&')
		if n < 0 {
			n = len(t) - off
		}
		if n > 0 && len(query.Children) < maxNodes {
			name, value, _ := strings.Cut(t[off:off+n], "=")
			query.Children = append(query.Children, decoders.Field{Name: "http.request.uri.query.parameter", Label: name, Value: value, Off: s.off + off, Len: n,
				Doc: "A parameter of the query; + and %XX stand for a space and for other bytes."})
		}
		off += n + 1
	}
	f.Children = []decoders.Field{
		{Name: "http.request.uri.path", Label: "Path", Value: t[:q], Off: s.off, Len: q, Doc: "Names the resource within the host (RFC 3986 §3.3)."},
		query,
	}
	return f
}

func targetDoc(t, method string) string {
	switch {
	case t == "*":
		return "Asterisk form: OPTIONS about the server itself (RFC 9112 §3.2.4)."
	case method == "CONNECT":
		return "Authority form: host and port to which a tunnel is wanted (RFC 9112 §3.2.3)."
	case strings.Contains(t, "://"):
		return "Absolute form: the whole URI, as sent to a proxy (RFC 9112 §3.2.2)."
	}
	return "Origin form: path and query of the URI; the host stands in the Host field (RFC 9112 §3.2.1)."
}

// explainField is a header or trailer field.
func (h *head) explainField(f *field) decoders.Field { return explainField(h.raw, f, 0) }

// explainField places a field whose spans count from base.
func explainField(raw string, f *field, base int) decoders.Field {
	name := ""
	doc := "A header field that netscope does not know: receivers ignore what they do not know (RFC 9110 §5.1)."
	if f.info >= 0 {
		doc = headerInfos[f.info].doc
		name = headerInfos[f.info].field
	}
	out := decoders.Field{Name: name, Label: f.name, Value: f.value, Doc: doc, Off: base + f.line.off, Len: f.line.len, Bad: f.bad != ""}
	if f.bad != "" {
		out.Doc = "Bad: " + f.bad + "."
	}
	if f.folded {
		out.Bad = true
		out.Doc = fmt.Sprintf("Bad: the value goes on in a further line, which is no longer allowed (RFC 9112 §5.2). %s", out.Doc)
	}
	if f.bad == badFieldLine {
		return out
	}
	out.Children = []decoders.Field{
		{Label: "Name", Value: f.name, Off: base + f.nameAt.off, Len: f.nameAt.len, Doc: "Names are compared without regard to case (RFC 9110 §5.1)."},
		{Label: "Value", Value: f.value, Off: base + f.valueAt.off, Len: f.valueAt.len, Doc: "Whitespace around it is not part of it (RFC 9110 §5.5)."},
	}
	end := f.line.off + f.line.len
	eol := end - 1
	if eol > f.line.off && raw[eol-1] == '\r' {
		eol--
	}
	e := endOfLine(raw, eol, end)
	e.Off += base
	out.Children = append(out.Children, e)
	return out
}
