package filter

import (
	"fmt"
	"regexp"
	"strings"
)

// Parse reads a display filter. The error says where it went wrong and what
// was expected.
func Parse(text string) (*Filter, error) {
	p := &parser{text: text}
	if err := p.scan(); err != nil {
		return nil, err
	}
	if len(p.toks) == 1 {
		return nil, fmt.Errorf("the display filter is empty: write one as in http.request.method == \"GET\"")
	}
	n, err := p.or()
	if err == nil && p.peek().kind != tokEnd {
		err = p.fail("and, or, or the end")
	}
	if err != nil {
		return nil, err
	}
	return &Filter{root: n, text: text}, nil
}

type tokKind uint8

const (
	tokEnd tokKind = iota
	tokWord
	tokString
	tokOp // == != < > <= >= ( ) { } , ! && ||
)

type token struct {
	kind tokKind
	text string
	pos  int
}

type parser struct {
	text  string
	toks  []token
	i     int
	depth int
}

const maxDepth = 100

var operators = []string{"==", "!=", "<=", ">=", "&&", "||", "=~", "~", "<", ">", "(", ")", "{", "}", ",", "!"}

func (p *parser) scan() error {
	s := p.text
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n':
			i++
		case c == '"':
			var b strings.Builder
			j := i + 1
			for ; j < len(s) && s[j] != '"'; j++ {
				if s[j] == '\\' && j+1 < len(s) {
					j++
				}
				b.WriteByte(s[j])
			}
			if j >= len(s) {
				return fmt.Errorf("display filter: the string at column %d does not end: add a \"", i+1)
			}
			p.toks = append(p.toks, token{tokString, b.String(), i})
			i = j + 1
		default:
			op := ""
			for _, o := range operators {
				if strings.HasPrefix(s[i:], o) {
					op = o
					break
				}
			}
			if op != "" {
				p.toks = append(p.toks, token{tokOp, op, i})
				i += len(op)
				continue
			}
			j := i
			for j < len(s) && !strings.ContainsRune(" \t\n\"=!<>&|(){},~", rune(s[j])) {
				j++
			}
			if j == i {
				return fmt.Errorf("display filter: column %d: %q does not belong here", i+1, s[i:i+1])
			}
			p.toks = append(p.toks, token{tokWord, s[i:j], i})
			i = j
		}
	}
	p.toks = append(p.toks, token{tokEnd, "", len(s)})
	return nil
}

func (p *parser) peek() token { return p.toks[p.i] }

// take consumes the next token if it is one of these words.
func (p *parser) take(words ...string) bool {
	t := p.peek()
	for _, w := range words {
		if t.kind != tokString && t.kind != tokEnd && strings.EqualFold(t.text, w) {
			p.i++
			return true
		}
	}
	return false
}

func (p *parser) fail(expected string) error {
	t := p.peek()
	if t.kind == tokEnd {
		return fmt.Errorf("display filter: it ends where %s is expected", expected)
	}
	return fmt.Errorf("display filter: column %d: %q stands where %s is expected", t.pos+1, t.text, expected)
}

func (p *parser) or() (node, error) {
	l, err := p.and()
	for err == nil && p.take("or", "||") {
		var r node
		if r, err = p.and(); err == nil {
			l = or{l, r}
		}
	}
	return l, err
}

func (p *parser) and() (node, error) {
	l, err := p.unary()
	for err == nil && p.take("and", "&&") {
		var r node
		if r, err = p.unary(); err == nil {
			l = and{l, r}
		}
	}
	return l, err
}

func (p *parser) unary() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("display filter: it is nested more than %d deep", maxDepth)
	}
	defer func() { p.depth-- }()
	if p.take("not", "!") {
		n, err := p.unary()
		return not{n}, err
	}
	if p.take("(") {
		n, err := p.or()
		if err == nil && !p.take(")") {
			err = p.fail("a closing parenthesis")
		}
		return n, err
	}
	return p.relation()
}

// names maps the words for operators to their signs.
var names = map[string]string{"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "contains": "contains",
	"matches": "matches", "~": "matches", "=~": "matches", "==": "==", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "in": "in"}

func (p *parser) relation() (node, error) {
	t := p.peek()
	if t.kind != tokWord {
		return nil, p.fail("a field or protocol")
	}
	p.i++
	name := t.text
	op, ok := names[strings.ToLower(p.peek().text)]
	if !ok || p.peek().kind == tokString || p.peek().kind == tokEnd {
		return present{strings.ToLower(name)}, nil
	}
	p.i++
	if op == "in" {
		return p.set(name)
	}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if op == "matches" {
		re, err := regexp.Compile("(?i)" + v.text)
		if err != nil {
			return nil, fmt.Errorf("display filter: %q is not a regular expression: %w", v.text, err)
		}
		v.re = re
	}
	return compare{name, op, []value{v}}, nil
}

func (p *parser) set(name string) (node, error) {
	if !p.take("{") {
		return nil, p.fail("a set as in {200, 304}")
	}
	n := compare{name: name, op: "=="}
	for {
		if p.take("}") {
			if len(n.vals) == 0 {
				return nil, fmt.Errorf("display filter: the set of %s is empty", name)
			}
			return n, nil
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		n.vals = append(n.vals, v)
		p.take(",")
	}
}

func (p *parser) value() (value, error) {
	t := p.peek()
	if t.kind != tokWord && t.kind != tokString {
		return value{}, p.fail("a value")
	}
	p.i++
	return parseValue(t.text, t.kind == tokString), nil
}
