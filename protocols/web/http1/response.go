package http1

import (
	"bufio"
	"strconv"
	"strings"
)

// Response is the head of a response.
type Response struct {
	Proto  string
	Status int
	Reason string
	Header Header
	Length int64 // of the content that came with it; as received, after the body has been read
}

// AppendHead appends the status line and the fields as they go on the wire.
func (r *Response) AppendHead(b []byte) []byte {
	b = append(b, r.Proto...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = append(b, ' ')
	b = append(b, r.Reason...)
	b = append(b, "\r\n"...)
	return r.Header.append(b)
}

// Persists reports whether the server will go on using the connection.
func (r *Response) Persists() bool { return persists(r.Proto, r.Header) }

// ReadResponse reads the head of a response, interim ones included.
func ReadResponse(br *bufio.Reader, lim Limits) (*Response, error) {
	r := &Response{}
	var err error
	if r.Header, err = readHead(br, lim, 0, r.parseLine); err != nil {
		return nil, err
	}
	return r, nil
}

// parseLine reads version SP three digits SP [reason] (RFC 9112 §4).
func (r *Response) parseLine(line string) (err error) {
	version, rest, _ := strings.Cut(line, " ")
	if r.Proto, err = parseVersion(version); err != nil {
		return err
	}
	code, reason, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || n < 100 {
		return bad(502, "%.40q is not a status line (RFC 9112 §4)", line)
	}
	r.Status, r.Reason = n, reason
	return nil
}

// reason is the reason phrase of the statuses that this server sends.
func reason(status int) string {
	switch status {
	case 200:
		return "OK"
	case 400:
		return "Bad Request"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 408:
		return "Request Timeout"
	case 413:
		return "Content Too Large"
	case 414:
		return "URI Too Long"
	case 417:
		return "Expectation Failed"
	case 431:
		return "Request Header Fields Too Large"
	case 500:
		return "Internal Server Error"
	case 501:
		return "Not Implemented"
	case 505:
		return "HTTP Version Not Supported"
	}
	return ""
}
