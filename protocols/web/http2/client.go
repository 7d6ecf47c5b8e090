package http2

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Config is what a client says of itself.
type Config struct {
	Window       int  // bytes of content that may be under way on the connection; DefaultWindow at least
	StreamWindow int  // … on each stream
	Frame        int  // largest frame that it takes; DefaultFrame at least
	Push         bool // it takes what is pushed
}

// Settings are the SETTINGS that the client sends first.
func (c Config) Settings() []http2.Setting {
	push := uint32(0)
	if c.Push {
		push = 1
	}
	s := []http2.Setting{
		{ID: http2.SettingEnablePush, Val: push},
		{ID: http2.SettingInitialWindowSize, Val: uint32(c.StreamWindow)},
		{ID: http2.SettingNoRFC7540Priorities, Val: 1},
	}
	if c.Frame > DefaultFrame {
		s = append(s, http2.Setting{ID: http2.SettingMaxFrameSize, Val: uint32(c.Frame)})
	}
	return s
}

// Opening appends what the client sends before its first request: preface,
// SETTINGS, and a WINDOW_UPDATE if the connection's window is not the default.
func (c Config) Opening(b []byte) []byte {
	buf := bytes.NewBuffer(append(b, Preface...))
	f := http2.NewFramer(buf, nil)
	_ = f.WriteSettings(c.Settings()...)
	if c.Window > DefaultWindow {
		_ = f.WriteWindowUpdate(0, uint32(c.Window-DefaultWindow))
	}
	return buf.Bytes()
}

// Client is a client's end of a connection. Its functions are called by
// [Client.Receive]; they may be nil, and may [Client.Ask].
type Client struct {
	OnHeader   func(stream uint32, fields []hpack.HeaderField)
	OnContent  func(stream uint32, b []byte)
	OnComplete func(stream uint32) (more int) // so many more responses are to be waited for

	cfg Config
	c   net.Conn
	br  *bufio.Reader
	in  *http2.Framer
	dec *hpack.Decoder

	mu     sync.Mutex // guards the sending half
	out    bytes.Buffer
	f      *http2.Framer
	block  bytes.Buffer
	enc    *hpack.Encoder
	nextID uint32

	fields  []hpack.HeaderField // of the block that was read last
	streams map[uint32]*receiving
	pending int // bytes taken from the connection's window and not yet given back
	part    partial
}

// receiving is a response that is coming in.
type receiving struct {
	status  int
	pending int // bytes taken from the stream's window and not yet given back
}

// NewClient speaks HTTP/2 on c. Nothing is sent before [Client.Flush].
func NewClient(c net.Conn, cfg Config) *Client {
	k := &Client{cfg: cfg, c: c, nextID: 1, streams: map[uint32]*receiving{}}
	most := max(cfg.Frame, DefaultFrame)
	k.br = bufio.NewReaderSize(c, FrameHeader+most+4096)
	k.in = http2.NewFramer(nil, k.br)
	k.in.SetMaxReadFrameSize(uint32(most))
	k.in.SetReuseFrames()
	k.dec = hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		if len(k.fields) < 1000 {
			k.fields = append(k.fields, f)
		}
	})
	k.f = http2.NewFramer(&k.out, nil)
	k.enc = hpack.NewEncoder(&k.block)
	k.out.Write(cfg.Opening(nil))
	return k
}

// Ask adds a request to what is sent next and returns its stream.
func (k *Client) Ask(r Request) uint32 {
	k.mu.Lock()
	defer k.mu.Unlock()
	id := k.nextID
	k.nextID += 2
	_ = writeBlock(k.f, id, Compress(k.enc, &k.block, r.Fields()), true, DefaultFrame)
	return id
}

// Compress encodes a header list; buf is the encoder's. The result is valid
// until the next call.
func Compress(e *hpack.Encoder, buf *bytes.Buffer, fs []hpack.HeaderField) []byte {
	buf.Reset()
	for _, f := range fs {
		_ = e.WriteField(f)
	}
	return buf.Bytes()
}

// Reprioritise adds a PRIORITY_UPDATE to what is sent next (RFC 9218 §7.1).
func (k *Client) Reprioritise(id uint32, p Priority) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_ = k.f.WritePriorityUpdate(id, p.String())
}

// Flush sends what has been added, in one write.
func (k *Client) Flush() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.out.Len() == 0 {
		return nil
	}
	_, err := k.c.Write(k.out.Bytes())
	k.out.Reset()
	return err
}

// Receive reads until n responses are complete, and more if OnComplete says so. Windows are opened again when
// half of them is used up.
func (k *Client) Receive(n int) error {
	for n > 0 {
		f, err := k.frame()
		if err == nil {
			var done bool
			if done, err = k.take(f); done {
				n--
				if k.OnComplete != nil && err == nil {
					n += k.OnComplete(f.Header().StreamID)
				}
			}
		}
		if err != nil {
			return fmt.Errorf("reading frames of the server: %w", err)
		}
	}
	return k.Flush()
}

// Close says goodbye and closes the connection.
func (k *Client) Close() error {
	k.mu.Lock()
	_ = k.f.WriteGoAway(0, http2.ErrCodeNo, nil)
	k.mu.Unlock()
	_ = k.Flush()
	return k.c.Close()
}

// frame reads one frame. What has been added is sent when no complete frame is
// there any more.
func (k *Client) frame() (http2.Frame, error) {
	h, err := k.peek(FrameHeader)
	if err != nil {
		return nil, err
	}
	if n := FrameHeader + (int(h[0])<<16 | int(h[1])<<8 | int(h[2])); n <= k.br.Size() {
		if _, err := k.peek(n); err != nil {
			return nil, err
		}
	}
	return k.in.ReadFrame()
}

func (k *Client) peek(n int) ([]byte, error) {
	if k.br.Buffered() < n {
		if err := k.Flush(); err != nil {
			return nil, err
		}
	}
	b, err := k.br.Peek(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// take processes a frame; done says that a response is complete.
func (k *Client) take(f http2.Frame) (done bool, err error) {
	id := f.Header().StreamID
	switch f := f.(type) {
	case *http2.SettingsFrame:
		if !f.IsAck() {
			k.mu.Lock()
			defer k.mu.Unlock()
			return false, k.f.WriteSettingsAck()
		}
	case *http2.PingFrame:
		if !f.IsAck() {
			k.mu.Lock()
			defer k.mu.Unlock()
			return false, k.f.WritePing(true, f.Data)
		}
	case *http2.PushPromiseFrame:
		if !k.cfg.Push {
			return false, connError{http2.ErrCodeProtocol, "the server pushes although it must not (RFC 9113 §8.4)"}
		}
		k.part = partial{id: 0}
		k.streams[f.PromiseID] = &receiving{}
		return false, k.fragment(f.HeaderBlockFragment(), f.HeadersEnded())
	case *http2.HeadersFrame:
		k.part = partial{id: id, end: f.StreamEnded()}
		err := k.fragment(f.HeaderBlockFragment(), f.HeadersEnded())
		return err == nil && f.HeadersEnded() && f.StreamEnded(), err
	case *http2.ContinuationFrame:
		err := k.fragment(f.HeaderBlockFragment(), f.HeadersEnded())
		return err == nil && f.HeadersEnded() && k.part.end, err
	case *http2.DataFrame:
		if k.OnContent != nil {
			k.OnContent(id, f.Data())
		}
		return f.StreamEnded(), k.data(id, int(f.Length), f.StreamEnded())
	case *http2.RSTStreamFrame:
		return false, fmt.Errorf("stream %d is reset: %v", id, f.ErrCode)
	case *http2.GoAwayFrame:
		if f.ErrCode != http2.ErrCodeNo {
			return false, fmt.Errorf("the server goes away: %v %s", f.ErrCode, f.DebugData())
		}
	}
	return false, nil
}

// fragment takes a piece of a header block.
func (k *Client) fragment(b []byte, end bool) error {
	if len(k.part.block)+len(b) > maxBlock {
		return connError{http2.ErrCodeEnhanceYourCalm, "a header block is too long"}
	}
	k.part.block = append(k.part.block, b...)
	if !end {
		return nil
	}
	k.fields = k.fields[:0]
	if _, err := k.dec.Write(k.part.block); err != nil {
		return connError{http2.ErrCodeCompression, err.Error()}
	}
	if err := k.dec.Close(); err != nil {
		return connError{http2.ErrCodeCompression, err.Error()}
	}
	if k.part.id == 0 {
		return nil // a promise
	}
	r := k.stream(k.part.id)
	for _, f := range k.fields {
		if f.Name == ":status" {
			r.status, _ = strconv.Atoi(f.Value)
		}
	}
	if k.OnHeader != nil {
		k.OnHeader(k.part.id, k.fields)
	}
	if r.status != 200 {
		return fmt.Errorf("server answers %d on stream %d", r.status, k.part.id)
	}
	return nil
}

func (k *Client) stream(id uint32) *receiving {
	r := k.streams[id]
	if r == nil {
		r = &receiving{}
		k.streams[id] = r
	}
	return r
}

// data takes content and gives back the windows that it has used up.
func (k *Client) data(id uint32, n int, last bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.stream(id)
	r.pending += n
	if r.pending >= half(k.cfg.StreamWindow) && !last {
		if err := k.f.WriteWindowUpdate(id, uint32(r.pending)); err != nil {
			return err
		}
		r.pending = 0
	}
	k.pending += n
	if k.pending >= half(max(k.cfg.Window, DefaultWindow)) {
		if err := k.f.WriteWindowUpdate(0, uint32(k.pending)); err != nil {
			return err
		}
		k.pending = 0
	}
	return nil
}

// half is how much of a window may be used up before it is opened again.
func half(window int) int { return max(window/2, 1) }
