package http3

import (
	"bufio"
	"fmt"
	"io"

	"netscope/decoders"
	"netscope/decoders/coding"
)

// Body is the content of a request or response, or of one frame: that of its DATA
// frames, and of the former with content codings taken off. raw are the bytes of
// its stream, from the first of the message on. It is a stream; what cannot be
// decoded ends it with an error after what could be.
func Body(m decoders.Exposed, raw io.Reader) (io.Reader, error) {
	if m.Total > 0 {
		raw = io.LimitReader(raw, m.Total)
	}
	if _, frame := decoders.Lookup(m.Fields, "http3.frame_type"); frame {
		if _, err := io.CopyN(io.Discard, raw, m.HeadLen); err != nil && err != io.EOF {
			return nil, err
		}
		return raw, nil
	}
	if m.Kind == decoders.EventKind {
		return raw, nil
	}
	r := io.Reader(&content{r: bufio.NewReader(raw)})
	if ce, ok := decoders.Lookup(m.Fields, "http3.headers.content_encoding"); ok {
		return coding.Undo(r, ce.Str)
	}
	return r, nil
}

// content reads what the DATA frames of a stream carry and passes over the
// others.
type content struct {
	r    *bufio.Reader
	left int64 // of the present frame
	err  error
}

func (c *content) Read(b []byte) (int, error) {
	for c.err == nil && c.left == 0 {
		c.err = c.advance()
	}
	if c.err != nil || len(b) == 0 {
		return 0, c.err
	}
	n, err := c.r.Read(b[:min(int64(len(b)), c.left)])
	c.left -= int64(n)
	if err == io.EOF && c.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != io.EOF {
		c.err = err
	}
	return n, c.err
}

// advance goes to the next DATA frame; io.EOF says that there is none.
func (c *content) advance() error {
	for {
		t, err := readVarint(c.r)
		if err != nil {
			return err
		}
		size, err := readVarint(c.r)
		if err == io.EOF || size > 1<<62-1 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		if t == frameData {
			c.left = int64(size)
			return nil
		}
		if _, err := io.CopyN(io.Discard, c.r, int64(size)); err != nil {
			return fmt.Errorf("the stream ends within a frame: %w", io.ErrUnexpectedEOF)
		}
	}
}

// readVarint reads a variable-length integer (RFC 9000 §16). io.EOF says that
// there is nothing more.
func readVarint(r *bufio.Reader) (uint64, error) {
	first, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	v := uint64(first & 0x3f)
	for range 1<<(first>>6) - 1 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		v = v<<8 | uint64(b)
	}
	return v, nil
}
