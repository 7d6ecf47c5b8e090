package quic

import (
	"net/netip"
	"testing"
	"time"

	"netscope/decoders"
)

var testHint = decoders.Hint{Transport: decoders.UDP, A: netip.MustParseAddrPort("10.0.0.1:50000"), B: netip.MustParseAddrPort("10.0.0.2:443")}

// message is a message as its events have made it.
type message struct {
	decoders.Event
	closed bool
}

// drive feeds datagrams, in turn from A and from B, and checks the contract on
// the way. An empty turn passes the word.
func drive(t testing.TB, env decoders.Env, turns [][]byte) []message {
	r := newRecord(t, Decoder{}.NewParser(testHint, env))
	for i, b := range turns {
		if len(b) > 0 {
			r.feed(decoders.Dir(i&1), b, false)
		}
	}
	r.finish()
	return r.list
}

// record checks events and keeps what they say.
type record struct {
	t    testing.TB
	p    decoders.Parser
	list []message
	off  [2]int64
	last [2]int64
	now  time.Time
}

func newRecord(t testing.TB, p decoders.Parser) *record {
	return &record{t: t, p: p, now: time.Unix(0, 0)}
}

func (r *record) feed(d decoders.Dir, b []byte, end bool) {
	r.now = r.now.Add(time.Millisecond)
	st, err := r.p.Next(decoders.Chunk{Dir: d, At: r.now, Off: r.off[d], Buf: b, End: end})
	if err != nil || st.Advance != len(b) {
		r.t.Fatalf("a datagram of %d bytes: %d used, %v", len(b), st.Advance, err)
	}
	r.off[d] += int64(len(b))
	for _, e := range st.Events {
		r.event(e)
	}
}

func (r *record) finish() {
	r.feed(0, nil, true)
	r.feed(1, nil, true)
	for _, m := range r.list {
		if !m.closed {
			r.t.Errorf("%s %q is still open at the end", m.Name, m.Summary)
		}
	}
}

func (r *record) event(e decoders.Event) {
	if e.Op == decoders.Open {
		if e.Key != uint64(len(r.list))+1 || e.Name == "" || e.Proto == "" || e.Off < r.last[e.Dir] || e.Off > r.off[e.Dir] {
			r.t.Errorf("message %d opens as %+v at %d", len(r.list)+1, e, r.last[e.Dir])
		}
		for _, k := range []uint64{e.PartOf} {
			if k != 0 && (k > uint64(len(r.list)) || r.list[k-1].closed) {
				r.t.Errorf("%s is part of message %d, which is not open", e.Name, k)
			}
		}
		if e.ReplyTo > uint64(len(r.list)) {
			r.t.Errorf("%s answers message %d, which does not exist", e.Name, e.ReplyTo)
		}
		r.last[e.Dir] = e.Off
		r.list = append(r.list, message{Event: e})
		return
	}
	if e.Key == 0 || e.Key > uint64(len(r.list)) || r.list[e.Key-1].closed {
		r.t.Errorf("an event for message %d, which is not open: %+v", e.Key, e)
		return
	}
	m := &r.list[e.Key-1]
	if e.Op == decoders.Update {
		m.Fields = append(m.Fields, e.Fields...)
		if e.Summary != "" {
			m.Summary = e.Summary
		}
		return
	}
	m.closed, m.End, m.Len, m.Err = true, e.End, e.Len, e.Err
	if e.End < m.Off || e.End > r.off[m.Dir] {
		r.t.Errorf("%s %q lies at %d to %d of %d", m.Name, m.Summary, m.Off, e.End, r.off[m.Dir])
	}
	if m.PartOf != 0 && r.list[m.PartOf-1].closed {
		r.t.Errorf("%s is closed after what it is part of", m.Name)
	}
}
