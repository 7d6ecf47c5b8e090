package http1

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"netscope/decoders"
)

// name is the field's name for the kind of message: the method, or the code.
func (h *head) name() string {
	switch h.kind() {
	case decoders.Request:
		return h.method()
	case decoders.Response:
		return h.start.code.of(h.raw)
	}
	return nameMalformed
}

// summary is one line for people, without the length of the content.
func (h *head) summary() string { return clean(h.plainSummary()) }

func (h *head) plainSummary() string {
	switch h.kind() {
	case decoders.Request:
		return strings.TrimSpace(h.method() + " " + h.start.target.of(h.raw))
	case decoders.Response:
		s := strings.TrimSpace(h.start.code.of(h.raw) + " " + h.start.phrase.of(h.raw))
		if t, n := h.get("content-type"); n > 0 {
			if t, _, _ = strings.Cut(t, ";"); strings.TrimSpace(t) != "" {
				s += "  " + strings.TrimSpace(t)
			}
		}
		return s
	}
	line := h.start.line.of(h.raw)
	if len(line) > 200 {
		line = line[:200] + "…"
	}
	return line
}

// kvs are the fields kept with a message: those of the start line, then every
// header line, with the named fields before it where Wireshark has a name.
func (h *head) kvs() []decoders.KV {
	kvs := make([]decoders.KV, 0, 4+2*len(h.fields))
	line := "http.request.line"
	switch h.kind() {
	case decoders.Request:
		kvs = append(kvs, decoders.S("http.request.method", h.method()), decoders.S("http.request.uri", h.start.target.of(h.raw)))
		if h.start.version.len > 0 {
			kvs = append(kvs, decoders.S("http.request.version", h.start.version.of(h.raw)))
		}
		if full := h.fullURI(); full != "" {
			kvs = append(kvs, decoders.S("http.request.full_uri", full))
		}
	case decoders.Response:
		kvs = append(kvs, decoders.S("http.response.version", h.start.version.of(h.raw)),
			decoders.I("http.response.code", int64(h.start.status)), decoders.S("http.response.phrase", h.start.phrase.of(h.raw)))
		line = "http.response.line"
	}
	for i := range h.fields {
		f := &h.fields[i]
		if f.info >= 0 && headerInfos[f.info].field != "" {
			kvs = h.named(kvs, f)
		}
		kvs = append(kvs, decoders.KV{Name: line, Str: h.lineText(f), Many: true})
	}
	return kvs
}

// named adds a field under Wireshark's name. Values of a repeated list field
// are joined at its first place (RFC 9110 §5.3).
func (h *head) named(kvs []decoders.KV, f *field) []decoders.KV {
	name := headerInfos[f.info].field
	if canRepeat(f.name) {
		return append(kvs, decoders.KV{Name: name, Str: f.value, Many: true})
	}
	for i := range kvs {
		if kvs[i].Name == name {
			kvs[i].Str += ", " + f.value
			return kvs
		}
	}
	kvs = append(kvs, decoders.S(name, f.value))
	if name == "http.content_length_header" {
		all, _ := h.get("content-length")
		if n, _, ok := parseLength(all); ok {
			kvs = append(kvs, decoders.I("http.content_length", n))
		}
	}
	return kvs
}

// text is the field as one line, without folds.
func (f *field) text() string {
	if f.bad == badFieldLine {
		return f.name
	}
	return f.name + ": " + f.value
}

// lineText is text without a copy where the head has it in this form.
func (h *head) lineText(f *field) string {
	if !f.folded && f.bad == "" && f.valueAt.off == f.nameAt.off+f.nameAt.len+2 {
		return h.raw[f.nameAt.off : f.valueAt.off+f.valueAt.len]
	}
	return f.text()
}

// fullURI is the target with the host (RFC 9112 §3.3), "" if that is unknown.
func (h *head) fullURI() string {
	target := h.start.target.of(h.raw)
	if strings.Contains(target, "://") || h.method() == "CONNECT" {
		return target
	}
	host, n := h.get("host")
	if n == 0 || host == "" {
		return ""
	}
	return "http://" + host + target
}

// trailerKVs are the fields of a trailer section.
func trailerKVs(fields []field) []decoders.KV {
	kvs := make([]decoders.KV, 0, len(fields))
	for i := range fields {
		kvs = append(kvs, decoders.KV{Name: "http.chunked_trailer_part", Str: fields[i].text(), Many: true})
	}
	return kvs
}

// clean makes text from the wire fit for the screen: one line, no control
// characters. Ordinary text is returned as it is.
func clean(s string) string {
	for _, r := range s {
		if r < ' ' || r == utf8.RuneError || !unicode.IsPrint(r) {
			return quote(s)
		}
	}
	return s
}

// quote makes text of unknown bytes fit for a line on the screen.
func quote(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}
