package http1

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"netscope/decoders"
	"netscope/decoders/coding"
)

// MaxContent is the most content that [ContentLength] decodes, in bytes.
const MaxContent = 1 << 30

// ErrTooLong says that content is longer than [MaxContent].
var ErrTooLong = errors.New("the content is longer than 1 GiB: a small message can expand to any size")

// Body is the content of a message: chunk framing and codings taken off. It is
// a stream; what cannot be decoded ends it with an error after what could be.
func (Decoder) Body(m decoders.Exposed, raw io.Reader) (io.Reader, error) {
	if m.Total > 0 {
		raw = io.LimitReader(raw, m.Total)
	}
	switch formOf(m) {
	case strayBytes, content09:
		return raw, nil
	case oneChunk:
		return chunkBody(m, raw)
	}
	if m.HeadLen < 0 || m.HeadLen > maxHead {
		return nil, fmt.Errorf("a head of %d bytes cannot be read", m.HeadLen)
	}
	b := make([]byte, m.HeadLen)
	if n, err := io.ReadFull(raw, b); err != nil {
		return nil, fmt.Errorf("only %d of the %d bytes of the head are there: %w", n, m.HeadLen, io.ErrUnexpectedEOF)
	}
	h := parseHead(string(b))
	method := ""
	if m.Request != nil {
		method = m.Request.Name
	}
	f, length := h.frame(method)
	var body io.Reader
	switch f {
	case noBody, tunnel:
		return io.LimitReader(raw, 0), nil
	case byLength:
		body = &exactly{r: raw, left: length}
	case chunked:
		body = &dechunker{r: bufio.NewReaderSize(raw, maxChunkHead)}
	default:
		body = raw
	}
	te, _ := h.get("transfer-encoding")
	body, err := coding.Undo(body, te)
	if err != nil {
		return nil, err
	}
	ce, _ := h.get("content-encoding")
	return coding.Undo(body, ce)
}

// chunkBody is the data of one chunk.
func chunkBody(m decoders.Exposed, raw io.Reader) (io.Reader, error) {
	if _, err := io.CopyN(io.Discard, raw, m.HeadLen); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	size, _ := decoders.Lookup(m.Fields, "http.chunk_size")
	return &exactly{r: raw, left: size.Int}, nil
}

// ContentLength is the length and SHA-256 of a message's content after chunk
// framing and codings are taken off. With an error they are those of what could
// be decoded.
func ContentLength(m decoders.Exposed, raw io.Reader) (n int64, sum [32]byte, err error) {
	return contentLength(m, raw, MaxContent)
}

func contentLength(m decoders.Exposed, raw io.Reader, most int64) (n int64, sum [32]byte, err error) {
	h := sha256.New()
	body, err := Decoder{}.Body(m, raw)
	if err == nil {
		n, err = io.Copy(h, io.LimitReader(body, most))
		if err == nil && n == most {
			if k, _ := io.ReadFull(body, make([]byte, 1)); k > 0 {
				err = ErrTooLong
			}
		}
	}
	h.Sum(sum[:0])
	return n, sum, err
}

// exactly reads left bytes and complains if there are fewer.
type exactly struct {
	r    io.Reader
	left int64
}

func (e *exactly) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	if int64(len(b)) > e.left {
		b = b[:e.left]
	}
	n, err := e.r.Read(b)
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// dechunker takes chunk framing off (RFC 9112 §7.1).
type dechunker struct {
	r     *bufio.Reader
	left  int64
	begun bool
	err   error
}

func (d *dechunker) Read(b []byte) (int, error) {
	if d.err == nil && d.left == 0 {
		d.err = d.next()
	}
	if d.err != nil || len(b) == 0 {
		return 0, d.err
	}
	if int64(len(b)) > d.left {
		b = b[:d.left]
	}
	n, err := d.r.Read(b)
	d.left -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	d.err = err
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// next reads the header of the next chunk; io.EOF is the last one.
func (d *dechunker) next() error {
	if d.begun {
		end, err := d.r.ReadSlice('\n')
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil || len(cutEOL(end)) > 0 {
			return errors.New(badChunkEnd)
		}
	}
	d.begun = true
	line, err := d.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return errors.New(badChunkLong)
	case err != nil:
		return io.ErrUnexpectedEOF
	}
	size, _, ok := parseChunkHead(string(cutEOL(line)))
	if !ok {
		return errors.New(badChunkSize)
	}
	if size == 0 {
		return io.EOF
	}
	d.left = size
	return nil
}
