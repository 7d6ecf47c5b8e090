package http1

import (
	"strings"

	"netscope/decoders"
)

// lineClass is what the first line of a message can be.
type lineClass uint8

const (
	notHTTP     lineClass = iota // no HTTP message starts like this
	statusLine                   // HTTP/1.1 200 OK
	requestLine                  // GET / HTTP/1.1, and what was meant to be one
	request09                    // GET /: HTTP/0.9 knows nothing else (RFC 1945 §4.1)
	preface2                     // the first line of an HTTP/2 connection (RFC 9113 §3.4)
)

// maxStartLine is the longest start line that is recognised in the middle of
// other bytes, in bytes.
const maxStartLine = 8 << 10

// classify says what a first line (without its terminator) is.
func classify(line string) lineClass {
	if line == "PRI * HTTP/2.0" {
		return preface2
	}
	if strings.HasPrefix(line, "HTTP/") {
		return statusLine
	}
	trimmed := strings.TrimRight(line, " \t")
	if i := strings.LastIndex(trimmed, "HTTP/"); i > 0 && looksLikeVersion(trimmed[i:]) {
		return requestLine
	}
	method, rest, spaced := strings.Cut(trimmed, " ")
	if !isMethod(method) {
		return notHTTP
	}
	if method == "GET" && spaced && isTarget(rest) {
		return request09
	}
	return requestLine
}

// isTarget says whether s is a request target of a form that HTTP/0.9 knew.
func isTarget(s string) bool {
	return !strings.ContainsAny(s, " \t") && (strings.HasPrefix(s, "/") || strings.Contains(s, "://"))
}

// startLine is a parsed first line; the spans are those of the head.
type startLine struct {
	class                   lineClass
	line                    span // without terminator
	method, target, version span
	code, phrase            span
	status                  int // 0 if the code is not three digits
}

// parseStart parses the line of raw at s.
func parseStart(raw string, s span, bad *problems) startLine {
	l := startLine{class: classify(s.of(raw)), line: s}
	switch l.class {
	case statusLine:
		l.parseStatus(raw, bad)
	case request09:
		l.method.off, l.method.len = s.off, 3
		l.target = trimSpan(raw, span{s.off + 4, s.len - 4})
	case requestLine, preface2:
		l.parseRequest(raw, bad)
	default:
		bad.add(badStartLine)
	}
	return l
}

// parseStatus parses version SP status-code SP [reason-phrase]
// (RFC 9112 §4). A missing second space is forgiven.
func (l *startLine) parseStatus(raw string, bad *problems) {
	end := l.line.off + l.line.len
	l.version, l.code = cutWord(raw, l.line)
	l.code, l.phrase = cutWord(raw, l.code)
	l.phrase.len = end - l.phrase.off
	code := l.code.of(raw)
	if len(code) == 3 && isDigit(code[0]) && isDigit(code[1]) && isDigit(code[2]) {
		l.status = int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	}
	checkVersion(l.version.of(raw), bad)
	switch {
	case l.status == 0:
		bad.add(badStatus)
	case l.status < 100 || l.status > 599:
		bad.add(badStatusRange)
	}
}

// parseRequest parses method SP request-target SP HTTP-version (RFC 9112 §3)
// on whitespace, so that a target with spaces in it is still shown whole.
func (l *startLine) parseRequest(raw string, bad *problems) {
	rest := trimSpan(raw, l.line)
	l.method, rest = cutWord(raw, rest)
	token := isToken(l.method.of(raw))
	l.version = span{rest.off + rest.len, 0}
	if i := strings.LastIndexByte(rest.of(raw), ' '); (i >= 0 || !token) && strings.HasPrefix(rest.of(raw)[i+1:], "HTTP/") {
		l.version = span{rest.off + i + 1, rest.len - i - 1}
		rest.len = max(i, 0)
	}
	l.target = trimSpan(raw, rest)
	if !token {
		bad.add(badMethod) // what else is missing follows from this
		return
	}
	switch t := l.target.of(raw); {
	case t == "":
		bad.add(badNoTarget)
	case strings.ContainsAny(t, " \t"):
		bad.add(badTarget)
	}
	if l.version.len == 0 {
		bad.add(badNoVersion)
	} else {
		checkVersion(l.version.of(raw), bad)
	}
}

func checkVersion(v string, bad *problems) {
	switch {
	case !isVersion(v):
		bad.add(badVersion)
	case v[5] != '1' && v != "HTTP/0.9":
		bad.add(badMajor)
	}
}

// cutWord splits s after its first word; rest starts at the next word.
func cutWord(raw string, s span) (word, rest span) {
	i := strings.IndexByte(s.of(raw), ' ')
	if i < 0 {
		return s, span{s.off + s.len, 0}
	}
	rest = span{s.off + i + 1, s.len - i - 1}
	for rest.len > 0 && isBlank(raw[rest.off]) {
		rest.off++
		rest.len--
	}
	return span{s.off, i}, rest
}

// kind is the role of a message with this first line.
func (l *startLine) kind(raw string) decoders.Kind {
	switch {
	case l.class == statusLine && l.status != 0:
		return decoders.Response
	case l.class == request09, l.class == requestLine && isToken(l.method.of(raw)):
		return decoders.Request
	}
	return decoders.EventKind
}

// startIn finds where in a line (without terminator) a well-formed start line
// begins: the bytes before it may be the end of a body. It is -1 if there is
// none. Whatever it finds, classify knows too.
func startIn(line string) int {
	if len(line) > 2*maxStartLine {
		return -1
	}
	for i := 0; ; {
		j := strings.Index(line[i:], "HTTP/1.")
		if j < 0 {
			return -1
		}
		i += j
		if isStatusStart(line[i:]) {
			return i
		}
		if i+8 == len(line) && isDigit(line[i+7]) {
			return requestEnd(line, i)
		}
		i += len("HTTP/1.")
	}
}

// isStatusStart: HTTP/1.x SP 3DIGIT, then SP or the end.
func isStatusStart(s string) bool {
	return len(s) >= 12 && isVersion(s[:8]) && s[8] == ' ' && isDigit(s[9]) && isDigit(s[10]) && isDigit(s[11]) &&
		(len(s) == 12 || s[12] == ' ')
}

// requestEnd finds the start of the request line that ends with the version at
// v. Only known methods are believed here.
func requestEnd(line string, v int) int {
	if v < 2 || line[v-1] != ' ' {
		return -1
	}
	before := line[:v-1]
	sp := strings.LastIndexByte(before, ' ')
	if sp < 0 || sp == len(before)-1 || v-sp > maxStartLine {
		return -1
	}
	if m := methodSuffix(before[:sp]); m > 0 {
		return sp - m
	}
	return -1
}
