package http2

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxProblems is how many different problems of one frame or message are
// reported.
const maxProblems = 4

// problems collects what is wrong, each thing once.
type problems struct{ list []string }

func (p *problems) add(text string) {
	if text == "" || len(p.list) >= maxProblems {
		return
	}
	for _, t := range p.list {
		if t == text {
			return
		}
	}
	p.list = append(p.list, text)
}

func (p *problems) addf(format string, a ...any) { p.add(fmt.Sprintf(format, a...)) }

// String joins them; empty if there is nothing wrong.
func (p *problems) String() string { return strings.Join(p.list, "; ") }

// thousands writes a number with commas: 15,961.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// clip shortens text from the wire.
func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// clean makes text from the wire fit for the screen: one line, no control
// characters.
func clean(s string) string {
	for _, r := range s {
		if r < ' ' || r == utf8.RuneError || !unicode.IsPrint(r) {
			q := fmt.Sprintf("%q", s)
			return q[1 : len(q)-1]
		}
	}
	return s
}
