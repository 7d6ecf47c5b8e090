// Package coding undoes the codings of HTTP content (RFC 9110 §8.4), whatever
// version of HTTP carries it. It is a stream: nothing of the size of the content
// is kept, and what cannot be decoded ends it with an error after what could be.
//
// It must not know of messages or framing.
package coding

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// maxCodings is how many codings of one message are undone.
const maxCodings = 4

// maxWindow is the most memory that a coding may ask for, in bytes: what
// RFC 9659 §3 lets zstd use over HTTP.
const maxWindow = 8 << 20

// Undo undoes a list of codings, as Content-Encoding or Transfer-Encoding names
// them, the last first. chunked and identity are passed over.
func Undo(r io.Reader, list string) (io.Reader, error) {
	var names []string
	for item := range strings.SplitSeq(list, ",") {
		item, _, _ = strings.Cut(item, ";")
		if n := strings.ToLower(strings.TrimSpace(item)); n != "" && n != "identity" && n != "chunked" && len(names) <= maxCodings {
			names = append(names, n)
		}
	}
	if len(names) > maxCodings {
		return nil, fmt.Errorf("more than %d codings are applied: they are not undone", maxCodings)
	}
	for i := len(names) - 1; i >= 0; i-- {
		open, err := opener(names[i])
		if err != nil {
			return nil, err
		}
		r = &coding{name: names[i], src: bufio.NewReader(r), open: open}
	}
	return r, nil
}

// opener is how a coding is undone.
func opener(name string) (func(*bufio.Reader) (io.Reader, error), error) {
	switch name {
	case "gzip", "x-gzip":
		return func(r *bufio.Reader) (io.Reader, error) { return gzip.NewReader(r) }, nil
	case "deflate":
		return openDeflate, nil
	case "br":
		return func(r *bufio.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }, nil
	case "zstd":
		return func(r *bufio.Reader) (io.Reader, error) {
			return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		}, nil
	}
	return nil, fmt.Errorf("the coding %q is not known: the content is shown as it is on the wire", name)
}

// openDeflate undoes deflate, which is the zlib format (RFC 9110 §8.4.1.2).
// Some servers send the bare compressed data, and browsers take both.
func openDeflate(r *bufio.Reader) (io.Reader, error) {
	b, err := r.Peek(2)
	if err != nil {
		return nil, err
	}
	if b[0]&0x0f == 8 && (uint(b[0])<<8|uint(b[1]))%31 == 0 {
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}

// coding undoes one coding. It opens on the first read, so that an error comes
// after what could be decoded.
type coding struct {
	name string
	src  *bufio.Reader
	open func(*bufio.Reader) (io.Reader, error)
	out  io.Reader
	err  error
}

func (c *coding) Read(b []byte) (int, error) {
	if c.out == nil && c.err == nil {
		if _, err := c.src.Peek(1); err == io.EOF {
			c.err = io.EOF // no content at all: nothing was coded
		} else if c.out, err = c.open(c.src); err != nil {
			c.err = c.wrap(err)
		}
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.out.Read(b)
	if err != nil {
		c.err = c.wrap(err)
	}
	return n, c.err
}

func (c *coding) wrap(err error) error {
	switch err {
	case io.EOF:
		if c.out != nil {
			return io.EOF
		}
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the content is no valid %s: %w", c.name, err)
}
