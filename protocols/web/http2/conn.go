package http2

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"netscope/protocols/web/http1"
)

// conn is the server's end of a connection. One goroutine reads frames, one
// writes turns; mu guards what both know.
type conn struct {
	s    *Server
	c    net.Conn
	br   *bufio.Reader
	in   *http2.Framer
	dec  *hpack.Decoder
	head *head   // being decoded
	part partial // header block that is not complete

	mu       sync.Mutex
	wake     chan struct{} // the writer should look
	control  bytes.Buffer  // frames that go before everything else
	ctl      *http2.Framer // writes to control
	promises []promise
	streams  map[uint32]*stream
	order    []*stream // those with something to send, in order of the requests
	seq      int
	last     int // seq of the stream that was served last

	lastID, lastPush uint32
	window           int64 // what may be sent on the connection
	initial          int64 // window of a new stream
	largest          int   // frame that the peer takes
	push             bool
	peerStreams      int
	recv             int64 // what the peer may still send on the connection

	tableSize *uint32             // of the encoder, to be told with the next block
	early     map[uint32]Priority // updates that came before their requests
	resets    int
	idle      int
	settled   bool // the client's first SETTINGS have come
	finished  bool // nothing more will come
	dying     bool // an error ends the connection
}

// stream is one request and its response.
type stream struct {
	id       uint32
	seq      int
	priority Priority
	window   int64
	reply    http1.Reply
	left     int64          // content still to be sent
	begun    bool           // the head has been sent
	open     bool           // the client may still send content
	got      int64          // … and has sent so much
	ask      *http1.Request // to be answered when all of it has come
}

// promise is a PUSH_PROMISE to be sent.
type promise struct {
	on, id uint32
	req    Request
}

// partial is a header block of which not all has come.
type partial struct {
	id    uint32
	end   bool
	block []byte
	more  int // CONTINUATION frames so far
}

func newConn(s *Server, c net.Conn, br *bufio.Reader) *conn {
	k := &conn{
		s: s, c: c, br: br, wake: make(chan struct{}, 1), last: -1,
		streams: map[uint32]*stream{}, early: map[uint32]Priority{},
		window: DefaultWindow, initial: DefaultWindow, largest: DefaultFrame, push: true, peerStreams: MaxStreams,
		recv: DefaultWindow,
	}
	k.ctl = http2.NewFramer(&k.control, nil)
	k.in = http2.NewFramer(nil, br)
	k.in.SetMaxReadFrameSize(DefaultFrame)
	k.in.SetReuseFrames()
	k.dec = hpack.NewDecoder(4096, func(f hpack.HeaderField) { k.head.add(f) })
	return k
}

// serve speaks until the connection ends.
func (k *conn) serve(o opening) {
	k.mu.Lock()
	_ = k.ctl.WriteSettings(ServerSettings()...)
	for _, st := range o.settings {
		if k.setting(st) != nil {
			k.mu.Unlock()
			return
		}
	}
	if o.request != nil {
		k.lastID = 1
		p := ParsePriority(o.request.Header.Get("Priority"))
		k.answer(&stream{id: 1, priority: p, window: k.initial}, o.request)
	}
	k.mu.Unlock()
	written := make(chan struct{})
	go func() {
		defer close(written)
		k.write()
	}()
	k.poke()
	failed := k.read()
	wait := k.s.idle()
	if failed { // the peer has no claim to more than the reason
		wait = 2 * time.Second
	}
	_ = k.c.SetWriteDeadline(k.s.Now().Add(wait))
	<-written
	if failed {
		k.linger()
	}
	for _, st := range k.streams {
		st.close()
	}
}

// poke lets the writer look for something to do.
func (k *conn) poke() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// read takes frames until the connection ends; it reports whether an error of
// the peer ended it.
func (k *conn) read() (failed bool) {
	defer k.poke()
	preface := make([]byte, len(Preface))
	if _, err := io.ReadFull(k.br, preface); err != nil || string(preface) != Preface {
		k.mu.Lock()
		defer k.mu.Unlock()
		return k.fail(connError{http2.ErrCodeProtocol, "the preface is missing (RFC 9113 §3.4)"})
	}
	for {
		f, err := k.frame()
		k.mu.Lock()
		if err == nil {
			err = k.take(f)
		}
		stop, failed := false, false
		if err != nil {
			stop, failed = k.trouble(err)
		}
		k.mu.Unlock()
		if stop {
			return failed
		}
		k.poke()
	}
}

// frame reads one frame. It is waited for before it is read, so that frames
// that have come are taken in one go.
func (k *conn) frame() (http2.Frame, error) {
	h, err := k.peek(FrameHeader)
	if err != nil {
		return nil, err
	}
	headers := http2.FrameType(h[3]) == http2.FrameHeaders
	if n := int(h[0])<<16 | int(h[1])<<8 | int(h[2]); n <= DefaultFrame {
		if _, err := k.peek(FrameHeader + n); err != nil {
			return nil, err
		}
	}
	f, err := k.in.ReadFrame()
	if _, ok := err.(http2.StreamError); ok && headers {
		// Its block has not been decoded, so nothing after it can be
		// (RFC 9113 §4.3).
		err = connError{http2.ErrCodeProtocol, "a HEADERS frame breaks a rule (RFC 9113 §6.2)"}
	}
	return f, err
}

func (k *conn) peek(n int) ([]byte, error) {
	if k.br.Buffered() < n {
		k.s.patience(k.c)
	}
	return k.br.Peek(n)
}

// connError is an error that ends the connection.
type connError struct {
	code   http2.ErrCode
	reason string
}

func (e connError) Error() string { return fmt.Sprintf("%v: %s", e.code, e.reason) }

func streamError(id uint32, code http2.ErrCode, reason string) error {
	return http2.StreamError{StreamID: id, Code: code, Cause: connError{code, reason}}
}

// trouble does what an error demands.
func (k *conn) trouble(err error) (stop, failed bool) {
	switch e := err.(type) {
	case http2.StreamError:
		k.drop(e.StreamID)
		if e := k.churn(); e != nil {
			return true, k.fail(*e)
		}
		_ = k.ctl.WriteRSTStream(e.StreamID, e.Code)
		return k.overfull()
	case connError:
		return true, k.fail(e)
	case http2.ConnectionError:
		reason := "a frame breaks a rule"
		if d := k.in.ErrorDetail(); d != nil {
			reason = d.Error()
		}
		return true, k.fail(connError{http2.ErrCode(e), reason})
	}
	if err == http2.ErrFrameTooLarge {
		return true, k.fail(connError{http2.ErrCodeFrameSize, "a frame is longer than SETTINGS_MAX_FRAME_SIZE allows (RFC 9113 §4.2)"})
	}
	k.finished = true
	return true, false
}

// overfull ends the connection if the peer does not read what it makes
// necessary.
func (k *conn) overfull() (stop, failed bool) {
	if k.control.Len() <= maxControl {
		return false, false
	}
	return true, k.fail(connError{http2.ErrCodeEnhanceYourCalm, "answers are not read"})
}

// fail says why the connection ends.
func (k *conn) fail(e connError) bool {
	k.dying = true
	_ = k.ctl.WriteGoAway(k.lastID, e.code, []byte(e.reason))
	return true
}

// churn counts a stream that is given up, by either side.
func (k *conn) churn() *connError {
	if k.resets++; k.resets > maxResets {
		return &connError{http2.ErrCodeEnhanceYourCalm, "too many streams are reset"}
	}
	return nil
}

// linger reads away what the peer is still sending: closing with unread bytes
// would reset the connection, and the peer would not see why.
func (k *conn) linger() {
	half, ok := k.c.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	_ = k.c.SetReadDeadline(k.s.Now().Add(2 * time.Second))
	_, _ = io.CopyN(io.Discard, k.br, 1<<20)
}

func (st *stream) close() {
	if c, ok := st.reply.Body.(io.Closer); ok {
		_ = c.Close()
	}
}
