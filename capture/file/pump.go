package file

import (
	"context"
	"io"
)

// pump reads a stream that may block for ever (a pipe, a terminal) in a
// goroutine of its own, so that a done context ends the reading side at once.
// The goroutine ends with the context, or, if it hangs in a Read that cannot be
// interrupted, with that Read.
type pump struct {
	ctx  context.Context
	full chan piece
	free chan []byte
	cur  piece
	rest []byte
}

type piece struct {
	buf []byte // whole buffer, to be given back
	n   int
	err error
}

func newPump(ctx context.Context, r io.Reader) *pump {
	p := &pump{ctx: ctx, full: make(chan piece), free: make(chan []byte, 2)}
	for range cap(p.free) {
		p.free <- make([]byte, bufSize/2)
	}
	go p.read(r)
	return p
}

func (p *pump) read(r io.Reader) {
	for {
		var buf []byte
		select {
		case buf = <-p.free:
		case <-p.ctx.Done():
			return
		}
		n, err := r.Read(buf)
		select {
		case p.full <- piece{buf, n, err}:
		case <-p.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (p *pump) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		if p.cur.err != nil {
			return 0, p.cur.err
		}
		if p.cur.buf != nil {
			p.free <- p.cur.buf // never blocks: there are as many places as buffers
			p.cur.buf = nil
		}
		select {
		case p.cur = <-p.full:
			p.rest = p.cur.buf[:p.cur.n]
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	if len(p.rest) == 0 {
		return n, p.cur.err
	}
	return n, nil
}
