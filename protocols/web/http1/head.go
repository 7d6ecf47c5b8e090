package http1

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// headReader reads the lines of one head and counts their bytes.
type headReader struct {
	br   *bufio.Reader
	max  int // bytes left for the whole head
	line int // bytes allowed for one line
}

// read gives one line without its end. A line ends with CR LF; a bare LF is
// taken too (RFC 9112 §2.2), a bare CR is not.
func (r *headReader) read() (string, error) {
	var line []byte
	for {
		part, err := r.br.ReadSlice('\n')
		line = append(line, part...)
		r.max -= len(part)
		if r.max < 0 || len(line) > r.line {
			return "", errTooLarge
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) && len(line) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	for _, c := range line {
		if c == '\r' || c == 0 {
			return "", bad(400, "a line of the head contains a CR or NUL (RFC 9112 §2.2)")
		}
	}
	return string(line), nil
}

var errTooLarge = errors.New("line or head too large")

// readHead reads a start line and the fields after it. line is given the start
// line before the fields are waited for. Up to empty lines before it are
// skipped. io.EOF means that the peer closed before the first byte.
func readHead(br *bufio.Reader, lim Limits, empty int, line func(string) error) (h Header, err error) {
	r := headReader{br: br, max: lim.head(), line: lim.line()}
	// A server ignores empty lines before a request (RFC 9112 §2.2).
	for {
		start, err := r.read()
		if err != nil {
			if errors.Is(err, errTooLarge) {
				return nil, bad(414, "the start line is longer than %d bytes", lim.line())
			}
			return nil, err
		}
		if start != "" {
			if err := line(start); err != nil {
				return nil, err
			}
			break
		}
		if empty--; empty < 0 {
			return nil, bad(400, "there is no start line (RFC 9112 §2.2)")
		}
	}
	r.line = lim.head()
	for {
		line, err := r.read()
		switch {
		case errors.Is(err, errTooLarge):
			return nil, bad(431, "the head is longer than %d bytes", lim.head())
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		case line == "":
			return h, nil
		case line[0] == ' ' || line[0] == '\t':
			return nil, bad(400, "a field is folded over two lines (RFC 9112 §5.2)")
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isToken(name) {
			return nil, bad(400, "%.40q is not a header field (RFC 9112 §5)", line)
		}
		h = append(h, Field{name, strings.Trim(value, " \t")})
	}
}
