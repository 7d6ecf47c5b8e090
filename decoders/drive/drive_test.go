package drive_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"netscope/decoders"
	"netscope/decoders/all"
	"netscope/decoders/data"
	"netscope/decoders/decodertest"
	"netscope/decoders/drive"
)

// script is a decoder for tests: its parser does what a function says.
type script struct {
	name string
	next func(p *scripted, c decoders.Chunk) (decoders.Step, error)
}

type scripted struct {
	script
	calls int
	key   uint64
}

func (s script) Name() string { return s.name }
func (script) Probe(decoders.Hint, decoders.Dir, []byte, bool) decoders.Verdict {
	return decoders.Accept
}
func (s script) NewParser(decoders.Hint, decoders.Env) decoders.Parser {
	return &scripted{script: s}
}
func (script) Explain(decoders.Exposed) decoders.Field { return decoders.Field{} }

func (p *scripted) Next(c decoders.Chunk) (decoders.Step, error) {
	p.calls++
	return p.next(p, c)
}

// open opens a message at the chunk's beginning.
func (p *scripted) open(c decoders.Chunk) decoders.Event {
	p.key++
	return decoders.Event{Op: decoders.Open, Key: p.key, Dir: c.Dir, Proto: "test", Name: "m", Off: c.Off}
}

// record is a sink that checks the driver's promises.
type record struct {
	msgs []message
	bad  []string
}

type message struct {
	decoders.Event
	dec             int
	partOf, replyTo drive.ID
	closed          bool
}

func (r *record) Open(dec int, ev *decoders.Event, partOf, replyTo drive.ID) drive.ID {
	for _, id := range []drive.ID{partOf, replyTo} {
		if id != drive.None && int(id) >= len(r.msgs) {
			r.bad = append(r.bad, "a reference to no message")
		}
	}
	r.msgs = append(r.msgs, message{Event: *ev, dec: dec, partOf: partOf, replyTo: replyTo})
	return drive.ID(len(r.msgs) - 1)
}

func (r *record) Update(id drive.ID, ev *decoders.Event) {
	m := &r.msgs[id]
	if m.closed {
		r.bad = append(r.bad, "an update after the end")
	}
	m.Fields = append(m.Fields[:len(m.Fields):len(m.Fields)], ev.Fields...)
	if ev.Summary != "" {
		m.Summary = ev.Summary
	}
}

func (r *record) Inner(*decoders.Inner) {}

func (r *record) Close(id drive.ID, ev *decoders.Event) {
	m := &r.msgs[id]
	if m.closed {
		r.bad = append(r.bad, "closed twice")
	}
	if ev.End < m.Off {
		r.bad = append(r.bad, "ends before it begins")
	}
	m.closed, m.End, m.Len, m.Err = true, ev.End, ev.Len, ev.Err
}

// check is called after Finish.
func (r *record) check(t testing.TB) {
	t.Helper()
	for _, m := range r.msgs {
		if !m.closed {
			t.Errorf("message %q at %d is open at the end", m.Name, m.Off)
		}
	}
	for _, b := range r.bad {
		t.Error(b)
	}
}

func (r *record) text() string {
	var out []string
	for _, m := range r.msgs {
		out = append(out, fmt.Sprintf("%d:%s %d-%d %q", m.Dir, m.Name, m.Off, m.End, m.Err))
	}
	return strings.Join(out, "; ")
}

var start = time.Unix(0, 0)

// converse feeds a dialogue to a driver.
func converse(decs []decoders.Decoder, h decoders.Hint, turns []decodertest.Turn) *record {
	r := &record{}
	c := drive.New(decs, h, "", drive.Limits{MaxUnit: 1 << 16}, r)
	for _, t := range turns {
		c.Feed(start, t.Dir, t.Gap, []byte(t.Data), t.End)
	}
	c.Finish(start)
	return r
}

var a, b, gap, endA = decodertest.A, decodertest.B, decodertest.Gap, decodertest.EndA

// TestMisbehaviour has parsers that break every rule.
func TestMisbehaviour(t *testing.T) {
	type next = func(p *scripted, c decoders.Chunk) (decoders.Step, error)
	for name, tc := range map[string]struct {
		next next
		want string
	}{
		"panics at once": {func(*scripted, decoders.Chunk) (decoders.Step, error) { panic("no") },
			`0:data 0-5 "decoder failed"; 1:data 0-5 "decoder failed"; 0:data 5-8 ""`},
		"panics with a message open": {func(p *scripted, c decoders.Chunk) (decoders.Step, error) {
			if p.calls > 1 {
				var none []int
				_ = none[p.calls]
			}
			return decoders.Step{Advance: 2, Events: []decoders.Event{p.open(c)}}, nil
		}, `0:m 0-2 "decoder failed"; 0:data 2-5 "decoder failed"; 1:data 0-5 "decoder failed"; 0:data 5-8 ""`},
		"fails": {func(p *scripted, c decoders.Chunk) (decoders.Step, error) {
			return decoders.Step{Advance: 1, Events: []decoders.Event{p.open(c)}}, errors.New("bad magic")
		}, `0:m 0-1 "bad magic"; 0:data 1-5 "bad magic"; 1:m 0-1 "bad magic"; 1:data 1-5 "bad magic"; 0:data 5-8 ""`},
		"advances too far": {func(p *scripted, c decoders.Chunk) (decoders.Step, error) {
			return decoders.Step{Advance: len(c.Buf) + 1}, nil
		}, `0:data 0-5 "decoder failed"; 1:data 0-5 "decoder failed"; 0:data 5-8 ""`},
		"advances back": {func(*scripted, decoders.Chunk) (decoders.Step, error) {
			return decoders.Step{Advance: -1}, nil
		}, `0:data 0-5 "decoder failed"; 1:data 0-5 "decoder failed"; 0:data 5-8 ""`},
		"never rests": {func(p *scripted, c decoders.Chunk) (decoders.Step, error) {
			if p.calls == 1 {
				return decoders.Step{Events: []decoders.Event{p.open(c)}}, nil
			}
			return decoders.Step{Events: []decoders.Event{{Op: decoders.Update, Key: 1}}}, nil
		}, `0:m 0-0 "decoder failed"; 0:data 0-5 "decoder failed"; 1:data 0-5 "decoder failed"; 0:data 5-8 ""`},
		"never ends a message": {func(p *scripted, c decoders.Chunk) (decoders.Step, error) {
			if len(c.Buf) == 0 {
				return decoders.Step{}, nil
			}
			return decoders.Step{Advance: len(c.Buf), Events: []decoders.Event{p.open(c)}}, nil
		}, `0:m 0-8 "its end was not found"; 1:m 0-5 "its end was not found"; 0:m 5-8 "its end was not found"`},
		"numbers messages wrongly": {func(p *scripted, c decoders.Chunk) (decoders.Step, error) {
			p.key = 7
			return decoders.Step{Advance: 1, Events: []decoders.Event{p.open(c)}}, nil
		}, `0:data 0-5 "decoder failed"; 1:data 0-5 "decoder failed"; 0:data 5-8 ""`},
		"closes what is not open": {func(_ *scripted, c decoders.Chunk) (decoders.Step, error) {
			return decoders.Step{Advance: len(c.Buf), Events: []decoders.Event{{Op: decoders.Close, Key: 9}, {Op: 77, Key: 1}}}, nil
		}, ``},
		"lies about offsets": {func(p *scripted, c decoders.Chunk) (decoders.Step, error) {
			ev := p.open(c)
			ev.Off, ev.HeadLen = 1<<40, -5
			return decoders.Step{Advance: len(c.Buf), Events: []decoders.Event{ev, {Op: decoders.Close, Key: ev.Key, End: 1 << 50, Len: -1}}}, nil
		}, `0:m 5-5 ""; 1:m 5-5 ""; 0:m 8-8 ""; 1:m 5-5 ""; 0:m 8-8 ""`},
		"hands over to itself": {func(*scripted, decoders.Chunk) (decoders.Step, error) {
			return decoders.Step{Handoff: "bad"}, nil
		}, `0:data 0-5 ""; 1:data 0-5 ""; 0:data 5-8 ""`},
		"hands over to nobody": {func(*scripted, decoders.Chunk) (decoders.Step, error) {
			return decoders.Step{Advance: 2, Handoff: "no such decoder"}, nil
		}, `0:data 2-5 ""; 1:data 0-5 ""; 0:data 5-8 ""`},
		"uses nothing": {func(*scripted, decoders.Chunk) (decoders.Step, error) { return decoders.Step{}, nil },
			`1:data 0-5 "the connection ends in the middle of it"; 0:data 0-8 "the connection ends in the middle of it"`},
	} {
		t.Run(name, func(t *testing.T) {
			decs := []decoders.Decoder{script{"bad", tc.next}, data.Decoder{}}
			turns := []decodertest.Turn{a("hello"), b("world"), {Dir: 1, End: true}, a("bye")}
			r := converse(decs, decoders.Hint{Transport: decoders.TCP}, turns)
			r.check(t)
			if name == "lies about offsets" { // Next is called once more at each end
				return
			}
			if got := r.text(); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			// The decoder of last resort may be no better.
			decs = []decoders.Decoder{script{"bad", tc.next}}
			converse(decs, decoders.Hint{Transport: decoders.TCP}, turns).check(t)
			converse(decs, decoders.Hint{Transport: decoders.UDP}, turns).check(t)
		})
	}
}

// TestWaitsForTooMuch: a unit larger than the limit is shown as bytes.
func TestWaitsForTooMuch(t *testing.T) {
	wait := script{"wait", func(*scripted, decoders.Chunk) (decoders.Step, error) { return decoders.Step{}, nil }}
	r := converse([]decoders.Decoder{wait, data.Decoder{}}, decoders.Hint{Transport: decoders.TCP},
		[]decodertest.Turn{a(strings.Repeat("x", 40_000)), a(strings.Repeat("x", 40_000)), a("more")})
	if got, want := r.text(), `0:data 0-80000 "not whole after 65536 bytes"; 0:data 80000-80004 ""`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.check(t)
}

// TestManyOpen: what is open at once is bounded.
func TestManyOpen(t *testing.T) {
	opens := script{"opens", func(p *scripted, c decoders.Chunk) (decoders.Step, error) {
		if len(c.Buf) == 0 {
			return decoders.Step{}, nil
		}
		return decoders.Step{Advance: 1, Events: []decoders.Event{p.open(c)}}, nil
	}}
	r := converse([]decoders.Decoder{opens}, decoders.Hint{Transport: decoders.TCP}, []decodertest.Turn{a(strings.Repeat("x", 10_000))})
	r.check(t)
	if n := len(r.msgs); n != 10_000 || r.msgs[0].End != 4096 {
		t.Errorf("%d messages, the first ends at %d", n, r.msgs[0].End)
	}
}

// TestDatagrams: each is decoded for itself.
func TestDatagrams(t *testing.T) {
	half := script{"half", func(p *scripted, c decoders.Chunk) (decoders.Step, error) {
		if len(c.Buf) < 4 || c.Buf[0] != 'm' {
			return decoders.Step{}, nil
		}
		ev := p.open(c)
		return decoders.Step{Advance: 4, Events: []decoders.Event{ev, {Op: decoders.Close, Key: ev.Key, End: c.Off + 4}}}, nil
	}}
	r := converse([]decoders.Decoder{half, data.Decoder{}}, decoders.Hint{Transport: decoders.UDP},
		[]decodertest.Turn{a("m123"), a("m1"), b("m123xx"), a("m456")})
	const why = `"more bytes than the message has"`
	if got, want := r.text(), `0:m 0-4 ""; 0:data 4-6 `+why+`; 1:m 0-4 ""; 1:data 4-6 `+why+`; 0:m 6-10 ""`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.check(t)
}

// TestLikeTheReference compares the driver with the reference driver of
// decodertest, one decoder at a time, gaps included.
func TestLikeTheReference(t *testing.T) {
	dialogues := decodertest.Dialogues()
	dialogues["gap in a body"] = []decodertest.Turn{a("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
		b("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234"), gap(1, 10, "56789HTTP/1.1 200 OK\r\n"), gap(1, 3, "\r\nHTTP/1.1 204 No\r\n\r\n"), endA()}
	for _, d := range all.List() {
		for name, turns := range dialogues {
			h := decoders.Hint{Transport: decoders.TCP}
			want := decodertest.Drive(d, h, turns, decodertest.Whole)
			if want.Handoff != "" {
				continue // the reference stops there
			}
			r := &record{}
			c := drive.New([]decoders.Decoder{d, data.Decoder{}}, h, d.Name(), drive.Limits{}, r)
			for _, t := range turns {
				c.Feed(start, t.Dir, t.Gap, []byte(t.Data), t.End)
			}
			var got []message
			for _, m := range r.msgs {
				if m.Key != 0 && m.dec == 0 { // not of bytes that the decoder did not use
					got = append(got, m)
				}
			}
			if len(got) != len(want.Messages) {
				t.Errorf("%s, %s: %d messages, the reference has %d", d.Name(), name, len(got), len(want.Messages))
				continue
			}
			for i, m := range want.Messages {
				g := got[i]
				if g.Off != m.Off || g.End != m.End || g.Len != m.Len || g.Summary != m.Summary || g.Err != m.Err || g.closed != m.Closed || g.HeadLen != m.HeadLen {
					t.Errorf("%s, %s: message %d is\n\t%+v\nthe reference has\n\t%+v", d.Name(), name, i+1, g, m)
				}
			}
		}
	}
}
