package http2

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"netscope/protocols/web/http1"
)

// FuzzServer sends anything after the preface, or instead of it: the server
// answers, or not, and comes to an end.
func FuzzServer(f *testing.F) {
	var b, block bytes.Buffer
	fr := http2.NewFramer(&b, nil)
	fr.AllowIllegalWrites = true
	e := hpack.NewEncoder(&block)
	head := Compress(e, &block, Request{Target: "/small"}.Fields())
	_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 7})
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: head[:9], EndStream: true})
	_ = fr.WriteContinuation(1, true, head[9:])
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: head, EndHeaders: true})
	_ = fr.WriteData(3, true, []byte("content"))
	_ = fr.WritePriorityUpdate(5, "u=1, i")
	_ = fr.WriteWindowUpdate(1, 9)
	_ = fr.WriteRSTStream(1, http2.ErrCodeCancel)
	_ = fr.WritePing(false, [8]byte{})
	f.Add(append([]byte(Preface), b.Bytes()...))
	f.Add([]byte("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAQAAAAH\r\n\r\n" + Preface))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, s := net.Pipe()
		done := make(chan struct{})
		srv := &Server{Handle: handle, Now: time.Now, Pushes: func(*http1.Request) []Request { return []Request{{Target: "/small"}} }}
		go func() {
			defer close(done)
			srv.ServeConn(t.Context(), s)
		}()
		go func() { _, _ = io.Copy(io.Discard, c) }()
		_, _ = c.Write(data)
		_ = c.Close()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatal("the server does not come to an end")
		}
	})
}
