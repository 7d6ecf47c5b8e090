package http2

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"netscope/protocols/web/http1"
)

// peer is a raw client: it sends what the test says and reads what comes.
type peer struct {
	t   *testing.T
	c   net.Conn
	f   *http2.Framer
	buf bytes.Buffer
	enc *hpack.Encoder
}

func handle(r *http1.Request) http1.Reply {
	body := strings.Repeat("x", 100_000)
	if r.Target == "/small" {
		body = "hello"
	}
	return http1.Reply{Status: 200, Size: int64(len(body)), Body: strings.NewReader(body)}
}

// connect starts a server on a real socket and sends it the preface.
func connect(t *testing.T) *peer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	s := &Server{Handle: handle, Now: time.Now, Idle: 10 * time.Second}
	go func() {
		defer close(done)
		_ = s.Serve(ctx, ln)
	}()
	t.Cleanup(func() { cancel(); <-done })
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	p := &peer{t: t, c: c, f: http2.NewFramer(c, c)}
	p.f.AllowIllegalWrites = true
	p.enc = hpack.NewEncoder(&p.buf)
	return p
}

func (p *peer) hello(settings ...http2.Setting) *peer {
	_, _ = io.WriteString(p.c, Preface)
	_ = p.f.WriteSettings(settings...)
	return p
}

func (p *peer) fields(kv ...string) []byte {
	p.buf.Reset()
	for i := 0; i < len(kv); i += 2 {
		_ = p.enc.WriteField(hpack.HeaderField{Name: kv[i], Value: kv[i+1]})
	}
	return bytes.Clone(p.buf.Bytes())
}

func (p *peer) get(id uint32, path string) {
	_ = p.f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, EndStream: true, EndHeaders: true,
		BlockFragment: p.fields(":method", "GET", ":scheme", "http", ":authority", "a", ":path", path)})
}

// ends reads until the server gives up the connection or a stream; it returns
// the error code, and which stream (0: the connection).
func (p *peer) ends() (http2.ErrCode, uint32) {
	p.t.Helper()
	for {
		f, err := p.f.ReadFrame()
		if err != nil {
			p.t.Fatalf("the connection ended without a reason: %v", err)
		}
		switch f := f.(type) {
		case *http2.GoAwayFrame:
			return f.ErrCode, 0
		case *http2.RSTStreamFrame:
			return f.ErrCode, f.StreamID
		}
	}
}

// Every abuse ends with the error code that RFC 9113 has for it.
func TestAbuse(t *testing.T) {
	valid := []string{":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/small"}
	headers := func(p *peer, id uint32, kv ...string) {
		_ = p.f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, EndStream: true, EndHeaders: true, BlockFragment: p.fields(kv...)})
	}
	for _, c := range []struct {
		name   string
		do     func(p *peer)
		code   http2.ErrCode
		stream uint32
	}{
		{"no SETTINGS", func(p *peer) { _, _ = io.WriteString(p.c, Preface); _ = p.f.WritePing(false, [8]byte{}) }, http2.ErrCodeProtocol, 0},
		{"CONTINUATION flood", func(p *peer) {
			p.hello()
			_ = p.f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.fields(valid...)})
			for range 40 {
				_ = p.f.WriteContinuation(1, false, nil)
			}
		}, http2.ErrCodeEnhanceYourCalm, 0},
		{"header block too long", func(p *peer) {
			p.hello()
			b := p.fields("x", strings.Repeat("\x01", 30_000))[:16_000]
			_ = p.f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: b})
			for range 5 {
				_ = p.f.WriteContinuation(1, false, b)
			}
		}, http2.ErrCodeEnhanceYourCalm, 0},
		{"frame between", func(p *peer) {
			p.hello()
			_ = p.f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.fields(valid...)})
			_ = p.f.WritePing(false, [8]byte{})
		}, http2.ErrCodeProtocol, 0},
		{"HPACK nonsense", func(p *peer) {
			p.hello()
			_ = p.f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, BlockFragment: []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}})
		}, http2.ErrCodeCompression, 0},
		{"connection window overflow", func(p *peer) {
			p.hello()
			_ = p.f.WriteWindowUpdate(0, 1<<31-1)
		}, http2.ErrCodeFlowControl, 0},
		{"stream window overflow", func(p *peer) {
			p.hello(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1})
			p.get(1, "/")
			_ = p.f.WriteWindowUpdate(1, 1<<31-1)
			_ = p.f.WriteWindowUpdate(1, 1<<31-1)
		}, http2.ErrCodeFlowControl, 1},
		{"window made too large by SETTINGS", func(p *peer) {
			p.hello(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 70_000})
			p.get(1, "/")
			_ = p.f.WriteWindowUpdate(1, 100_000) // the connection has no room for it
			_ = p.f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
		}, http2.ErrCodeFlowControl, 0},
		{"window of 2^31", func(p *peer) { p.hello(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 31}) }, http2.ErrCodeFlowControl, 0},
		{"update by 0", func(p *peer) { p.hello(); _ = p.f.WriteWindowUpdate(0, 0) }, http2.ErrCodeProtocol, 0},
		{"update of an idle stream", func(p *peer) { p.hello(); _ = p.f.WriteWindowUpdate(9, 1) }, http2.ErrCodeProtocol, 0},
		{"rapid reset", func(p *peer) {
			p.hello(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			for i := uint32(1); i < 500; i += 2 {
				p.get(i, "/")
				_ = p.f.WriteRSTStream(i, http2.ErrCodeCancel)
			}
		}, http2.ErrCodeEnhanceYourCalm, 0},
		{"SETTINGS flood", func(p *peer) {
			p.hello()
			for range 2000 {
				_ = p.f.WriteSettings()
			}
		}, http2.ErrCodeEnhanceYourCalm, 0},
		{"frame too large", func(p *peer) { p.hello(); _ = p.f.WriteRawFrame(http2.FrameData, 0, 1, make([]byte, 20_000)) }, http2.ErrCodeFrameSize, 0},
		{"even stream", func(p *peer) { p.hello(); p.get(2, "/") }, http2.ErrCodeProtocol, 0},
		{"stream again", func(p *peer) { p.hello(); p.get(3, "/small"); p.get(1, "/small") }, http2.ErrCodeStreamClosed, 0},
		{"DATA on an idle stream", func(p *peer) { p.hello(); _ = p.f.WriteData(1, true, []byte("x")) }, http2.ErrCodeProtocol, 0},
		{"push by a client", func(p *peer) {
			p.hello()
			_ = p.f.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, EndHeaders: true})
		}, http2.ErrCodeProtocol, 0},
		{"upper case", func(p *peer) { p.hello(); headers(p, 1, append(valid, "X-Y", "z")...) }, http2.ErrCodeProtocol, 1},
		{"connection field", func(p *peer) { p.hello(); headers(p, 1, append(valid, "connection", "close")...) }, http2.ErrCodeProtocol, 1},
		{"pseudo-header twice", func(p *peer) { p.hello(); headers(p, 1, append(valid, ":path", "/")...) }, http2.ErrCodeProtocol, 1},
		{"no path", func(p *peer) { p.hello(); headers(p, 1, ":method", "GET", ":scheme", "http") }, http2.ErrCodeProtocol, 1},
		{"too many streams", func(p *peer) {
			p.hello(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			for i := range uint32(MaxStreams + 1) {
				p.get(2*i+1, "/")
			}
		}, http2.ErrCodeRefusedStream, 2*MaxStreams + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := connect(t)
			go func() { // the server may stop reading
				c.do(p)
			}()
			if code, id := p.ends(); code != c.code || id != c.stream {
				t.Errorf("%v on stream %d, want %v on %d", code, id, c.code, c.stream)
			}
		})
	}
}

// A header list that explodes when it is decoded is answered with 431, and the
// connection goes on.
func TestHeaderBomb(t *testing.T) {
	p := connect(t).hello()
	b := p.fields(":method", "GET", ":scheme", "http", ":path", "/small", "x", strings.Repeat("y", 3000))
	b = append(b, bytes.Repeat([]byte{0x80 | 62}, 10_000)...) // 30 MB of the newest entry
	_ = p.f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndStream: true, EndHeaders: true, BlockFragment: b})
	p.get(3, "/small")
	dec := hpack.NewDecoder(4096, nil)
	p.f.ReadMetaHeaders = dec
	want := map[uint32]string{1: "431", 3: "200"}
	for len(want) > 0 {
		f, err := p.f.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if h, ok := f.(*http2.MetaHeadersFrame); ok {
			if got := h.PseudoValue("status"); got != want[h.StreamID] {
				t.Errorf("stream %d: %s, want %s", h.StreamID, got, want[h.StreamID])
			}
			delete(want, h.StreamID)
		}
	}
}

// A response stops where the windows end and goes on when they are opened.
func TestWindows(t *testing.T) {
	p := connect(t).hello(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
	p.get(1, "/")
	sizes := func(n int) {
		t.Helper()
		for n > 0 {
			f, err := p.f.ReadFrame()
			if err != nil {
				t.Fatal(err)
			}
			if d, ok := f.(*http2.DataFrame); ok {
				n -= len(d.Data())
			}
		}
		if n < 0 {
			t.Fatalf("%d bytes beyond the window", -n)
		}
	}
	sizes(10)
	_ = p.f.WriteWindowUpdate(1, 20)
	sizes(20)
	_ = p.f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 100_000})
	sizes(DefaultWindow - 30) // now the connection's window is the limit
	_ = p.f.WriteWindowUpdate(0, 100_000)
	sizes(100_000 - DefaultWindow)
}

func TestSchedulers(t *testing.T) {
	u := func(seq, urgency int, inc bool) Candidate {
		return Candidate{Seq: seq, Priority: Priority{urgency, inc}}
	}
	plain := []Candidate{u(0, 3, false), u(2, 3, false), u(5, 3, false)}
	mixed := []Candidate{u(0, 5, false), u(1, 2, true), u(2, 2, true), u(3, 2, true)}
	first, second := plain[0], mixed[1]
	first.Blocked, second.Blocked = true, true
	for _, c := range []struct {
		name  string
		pick  Pick
		ready []Candidate
		last  int
		want  int
	}{
		{"first come", FirstCome, plain, 2, 0},
		{"in turn, from the first", RoundRobin, plain, -1, 0},
		{"in turn", RoundRobin, plain, 0, 1},
		{"in turn, one gone", RoundRobin, plain, 3, 2},
		{"in turn, again", RoundRobin, plain, 5, 0},
		{"equals, one after the other", ByPriority, plain, 0, 0},
		{"urgent first", ByPriority, mixed, 0, 1},
		{"incremental in turn", ByPriority, mixed, 1, 2},
		{"incremental again", ByPriority, mixed, 3, 1},
		{"first come passes nobody over", FirstCome, []Candidate{first, plain[1]}, -1, -1},
		{"in turn passes over", RoundRobin, []Candidate{first, plain[1]}, -1, 1},
		{"urgent but blocked", ByPriority, []Candidate{mixed[0], second}, -1, 0},
		{"nobody", ByPriority, nil, -1, -1},
		{"whole before incremental", ByPriority, append(mixed[:3:3], u(4, 2, false)), 1, 3},
	} {
		if got := c.pick(c.ready, c.last); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestPriorityField(t *testing.T) {
	for s, want := range map[string]string{
		"": "u=3", "u=5": "u=5", "i": "u=3, i", "u=0, i=?1": "u=0, i", "i, u=1, i=?0": "u=1",
		"u=9": "u=3", "u=x;y, z=\"k\"": "u=3", "u=2;p": "u=2",
	} {
		if got := ParsePriority(s).String(); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}
