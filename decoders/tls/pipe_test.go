package tls

import (
	"io"
	"net"
	"sync"
	"time"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

// recording is what two sides send each other, as a dialogue.
type recording struct {
	mu    sync.Mutex
	came  sync.Cond
	turns []decodertest.Turn
	buf   [2][]byte // sent and not read yet, by sender
	ended [2]bool
}

// wire is one end of a connection in memory that holds what nobody has read
// yet, and records what is written.
type wire struct {
	dir decoders.Dir
	rec *recording
}

func (w *wire) Write(b []byte) (int, error) {
	w.rec.mu.Lock()
	defer w.rec.mu.Unlock()
	w.rec.turns = append(w.rec.turns, decodertest.Turn{Dir: w.dir, Data: string(b)})
	w.rec.buf[w.dir] = append(w.rec.buf[w.dir], b...)
	w.rec.came.Broadcast()
	return len(b), nil
}

func (w *wire) Read(b []byte) (int, error) {
	from := w.dir.Other()
	w.rec.mu.Lock()
	defer w.rec.mu.Unlock()
	for len(w.rec.buf[from]) == 0 {
		if w.rec.ended[from] {
			return 0, io.EOF
		}
		w.rec.came.Wait()
	}
	n := copy(b, w.rec.buf[from])
	w.rec.buf[from] = w.rec.buf[from][n:]
	return n, nil
}

func (w *wire) Close() error {
	w.rec.mu.Lock()
	defer w.rec.mu.Unlock()
	w.rec.ended[w.dir] = true
	w.rec.came.Broadcast()
	return nil
}

func (w *wire) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (w *wire) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
