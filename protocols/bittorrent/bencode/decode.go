package bencode

import (
	"bytes"
	"errors"
	"fmt"
)

// Limits bound what Decode and Scanner accept. A zero field takes its default.
type Limits struct {
	Depth    int // containers within containers, at most 512; 0: 64
	Elements int // values and keys in all; 0: 65,536
	Size     int // bytes of the whole value; 0: 16 MiB
}

const (
	defaultDepth    = 64
	maxDepth        = 512 // decoding recurses: a caller cannot ask for a deep stack
	defaultElements = 1 << 16
	defaultSize     = 16 << 20
)

func (l Limits) orDefault() Limits {
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	l.Depth = min(l.Depth, maxDepth)
	if l.Elements <= 0 {
		l.Elements = defaultElements
	}
	if l.Size <= 0 {
		l.Size = defaultSize
	}
	return l
}

// What an error is about, for errors.Is.
var (
	ErrShort  = errors.New("the bencoded value is not complete")
	ErrLimit  = errors.New("the bencoded value is beyond a limit")
	ErrSyntax = errors.New("the bytes are not bencoded")
)

// Error says what is wrong and where.
type Error struct {
	Off  int    // of the offending byte
	What string // "a number has a leading zero"
	Kind error  // ErrShort, ErrLimit or ErrSyntax
}

// Error gives one sentence.
func (e *Error) Error() string {
	return fmt.Sprintf("bencoding at byte %d: %s", e.Off, e.What)
}

// Unwrap gives the kind of error.
func (e *Error) Unwrap() error { return e.Kind }

func syntax(off int, what string) error { return &Error{Off: off, What: what, Kind: ErrSyntax} }
func short(off int) error {
	return &Error{Off: off, What: "the value ends too early", Kind: ErrShort}
}
func limit(off int, format string, a ...any) error {
	return &Error{Off: off, What: fmt.Sprintf(format, a...), Kind: ErrLimit}
}

// Decode reads one value that takes all of b, within the default limits.
func Decode(b []byte) (Value, error) { return DecodeLimits(b, Limits{}) }

// DecodeLimits reads one value that takes all of b.
func DecodeLimits(b []byte, l Limits) (Value, error) {
	v, n, err := DecodePrefix(b, l)
	if err != nil {
		return Value{}, err
	}
	if n != len(b) {
		return Value{}, syntax(n, "there are more bytes behind the value")
	}
	return v, nil
}

// DecodePrefix reads the value that b begins with and says how many bytes it
// takes; what follows is the caller's (ut_metadata puts a piece there, BEP 9).
// ErrShort means that more bytes could complete it.
//
// Keys out of order are accepted, since such torrents are about; a key that
// comes twice is not, since readers would differ in which one counts.
func DecodePrefix(b []byte, l Limits) (Value, int, error) {
	l = l.orDefault()
	d := decoder{b: b, lim: l, left: l.Elements}
	if len(b) > l.Size {
		d.b, d.cut = b[:l.Size:l.Size], true
	}
	v, n, err := d.value(0, 0)
	if err != nil && d.cut && errors.Is(err, ErrShort) {
		err = limit(l.Size, "the value is longer than %d bytes", l.Size)
	}
	return v, n, err
}

type decoder struct {
	b    []byte
	lim  Limits
	left int  // elements that may still come
	cut  bool // b goes on beyond the limit
}

// value reads the value at p and gives the position behind it.
func (d *decoder) value(p, depth int) (Value, int, error) {
	if p >= len(d.b) {
		return Value{}, 0, short(p)
	}
	if d.left--; d.left < 0 {
		return Value{}, 0, limit(p, "there are more than %d elements", d.lim.Elements)
	}
	c := d.b[p]
	v, end := Value{Off: p}, 0
	var err error
	switch {
	case c == 'i':
		v.Kind = Integer
		v.Int, end, err = d.integer(p)
	case c >= '0' && c <= '9':
		v.Kind = String
		v.Str, end, err = d.str(p)
	case c == 'l' || c == 'd':
		if depth >= d.lim.Depth {
			return Value{}, 0, limit(p, "lists and dictionaries are nested more than %d deep", d.lim.Depth)
		}
		if c == 'l' {
			v.Kind = List
			v.List, end, err = d.list(p+1, depth+1)
		} else {
			v.Kind = Dict
			v.Dict, end, err = d.dict(p+1, depth+1)
		}
	default:
		return Value{}, 0, syntax(p, "no value begins with "+quote(c))
	}
	if err != nil {
		return Value{}, 0, err
	}
	v.Len = end - p
	return v, end, nil
}

func (d *decoder) list(p, depth int) ([]Value, int, error) {
	var out []Value
	for {
		if p >= len(d.b) {
			return nil, 0, short(p)
		}
		if d.b[p] == 'e' {
			return out, p + 1, nil
		}
		v, end, err := d.value(p, depth)
		if err != nil {
			return nil, 0, err
		}
		out, p = append(out, v), end
	}
}

func (d *decoder) dict(p, depth int) ([]Entry, int, error) {
	var out []Entry
	var seen map[string]bool // only once the order is broken
	for {
		if p >= len(d.b) {
			return nil, 0, short(p)
		}
		if d.b[p] == 'e' {
			return out, p + 1, nil
		}
		if c := d.b[p]; c < '0' || c > '9' {
			return nil, 0, syntax(p, "a dictionary's key is not a string")
		}
		if d.left--; d.left < 0 {
			return nil, 0, limit(p, "there are more than %d elements", d.lim.Elements)
		}
		key, end, err := d.str(p)
		if err != nil {
			return nil, 0, err
		}
		e := Entry{Key: key, KeyOff: p, KeyLen: end - p}
		if seen == nil && len(out) > 0 && bytes.Compare(out[len(out)-1].Key, key) >= 0 {
			seen = make(map[string]bool, len(out))
			for _, o := range out {
				seen[string(o.Key)] = true
			}
		}
		if seen != nil {
			if seen[string(key)] {
				return nil, 0, syntax(p, fmt.Sprintf("the key %.40q comes twice", key))
			}
			seen[string(key)] = true
		}
		if e.Value, p, err = d.value(end, depth); err != nil {
			return nil, 0, err
		}
		out = append(out, e)
	}
}

// integer reads i…e: no leading zero, no minus zero, 64 bits (BEP 3).
func (d *decoder) integer(p int) (int64, int, error) {
	q := p + 1
	neg := q < len(d.b) && d.b[q] == '-'
	if neg {
		q++
	}
	start, n := q, uint64(0)
	for ; q < len(d.b) && d.b[q] != 'e'; q++ {
		c := d.b[q]
		if c < '0' || c > '9' {
			return 0, 0, syntax(q, quote(c)+" stands in a number")
		}
		if q > start && d.b[start] == '0' {
			return 0, 0, syntax(start, "a number has a leading zero")
		}
		if n > (1<<63)/10 { // else n·10 + 9 stays far below 2⁶⁴
			return 0, 0, syntax(p, "a number does not fit in 64 bits")
		}
		n = n*10 + uint64(c-'0')
	}
	switch {
	case q >= len(d.b):
		return 0, 0, short(q)
	case q == start:
		return 0, 0, syntax(q, "a number has no digits")
	case neg && n == 0:
		return 0, 0, syntax(p, "a number is minus zero")
	case neg && n > 1<<63, !neg && n > 1<<63-1:
		return 0, 0, syntax(p, "a number does not fit in 64 bits")
	case neg:
		return -int64(n), q + 1, nil
	}
	return int64(n), q + 1, nil
}

// str reads n:bytes. The bytes are shared, and cut so that append copies.
func (d *decoder) str(p int) ([]byte, int, error) {
	n, q := 0, p
	for ; q < len(d.b) && d.b[q] != ':'; q++ {
		c := d.b[q]
		if c < '0' || c > '9' {
			return nil, 0, syntax(q, "a string's length is not a number")
		}
		if q > p && d.b[p] == '0' {
			return nil, 0, syntax(p, "a string's length has a leading zero")
		}
		if n = n*10 + int(c-'0'); n > d.lim.Size {
			return nil, 0, limit(p, "a string is longer than %d bytes", d.lim.Size)
		}
	}
	if q >= len(d.b) {
		return nil, 0, short(q)
	}
	q++
	if n > d.lim.Size-q {
		return nil, 0, limit(p, "the value is longer than %d bytes", d.lim.Size)
	}
	if n > len(d.b)-q {
		return nil, 0, short(len(d.b))
	}
	return d.b[q : q+n : q+n], q + n, nil
}
