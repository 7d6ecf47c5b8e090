package http2

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"strings"

	"golang.org/x/net/http2"

	"netscope/protocols/web/http1"
)

// opening is how a connection begins.
type opening struct {
	http1    bool            // the client speaks HTTP/1 and did not ask for more
	request  *http1.Request  // the request that asked for the upgrade; nil: prior knowledge
	settings []http2.Setting // that came with it
}

// maxUpgrade is how long the head of a request may be that asks for an upgrade.
const maxUpgrade = 16 << 10

// begin looks at a client's first bytes: the preface, or a request of HTTP/1.
func (s *Server) begin(c net.Conn, br *bufio.Reader) (opening, error) {
	for n := 1; ; n = br.Buffered() + 1 {
		b, err := br.Peek(min(n, len(Preface)))
		if !strings.HasPrefix(Preface, string(b)) {
			break
		}
		if len(b) == len(Preface) {
			return opening{}, nil
		}
		if err != nil {
			return opening{}, err
		}
	}
	for n := 1; n <= maxUpgrade; n = br.Buffered() + 1 {
		_, err := br.Peek(n)
		b, _ := br.Peek(br.Buffered())
		if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 {
			return upgrade(c, br, b[:i+4])
		}
		if err != nil {
			break
		}
	}
	return opening{http1: true}, nil
}

// upgrade decides on a request of HTTP/1 (RFC 7540 §3.2).
func upgrade(c net.Conn, br *bufio.Reader, raw []byte) (opening, error) {
	plain := opening{http1: true}
	r, err := http1.ReadRequest(bufio.NewReader(bytes.NewReader(raw)), http1.Limits{})
	if err != nil || r.Proto != http1.HTTP11 || !r.Header.HasToken("Upgrade", "h2c") || !r.Header.HasToken("Connection", "HTTP2-Settings") ||
		len(r.Header.Values("Content-Length"))+len(r.Header.Values("Transfer-Encoding")) > 0 {
		return plain, nil
	}
	values := r.Header.Values("HTTP2-Settings")
	if len(values) != 1 {
		return plain, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(values[0], "="))
	if err != nil || len(b)%6 != 0 || len(b) > 6*64 {
		return plain, nil
	}
	o := opening{request: r}
	for ; len(b) > 0; b = b[6:] {
		o.settings = append(o.settings, http2.Setting{ID: http2.SettingID(binary.BigEndian.Uint16(b)), Val: binary.BigEndian.Uint32(b[2:])})
	}
	if _, err := br.Discard(len(raw)); err != nil {
		return o, err
	}
	_, err = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
	return o, err
}

// prefixed is a connection of which something has been read already.
type prefixed struct {
	net.Conn
	br *bufio.Reader
}

// Read gives what was read before, then the rest.
func (p prefixed) Read(b []byte) (int, error) { return p.br.Read(b) }

// CloseWrite closes the sending direction if the connection can.
func (p prefixed) CloseWrite() error {
	if c, ok := p.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return net.ErrClosed
}
