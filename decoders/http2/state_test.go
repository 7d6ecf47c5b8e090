package http2

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"netscope/decoders"
)

// apply applies the frames of a dialogue to a state and returns what is wrong.
func apply(t *testing.T, c *Conn, dialogue []turn) []string {
	t.Helper()
	var bad []string
	for _, u := range dialogue {
		b := []byte(strings.TrimPrefix(u.Data, preface))
		if len(b) < len(u.Data) {
			c.start(u.Dir)
		}
		for len(b) >= headLen {
			h := parseHeader(b)
			e := c.Apply(u.Dir, Frame{Header: h, Payload: b[headLen : headLen+h.Length]})
			bad = append(bad, e.Bad.list...)
			b = b[headLen+h.Length:]
		}
	}
	return bad
}

func TestWindows(t *testing.T) {
	c, s := pair2()
	conn := NewConn(false, false)
	bad := apply(t, conn, join2(turn{Data: preface}, c.settings(http2.Setting{ID: 4, Val: 1000}), s.settings(), s.ack(), c.ack(),
		c.headers(1, true, get("/")...), s.headers(1, false, ":status: 200"),
		s.says(func(f *http2.Framer) { _ = f.WriteDataPadded(1, false, make([]byte, 600), make([]byte, 99)) }),
		c.says(func(f *http2.Framer) { _ = f.WriteWindowUpdate(1, 50); _ = f.WriteWindowUpdate(0, 7) })))
	if bad != nil {
		t.Error(bad)
	}
	st := conn.Streams[1]
	if st.Window != [2]int64{65535, 350} || conn.Ends[1].Window != 65535-700+7 || st.Sent[1] != 600 {
		t.Errorf("windows %v, connection %d, sent %v", st.Window, conn.Ends[1].Window, st.Sent)
	}
	before := conn.Clone()
	// Lowering the initial window may make a window negative (RFC 9113 §6.9.2).
	bad = apply(t, conn, []turn{c.settings(http2.Setting{ID: 4, Val: 500}), s.data(1, false, strings.Repeat("x", 350))})
	if bad != nil || st.Window[1] != -500 {
		t.Error(bad, st.Window)
	}
	if before.Streams[1].Window[1] != 350 {
		t.Error("a clone has changed with the original")
	}
	bad = apply(t, conn, []turn{s.ack(), s.data(1, true, "x")})
	if len(bad) != 1 || !strings.Contains(bad[0], "stream's window") {
		t.Error(bad)
	}
	if st.State(0) != "closed" || conn.Ends[0].Open != 0 {
		t.Error(st.State(0), conn.Ends[0].Open)
	}
}

func TestStates(t *testing.T) {
	c, s := pair2()
	conn := NewConn(false, false)
	check := func(id uint32, client, server string) {
		t.Helper()
		st := conn.Streams[id]
		if st == nil || st.State(0) != client || st.State(1) != server {
			t.Errorf("stream %d is %+v, want %s, %s", id, st, client, server)
		}
	}
	p := s.block(get("/b")...)
	apply(t, conn, join2(hello(c, s), c.headers(1, false, get("/")...)))
	check(1, "open", "open")
	apply(t, conn, []turn{c.data(1, true, "x")})
	check(1, "half-closed (local)", "half-closed (remote)")
	apply(t, conn, []turn{s.says(func(f *http2.Framer) {
		_ = f.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: p, EndHeaders: true})
	})})
	check(2, "reserved (remote)", "reserved (local)")
	apply(t, conn, []turn{s.headers(2, false, ":status: 200")})
	check(2, "half-closed (local)", "half-closed (remote)")
	apply(t, conn, []turn{c.says(func(f *http2.Framer) { _ = f.WriteRSTStream(2, http2.ErrCodeCancel) }), s.headers(1, true, ":status: 204")})
	check(1, "closed", "closed")
	check(2, "closed", "closed")
	if st := conn.Streams[2]; st.ResetBy != 0 || st.ResetCode != 8 {
		t.Errorf("%+v", st)
	}
	apply(t, conn, []turn{c.says(func(f *http2.Framer) { _ = f.WritePriority(7, http2.PriorityParam{Weight: 200}) })})
	check(7, "idle", "idle")
}

// TestTree is the example of RFC 7540 §5.3.1: D becomes the exclusive child of A.
func TestTree(t *testing.T) {
	conn := NewConn(false, false)
	prio := func(id, on uint32, exclusive bool) {
		c := newPeer(decoders.AtoB)
		apply(t, conn, []turn{c.says(func(f *http2.Framer) {
			_ = f.WritePriority(id, http2.PriorityParam{StreamDep: on, Exclusive: exclusive})
		})})
	}
	parents := func() map[uint32]uint32 {
		m := map[uint32]uint32{}
		for _, s := range conn.List() {
			m[s.ID] = s.Parent
		}
		return m
	}
	prio(1, 0, false)
	prio(3, 1, false)
	prio(5, 1, false)
	prio(7, 1, true)
	if want := (map[uint32]uint32{1: 0, 3: 7, 5: 7, 7: 1}); !reflect.DeepEqual(parents(), want) {
		t.Errorf("%v, want %v", parents(), want)
	}
	prio(1, 7, false) // §5.3.3: 7 takes the place of its parent first
	if want := (map[uint32]uint32{1: 7, 3: 7, 5: 7, 7: 0}); !reflect.DeepEqual(parents(), want) {
		t.Errorf("%v, want %v", parents(), want)
	}
}

func TestTables(t *testing.T) {
	c, s := pair2()
	conn := NewConn(false, false)
	apply(t, conn, join2(hello(c, s), c.headers(1, true, append(get("/"), "x-a: 1")...), s.headers(1, true, ":status: 200", "server: s")))
	if a, b := conn.Ends[0].Table, conn.Ends[1].Table; a.Inserted != 2 || b.Inserted != 1 || b.Entries[0].Value != "s" {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// TestBounds checks that hostile input does not make the state grow.
func TestBounds(t *testing.T) {
	conn := NewConn(false, false)
	c := newPeer(decoders.AtoB)
	flood := c.says(func(f *http2.Framer) {
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x82}})
		for range 1000 {
			_ = f.WriteContinuation(1, false, nil)
		}
	})
	bad := apply(t, conn, []turn{flood})
	if b := conn.Ends[0].Block; b != nil || !strings.Contains(strings.Join(bad, "\n"), "more than 256 frames") {
		t.Error("CONTINUATION flood", b)
	}
	apply(t, conn, []turn{c.says(func(f *http2.Framer) {
		for i := range uint32(40_000) {
			_ = f.WritePriority(2*i+3, http2.PriorityParam{})
		}
	})})
	if n := len(conn.Streams); n > maxStreams+maxClosed {
		t.Errorf("%d streams", n)
	}
	many := newPeer(decoders.AtoB)
	conn = NewConn(true, false)
	for i := range uint32(1000) {
		apply(t, conn, []turn{many.headers(2*i+1, true, get("/")...), many.says(func(f *http2.Framer) { _ = f.WriteRSTStream(2*i+1, 8) })})
	}
	if n := len(conn.Streams); n > maxClosed+1 {
		t.Errorf("%d streams are remembered", n)
	}
}
