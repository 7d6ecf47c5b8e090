package http1

import (
	"bytes"
	"fmt"
	"testing"

	"netscope/decoders"
)

// BenchmarkMessages is the time of one exchange without content.
func BenchmarkMessages(b *testing.B) {
	req := []byte("GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n")
	resp := []byte("HTTP/1.1 304 Not Modified\r\nDate: Mon, 27 Jul 2009 12:28:53 GMT\r\nServer: Apache\r\nETag: \"34aa387\"\r\nConnection: keep-alive\r\n\r\n")
	p := newParser(decoders.Hint{}, decoders.Env{})
	var off [2]int64
	b.ReportAllocs()
	for b.Loop() {
		for d, buf := range [2][]byte{req, resp} {
			st, _ := p.Next(decoders.Chunk{Dir: decoders.Dir(d), Off: off[d], Buf: buf})
			off[d] += int64(st.Advance)
		}
	}
}

// BenchmarkContent is the speed at which content is passed over.
func BenchmarkContent(b *testing.B) {
	seg := make([]byte, 1460)
	b.Run("length", func(b *testing.B) {
		p := newParser(decoders.Hint{}, decoders.Env{})
		head := []byte("HTTP/1.1 200 OK\r\nContent-Length: 4000000000000000000\r\n\r\n")
		st, _ := p.Next(decoders.Chunk{Buf: head})
		off := int64(st.Advance)
		b.SetBytes(int64(len(seg)))
		for b.Loop() {
			st, _ := p.Next(decoders.Chunk{Off: off, Buf: seg})
			off += int64(st.Advance)
		}
	})
	b.Run("chunked", func(b *testing.B) {
		p := newParser(decoders.Hint{}, decoders.Env{})
		st, _ := p.Next(decoders.Chunk{Buf: []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")})
		off := int64(st.Advance)
		chunk := append(fmt.Appendf(nil, "%x\r\n", len(seg)), append(bytes.Clone(seg), "\r\n"...)...)
		b.SetBytes(int64(len(chunk)))
		b.ReportAllocs()
		for b.Loop() {
			st, _ := p.Next(decoders.Chunk{Off: off, Buf: chunk})
			off += int64(st.Advance)
		}
	})
}
