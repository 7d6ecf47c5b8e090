package http1

import (
	"bytes"
	"strings"

	"netscope/decoders"
)

// maxHead is the longest head that is read, in bytes.
const maxHead = 64 << 10

// field is a header or trailer field with its place in the head.
type field struct {
	name, value string
	line        span // the whole field with its terminators, obsolete folds included
	nameAt      span
	valueAt     span
	folded      bool   // continued on further lines (RFC 9112 §5.2)
	info        int    // index in headerInfos, -1 if unknown
	bad         string // the rule it breaks, "" if none
}

// head is a parsed message head: start line, header fields, empty line.
type head struct {
	raw    string // from the first byte of the message
	lead   int    // bytes of empty lines before the start line
	start  startLine
	fields []field
	end    int // where the body starts; len(raw) if the head is not complete
	whole  bool
	bad    problems
}

// parseHead parses raw as far as it goes. Only lines that are whole count,
// unless the stream has ended within the start line.
func parseHead(raw string) head {
	h := head{raw: raw}
	h.lead = emptyLines(raw)
	line, next := lineAt(raw, h.lead)
	h.start = parseStart(raw, line, &h.bad)
	if h.start.class == request09 {
		h.end, h.whole = next, true
		return h
	}
	h.fields, h.end, h.whole = parseFields(raw, next, &h.bad)
	return h
}

// emptyLines is the length of the empty lines that b starts with. A server
// ignores them before a request line (RFC 9112 §2.2).
func emptyLines[T ~string | ~[]byte](b T) int {
	n := 0
	for n < len(b) {
		switch {
		case b[n] == '\n':
			n++
		case b[n] == '\r' && n+1 < len(b) && b[n+1] == '\n':
			n += 2
		default:
			return n
		}
	}
	return n
}

// lineAt is the line at off without its terminator, and where the next starts.
func lineAt(raw string, off int) (line span, next int) {
	j := strings.IndexByte(raw[off:], '\n')
	if j < 0 {
		return span{off, len(strings.TrimSuffix(raw[off:], "\r"))}, len(raw)
	}
	line = span{off, j}
	if j > 0 && raw[off+j-1] == '\r' {
		line.len--
	}
	return line, off + j + 1
}

// parseFields parses field lines from off up to the empty line (RFC 9112 §5).
// end is past the empty line.
func parseFields(raw string, off int, bad *problems) (fields []field, end int, whole bool) {
	fields = make([]field, 0, min(strings.Count(raw[off:], "\n"), 64))
	for off < len(raw) {
		line, next := lineAt(raw, off)
		if raw[next-1] != '\n' {
			break // not whole
		}
		if line.len == 0 {
			addFieldProblems(fields, bad)
			return fields, next, true
		}
		if isBlank(raw[off]) {
			if len(fields) > 0 {
				fields[len(fields)-1].fold(raw, line, next)
			} else {
				bad.add(badFirstFold)
			}
		} else {
			fields = append(fields, parseField(raw, line, next))
		}
		off = next
	}
	addFieldProblems(fields, bad)
	return fields, len(raw), false
}

func addFieldProblems(fields []field, bad *problems) {
	for i := range fields {
		bad.add(fields[i].bad)
	}
}

func parseField(raw string, line span, next int) field {
	f := field{line: span{line.off, next - line.off}, info: -1}
	text := line.of(raw)
	colon := strings.IndexByte(text, ':')
	if colon < 0 {
		f.nameAt, f.name, f.bad = line, text, badFieldLine
		return f
	}
	f.nameAt = span{line.off, colon}
	if trimmed := trimSpan(raw, f.nameAt); trimmed.len < colon {
		f.nameAt, f.bad = trimmed, badFieldSpace
	}
	f.name = f.nameAt.of(raw)
	if !isToken(f.name) {
		f.bad = badFieldName
	}
	f.valueAt = trimSpan(raw, span{line.off + colon + 1, line.len - colon - 1})
	f.value = f.valueAt.of(raw)
	if strings.IndexByte(f.value, 0) >= 0 || strings.IndexByte(f.value, '\r') >= 0 {
		f.bad = badFieldValue
	}
	f.info = findHeader(f.name)
	return f
}

// fold adds an obsolete continuation line: each fold counts as a space
// (RFC 9112 §5.2).
func (f *field) fold(raw string, line span, next int) {
	more := trimSpan(raw, line)
	f.folded = true
	f.line.len = next - f.line.off
	f.valueAt.len = more.off + more.len - f.valueAt.off
	if f.nameAt.off == f.valueAt.off || f.valueAt.len < 0 { // the folded line has no colon
		f.valueAt = more
	}
	f.value = strings.TrimSpace(f.value + " " + more.of(raw))
}

// get joins the values of all fields with this name, as RFC 9110 §5.3 allows.
// The name is in lower case.
func (h *head) get(name string) (value string, n int) {
	for i := range h.fields {
		f := &h.fields[i]
		if len(f.name) != len(name) || !strings.EqualFold(f.name, name) {
			continue
		}
		if n++; n == 1 {
			value = f.value
		} else {
			value += ", " + f.value
		}
	}
	return value, n
}

// has says whether a comma-separated list field holds a token.
func (h *head) has(name, token string) bool {
	list, _ := h.get(name)
	found := false
	eachListItem(list, func(item string) {
		found = found || strings.EqualFold(item, token)
	})
	return found
}

// proto is the version that the message claims: "HTTP/1.1"; "HTTP/1.x" if it
// cannot be told.
func (h *head) proto() string {
	if h.start.class == request09 {
		return "HTTP/0.9"
	}
	switch v := h.start.version.of(h.raw); v {
	case "HTTP/1.1", "HTTP/1.0":
		return v
	}
	return protoUnknown
}

func (h *head) kind() decoders.Kind { return h.start.kind(h.raw) }

func (h *head) method() string { return h.start.method.of(h.raw) }

// headScan looks for the end of a head in bytes that come piece by piece.
type headScan struct {
	pos     int  // start of the line that is not whole yet
	started bool // the start line has been passed
}

// end is where the head in b ends, 0 if that has not come yet. b always starts
// at the same byte.
func (s *headScan) end(b []byte) int {
	for {
		j := bytes.IndexByte(b[s.pos:], '\n')
		if j < 0 {
			return 0
		}
		line := cutEOL(b[s.pos : s.pos+j+1])
		s.pos += j + 1
		if len(line) > 0 {
			s.started = true
		} else if s.started {
			return s.pos
		}
	}
}
