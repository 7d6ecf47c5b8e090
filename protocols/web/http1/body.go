package http1

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

// framing says how the end of a body is found (RFC 9112 §6.3).
type framing struct {
	chunked    bool
	untilClose bool
	length     int64
}

// requestFraming decides for a request. A request without Content-Length and
// Transfer-Encoding has no body.
func requestFraming(r *Request) (framing, error) {
	n, err := contentLength(r.Header)
	if err != nil {
		return framing{}, err
	}
	te := r.Header.Tokens("Transfer-Encoding")
	switch {
	case len(te) == 0:
		return framing{length: max(n, 0)}, nil
	case n >= 0 || r.Proto == HTTP10:
		return framing{}, bad(400, "Transfer-Encoding with Content-Length or in HTTP/1.0 may hide a second request (RFC 9112 §6.1)")
	case len(te) == 1 && te[0] == "chunked":
		return framing{chunked: true}, nil
	}
	return framing{}, bad(501, "the transfer coding %.40q is not known here (RFC 9112 §6.1)", strings.Join(te, ", "))
}

// responseFraming decides for a response to a request with this method.
func responseFraming(method string, r *Response) (framing, error) {
	if method == "HEAD" || r.Status < 200 || r.Status == 204 || r.Status == 304 {
		return framing{}, nil
	}
	if te := r.Header.Tokens("Transfer-Encoding"); len(te) > 0 {
		if te[len(te)-1] != "chunked" {
			return framing{untilClose: true}, nil
		}
		if len(te) > 1 {
			return framing{}, bad(502, "the transfer coding %.40q is not known here", strings.Join(te, ", "))
		}
		return framing{chunked: true}, nil
	}
	n, err := contentLength(r.Header)
	if err != nil {
		return framing{}, err
	}
	if n < 0 {
		return framing{untilClose: true}, nil
	}
	return framing{length: n}, nil
}

// read copies the content to w, at most max bytes, and returns its length.
func (f framing) read(br *bufio.Reader, w io.Writer, max int64) (int64, error) {
	switch {
	case f.chunked:
		return readChunks(br, w, max)
	case f.untilClose:
		n, err := io.Copy(w, io.LimitReader(br, max+1))
		if err == nil && n > max {
			err = errTooMuch
		}
		return n, err
	case f.length > max:
		return 0, errTooMuch
	}
	n, err := io.CopyN(w, br, f.length)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

var errTooMuch = errors.New("body is larger than this side accepts")

// readChunks reads chunked content (RFC 9112 §7.1). Extensions and trailers
// are read and dropped.
func readChunks(br *bufio.Reader, w io.Writer, max int64) (n int64, err error) {
	r := headReader{br: br, line: 4 << 10}
	for {
		r.max = 4 << 10
		line, err := r.read()
		if err != nil {
			return n, chunkError(err)
		}
		digits, _, _ := strings.Cut(line, ";")
		size, err := strconv.ParseUint(strings.TrimSpace(digits), 16, 62)
		if err != nil {
			return n, bad(400, "%.20q is not the size of a chunk (RFC 9112 §7.1)", digits)
		}
		if size == 0 {
			break
		}
		if int64(size) > max-n {
			return n, errTooMuch
		}
		k, err := io.CopyN(w, br, int64(size))
		n += k
		if err != nil {
			return n, chunkError(err)
		}
		if line, err = r.read(); err != nil {
			return n, chunkError(err)
		} else if line != "" {
			return n, bad(400, "a chunk is not followed by CR LF (RFC 9112 §7.1)")
		}
	}
	r.max = 64 << 10
	for {
		line, err := r.read()
		if err != nil {
			return n, chunkError(err)
		}
		if line == "" {
			return n, nil
		}
	}
}

func chunkError(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case errors.Is(err, errTooLarge):
		return bad(400, "the line of a chunk's size is too long")
	}
	return err
}
