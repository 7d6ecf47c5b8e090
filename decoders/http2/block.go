package http2

import (
	"encoding/binary"
	"errors"
	"strconv"

	"netscope/decoders"
	"netscope/decoders/hpack"
)

// Role is what a header list is for.
type Role uint8

// The roles.
const (
	RequestHead  Role = iota
	ResponseHead      // final
	InterimHead       // 1xx (RFC 9113 §8.1)
	Trailers
	Promise // the request of a push (§8.4)
)

// Block is a header block: the fragments of HEADERS or PUSH_PROMISE and of the
// CONTINUATION frames after it (RFC 9113 §4.3).
type Block struct {
	Stream    uint32
	Promised  uint32 // stream that a PUSH_PROMISE reserves, else 0
	EndStream bool
	Bytes     []byte // the fragments joined
	Fragments []int  // length of each fragment
	dep       *dependency

	// Set when the block is complete:
	Role  Role
	Items []hpack.Item
	Err   string // why it could not be decoded, or not all of it
	// Unknown says that fields are in a dynamic table of which nobody knows
	// the content, because the capture lacks what came before.
	Unknown bool
	Known   bool // the stream is tracked; otherwise the frame was out of place
}

// Get is the value of the first field with a name.
func (b *Block) Get(name string) (string, bool) {
	for i := range b.Items {
		if f := &b.Items[i].Field; f.Name == name && !f.NoName {
			return f.Value, !f.NoValue
		}
	}
	return "", false
}

// fragment applies HEADERS, PUSH_PROMISE or CONTINUATION.
func (c *Conn) fragment(d decoders.Dir, f Frame, e *Effect) {
	end := &c.Ends[d]
	body, _, bad := f.unpad()
	e.Bad.add(bad)
	b := end.Block
	switch f.Type {
	case Continuation:
		if b == nil {
			if !c.Midway {
				e.Bad.add("CONTINUATION without a header block before it (RFC 9113 §6.10)")
			}
			end.Table.Lose()
			return
		}
	case Headers:
		b = &Block{Stream: f.Stream, EndStream: f.Flags.Has(EndStream)}
		if f.Flags.Has(PrioFlag) {
			if len(body) < 5 {
				e.Bad.add("HEADERS is too short for its priority (RFC 9113 §6.2)")
				body = nil
				break
			}
			dep := parseDependency(body)
			b.dep, body = &dep, body[5:]
		}
	case PushPromise:
		b = &Block{Stream: f.Stream, Role: Promise}
		if len(body) < 4 {
			e.Bad.add("PUSH_PROMISE is too short for a stream identifier (RFC 9113 §6.6)")
			body = nil
			break
		}
		b.Promised, body = binary.BigEndian.Uint32(body)&maxWindow, body[4:]
	}
	end.Block = b
	b.Bytes = append(b.Bytes[:len(b.Bytes):len(b.Bytes)], body...)
	b.Fragments = append(b.Fragments[:len(b.Fragments):len(b.Fragments)], len(body))
	switch {
	case f.Flags.Has(EndHeaders):
		b.decode(end)
	case len(b.Bytes) > maxBlock:
		b.giveUp(end, "the header block is longer than 256 KiB: netscope does not decode it")
	case len(b.Fragments) > maxFragments:
		b.giveUp(end, "the header block has more than 256 frames: netscope does not decode it")
	default:
		return
	}
	end.Block = nil
	e.Block = b
	c.headers(d, b, e)
	e.Bad.add(b.Err)
}

func (b *Block) giveUp(end *End, why string) {
	b.Err, b.Bytes = why, nil
	end.Table.Lose()
}

// decode decodes the whole block.
func (b *Block) decode(end *End) {
	var err error
	b.Items, err = end.Table.Decode(b.Bytes, hpack.Limits{List: maxBlock, Items: 2000})
	switch {
	case errors.Is(err, hpack.ErrList):
		b.Err = err.Error()
	case err != nil:
		b.Err = err.Error()
		end.Table.Lose()
	}
	uses := false
	for i := range b.Items {
		it := &b.Items[i]
		b.Unknown = b.Unknown || it.Field.NoName || it.Field.NoValue
		uses = uses || it.Kind == hpack.Incremental || it.Index > 61
	}
	if end.Shrink && len(b.Items) > 0 {
		if b.Items[0].Kind != hpack.SizeUpdate && uses && b.Err == "" {
			b.Err = "the header block does not begin with a table size update, though the table's limit was lowered (RFC 7541 §4.2)"
		}
		end.Shrink = false
	}
}

// headers applies a complete header list to its stream.
func (c *Conn) headers(d decoders.Dir, b *Block, e *Effect) {
	if _, ok := b.Get(":method"); ok && b.Role != Promise {
		c.setClient(d)
	} else if _, ok := b.Get(":status"); ok {
		c.setClient(d.Other())
	}
	if b.Stream == 0 {
		return
	}
	if b.Role == Promise {
		c.promise(d, b, e)
		return
	}
	s := c.Streams[b.Stream]
	b.Role = ResponseHead
	if d == c.Client {
		b.Role = RequestHead
	}
	switch {
	case s == nil && c.past(b.Stream) && !c.Midway:
		e.Bad.add(badClosed)
		return
	case s == nil && c.live >= maxStreams:
		e.Bad.addf("more than %s streams are open at once: netscope does not follow this one", thousands(maxStreams))
		return
	case s == nil || s.Half == [2]Half{}:
		if s = c.openBy(d, b, s, e); s == nil {
			return
		}
	case s.Half[d] == Ended:
		e.Bad.add(badClosed)
		return
	case s.Half[d] == Reset:
		if s.ResetBy == d {
			e.Bad.add(badReset)
		}
		return
	case s.Half[d] == Reserved:
		s.Half[d] = Open
		c.count(s)
	}
	b.Known = true
	if b.dep != nil {
		c.depend(s, *b.dep, e)
	}
	c.phase(d, s, b, e)
	b.check(e)
	if b.EndStream {
		c.finish(s, d, e)
	}
}

// openBy opens a stream for a header list (RFC 9113 §5.1.1).
func (c *Conn) openBy(d decoders.Dir, b *Block, s *Stream, e *Effect) *Stream {
	if !c.Midway {
		switch {
		case d != c.Client:
			e.Bad.add("a response on an idle stream (RFC 9113 §5.1)")
		case b.Stream%2 == 0:
			e.Bad.add("a client opens a stream with an even number (RFC 9113 §5.1.1)")
		}
		o := &c.Ends[d.Other()]
		if most := o.InForce.MaxStreams; int64(c.Ends[d].Open) >= int64(most) {
			e.Bad.addf("more than %s streams are open at once: SETTINGS_MAX_CONCURRENT_STREAMS forbids it (RFC 9113 §5.1.2)", thousands(int64(most)))
		}
	}
	if s == nil {
		s = c.open(b.Stream, c.opener(b.Stream))
	}
	opener := d
	if c.Midway {
		opener = c.opener(b.Stream)
	}
	c.begin(s, opener)
	if opener != d || b.Stream%2 == 0 && c.Midway {
		// The capture lacks the request, which was sent whole or is a promise.
		s.Phase[d.Other()] = Headed
		if b.Stream%2 == 0 {
			s.Half[d.Other()] = Ended
		}
	}
	return s
}

// phase finds out what a header list is for and takes from it what the state
// needs.
func (c *Conn) phase(d decoders.Dir, s *Stream, b *Block, e *Effect) {
	if s.Phase[d] >= Headed {
		_, answer := b.Get(":status")
		_, request := b.Get(":method")
		if !c.Midway || !answer && !request {
			b.Role = Trailers
			if s.Phase[d] == Trailered {
				e.Bad.add("more than one trailer section (RFC 9113 §8.1)")
			}
			if !b.EndStream {
				e.Bad.add("trailers without END_STREAM (RFC 9113 §8.1)")
			}
			s.Phase[d] = Trailered
			return
		}
	}
	s.Phase[d] = Headed
	if v, ok := b.Get("content-length"); ok {
		if n, err := strconv.ParseInt(v, 10, 62); err == nil && n >= 0 {
			s.Want[d] = n
		} else {
			e.Bad.add("content-length is not a number (RFC 9110 §8.6)")
		}
	}
	if d == c.Client {
		s.Method, _ = b.Get(":method")
		if p, ok := b.Get("priority"); ok {
			s.Urgency, s.Increment = parsePriority(p)
		}
		return
	}
	v, _ := b.Get(":status")
	s.Status, _ = strconv.Atoi(v)
	if s.Status/100 == 1 {
		b.Role, s.Phase[d], s.Want[d] = InterimHead, Interim, -1
		if b.EndStream {
			e.Bad.add("an interim response ends the stream (RFC 9113 §8.1)")
		}
	}
}

// promise reserves a stream (RFC 9113 §8.4).
func (c *Conn) promise(d decoders.Dir, b *Block, e *Effect) {
	if c.Known && d == c.Client {
		e.Bad.add("a client sends PUSH_PROMISE (RFC 9113 §8.4)")
		return
	}
	if o := &c.Ends[d.Other()]; !o.InForce.EnablePush && !c.Midway {
		e.Bad.add("a push though SETTINGS_ENABLE_PUSH is 0 (RFC 9113 §8.4)")
	}
	if parent := c.Streams[b.Stream]; !c.Midway && (parent == nil || parent.Half[d] == Ended || parent.Half == [2]Half{}) {
		e.Bad.add("PUSH_PROMISE on a stream that is not open (RFC 9113 §6.6)")
	}
	switch {
	case b.Promised == 0 || b.Promised%2 != 0:
		e.Bad.add("the promised stream has no even number (RFC 9113 §5.1.1)")
		return
	case b.Promised <= c.Ends[d].Last && !c.Midway || c.Streams[b.Promised] != nil:
		e.Bad.add("the promised stream is not idle (RFC 9113 §5.1.1)")
		return
	case c.live >= maxStreams:
		e.Bad.addf("more than %s streams are open at once: netscope does not follow this one", thousands(maxStreams))
		return
	}
	s := c.open(b.Promised, d)
	s.Half[d], s.Half[d.Other()] = Reserved, Ended
	s.Phase[d.Other()] = Headed
	s.Method, _ = b.Get(":method")
	s.Parent = b.Stream
	c.Ends[d].Last = max(c.Ends[d].Last, b.Promised)
	b.Known = true
	b.check(e)
}
