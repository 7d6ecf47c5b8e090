package http2

import (
	"encoding/binary"

	"netscope/decoders"
)

// Half is the state of one direction of a stream.
type Half uint8

// The states of a half: the stream states of RFC 9113 §5.1 are pairs of them.
const (
	Idle     Half = iota // nothing has been sent
	Reserved             // promised by PUSH_PROMISE
	Open                 // may send
	Ended                // END_STREAM has been sent
	Reset                // RST_STREAM has been sent or received
)

// Phase is how far the header lists of one direction have come.
type Phase uint8

// The phases.
const (
	NoHead    Phase = iota
	Interim         // a 1xx response
	Headed          // the head: DATA may follow
	Trailered       // trailers
)

// Stream is the state of a stream.
type Stream struct {
	ID     uint32
	Opener decoders.Dir // the direction that opened or promised it
	Half   [2]Half
	Phase  [2]Phase
	Window [2]int64 // bytes that this direction may still send on the stream
	Sent   [2]int64 // bytes of content sent
	Want   [2]int64 // Content-Length, -1 if none
	Method string   // of the request, "" if not known
	Status int      // of the latest response, 0 if none

	ResetBy   decoders.Dir // who has reset it, if a half is Reset
	ResetCode ErrorCode

	Parent    uint32 // RFC 7540 §5.3: the stream that it depends on
	Weight    int    // 1 to 256
	Urgency   int    // RFC 9218 §4.1: 0, the most urgent, to 7
	Increment bool   // RFC 9218 §4.2: content is useful piece by piece

	counted bool // it counts as open at its opener
}

// closed says that neither direction sends any more.
func (s *Stream) closed() bool {
	for _, h := range s.Half {
		if h != Ended && h != Reset {
			return false
		}
	}
	return true
}

// State is the stream's state (RFC 9113 §5.1) as the endpoint sees it that
// sends in direction d, once all frames have arrived.
func (s *Stream) State(d decoders.Dir) string {
	mine, theirs := s.Half[d], s.Half[d.Other()]
	ended := func(h Half) bool { return h == Ended || h == Reset }
	switch {
	case ended(mine) && ended(theirs):
		return "closed"
	case mine == Reserved:
		return "reserved (local)"
	case theirs == Reserved:
		return "reserved (remote)"
	case ended(mine):
		return "half-closed (local)"
	case ended(theirs):
		return "half-closed (remote)"
	case mine == Idle && theirs == Idle:
		return "idle"
	}
	return "open"
}

// open makes a stream. Its halves are idle.
func (c *Conn) open(id uint32, opener decoders.Dir) *Stream {
	s := &Stream{ID: id, Opener: opener, Want: [2]int64{-1, -1}, Weight: 16, Urgency: 3}
	for d := range s.Window {
		s.Window[d] = int64(c.Ends[1-d].Announced.InitialWindow)
	}
	c.Streams[id] = s
	c.live++
	return s
}

// begin lets both halves of an idle stream send.
func (c *Conn) begin(s *Stream, opener decoders.Dir) {
	s.Opener = opener
	s.Half = [2]Half{Open, Open}
	c.count(s)
}

// count counts a stream as opened.
func (c *Conn) count(s *Stream) {
	e := &c.Ends[s.Opener]
	e.Last = max(e.Last, s.ID)
	if !s.counted {
		s.counted = true
		e.Open++
	}
}

// settle forgets a stream that has just been closed, after a while.
func (c *Conn) settle(s *Stream) {
	if !s.closed() {
		return
	}
	c.live--
	if s.counted {
		c.Ends[s.Opener].Open--
	}
	c.Closed = append(c.Closed, s.ID)
	if len(c.Closed) > maxClosed {
		delete(c.Streams, c.Closed[0])
		c.Closed = c.Closed[1:]
	}
}

// past says that a stream that is not in Streams was closed long ago.
func (c *Conn) past(id uint32) bool {
	opener := c.Client
	if id%2 == 0 {
		opener = c.Server()
	}
	return id <= c.Ends[opener].Last
}

// finish ends the half of a stream in direction d.
func (c *Conn) finish(s *Stream, d decoders.Dir, e *Effect) {
	if s.closed() {
		return
	}
	if s.Half[d] != Reset {
		s.Half[d] = Ended
	}
	if s.Want[d] >= 0 && s.Sent[d] != s.Want[d] && !c.Midway {
		if d == c.Client || s.Method != "HEAD" && s.Status != 304 {
			e.Bad.addf("content-length says %s bytes, the content has %s (RFC 9113 §8.1.1)", thousands(s.Want[d]), thousands(s.Sent[d]))
		}
	}
	c.settle(s)
}

// data applies a DATA frame (RFC 9113 §6.1). The whole payload counts against
// the windows, padding included (§6.9.1).
func (c *Conn) data(d decoders.Dir, f Frame, e *Effect) {
	end := &c.Ends[d]
	_, n, _, bad := f.content()
	e.Bad.add(bad)
	end.Window -= int64(f.Length)
	if end.Window < 0 && !c.Midway {
		e.Bad.addf("%s bytes more than the connection's window allows (RFC 9113 §6.9.1)", thousands(-end.Window))
	}
	if f.Stream == 0 {
		return
	}
	s := c.Streams[f.Stream]
	if s == nil {
		s = c.adopt(f.Stream)
	}
	switch {
	case s == nil && c.past(f.Stream):
		if !c.Midway {
			e.Bad.add(badClosed)
		}
		return
	case s == nil:
		if c.live < maxStreams {
			e.Bad.add("DATA on an idle stream (RFC 9113 §5.1)")
		}
		return
	}
	switch s.Half[d] {
	case Idle, Reserved:
		e.Bad.add("DATA on an idle stream (RFC 9113 §5.1)")
		return
	case Ended:
		e.Bad.add(badClosed)
		return
	case Reset:
		if s.ResetBy == d {
			e.Bad.add(badReset)
		}
		return
	}
	if s.Phase[d] < Headed && !c.Midway {
		e.Bad.add("DATA before the header list (RFC 9113 §8.1)")
	}
	s.Window[d] -= int64(f.Length)
	if low := s.Window[d] + c.Ends[d.Other()].lowered; low < 0 && !c.Midway {
		e.Bad.addf("%s bytes more than the stream's window allows (RFC 9113 §6.9.1)", thousands(-low))
	}
	s.Sent[d] += int64(n)
	if f.Flags.Has(EndStream) {
		c.finish(s, d, e)
	}
}

// adopt makes a stream of which the capture lacks the beginning, nil if it is
// none.
func (c *Conn) adopt(id uint32) *Stream {
	if !c.Midway || id == 0 || c.past(id) || c.live >= maxStreams {
		return nil
	}
	s := c.open(id, c.opener(id))
	c.begin(s, s.Opener)
	s.Phase = [2]Phase{Headed, Headed}
	return s
}

const (
	badClosed = "the stream is closed in this direction (RFC 9113 §5.1)"
	badReset  = "the sender has reset this stream before (RFC 9113 §5.1)"
)

// opener is who opens streams with a number like this one.
func (c *Conn) opener(id uint32) decoders.Dir {
	if id%2 == 1 {
		return c.Client
	}
	return c.Server()
}

// reset applies RST_STREAM (RFC 9113 §6.4).
func (c *Conn) reset(d decoders.Dir, f Frame, e *Effect) {
	if len(f.Payload) < 4 || f.Stream == 0 {
		return
	}
	s := c.Streams[f.Stream]
	if s == nil || s.Half == [2]Half{} {
		if !c.Midway && !c.past(f.Stream) {
			e.Bad.add("RST_STREAM on an idle stream (RFC 9113 §6.4)")
		}
		return
	}
	if s.closed() {
		return
	}
	s.ResetBy, s.ResetCode = d, ErrorCode(binary.BigEndian.Uint32(f.Payload))
	for h := range s.Half {
		if s.Half[h] != Ended {
			s.Half[h] = Reset
		}
	}
	c.settle(s)
}

// windowUpdate applies WINDOW_UPDATE (RFC 9113 §6.9).
func (c *Conn) windowUpdate(d decoders.Dir, f Frame, e *Effect) {
	if len(f.Payload) < 4 {
		return
	}
	inc := int64(binary.BigEndian.Uint32(f.Payload) & maxWindow)
	if inc == 0 {
		e.Bad.add("a window is increased by 0 (RFC 9113 §6.9)")
	}
	o := d.Other()
	window := &c.Ends[o].Window
	if f.Stream != 0 {
		s := c.Streams[f.Stream]
		switch {
		case s == nil && !c.Midway && !c.past(f.Stream), s != nil && s.Half == [2]Half{}:
			e.Bad.add("WINDOW_UPDATE on an idle stream (RFC 9113 §5.1)")
			return
		case s == nil || s.Half[o] == Ended || s.Half[o] == Reset:
			return
		}
		window = &s.Window[o]
	}
	*window += inc
	if *window > maxWindow {
		if !c.Midway {
			e.Bad.add("a window exceeds 2,147,483,647 (RFC 9113 §6.9.1)")
		}
		*window = maxWindow
	}
}

// goAway applies GOAWAY (RFC 9113 §6.8).
func (c *Conn) goAway(d decoders.Dir, f Frame, e *Effect) {
	if len(f.Payload) < 8 {
		return
	}
	g := &GoAway{Last: binary.BigEndian.Uint32(f.Payload) & maxWindow, Code: ErrorCode(binary.BigEndian.Uint32(f.Payload[4:])),
		Text: clip(string(f.Payload[8:]), 200)}
	if old := c.Ends[d].GoAway; old != nil && g.Last > old.Last {
		e.Bad.add("a later GOAWAY raises the last stream (RFC 9113 §6.8)")
	}
	c.Ends[d].GoAway = g
}
