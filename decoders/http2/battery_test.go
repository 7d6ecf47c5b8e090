package http2

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

type turn = decodertest.Turn

var (
	endA, endB = decodertest.EndA(), decodertest.EndB()
)

// peer writes what one side of a connection sends.
type peer struct {
	buf  bytes.Buffer
	fr   *http2.Framer
	enc  *hpack.Encoder
	list bytes.Buffer
	dir  decoders.Dir
}

func newPeer(d decoders.Dir) *peer {
	p := &peer{dir: d}
	p.fr = http2.NewFramer(&p.buf, nil)
	p.fr.AllowIllegalWrites = true
	p.enc = hpack.NewEncoder(&p.list)
	return p
}

func pair2() (client, server *peer) { return newPeer(decoders.AtoB), newPeer(decoders.BtoA) }

// says collects what has been written as a turn.
func (p *peer) says(write func(f *http2.Framer)) turn {
	write(p.fr)
	t := turn{Dir: p.dir, Data: p.buf.String()}
	p.buf.Reset()
	return t
}

// block encodes "name: value" lines.
func (p *peer) block(lines ...string) []byte {
	p.list.Reset()
	for _, l := range lines {
		i := 1 + strings.Index(l[1:], ": ")
		_ = p.enc.WriteField(hpack.HeaderField{Name: l[:i], Value: l[i+2:], Sensitive: l[:i] == "authorization"})
	}
	return bytes.Clone(p.list.Bytes())
}

func (p *peer) headers(id uint32, end bool, lines ...string) turn {
	b := p.block(lines...)
	return p.says(func(f *http2.Framer) {
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: b, EndStream: end, EndHeaders: true})
	})
}

func (p *peer) data(id uint32, end bool, b string) turn {
	return p.says(func(f *http2.Framer) { _ = f.WriteData(id, end, []byte(b)) })
}

func (p *peer) settings(s ...http2.Setting) turn {
	return p.says(func(f *http2.Framer) { _ = f.WriteSettings(s...) })
}

func (p *peer) ack() turn { return p.says(func(f *http2.Framer) { _ = f.WriteSettingsAck() }) }

// hello is the preface with both SETTINGS and their acknowledgements.
func hello(c, s *peer) []turn {
	return []turn{{Data: http2.ClientPreface}, c.settings(), s.settings(), s.ack(), c.ack()}
}

func get(path string) []string {
	return []string{":method: GET", ":scheme: http", ":authority: a.example", ":path: " + path}
}

func join2(parts ...any) []turn {
	var out []turn
	for _, p := range parts {
		switch v := p.(type) {
		case turn:
			out = append(out, v)
		case []turn:
			out = append(out, v...)
		}
	}
	return out
}

// dialogues are connections of many kinds.
func dialogues() map[string][]turn {
	out := map[string][]turn{}
	add := func(name string, f func(c, s *peer) []turn) {
		c, s := pair2()
		out[name] = append(f(c, s), endA, endB)
	}
	add("interleaved", func(c, s *peer) []turn {
		return join2(hello(c, s), c.headers(1, true, get("/o1")...), c.headers(3, true, get("/o2")...),
			s.headers(1, false, ":status: 200", "content-length: 6", "content-type: text/html"),
			s.headers(3, false, ":status: 404", "content-length: 3"),
			s.data(1, false, "one"), s.data(3, true, "two"), s.data(1, true, "one"),
			c.says(func(f *http2.Framer) { _ = f.WriteWindowUpdate(0, 9); _ = f.WritePing(false, [8]byte{1}) }),
			s.says(func(f *http2.Framer) { _ = f.WritePing(true, [8]byte{1}); _ = f.WriteGoAway(3, 0, []byte("bye")) }))
	})
	add("continuation, padding, trailers", func(c, s *peer) []turn {
		b := c.block(append(get("/"), "authorization: secret", "x: "+strings.Repeat("y", 100))...)
		return join2(hello(c, s), c.says(func(f *http2.Framer) {
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: b[:5], PadLength: 7,
				Priority: http2.PriorityParam{StreamDep: 0, Weight: 200, Exclusive: true}})
			_ = f.WriteContinuation(1, false, b[5:30])
			_ = f.WriteContinuation(1, true, b[30:])
			_ = f.WriteDataPadded(1, true, []byte("hello"), make([]byte, 20))
		}), s.headers(1, false, ":status: 103"), s.headers(1, false, ":status: 200"), s.data(1, false, strings.Repeat("z", 5000)),
			s.headers(1, true, "checksum: 7"))
	})
	add("push and reset", func(c, s *peer) []turn {
		p := s.block(get("/style.css")...)
		return join2(hello(c, s), c.headers(1, true, get("/")...), s.says(func(f *http2.Framer) {
			_ = f.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: p, EndHeaders: true})
		}), s.headers(1, true, ":status: 204"), s.headers(2, false, ":status: 200"), s.data(2, false, "body {"),
			c.says(func(f *http2.Framer) { _ = f.WriteRSTStream(2, http2.ErrCodeCancel) }), s.data(2, true, "late"))
	})
	add("gRPC", func(c, s *peer) []turn {
		return join2(hello(c, s), c.headers(1, false, ":method: POST", ":scheme: http", ":authority: a", ":path: /pkg.Service/Call", "content-type: application/grpc", "te: trailers"),
			c.data(1, false, "\x00\x00\x00\x00\x05he"), c.data(1, true, "llo\x01\x00\x00\x00\x00"),
			s.headers(1, false, ":status: 200", "content-type: application/grpc+proto"),
			s.data(1, false, "\x00\x00"), s.data(1, false, "\x00\x00\x02hi"), s.headers(1, true, "grpc-status: 5", "grpc-message: none"))
	})
	add("extensions", func(c, s *peer) []turn {
		return join2(hello(c, s), c.says(func(f *http2.Framer) {
			_ = f.WritePriority(3, http2.PriorityParam{StreamDep: 1, Weight: 15})
			_ = f.WriteRawFrame(0x10, 0, 0, []byte("\x00\x00\x00\x01u=1, i"))
			_ = f.WriteRawFrame(0xbb, 0xff, 7, []byte("what?"))
		}), s.says(func(f *http2.Framer) {
			_ = f.WriteRawFrame(0x0a, 0, 0, []byte("\x00\x09a.exampleh3=\":443\""))
			_ = f.WriteRawFrame(0x0c, 0, 0, []byte("\x00\x11https://a.example"))
		}))
	})
	add("wrong", func(c, s *peer) []turn {
		return join2(turn{Data: http2.ClientPreface}, c.data(1, true, "x"), s.headers(2, true, ":status: 200"),
			c.says(func(f *http2.Framer) {
				_ = f.WriteRawFrame(4, 0, 1, []byte("12345"))
				_ = f.WriteRawFrame(1, 4, 3, []byte{0xff, 0xff})
				_ = f.WriteRawFrame(1, 0, 5, []byte{0x82})
				_ = f.WriteRawFrame(0, 9, 5, []byte{40, 1})
				_ = f.WriteRawFrame(9, 4, 5, []byte{0x84})
				_ = f.WriteRawFrame(8, 0, 0, []byte{0, 0, 0, 0})
			}), turn{Data: "GET / HTTP/1.1\r\n\r\n" + strings.Repeat("junk ", 50)}, c.headers(7, true, get("/")...))
	})
	add("settings", func(c, s *peer) []turn {
		return join2(turn{Data: http2.ClientPreface}, c.settings(http2.Setting{ID: 4, Val: 10}, http2.Setting{ID: 1, Val: 0}, http2.Setting{ID: 2, Val: 0}), s.settings(http2.Setting{ID: 5, Val: 32768}),
			s.ack(), c.ack(), c.headers(1, true, get("/")...), s.headers(1, false, ":status: 200"), s.data(1, false, "0123456789abc"))
	})
	out["server of HTTP/1"] = []turn{{Data: http2.ClientPreface + "\x00\x00\x00\x04\x00\x00\x00\x00\x00"}, {Dir: 1, Data: "HTTP/1.1 400 Bad Request\r\n\r\n"}, endA, endB}
	return out
}

func TestBattery(t *testing.T) {
	decodertest.Battery(t, Decoder{}, dialogues())
	decodertest.Battery(t, Decoder{}, decodertest.Dialogues())
}

func FuzzFrames(f *testing.F) {
	for _, d := range dialogues() {
		var a, b string
		for _, t := range d {
			if t.Dir == decoders.AtoB {
				a += t.Data
			} else {
				b += t.Data
			}
		}
		b = b[:min(len(b), 600)]
		f.Add(a, b, uint16(len(a)/2), false)
		f.Add(a, b, uint16(30), true)
	}
	f.Fuzz(func(t *testing.T, a, b string, at uint16, mid bool) {
		if len(a)+len(b) > 2000 {
			return // byte by byte is slow
		}
		cut := min(int(at), len(a))
		h := decoders.Hint{Transport: decoders.TCP, Midway: mid}
		d := []turn{decodertest.A(a[:cut]), decodertest.B(b), decodertest.A(a[cut:]), endA, endB}
		decodertest.Quick(t, Decoder{}, h, d, uint64(at))
		decodertest.Verdicts(t, Decoder{}, d)
	})
}
