package http3

import (
	"fmt"

	"netscope/decoders"
)

// kind is what a stream is for (RFC 9114 §6).
type kind uint8

const (
	requestStream kind = iota
	controlStream
	pushStream
	encoderStream
	decoderStream
	otherStream
)

func (k kind) String() string {
	return [...]string{"request", "control", "push", "QPACK encoder", "QPACK decoder", "unknown"}[k%6]
}

// half is one direction of a stream.
type half struct {
	d     decoders.Dir
	id    int64
	kind  kind
	known bool // kind is
	push  uint64
	buf   []byte // bytes that have not been used
	pos   int64  // where buf[0] is in the stream
	unit  place  // of what is read at present
	end   bool   // nothing follows buf
	over  bool   // nothing more is expected
	lost  string // why the rest cannot be read

	blocked bool // the HEADERS frame at the front of buf waits for the dynamic table
	waited  bool // … has waited
	forced  bool // … shall not wait
	left    int64
	data    uint64 // key of the DATA frame that is open, 0: none
	size    int64  // its length
	skip    int64  // bytes of a frame that are passed over
	frames  int    // seen so far
	msg     *message
}

// place is where something lies in a stream: its frame header, or what stands for
// one, has head bytes.
type place struct{ off, head, end int64 }

// at notes the place of a frame at the front of buf.
func (h *half) at(head, size int) { h.unit = place{h.pos, int64(head), h.pos + int64(head+size)} }

// use takes n bytes off the front of buf.
func (h *half) use(n int) { h.buf, h.pos = h.buf[n:], h.pos+int64(n) }

func (h *half) add(data []byte) {
	if h.lost == "" && (h.kind != otherStream || !h.known) {
		h.buf = append(h.buf, data...)
	}
}

// run reads what is there.
func (c *Conn) run(h *half) {
	for !h.over && !h.blocked && h.lost == "" {
		before, frames := len(h.buf), h.frames
		c.step(h)
		if len(h.buf) == before && h.frames == frames {
			break
		}
	}
	if len(h.buf) == 0 {
		h.buf = nil
	}
	if !h.end || h.over || h.blocked {
		return
	}
	why := h.lost
	if why == "" && (len(h.buf) > 0 || h.left > 0 || h.skip > 0) {
		why = "the stream ends within a frame (RFC 9114 §7.1)"
	}
	h.unit = place{h.pos, 0, h.pos}
	if critical := h.kind == controlStream || h.kind == encoderStream || h.kind == decoderStream; critical && h.known && why == "" {
		c.event(h, "stream ends", fmt.Sprintf("the %s stream ends", h.kind), nil, 0, "a control or QPACK stream must not end (RFC 9114 §6.2.1, RFC 9204 §4.2)")
	}
	c.shut(h, why)
	h.over, h.buf = true, nil
	if h.kind == requestStream && c.isOver(h.id) {
		delete(c.pairs, h.id)
	}
}

// isOver reports that both directions of a stream have ended.
func (c *Conn) isOver(id int64) bool {
	for d := range decoders.Dir(2) {
		if h := c.halves[halfKey{d, id}]; h == nil || !h.over {
			return false
		}
	}
	return true
}

// step uses what it can of the front of h.buf.
func (c *Conn) step(h *half) {
	if !h.known {
		c.kindOf(h)
		return
	}
	switch {
	case h.left > 0:
		n := min(int64(len(h.buf)), h.left)
		h.use(int(n))
		c.content(h, n)
	case h.skip > 0:
		n := min(int64(len(h.buf)), h.skip)
		h.skip -= n
		h.use(int(n))
	case h.kind == encoderStream, h.kind == decoderStream:
		c.instruction(h)
	case h.kind == otherStream:
		h.buf = nil
	default:
		c.frame(h)
	}
}

// kindOf reads the type of a unidirectional stream (RFC 9114 §6.2).
func (c *Conn) kindOf(h *half) {
	r := &reader{b: h.buf}
	t := r.varint()
	if t == 1 {
		h.push = r.varint()
	}
	if r.short {
		return
	}
	kvs := []decoders.KV{decoders.I("http3.stream_type", int64(t))}
	problem := ""
	switch t {
	case 0:
		h.kind = controlStream
	case 1:
		h.kind = pushStream
		kvs = append(kvs, decoders.I("http3.push_id", int64(h.push)))
		if h.d == c.client {
			problem = "a client cannot push (RFC 9114 §6.2.2)"
		}
	case 2:
		h.kind = encoderStream
	case 3:
		h.kind = decoderStream
	default:
		h.kind = otherStream
	}
	name := h.kind.String() + " stream"
	if h.kind == otherStream && reserved(t) {
		name = "reserved stream type"
	}
	if h.kind != otherStream && h.kind != pushStream {
		if _, twice := c.single[h.d][t]; twice {
			problem = fmt.Sprintf("a second %s stream (RFC 9114 §6.2.1, RFC 9204 §4.2)", h.kind)
		}
		c.single[h.d][t] = h.id
	}
	h.known = true
	h.at(0, r.off)
	h.use(r.off)
	c.event(h, "stream type", fmt.Sprintf("stream %d: %s", h.id, name), kvs, int64(r.off), problem)
}

// event shows a unit that is whole.
func (c *Conn) event(h *half, name, summary string, kvs []decoders.KV, n int64, problem string) uint64 {
	ev := decoders.Event{Level: decoders.UnitLevel, Dir: h.d, Proto: proto, Name: name, Summary: clean(summary), Stream: h.id, Fields: kvs,
		InnerOff: h.unit.off, HeadLen: h.unit.head}
	if h.msg != nil {
		ev.PartOf = h.msg.key
	}
	key := c.sink.Open(ev)
	c.sink.Close(h.d, key, n, h.unit.end, problem)
	return key
}

// gap copes with bytes that the capture lacks.
func (c *Conn) gap(h *half, n uint64) {
	if h.lost != "" {
		return
	}
	if int64(n) <= h.left && len(h.buf) == 0 {
		h.left, h.pos = h.left-int64(n), h.pos+int64(n)
		if h.msg != nil {
			h.msg.missing += int64(n)
			h.msg.n += int64(n)
		}
		if h.left == 0 {
			c.endData(h, "")
		}
		return
	}
	h.lost = fmt.Sprintf("%s bytes are missing in the capture: where frames begin after them is not known", thousands(int64(n)))
	h.buf, h.blocked = nil, false
	if h.kind == encoderStream && h.known {
		c.Tables[h.d].Lose()
		c.unblock(h.d)
	}
	c.shut(h, h.lost)
}

// shut closes what is open of a direction of a stream.
func (c *Conn) shut(h *half, why string) {
	if h.data != 0 {
		c.endData(h, why)
	}
	h.left = 0
	if h.msg != nil {
		c.finish(h, why, h.pos)
	}
}
