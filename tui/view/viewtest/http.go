package viewtest

import (
	"fmt"
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// HTTP is a short persistent HTTP/1.1 connection: a page of 4,000 bytes, an
// object of 6,000 bytes one of whose segments is lost and sent again, and an
// object that is not found.
func HTTP(ds ...decoders.Decoder) *timeline.Snapshot { return Exchanges(3, ds...).Done() }

// Exchanges is HTTP with n exchanges on one connection and still open.
func Exchanges(n int, ds ...decoders.Decoder) *Script {
	s := NewScript(ds...)
	c := s.Dial(49152)
	for i := range n {
		path, status, size := fmt.Sprintf("/o%d", i), "200 OK", 6000
		switch i % 3 {
		case 0:
			size = 4000
		case 2:
			status, size = "404 Not Found", 90
		}
		if i == 0 {
			path = "/"
		}
		c.Send(decoders.AtoB, "GET "+path+" HTTP/1.1\r\nHost: server\r\nUser-Agent: netscope\r\nAccept: */*\r\n\r\n")
		head := fmt.Sprintf("HTTP/1.1 %s\r\nServer: lab\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", status, size)
		body := head + strings.Repeat("netscope! ", size/10+1)[:size]
		if i%3 == 1 {
			c.Lose(decoders.BtoA, body[:1460])
			body = body[1460:]
		}
		c.Send(decoders.BtoA, body)
	}
	return s
}
