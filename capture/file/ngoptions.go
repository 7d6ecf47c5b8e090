package file

import "strings"

// Option codes that are read or written.
const (
	optEnd     = 0
	optComment = 1

	shbHardware = 2
	shbOS       = 3
	shbUserAppl = 4

	ifName        = 2
	ifDescription = 3
	ifTsResol     = 9
	ifTsOffset    = 14

	isbIfDrop = 5
	isbOSDrop = 7
)

// options walks over a list of options. Broken options end the list: they are
// never needed to understand the rest of the file.
type options struct {
	b   []byte
	big bool
}

func (o *options) next() (code uint16, value []byte, ok bool) {
	if len(o.b) < 4 {
		return 0, nil, false
	}
	code = u16(o.b, o.big)
	n := int(u16(o.b[2:], o.big))
	if code == optEnd || n > len(o.b)-4 {
		return 0, nil, false
	}
	value = o.b[4 : 4+n : 4+n]
	o.b = o.b[min(4+pad4(n), len(o.b)):]
	return code, value, true
}

// pad4 rounds up to a multiple of four, as all fields of pcapng are.
func pad4(n int) int { return (n + 3) &^ 3 }

// text makes a string of bytes that should be UTF-8 and may be anything,
// zero-terminated by some writers.
func text(b []byte) string {
	return strings.ToValidUTF8(strings.TrimRight(string(b), "\x00"), "\uFFFD")
}

// addLine joins comments as a person reads them: one below the other.
func addLine(s, line string) string {
	if s == "" {
		return line
	}
	return s + "\n" + line
}
