package http2

import (
	"bytes"
	"fmt"
	"io"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// writer is the sending half of a connection.
type writer struct {
	out   bytes.Buffer // the turn
	f     *http2.Framer
	block bytes.Buffer
	enc   *hpack.Encoder
	body  []byte
}

func streamName(id uint32) string { return fmt.Sprintf("stream %d", id) }

// table bounds the encoder's dynamic table as the peer asks for; the writer's
// next block says so.
func (k *conn) table(size uint32) {
	size = min(size, 4096)
	k.tableSize = &size
}

// write sends turns until the connection ends.
func (k *conn) write() {
	w := &writer{}
	w.f = http2.NewFramer(&w.out, nil)
	w.enc = hpack.NewEncoder(&w.block)
	for {
		if k.s.Settle != nil {
			k.s.Settle()
		}
		w.out.Reset()
		k.mu.Lock()
		last := k.turn(w)
		k.mu.Unlock()
		if w.out.Len() > 0 {
			if _, err := k.c.Write(w.out.Bytes()); err != nil {
				_ = k.c.Close() // frees the reader
				return
			}
			if !last {
				continue
			}
		}
		if last {
			return
		}
		<-k.wake
	}
}

// turn fills the writer with what goes out next: control frames, promises, and
// a frame of one response. It reports whether nothing will follow.
func (k *conn) turn(w *writer) (last bool) {
	w.out.Write(k.control.Bytes())
	k.control.Reset()
	if k.dying {
		return true
	}
	if k.tableSize != nil {
		w.enc.SetMaxDynamicTableSize(*k.tableSize)
		k.tableSize = nil
	}
	for _, p := range k.promises {
		_ = w.f.WritePushPromise(http2.PushPromiseParam{StreamID: p.on, PromiseID: p.id, BlockFragment: w.compress(p.req.Fields()), EndHeaders: true})
	}
	k.promises = k.promises[:0]
	cs := make([]Candidate, len(k.order))
	for i, st := range k.order {
		// A head needs no window, but without the connection's there is no hurry.
		blocked := st.left > 0 && (k.window <= 0 || st.window <= 0 && st.begun)
		cs[i] = Candidate{st.seq, st.priority, blocked}
	}
	i := k.s.pick(cs, k.last)
	if i < 0 || i >= len(cs) || cs[i].Blocked {
		return k.finished && w.out.Len() == 0
	}
	k.serveStream(w, k.order[i], len(cs))
	return false
}

func (w *writer) compress(fs []hpack.HeaderField) []byte { return Compress(w.enc, &w.block, fs) }

// serveStream writes one frame of a response, and its head if that is due.
func (k *conn) serveStream(w *writer, st *stream, ready int) {
	k.last, k.idle = st.seq, 0
	if !st.begun {
		st.begun = true
		if k.s.Note != nil {
			k.s.Note("schedule", fmt.Sprintf("%s begins, chosen among %d", streamName(st.id), ready))
		}
		_ = writeBlock(w.f, st.id, w.compress(ResponseFields(st.reply, k.s.date())), st.left == 0, k.largest)
	}
	n := int(min(st.left, max(st.window, 0), k.window, int64(k.s.frame()), int64(k.largest)))
	if n > 0 {
		if len(w.body) < n {
			w.body = make([]byte, n)
		}
		if _, err := io.ReadFull(st.reply.Body, w.body[:n]); err != nil {
			_ = w.f.WriteRSTStream(st.id, http2.ErrCodeInternal)
			k.drop(st.id)
			return
		}
		st.left -= int64(n)
		st.window -= int64(n)
		k.window -= int64(n)
		_ = w.f.WriteData(st.id, st.left == 0, w.body[:n])
	}
	if st.left > 0 {
		return
	}
	if st.open { // the answer does not need the rest of the request
		_ = w.f.WriteRSTStream(st.id, http2.ErrCodeNo)
	}
	k.drop(st.id)
	k.resets = max(k.resets-1, 0)
}
