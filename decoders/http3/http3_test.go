package http3

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"netscope/decoders"
)

// record is a [Sink] that checks the contract and keeps what is said.
type record struct {
	t    testing.TB
	list []message3
}

type message3 struct {
	decoders.Event
	n      int64
	closed bool
}

func (r *record) Open(ev decoders.Event) uint64 {
	key := uint64(len(r.list)) + 1
	if ev.Name == "" || ev.PartOf >= key || ev.ReplyTo >= key {
		r.t.Errorf("message %d opens as %+v", key, ev)
	}
	if ev.PartOf != 0 && r.list[ev.PartOf-1].closed {
		r.t.Errorf("%s is part of message %d, which is closed", ev.Name, ev.PartOf)
	}
	r.list = append(r.list, message3{Event: ev})
	return key
}

func (r *record) Update(key uint64, summary string, fields []decoders.KV) {
	m := &r.list[key-1]
	if m.closed {
		r.t.Errorf("%s is updated after its end", m.Name)
	}
	if m.Fields = append(m.Fields, fields...); summary != "" {
		m.Summary = summary
	}
}

func (r *record) Close(d decoders.Dir, key uint64, n, end int64, problem string) {
	m := &r.list[key-1]
	if m.closed || m.Dir != d || n < 0 || end < m.InnerOff+m.HeadLen && m.Level == decoders.UnitLevel {
		r.t.Errorf("%s is closed again, or in direction %d with %d bytes", m.Name, d, n)
	}
	m.closed, m.n, m.Err = true, n, problem
	Explain(decoders.Exposed{Dir: m.Dir, Kind: m.Kind, Proto: m.Proto, Name: m.Name, Fields: m.Fields})
}

func (r *record) text(level decoders.Level) string {
	var out []string
	for i, m := range r.list {
		if !m.closed {
			r.t.Errorf("%s is not closed", m.Name)
		}
		if m.Level != level {
			continue
		}
		s := m.Summary
		if m.ReplyTo > 0 {
			s += " answers " + r.list[m.ReplyTo-1].Summary
		}
		if m.Err != "" {
			s += " !" + m.Err
		}
		_ = i
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

func bin(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// say is what one side sends next on a stream.
type say struct {
	d   decoders.Dir
	id  int64
	hex string
	end bool
}

func play(t testing.TB, turns ...say) *record {
	r := &record{t: t}
	c := New(0, r)
	for _, s := range turns {
		c.Data(s.d, s.id, bin(s.hex), 0, s.end)
	}
	c.Finish("the capture ends")
	return r
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimSpace(strings.ReplaceAll(want, "\t", "")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Header sections without the dynamic table: GET https /, with :authority a.
const (
	getSlash = "0000 d1 d7 c1 5001 61"
	ok200    = "0000 d9"
)

func frame3(t byte, body string) string {
	b := bin(body)
	return fmt.Sprintf("%02x%02x%x", t, len(b), b)
}

func TestExchange(t *testing.T) {
	r := play(t,
		say{0, 2, "00 04 04 01 4064 07 02", false}, // SETTINGS: cut short
		say{1, 3, "00 04 05 01 4064 07 10 07 01 00 21 00", false},
		say{0, 0, frame3(1, getSlash), true},
		say{1, 0, frame3(1, "0000 ff00"), false},
		say{1, 0, frame3(1, ok200+"5401 35"), false},
		say{1, 0, "00 02 6162", false}, say{1, 0, "00 03 63", false}, say{1, 0, "6465", false},
		say{1, 0, frame3(1, "0000 2161 0162"), true})
	check(t, r.text(decoders.MessageLevel), `
		GET /
		100 Continue answers GET /
		200 OK  5 B answers GET /`)
	check(t, r.text(decoders.UnitLevel), `
		stream 2: control stream
		SETTINGS QPACK_MAX_TABLE_CAPACITY=100 !the length of the frame does not fit its content (RFC 9114 §7.1)
		stream 3: control stream
		SETTINGS QPACK_MAX_TABLE_CAPACITY=100 QPACK_BLOCKED_STREAMS=16
		GOAWAY 0
		reserved, 0 B
		HEADERS 0  GET /
		HEADERS 0  100 Continue
		HEADERS 0  200 OK
		DATA 0  2 B
		DATA 0  3 B
		HEADERS 0  trailers`)
}

// TestBlocked: a section waits for the instruction that it needs; other streams
// do not.
func TestBlocked(t *testing.T) {
	r := play(t,
		say{1, 3, "00 04 05 01 4064 07 10", false},
		say{0, 0, frame3(1, "0200 80 d1 d7 c1"), true},
		say{0, 4, frame3(1, getSlash), true},
		say{0, 6, "02 3f45", false},
		say{0, 6, "c001 7a", false},
		say{1, 7, "03 80", false},
		say{0, 8, frame3(1, "0300 81 d1 d7 c1"), true})
	check(t, r.text(decoders.MessageLevel), `
		GET /
		GET /
		GET / !it refers to entries that have not come yet: the stream waits (RFC 9204 §2.2.1)`)
	var order []int64
	for _, m := range r.list {
		if m.Kind == decoders.Request {
			order = append(order, m.Stream)
		}
		if m.Name == "HEADERS" && m.Stream == 0 {
			if kv, _ := decoders.Lookup(m.Fields, "http3.qpack.blocked"); kv.Int != 1 {
				t.Error("nothing says that stream 0 has waited")
			}
		}
	}
	if fmt.Sprint(order) != "[4 0 8]" {
		t.Errorf("requests are decoded in the order %v", order)
	}
}

func TestPush(t *testing.T) {
	r := play(t,
		say{0, 0, frame3(1, getSlash), true},
		say{1, 0, frame3(5, "07"+getSlash), false},
		say{1, 0, frame3(1, ok200), true},
		say{1, 3, "01 07" + frame3(1, ok200) + "00 01 61", true})
	check(t, r.text(decoders.MessageLevel), `
		GET /
		GET /
		200 OK answers GET /
		200 OK  1 B answers GET /`)
	if r.list[len(r.list)-3].ReplyTo == 1 {
		t.Error("the pushed response answers the wrong request")
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		turns []say
		want  string
	}{
		{[]say{{0, 0, "00 01 61", true}}, "DATA without HEADERS before it (RFC 9114 §4.1)"},
		{[]say{{0, 0, frame3(1, getSlash) + "00 05 61", true}}, "the stream ends within a frame (RFC 9114 §7.1)"},
		{[]say{{0, 0, frame3(1, getSlash+"5401 35") + "00 01 61", true}}, "the content has 1 bytes, but Content-Length says 5 (RFC 9114 §4.1.2)"},
		{[]say{{0, 0, frame3(1, "0000 d1"), true}}, "a request without :scheme or :path (RFC 9114 §4.3.1)"},
		{[]say{{0, 0, frame3(1, getSlash+"21 41 01 62"), true}}, "an upper-case letter in a field name (RFC 9114 §4.2)"},
		{[]say{{0, 2, "00 07 01 00", false}}, "the first frame of a control stream must be SETTINGS (RFC 9114 §6.2.1)"},
		{[]say{{0, 2, "00 04 00", true}}, "a control or QPACK stream must not end (RFC 9114 §6.2.1, RFC 9204 §4.2)"},
		{[]say{{0, 2, "00 04 00", false}, {0, 6, "00 04 00", false}}, "a second control stream (RFC 9114 §6.2.1, RFC 9204 §4.2)"},
		{[]say{{0, 2, "00 04 02 02 00", false}}, "a setting of HTTP/2 that HTTP/3 does not have (RFC 9114 §7.2.4.1)"},
		{[]say{{0, 0, "04 00", false}}, "SETTINGS belongs on the control stream (RFC 9114 §7)"},
		{[]say{{0, 0, "06 00", false}}, "a frame type of HTTP/2 that HTTP/3 does not have (RFC 9114 §7.2.8)"},
		{[]say{{0, 6, "02 01", false}}, "an index that names no entry of the dynamic table (RFC 9204 §3.2.4)"},
		{[]say{{0, 10, "03 80", false}}, "an acknowledgement of a stream that has no section with dynamic entries (RFC 9204 §4.4.1)"},
	} {
		r := play(t, c.turns...)
		if all := r.text(decoders.UnitLevel) + r.text(decoders.MessageLevel); !strings.Contains(all, "!"+c.want) && !strings.Contains(all, "; "+c.want) {
			t.Errorf("%v: got\n%s\nwant %s", c.turns, all, c.want)
		}
	}
}

// TestGap: bytes that the capture lacks within DATA are counted; elsewhere the
// rest of the stream is given up, the connection goes on.
func TestGap(t *testing.T) {
	r := &record{t: t}
	c := New(0, r)
	c.Data(0, 0, bin(frame3(1, getSlash)+"00 10 61"), 0, false)
	c.Data(0, 0, bin("62"), 14, true)
	c.Data(0, 4, bin(frame3(1, getSlash)), 0, false)
	c.Data(0, 4, bin("00"), 3, true)
	c.Data(0, 6, bin("02"), 0, false)
	c.Data(0, 6, bin("3f45"), 2, false)
	c.Data(0, 8, bin(frame3(1, "0200 80 d1 d7 c1")), 0, true)
	c.Reset(1, 8, 0x10c)
	c.Finish("")
	check(t, r.text(decoders.MessageLevel), `
		GET /  16 B !14 bytes are missing in the capture
		GET / !3 bytes are missing in the capture: where frames begin after them is not known
		GET / !some fields cannot be decoded: the capture lacks instructions for the dynamic table (RFC 9204 §3.2)`)
}

// TestCuts: any way of cutting streams gives the same messages.
func TestCuts(t *testing.T) {
	stream := bin(frame3(1, getSlash+"5401 35") + "00 05 6162636465 21 02 0102" + frame3(1, "0000 2161 0162"))
	want := ""
	for n := len(stream); n > 0; n-- {
		r := &record{t: t}
		c := New(0, r)
		for b := stream; len(b) > 0; {
			k := min(n, len(b))
			c.Data(0, 0, bytes.Clone(b[:k]), 0, k == len(b))
			b = b[k:]
		}
		got := r.text(decoders.MessageLevel) + "\n" + r.text(decoders.UnitLevel)
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("in pieces of %d: got\n%s\nwant\n%s", n, got, want)
		}
	}
}

// FuzzStreams gives arbitrary bytes to three streams of each direction, in two
// pieces each.
func FuzzStreams(f *testing.F) {
	f.Add(bin(frame3(1, "0200 80 d1 d7 c1")+"000161"), bin("02 3f45 c0017a"), bin("00 0405 014064 0710"), uint8(5), false)
	f.Add(bin(frame3(5, "07"+getSlash)), bin("01 07"+frame3(1, ok200)), bin("03 80 01 41"), uint8(9), true)
	f.Fuzz(func(t *testing.T, req, uni, control []byte, cut uint8, gap bool) {
		r := &record{t: t}
		c := New(0, r)
		for d := range decoders.Dir(2) {
			for i, b := range [][]byte{control, req, uni} {
				id := []int64{2, 0, 6}[i] + int64(d)*min(1, int64(i^1))
				k := min(int(cut), len(b))
				c.Data(d, id, b[:k:k], 0, false)
				if gap && i == int(cut%3) {
					c.Data(d, id, b[k:], uint64(cut), true)
				} else {
					c.Data(d, id, b[k:], 0, cut%2 == 0)
				}
			}
		}
		c.Reset(0, 0, 1)
		c.Finish("the end")
		r.text(decoders.UnitLevel)
	})
}

// TestState: the fields of units suffice to follow the tables and settings.
func TestState(t *testing.T) {
	r := &record{t: t}
	c := New(0, r)
	for _, s := range []say{{1, 3, "00 04 05 01 4064 07 10", false}, {0, 0, frame3(1, "0200 80 d1 d7 c1"), true}, {0, 6, "02 3f45 c0017a", false},
		{0, 6, "4161 0162 00", false}, {0, 4, frame3(1, "0300 81 d1 d7 c1"), true}, {1, 7, "03 80 01", false}} {
		c.Data(s.d, s.id, bin(s.hex), 0, s.end)
	}
	var folded State
	for _, m := range r.list {
		was := folded.Clone()
		folded.Apply(m.Dir, m.Stream, m.Fields)
		was.Apply(m.Dir, m.Stream, m.Fields)
		if !reflect.DeepEqual(was, folded) {
			t.Errorf("after %s a copy is %+v, not %+v", m.Name, was, folded)
		}
	}
	if !reflect.DeepEqual(folded.Tables, c.Tables) || !reflect.DeepEqual(folded.Settings, c.settings) {
		t.Errorf("folded %+v\nown %+v", folded, c.Tables)
	}
	if tb := c.Tables[0]; tb.Inserted != 3 || tb.Known != 2 || len(folded.Waits[0]) != 1 {
		t.Errorf("the table is %+v, waiting %v", tb, folded.Waits)
	}
}
