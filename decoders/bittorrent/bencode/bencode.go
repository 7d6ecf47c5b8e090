// Package bencode reads bencoded bytes (BEP 3) with the place of every value in
// them, so that a field tree can light its bytes. It is strict where BEP 3
// leaves no choice and lenient about what only a hash depends on: keys out of
// order are reported by [Value.Unsorted], not refused.
//
// It must not know what the values mean, and it writes nothing: encoding
// belongs to the programs that speak the protocol.
package bencode

import "strconv"

// Kind is the type of a value.
type Kind uint8

// The four types of BEP 3.
const (
	Int Kind = iota
	String
	List
	Dict
)

// String is the type's name in BEP 3.
func (k Kind) String() string { return [...]string{"integer", "string", "list", "dictionary"}[k&3] }

// Value is a bencoded value. Off and Len are its span in what was read.
type Value struct {
	Kind     Kind
	Off, Len int
	Int      int64
	Str      []byte  // of a string; it lies at Off+Len-len(Str)
	Items    []Value // of a list; of a dictionary its values
	Keys     []Value // of a dictionary: the keys of Items
	Unsorted bool    // a dictionary's keys are not in order, or not unique
	Cut      bool    // values beyond the bounds were left out
}

const (
	maxDepth  = 24
	maxValues = 1 << 14 // in one document
)

// Parse reads one value from the beginning of b and says how many bytes it
// took. bad says what is wrong, "" if nothing; v then holds what could be read.
func Parse(b []byte) (v Value, n int, bad string) {
	p := parser{b: b}
	v = p.value(0)
	return v, p.i, p.bad
}

// Get is the value under a key, or nil.
func (v *Value) Get(key string) *Value {
	if v == nil || v.Kind != Dict {
		return nil
	}
	for i := range v.Keys {
		if string(v.Keys[i].Str) == key && i < len(v.Items) {
			return &v.Items[i]
		}
	}
	return nil
}

// Text is the string under a key, nil if there is none.
func (v *Value) Text(key string) []byte {
	if x := v.Get(key); x != nil && x.Kind == String {
		return x.Str
	}
	return nil
}

// Number is the integer under a key.
func (v *Value) Number(key string) (int64, bool) {
	if x := v.Get(key); x != nil && x.Kind == Int {
		return x.Int, true
	}
	return 0, false
}

type parser struct {
	b   []byte
	i   int
	n   int
	bad string
}

func (p *parser) fail(why string) { p.bad = why + " at byte " + strconv.Itoa(p.i) }

func (p *parser) value(depth int) (v Value) {
	v.Off = p.i
	defer func() { v.Len = p.i - v.Off }()
	p.n++
	switch {
	case p.i >= len(p.b):
		p.fail("the bencoding ends too early")
	case depth > maxDepth || p.n > maxValues:
		v.Cut = true
		p.fail("more values or levels than are read")
	case p.b[p.i] == 'i':
		v.Kind = Int
		p.i++
		v.Int = p.number('e')
	case p.b[p.i] == 'l':
		v.Kind = List
		p.i++
		for p.more() {
			v.Items = append(v.Items, p.value(depth+1))
		}
	case p.b[p.i] == 'd':
		v.Kind = Dict
		p.i++
		p.dict(&v, depth)
	case p.b[p.i] >= '0' && p.b[p.i] <= '9':
		v.Kind = String
		v.Str = p.text()
	default:
		p.fail("no bencoded value begins with this byte")
	}
	return v
}

func (p *parser) dict(v *Value, depth int) {
	last := ""
	for p.more() {
		k := Value{Kind: String, Off: p.i}
		if p.b[p.i] < '0' || p.b[p.i] > '9' {
			p.fail("a key of a dictionary is not a string (BEP 3)")
			return
		}
		k.Str = p.text()
		k.Len = p.i - k.Off
		if p.bad != "" {
			return
		}
		if len(v.Keys) > 0 && string(k.Str) <= last {
			v.Unsorted = true
		}
		last = string(k.Str)
		item := p.value(depth + 1)
		v.Keys, v.Items = append(v.Keys, k), append(v.Items, item)
	}
}

// more reports that a list or dictionary goes on; else it takes its end.
func (p *parser) more() bool {
	switch {
	case p.bad != "":
		return false
	case p.i >= len(p.b):
		p.fail("the bencoding ends too early")
		return false
	case p.b[p.i] == 'e':
		p.i++
		return false
	}
	return true
}

// number reads digits up to end.
func (p *parser) number(end byte) int64 {
	from := p.i
	for p.i < len(p.b) && p.b[p.i] != end && p.i-from <= 20 {
		p.i++
	}
	if p.i >= len(p.b) || p.b[p.i] != end {
		p.fail("a number does not end")
		return 0
	}
	s := string(p.b[from:p.i])
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || s[0] == '+' || len(s) > 1 && (s[0] == '0' || s[:2] == "-0") {
		p.fail("no valid number (BEP 3: no leading zeros)")
		return 0
	}
	p.i++
	return n
}

func (p *parser) text() []byte {
	n := p.number(':')
	if p.bad != "" {
		return nil
	}
	if n < 0 || n > int64(len(p.b)-p.i) {
		p.fail("a string is longer than what there is")
		return nil
	}
	s := p.b[p.i : p.i+int(n) : p.i+int(n)]
	p.i += int(n)
	return s
}
