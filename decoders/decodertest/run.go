// Package decodertest tests decoders: a small reference driver that feeds a
// dialogue to one decoder, and a battery that every registered decoder must
// pass. Tests with it read as the protocol: who sends what, and which messages
// come of it.
//
// It must not know any protocol, nor how the real driver cuts streams.
package decodertest

import (
	"fmt"
	"time"

	"netscope/decoders"
)

// Turn is what one side does next in a dialogue.
type Turn struct {
	Dir  decoders.Dir
	Data string
	Gap  int64 // bytes missing before Data
	End  bool  // the direction ends after Data
}

// A is a turn of the side that opened the conversation.
func A(data string) Turn { return Turn{Dir: decoders.AtoB, Data: data} }

// B is a turn of the other side.
func B(data string) Turn { return Turn{Dir: decoders.BtoA, Data: data} }

// EndA and EndB end a direction.
func EndA() Turn { return Turn{Dir: decoders.AtoB, End: true} }

// EndB ends the direction from B to A.
func EndB() Turn { return Turn{Dir: decoders.BtoA, End: true} }

// Gap is a turn before whose data n bytes are missing.
func Gap(d decoders.Dir, n int64, data string) Turn { return Turn{Dir: d, Gap: n, Data: data} }

// Message is a message or unit as its events have made it.
type Message struct {
	decoders.Event // as opened, with fields and summary as updated, End, Len and Err as closed
	Closed         bool
}

// Result is what a dialogue gave.
type Result struct {
	Messages   []Message // in order of opening
	Handoff    string    // the decoder that was to take over
	Used       [2]int64  // stream offset up to which each direction was used up, gaps included
	Violations []string  // of the contract, one sentence each
}

// Cut says how many of n bytes that are there are given to the parser next:
// 1 to n.
type Cut func(n int) int

// Whole gives all bytes of a turn at once.
func Whole(n int) int { return n }

// Bytewise gives one byte at a time.
func Bytewise(int) int { return 1 }

// Run feeds a dialogue to a decoder, turns whole, and gives its messages. It is
// the short form of [Drive] for tests of one protocol: a violation of the
// contract panics with its sentence.
func Run(d decoders.Decoder, dialogue ...Turn) []Message {
	r := Drive(d, decoders.Hint{Transport: decoders.TCP}, dialogue, Whole)
	if len(r.Violations) > 0 {
		panic(r.Violations[0])
	}
	return r.Messages
}

// driver is the state of [Drive].
type driver struct {
	p    decoders.Parser
	r    Result
	open map[uint64]int // key → index in Messages
	buf  [2][]byte
	off  [2]int64
	last [2]int64 // offset of the last message opened, per direction
	stop bool
}

// Drive feeds a dialogue to a decoder, cut as cut says, and checks the
// contract of [decoders.Parser] on the way. A hand-over ends it.
func Drive(d decoders.Decoder, h decoders.Hint, dialogue []Turn, cut Cut) Result {
	dr := &driver{p: d.NewParser(h, decoders.Env{MaxUnit: 1 << 20}), open: map[uint64]int{}}
	at := time.Unix(0, 0)
	var ended [2]bool
	for _, t := range dialogue {
		if dr.stop || ended[t.Dir] {
			continue
		}
		at = at.Add(time.Millisecond)
		if t.Gap > 0 {
			// What the parser has not used is lost to it.
			dr.off[t.Dir] += int64(len(dr.buf[t.Dir])) + t.Gap
			dr.buf[t.Dir] = nil
		}
		data, gap := t.Data, t.Gap
		for {
			n := len(data)
			if n > 0 {
				n = min(max(cut(n), 1), n)
			}
			dr.buf[t.Dir] = append(dr.buf[t.Dir][:len(dr.buf[t.Dir]):len(dr.buf[t.Dir])], data[:n]...)
			data = data[n:]
			dr.feed(t.Dir, at, gap, t.End && data == "")
			gap = 0
			if data == "" || dr.stop {
				break
			}
		}
		ended[t.Dir] = ended[t.Dir] || t.End
	}
	if !dr.stop && ended[0] && ended[1] {
		for _, m := range dr.r.Messages {
			if !m.Closed {
				dr.fail("message %d (%s) is still open after both directions ended", m.Key, m.Name)
			}
		}
		for d, b := range dr.buf {
			if len(b) > 0 {
				dr.fail("%d bytes of direction %d are not used up at its end", len(b), d)
			}
		}
	}
	dr.r.Used = dr.off
	return dr.r
}

// feed calls the parser until it waits.
func (d *driver) feed(dir decoders.Dir, at time.Time, gap int64, end bool) {
	const most = 1 << 16
	for i := 0; ; i++ {
		buf := d.buf[dir]
		st, err := d.p.Next(decoders.Chunk{Dir: dir, At: at, Off: d.off[dir], Buf: buf[:len(buf):len(buf)], Gap: gap, End: end})
		gap = 0
		if st.Advance < 0 || st.Advance > len(buf) {
			d.fail("Advance is %d of %d bytes", st.Advance, len(buf))
			d.stop = true
			return
		}
		d.off[dir] += int64(st.Advance)
		d.buf[dir] = buf[st.Advance:]
		for i := range st.Events {
			d.event(&st.Events[i])
		}
		if err != nil || st.Handoff != "" {
			d.r.Handoff, d.stop = st.Handoff, true
			return
		}
		if st.Advance == 0 && len(st.Events) == 0 {
			return
		}
		if i > most+len(buf) {
			d.fail("the parser does not come to rest")
			d.stop = true
			return
		}
	}
}

func (d *driver) event(e *decoders.Event) {
	if e.Op == decoders.Open {
		d.opened(e)
		return
	}
	i, ok := d.open[e.Key]
	if !ok {
		d.fail("an event for message %d, which is not open", e.Key)
		return
	}
	m := &d.r.Messages[i]
	if e.Op == decoders.Update {
		m.Fields = append(m.Fields[:len(m.Fields):len(m.Fields)], e.Fields...)
		if e.Summary != "" {
			m.Summary = e.Summary
		}
		return
	}
	delete(d.open, e.Key)
	m.End, m.Len, m.Err, m.Closed = e.End, e.Len, e.Err, true
	if m.End < m.Off {
		d.fail("message %d ends at %d before its beginning at %d", m.Key, m.End, m.Off)
	}
	if m.PartOf != 0 {
		if _, ok := d.open[m.PartOf]; !ok {
			d.fail("unit %d is closed after message %d, which it is part of", m.Key, m.PartOf)
		}
	}
}

func (d *driver) opened(e *decoders.Event) {
	switch n := uint64(len(d.r.Messages)); {
	case e.Key != n+1:
		d.fail("message %d is opened after %d", e.Key, n)
		return
	case e.Off < d.last[e.Dir&1]:
		d.fail("message %d starts at %d, before the one before it", e.Key, e.Off)
	case e.PartOf >= e.Key || e.ReplyTo >= e.Key && e.ReplyTo != decoders.Handed:
		d.fail("message %d refers to a message that has not been opened", e.Key)
	case e.Name == "" || e.Proto == "":
		d.fail("message %d has no name or protocol", e.Key)
	}
	if e.PartOf != 0 {
		if _, ok := d.open[e.PartOf]; !ok {
			d.fail("unit %d is part of message %d, which is not open", e.Key, e.PartOf)
		}
	}
	d.last[e.Dir&1] = e.Off
	d.open[e.Key] = len(d.r.Messages)
	d.r.Messages = append(d.r.Messages, Message{Event: *e})
}

func (d *driver) fail(format string, a ...any) {
	d.r.Violations = append(d.r.Violations, fmt.Sprintf(format, a...))
}
