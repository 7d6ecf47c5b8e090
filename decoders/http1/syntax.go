package http1

import (
	"bytes"
	"strings"
)

// span is a run of bytes of a head.
type span struct{ off, len int }

func (s span) of(raw string) string { return raw[s.off : s.off+s.len] }

// isTchar says whether c may stand in a token (RFC 9110 §5.6.2).
func isTchar(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	return strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isTchar(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// trimSpan takes optional whitespace (RFC 9110 §5.6.3) off both ends.
func trimSpan(raw string, s span) span {
	for s.len > 0 && isBlank(raw[s.off]) {
		s.off++
		s.len--
	}
	for s.len > 0 && isBlank(raw[s.off+s.len-1]) {
		s.len--
	}
	return s
}

// isVersion says whether s is exactly an HTTP-version (RFC 9112 §2.3).
func isVersion[T ~string | ~[]byte](s T) bool {
	return len(s) == 8 && string(s[:5]) == "HTTP/" && isDigit(s[5]) && s[6] == '.' && isDigit(s[7])
}

// looksLikeVersion says whether s was probably meant to be an HTTP-version.
func looksLikeVersion(s string) bool {
	if !strings.HasPrefix(s, "HTTP/") {
		return false
	}
	for i := 5; i < len(s); i++ {
		if !isDigit(s[i]) && s[i] != '.' {
			return false
		}
	}
	return true
}

// cutEOL takes the line terminator off a line: CR LF, or a lone LF
// (RFC 9112 §2.2).
func cutEOL(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}

// eachListItem calls f with the items of a comma-separated list
// (RFC 9110 §5.6.1), without the empty ones. Commas in quoted strings do not
// separate.
func eachListItem(s string, f func(item string)) {
	start, quoted := 0, false
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == ',' && !quoted:
			if item := strings.Trim(s[start:i], " \t"); item != "" {
				f(item)
			}
			start = i + 1
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\' && quoted && i+1 < len(s):
			i++
		}
	}
}
