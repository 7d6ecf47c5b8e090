package http2

import (
	"errors"
	"fmt"
	"io"

	"netscope/decoders"
	"netscope/decoders/coding"
)

// Body is the content of a message: that of the DATA frames of its stream,
// padding and content codings taken off. Frames of other streams in between are
// passed over. It is a stream; what cannot be decoded ends it with an error
// after what could be.
func (Decoder) Body(m decoders.Exposed, raw io.Reader) (io.Reader, error) {
	if m.Total > 0 {
		raw = io.LimitReader(raw, m.Total)
	}
	switch {
	case m.Kind == decoders.EventKind && m.Name == nameData:
		return raw, nil
	case m.Name == nameGRPC && has(m.Fields, "grpc.message_length"):
		return grpcBody(m, raw)
	case isFrame(m):
		return frameBody(m, raw)
	}
	id, ok := decoders.Lookup(m.Fields, "http2.streamid")
	if !ok {
		return raw, nil
	}
	r := io.Reader(&content{r: raw, stream: uint32(id.Int)})
	if ce, ok := decoders.Lookup(m.Fields, "http2.headers.content_encoding"); ok {
		return coding.Undo(r, ce.Str)
	}
	return r, nil
}

// frameBody is the payload of one frame, of DATA without padding.
func frameBody(m decoders.Exposed, raw io.Reader) (io.Reader, error) {
	var b [headLen]byte
	if _, err := io.ReadFull(raw, b[:]); err != nil {
		return nil, fmt.Errorf("the header of the frame is not all there: %w", io.ErrUnexpectedEOF)
	}
	h := parseHeader(b[:])
	if h.Type != Data {
		return io.LimitReader(raw, int64(h.Length)), nil
	}
	c := &content{r: raw, stream: h.Stream, one: true}
	return c, c.payload(h)
}

// grpcBody is a length-prefixed message that lies in one frame.
func grpcBody(m decoders.Exposed, raw io.Reader) (io.Reader, error) {
	size, _ := decoders.Lookup(m.Fields, "grpc.message_length")
	if m.HeadLen != grpcPrefix || m.Total != grpcPrefix+size.Int {
		return nil, errors.New("this message spans several DATA frames: look at the content of the request or response")
	}
	if _, err := io.CopyN(io.Discard, raw, m.HeadLen); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	return io.LimitReader(raw, size.Int), nil
}

// content reads the DATA frames of one stream among frames of all streams.
type content struct {
	r      io.Reader
	stream uint32
	left   int64 // content of the present frame
	after  int64 // padding after it
	one    bool  // only this frame
	err    error
}

func (c *content) Read(b []byte) (int, error) {
	for c.err == nil && c.left == 0 {
		c.err = c.advance()
	}
	if c.err != nil || len(b) == 0 {
		return 0, c.err
	}
	if int64(len(b)) > c.left {
		b = b[:c.left]
	}
	n, err := c.r.Read(b)
	c.left -= int64(n)
	if err == io.EOF && c.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != io.EOF {
		c.err = err
	}
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// advance goes to the next DATA frame of the stream; io.EOF says that there is
// none.
func (c *content) advance() error {
	if err := c.skip(c.after); err != nil {
		return err
	}
	c.after = 0
	if c.one {
		return io.EOF
	}
	for {
		var b [headLen]byte
		if _, err := io.ReadFull(c.r, b[:]); err != nil {
			return err // io.EOF between frames is the end
		}
		h := parseHeader(b[:])
		if h.Type == Data && h.Stream == c.stream {
			return c.payload(h)
		}
		if err := c.skip(int64(h.Length)); err != nil {
			return err
		}
	}
}

// payload begins the payload of a DATA frame.
func (c *content) payload(h Header) error {
	f := Frame{Header: h}
	if h.Flags.Has(Padded) && h.Length > 0 {
		f.Payload = make([]byte, 1)
		if _, err := io.ReadFull(c.r, f.Payload); err != nil {
			return io.ErrUnexpectedEOF
		}
	}
	_, n, after, _ := f.content()
	c.left, c.after = int64(n), int64(after)
	return nil
}

func (c *content) skip(n int64) error {
	if n == 0 {
		return nil
	}
	if _, err := io.CopyN(io.Discard, c.r, n); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	return nil
}
