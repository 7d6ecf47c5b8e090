package http2

import (
	"slices"

	"golang.org/x/net/http2"

	"netscope/protocols/web/http1"
)

// take does what a frame asks for. mu is held.
func (k *conn) take(f http2.Frame) error {
	if _, ok := f.(*http2.SettingsFrame); !ok && !k.settled {
		return connError{http2.ErrCodeProtocol, "the first frame is not SETTINGS (RFC 9113 §3.4)"}
	}
	id := f.Header().StreamID
	switch f := f.(type) {
	case *http2.HeadersFrame:
		return k.headers(f)
	case *http2.ContinuationFrame:
		if k.part.more++; k.part.id == 0 {
			return connError{http2.ErrCodeProtocol, "CONTINUATION without HEADERS (RFC 9113 §6.10)"}
		}
		if k.part.more > maxContinuations {
			return connError{http2.ErrCodeEnhanceYourCalm, "too many CONTINUATION frames"}
		}
		return k.fragment(f.HeaderBlockFragment(), f.HeadersEnded())
	case *http2.DataFrame:
		k.idle = 0
		return k.data(f)
	}
	if k.idle++; k.idle > maxIdleFrames {
		return connError{http2.ErrCodeEnhanceYourCalm, "too many frames that change nothing"}
	}
	var err error
	switch f := f.(type) {
	case *http2.SettingsFrame:
		err = k.settings(f)
	case *http2.WindowUpdateFrame:
		err = k.update(id, int64(f.Increment))
	case *http2.PriorityUpdateFrame:
		err = k.reprioritise(f)
	case *http2.RSTStreamFrame:
		switch {
		case k.isIdle(id):
			err = connError{http2.ErrCodeProtocol, "RST_STREAM for a stream that was never opened (RFC 9113 §6.4)"}
		case k.streams[id] != nil:
			k.drop(id)
			if e := k.churn(); e != nil {
				return *e
			}
		}
	case *http2.PingFrame:
		if !f.IsAck() {
			err = k.ctl.WritePing(true, f.Data)
		}
	case *http2.GoAwayFrame:
		k.push = false
	case *http2.PushPromiseFrame:
		err = connError{http2.ErrCodeProtocol, "a client cannot push (RFC 9113 §8.4)"}
	}
	if err == nil && k.control.Len() > maxControl {
		err = connError{http2.ErrCodeEnhanceYourCalm, "answers are not read"}
	}
	return err
}

// isIdle reports whether a stream has not been used so far (RFC 9113 §5.1).
func (k *conn) isIdle(id uint32) bool {
	if id%2 == 0 {
		return id > k.lastPush
	}
	return id > k.lastID
}

// headers begins a header block.
func (k *conn) headers(f *http2.HeadersFrame) error {
	id := f.StreamID
	st := k.streams[id]
	switch {
	case id%2 == 0:
		return connError{http2.ErrCodeProtocol, "a client's streams have odd numbers (RFC 9113 §5.1.1)"}
	case st != nil && st.open && f.StreamEnded(): // trailers
	case st == nil && id > k.lastID:
		k.lastID = id
	case st != nil && st.open:
		return connError{http2.ErrCodeProtocol, "trailers do not end the stream (RFC 9113 §8.1)"}
	default:
		return connError{http2.ErrCodeStreamClosed, "HEADERS on a stream that is closed (RFC 9113 §5.1)"}
	}
	k.part = partial{id: id, end: f.StreamEnded()}
	k.head = &head{priority: DefaultPriority()}
	return k.fragment(f.HeaderBlockFragment(), f.HeadersEnded())
}

// fragment takes a piece of a header block; at its end the request is answered.
func (k *conn) fragment(b []byte, end bool) error {
	if len(k.part.block)+len(b) > maxBlock {
		return connError{http2.ErrCodeEnhanceYourCalm, "a header block is too long"}
	}
	k.part.block = append(k.part.block, b...)
	if !end {
		return nil
	}
	part, h := k.part, k.head
	k.part = partial{}
	_, err := k.dec.Write(part.block)
	if err == nil {
		err = k.dec.Close()
	}
	if err != nil {
		return connError{http2.ErrCodeCompression, err.Error()}
	}
	if st := k.streams[part.id]; st != nil {
		k.complete(st) // trailers: nothing here needs them
		return nil
	}
	h.check()
	switch {
	case h.bad != "":
		return streamError(part.id, http2.ErrCodeProtocol, h.bad)
	case len(k.streams) >= MaxStreams:
		return streamError(part.id, http2.ErrCodeRefusedStream, "too many streams at a time")
	}
	k.idle = 0
	st := &stream{id: part.id, priority: h.priority, window: k.initial, open: !part.end}
	if p, ok := k.early[part.id]; ok {
		st.priority = p // what comes by PRIORITY_UPDATE counts (RFC 9218 §7)
		delete(k.early, part.id)
	}
	if h.size > MaxHeaderList {
		k.add(st, http1.Reply{Status: 431}, false)
		return nil
	}
	if st.open { // the answer waits for the content, which is thrown away
		st.ask = &h.req
		k.streams[st.id] = st
		return nil
	}
	k.answer(st, &h.req)
	return nil
}

// complete notes that all of a request has come.
func (k *conn) complete(st *stream) {
	st.open = false
	if r := st.ask; r != nil {
		st.ask = nil
		k.answer(st, r)
	}
}

// answer finds the reply to a request, and what is pushed with it.
func (k *conn) answer(st *stream, r *http1.Request) {
	reply := http1.Reply{Status: 405, Header: http1.Header{{Name: "allow", Value: "GET, HEAD"}}}
	if r.Method == "GET" || r.Method == "HEAD" {
		reply = k.s.Handle(r)
	}
	k.add(st, reply, r.Method == "HEAD")
	if k.s.Pushes == nil || !k.push || r.Method != "GET" {
		return
	}
	for _, q := range k.s.Pushes(r) {
		if k.peerStreams--; k.peerStreams < 0 {
			return
		}
		k.lastPush += 2
		k.promises = append(k.promises, promise{st.id, k.lastPush, q})
		p := DefaultPriority()
		if q.Priority != nil {
			p = *q.Priority
		}
		k.add(&stream{id: k.lastPush, priority: p, window: k.initial},
			k.s.Handle(&http1.Request{Method: "GET", Target: q.Target, Proto: "HTTP/2"}), false)
	}
}

// add queues a response.
func (k *conn) add(st *stream, r http1.Reply, headOnly bool) {
	st.reply, st.seq, st.left = r, k.seq, r.Size
	if headOnly {
		st.left = 0
	}
	k.seq++
	k.streams[st.id] = st
	k.order = append(k.order, st)
}

// drop forgets a stream.
func (k *conn) drop(id uint32) {
	st := k.streams[id]
	if st == nil {
		return
	}
	st.close()
	delete(k.streams, id)
	k.order = slices.DeleteFunc(k.order, func(o *stream) bool { return o == st })
	if id%2 == 0 {
		k.peerStreams++
	}
	for i := len(k.promises) - 1; i >= 0; i-- {
		if p := k.promises[i]; p.on == id { // nobody will hear of it
			k.promises = slices.Delete(k.promises, i, i+1)
			k.drop(p.id)
		}
	}
}

// data throws the content of a request away, and opens the windows again.
func (k *conn) data(f *http2.DataFrame) error {
	n := int64(f.Length)
	if k.isIdle(f.StreamID) {
		return connError{http2.ErrCodeProtocol, "DATA on a stream that was never opened (RFC 9113 §5.1)"}
	}
	if k.recv -= n; k.recv < 0 {
		return connError{http2.ErrCodeFlowControl, "DATA beyond the connection's window (RFC 9113 §6.9)"}
	}
	if k.recv < DefaultWindow/2 {
		_ = k.ctl.WriteWindowUpdate(0, uint32(DefaultWindow-k.recv))
		k.recv = DefaultWindow
	}
	st := k.streams[f.StreamID]
	if st == nil || !st.open {
		return streamError(f.StreamID, http2.ErrCodeStreamClosed, "DATA on a stream that is closed (RFC 9113 §5.1)")
	}
	if n == 0 && !f.StreamEnded() {
		if k.resets++; k.resets > maxResets {
			return connError{http2.ErrCodeEnhanceYourCalm, "too many empty frames"}
		}
	}
	if st.got += n; st.got > maxRequestBody {
		return streamError(st.id, http2.ErrCodeEnhanceYourCalm, "this server takes no content of that size")
	}
	if f.StreamEnded() {
		k.complete(st)
		return nil
	}
	if n > 0 {
		return k.ctl.WriteWindowUpdate(st.id, uint32(n))
	}
	return nil
}
