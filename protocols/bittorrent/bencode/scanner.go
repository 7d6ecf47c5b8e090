package bencode

import "errors"

// Length says how many bytes the value that b begins with takes, or an error
// that is ErrShort if more are needed. It builds nothing.
func Length(b []byte, l Limits) (int, error) {
	s := NewScanner(l)
	n, done, err := s.Scan(b)
	if err == nil && !done {
		err = short(n)
	}
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Scanner finds the end of a value that comes in pieces. Each byte is looked at
// once, strings are skipped, and what it keeps is one bit a level.
//
// It is a little laxer than Decode: it does not see a key that comes twice.
type Scanner struct {
	lim   Limits
	left  int    // elements that may still come
	dicts []bool // open containers: is it a dictionary?
	key   bool   // the next value in the innermost dictionary is its key
	state scanState
	zero  bool // the number began with 0
	any   bool // the number has a digit
	neg   bool
	num   uint64
	skip  int // bytes of the string still to come
	off   int // bytes taken
	err   error
}

type scanState uint8

const (
	scanValue  scanState = iota // a value, or e, begins
	scanInt                     // within i…e
	scanLength                  // within a string's length
	scanString                  // within a string's bytes
	scanDone
)

// NewScanner makes a scanner for one value.
func NewScanner(l Limits) *Scanner {
	l = l.orDefault()
	return &Scanner{lim: l, left: l.Elements}
}

// Scan takes the next bytes. It says how many of them belong to the value, and
// whether the value is complete. After an error it only repeats the error.
func (s *Scanner) Scan(b []byte) (n int, done bool, err error) {
	if s.err != nil {
		return 0, false, s.err
	}
	for n < len(b) && s.state != scanDone {
		if s.off >= s.lim.Size {
			s.err = limit(s.off, "the value is longer than %d bytes", s.lim.Size)
			return n, false, s.err
		}
		if s.state == scanString {
			k := min(s.skip, len(b)-n)
			s.skip -= k
			n += k
			s.off += k
			if s.skip == 0 {
				s.ended()
			}
			continue
		}
		if s.err = s.step(b[n]); s.err != nil {
			return n, false, s.err
		}
		n++
		s.off++
	}
	return n, s.state == scanDone, nil
}

// ended notes that a value is complete, which may be the whole.
func (s *Scanner) ended() {
	s.state = scanValue
	if len(s.dicts) == 0 {
		s.state = scanDone
		return
	}
	s.key = s.dicts[len(s.dicts)-1] && !s.key
}

func (s *Scanner) step(c byte) error {
	switch s.state {
	case scanInt:
		return s.stepInt(c)
	case scanLength:
		if c == ':' {
			s.state, s.skip = scanString, int(s.num)
			if s.skip > s.lim.Size-s.off-1 {
				return limit(s.off, "the value is longer than %d bytes", s.lim.Size)
			}
			if s.skip == 0 {
				s.ended()
			}
			return nil
		}
		return s.digit(c, "a string's length")
	}
	return s.stepValue(c)
}

func (s *Scanner) stepValue(c byte) error {
	if c == 'e' && len(s.dicts) > 0 {
		in := s.dicts[len(s.dicts)-1]
		if in && !s.key {
			return syntax(s.off, "a key has no value")
		}
		s.dicts = s.dicts[:len(s.dicts)-1]
		s.key = false // the container was a value, not a key
		s.ended()
		return nil
	}
	isString := c >= '0' && c <= '9'
	if s.key && len(s.dicts) > 0 && !isString {
		return syntax(s.off, "a dictionary's key is not a string")
	}
	if s.left--; s.left < 0 {
		return limit(s.off, "there are more than %d elements", s.lim.Elements)
	}
	s.num, s.zero, s.any, s.neg = 0, false, false, false
	switch {
	case c == 'i':
		s.state = scanInt
	case isString:
		s.state = scanLength
		return s.digit(c, "a string's length")
	case c == 'l' || c == 'd':
		if len(s.dicts) >= s.lim.Depth {
			return limit(s.off, "lists and dictionaries are nested more than %d deep", s.lim.Depth)
		}
		s.dicts = append(s.dicts, c == 'd')
		s.key = c == 'd'
	default:
		return syntax(s.off, "no value begins with "+quote(c))
	}
	return nil
}

func (s *Scanner) stepInt(c byte) error {
	switch {
	case c == '-' && !s.neg && !s.any:
		s.neg = true
		return nil
	case c != 'e':
		return s.digit(c, "a number")
	case !s.any:
		return syntax(s.off, "a number has no digits")
	case s.neg && s.num == 0:
		return syntax(s.off, "a number is minus zero")
	case s.neg && s.num > 1<<63, !s.neg && s.num > 1<<63-1:
		return syntax(s.off, "a number does not fit in 64 bits")
	}
	s.ended()
	return nil
}

func (s *Scanner) digit(c byte, what string) error {
	switch {
	case c < '0' || c > '9':
		return syntax(s.off, quote(c)+" stands in "+what)
	case s.zero:
		return syntax(s.off, what+" has a leading zero")
	case s.num > (1<<63)/10:
		return syntax(s.off, what+" does not fit in 64 bits")
	}
	s.zero = !s.any && c == '0'
	s.any = true
	s.num = s.num*10 + uint64(c-'0')
	if s.state == scanLength && s.num > uint64(s.lim.Size) {
		return limit(s.off, "a string is longer than %d bytes", s.lim.Size)
	}
	return nil
}

func quote(c byte) string { return string(appendQuoted(nil, c)) }

func appendQuoted(dst []byte, c byte) []byte {
	if c >= ' ' && c <= '~' {
		return append(dst, '\'', c, '\'')
	}
	const hex = "0123456789abcdef"
	return append(dst, '0', 'x', hex[c>>4], hex[c&15])
}

// IsShort says whether an error only means that more bytes are needed.
func IsShort(err error) bool { return errors.Is(err, ErrShort) }
