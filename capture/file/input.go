package file

import (
	"context"
	"io"
)

// bufSize is how much is read at once: large enough that system calls do not
// count, small enough to stay in the processor's cache.
const bufSize = 256 << 10

// input is a window on a byte stream. Slices that it hands out are valid until
// the next peek.
type input struct {
	ctx    context.Context
	r      io.Reader
	buf    []byte
	lo, hi int   // buf[lo:hi] is what has been read and not yet used
	off    int64 // stream offset of buf[lo]
	err    error // what ended reading; sticky
}

func newInput(ctx context.Context, r io.Reader) *input {
	return &input{ctx: ctx, r: r, buf: make([]byte, bufSize)}
}

// peek returns the next n bytes without using them up. When the stream ends
// before, it returns what there is and the reason (io.EOF at a plain end).
func (in *input) peek(n int) ([]byte, error) {
	if in.hi-in.lo >= n {
		return in.buf[in.lo : in.lo+n : in.lo+n], nil
	}
	if err := in.fill(n); err != nil {
		return in.buf[in.lo:in.hi:in.hi], err
	}
	return in.buf[in.lo : in.lo+n : in.lo+n], nil
}

// use moves past n bytes that have been peeked.
func (in *input) use(n int) {
	in.lo += n
	in.off += int64(n)
}

// discard moves past n bytes that need not have been read yet, without keeping
// them. It returns io.EOF if there are fewer.
func (in *input) discard(n int64) error {
	for {
		have := int64(in.hi - in.lo)
		if have >= n {
			in.use(int(n))
			return nil
		}
		in.use(int(have))
		n -= have
		if err := in.fill(1); err != nil {
			return err
		}
	}
}

// fill reads until n bytes are buffered. The buffer grows only as bytes
// arrive: a length field alone allocates nothing.
func (in *input) fill(n int) error {
	if in.lo > 0 {
		copy(in.buf, in.buf[in.lo:in.hi])
		in.lo, in.hi = 0, in.hi-in.lo
	}
	for idle := 0; in.hi < n; {
		if in.err != nil {
			return in.err
		}
		if in.err = in.ctx.Err(); in.err != nil {
			return in.err
		}
		if in.hi == len(in.buf) {
			in.buf = append(make([]byte, 0, 2*len(in.buf)), in.buf...)
			in.buf = in.buf[:cap(in.buf)]
		}
		got, err := in.r.Read(in.buf[in.hi:])
		in.hi += got
		in.err = err
		if got > 0 {
			idle = 0
		} else if idle++; idle > 100 && err == nil {
			in.err = io.ErrNoProgress
		}
	}
	return nil
}

// sound says that all reading so far went well: what is wrong is in the bytes.
func (in *input) sound() bool {
	return in.ctx.Err() == nil && (in.err == nil || in.err == io.EOF)
}

// Read and ReadByte let a decompressor read from the window.
func (in *input) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if in.lo == in.hi {
		if err := in.fill(1); err != nil {
			return 0, err
		}
	}
	n := copy(p, in.buf[in.lo:in.hi])
	in.use(n)
	return n, nil
}

func (in *input) ReadByte() (byte, error) {
	if in.lo == in.hi {
		if err := in.fill(1); err != nil {
			return 0, err
		}
	}
	b := in.buf[in.lo]
	in.use(1)
	return b, nil
}
