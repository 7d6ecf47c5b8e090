package http3

import (
	"fmt"

	"netscope/decoders"
	"netscope/decoders/qpack"
)

// Frame types (RFC 9114 §7.2, RFC 9218 §7.2, RFC 9412).
const (
	frameData            = 0x00
	frameHeaders         = 0x01
	frameCancelPush      = 0x03
	frameSettings        = 0x04
	framePushPromise     = 0x05
	frameGoaway          = 0x07
	frameOrigin          = 0x0c
	frameMaxPushID       = 0x0d
	frameWebTransport    = 0x41 // draft-ietf-webtrans-http3
	framePriorityRequest = 0xf0700
	framePriorityPush    = 0xf0701
)

// frameName is the name of a frame type.
func frameName(t uint64) string {
	switch t {
	case frameData:
		return "DATA"
	case frameHeaders:
		return "HEADERS"
	case frameCancelPush:
		return "CANCEL_PUSH"
	case frameSettings:
		return "SETTINGS"
	case framePushPromise:
		return "PUSH_PROMISE"
	case frameGoaway:
		return "GOAWAY"
	case frameOrigin:
		return "ORIGIN"
	case frameMaxPushID:
		return "MAX_PUSH_ID"
	case framePriorityRequest, framePriorityPush:
		return "PRIORITY_UPDATE"
	case 0x02, 0x06, 0x08, 0x09:
		return fmt.Sprintf("frame 0x%x of HTTP/2", t)
	}
	if reserved(t) {
		return "reserved"
	}
	return fmt.Sprintf("frame 0x%x", t)
}

// frame reads a frame at the front of h.buf (RFC 9114 §7.1).
func (c *Conn) frame(h *half) {
	r := &reader{b: h.buf}
	t, size := r.varint(), r.varint()
	if r.short {
		return
	}
	if t == frameWebTransport && h.frames == 0 && h.kind == requestStream {
		h.at(0, r.off)
		h.kind, h.buf = otherStream, nil // no frames follow
		c.event(h, "WEBTRANSPORT_STREAM", fmt.Sprintf("stream %d: WebTransport, of session %d", h.id, size), []decoders.KV{decoders.I("http3.frame_type", int64(t))}, int64(r.off), "")
		return
	}
	h.at(r.off, int(min(size, 1<<40)))
	if t == frameData {
		h.use(r.off)
		h.frames++
		c.openData(h, int64(size))
		return
	}
	kvs := []decoders.KV{decoders.I("http3.frame_type", int64(t)), decoders.I("http3.frame_length", int64(size))}
	if size > maxFrame {
		h.use(r.off)
		h.frames++
		h.skip = int64(size)
		c.event(h, frameName(t), frameName(t), kvs, int64(size), fmt.Sprintf("the frame has %s bytes, more than netscope reads", thousands(int64(size))))
		return
	}
	if uint64(r.left()) < size {
		return
	}
	body := h.buf[r.off : r.off+int(size)]
	switch {
	case t == frameHeaders && h.kind != controlStream:
		if !c.headers(h, body, kvs) {
			return // it waits for the dynamic table
		}
	case t == framePushPromise && h.kind == requestStream:
		if !c.promise(h, body, kvs) {
			return
		}
	default:
		summary, more, problem := c.control(h, t, body)
		c.event(h, frameName(t), summary, append(kvs, more...), int64(size), problem)
	}
	h.use(r.off + int(size))
	h.frames++
}

// openData begins a DATA frame (RFC 9114 §7.2.1).
func (c *Conn) openData(h *half, size int64) {
	problem := ""
	switch {
	case h.kind == controlStream:
		problem = "DATA on a control stream (RFC 9114 §7.2.1)"
	case h.msg == nil && h.lost == "":
		problem = "DATA without HEADERS before it (RFC 9114 §4.1)"
	case h.msg != nil && h.msg.trailers:
		problem = "DATA after the trailers (RFC 9114 §4.1)"
	}
	ev := decoders.Event{Level: decoders.UnitLevel, Dir: h.d, Proto: proto, Name: "DATA", Stream: h.id,
		Summary: fmt.Sprintf("DATA %d  %s B", h.id, thousands(size)), InnerOff: h.unit.off, HeadLen: h.unit.head,
		Fields: []decoders.KV{decoders.I("http3.frame_type", frameData), decoders.I("http3.frame_length", size)}}
	if h.msg != nil {
		ev.PartOf = h.msg.key
		h.msg.bad.add(problem)
	}
	h.data, h.left, h.size = c.sink.Open(ev), size, size
	if size == 0 || h.msg == nil && problem != "" {
		c.endData(h, problem)
		h.skip, h.left = h.left, 0
	}
}

// content counts n bytes of a DATA frame.
func (c *Conn) content(h *half, n int64) {
	h.left -= n
	if h.msg != nil {
		h.msg.n += n
	}
	if h.left == 0 {
		c.endData(h, "")
	}
}

func (c *Conn) endData(h *half, problem string) {
	if h.data != 0 {
		c.sink.Close(h.d, h.data, h.size-h.left, h.pos, problem)
	}
	h.data = 0
}

// control reads the frames of a control stream, and those of no known place.
func (c *Conn) control(h *half, t uint64, body []byte) (summary string, kvs []decoders.KV, problem string) {
	name := frameName(t)
	summary = name
	r := &reader{b: body}
	single := func(field, what string) uint64 {
		v := r.varint()
		kvs = append(kvs, decoders.I(field, int64(v)))
		summary = fmt.Sprintf("%s %s%d", name, what, v)
		return v
	}
	onControl := true
	switch t {
	case frameSettings:
		summary, kvs, problem = c.applySettings(h, r)
	case frameGoaway:
		id := int64(single("http3.goaway_id", ""))
		if old := c.goaway[h.d]; old >= 0 && id > old {
			problem = "the ID grows; it may only shrink (RFC 9114 §5.2)"
		}
		c.goaway[h.d] = id
	case frameMaxPushID:
		single("http3.max_push_id", "push ")
		if h.d != c.client {
			problem = "a server must not send MAX_PUSH_ID (RFC 9114 §7.2.7)"
		}
	case frameCancelPush:
		single("http3.push_id", "push ")
	case framePriorityRequest, framePriorityPush:
		id := r.varint()
		value := string(body[min(r.off, len(body)):])
		what := "stream"
		if t == framePriorityPush {
			what = "push"
		}
		kvs = append(kvs, decoders.I("http3.priority_update_element_id", int64(id)), decoders.S("http3.priority_update_field_value", value))
		summary = fmt.Sprintf("%s %s %d: %s", name, what, id, value)
		r.off = len(body)
	case frameOrigin:
		r.off = len(body)
	default:
		onControl = false
		r.off = len(body)
		switch {
		case t == frameHeaders || t == framePushPromise:
			problem = name + " does not belong on this stream (RFC 9114 §7)"
		case t == 2 || t == 6 || t == 8 || t == 9:
			problem = "a frame type of HTTP/2 that HTTP/3 does not have (RFC 9114 §7.2.8)"
		}
		summary = fmt.Sprintf("%s, %s B", name, thousands(int64(len(body))))
	}
	switch {
	case problem != "":
	case r.short || r.left() > 0:
		problem = "the length of the frame does not fit its content (RFC 9114 §7.1)"
	case onControl && h.kind != controlStream:
		problem = name + " belongs on the control stream (RFC 9114 §7)"
	case h.kind == controlStream && h.frames == 0 && t != frameSettings:
		problem = "the first frame of a control stream must be SETTINGS (RFC 9114 §6.2.1)"
	}
	return summary, kvs, problem
}

// instruction reads an instruction of QPACK.
func (c *Conn) instruction(h *half) {
	parse := qpack.ParseEncoder
	if h.kind == decoderStream {
		parse = qpack.ParseDecoder
	}
	in, err := parse(h.buf)
	if err == qpack.ErrShort && !h.end {
		return
	}
	size := in.Len
	h.at(0, size)
	if err == nil {
		h.use(in.Len)
		h.frames++
		if h.kind == encoderStream {
			err = c.Tables[h.d].Apply(&in)
		} else {
			err = c.acknowledge(h.d.Other(), in)
		}
	} else {
		size = len(h.buf)
		h.at(0, size)
	}
	problem := ""
	if err != nil {
		problem = err.Error()
		if size == len(h.buf) || h.kind == encoderStream {
			h.lost = problem // nobody knows how the table looks now
		}
	}
	c.qpackUnit(h, in, size, problem)
	if h.lost != "" && h.kind == encoderStream {
		c.Tables[h.d].Lose()
		h.buf = nil
	}
	if h.kind == encoderStream {
		c.unblock(h.d)
	}
}

// acknowledge applies an instruction of the decoder to the table of the other
// side's encoder.
func (c *Conn) acknowledge(encoder decoders.Dir, in qpack.Instruction) error {
	t := &c.Tables[encoder]
	waits := c.sections[encoder]
	id := int64(in.N)
	switch in.Op {
	case qpack.SectionAck:
		list := waits[id]
		if len(list) == 0 {
			if t.Partial {
				return nil
			}
			return qpack.ErrNoSection
		}
		if waits[id] = list[1:]; len(list) == 1 {
			delete(waits, id)
		}
		return t.Acknowledge(in, list[0])
	case qpack.StreamCancel:
		delete(waits, id)
		return nil
	}
	return t.Acknowledge(in, 0)
}

// qpackUnit shows an instruction. Its fields suffice to follow the table.
func (c *Conn) qpackUnit(h *half, in qpack.Instruction, size int, problem string) {
	kvs := []decoders.KV{decoders.I("qpack.instruction", int64(in.Op))}
	summary := in.Op.String()
	switch in.Op {
	case qpack.SetCapacity:
		kvs = append(kvs, decoders.I("qpack.capacity", int64(in.N)))
		summary += fmt.Sprintf(" %d", in.N)
	case qpack.InsertNameRef, qpack.InsertLiteral, qpack.Duplicate:
		kvs = append(kvs, decoders.I("qpack.index", int64(in.Index)), decoders.S("qpack.name", name(in.Field)), decoders.S("qpack.value", value(in.Field)))
		if in.Evicted > 0 {
			kvs = append(kvs, decoders.I("qpack.evicted", int64(in.Evicted)))
		}
		summary += fmt.Sprintf(": entry %d  %s: %s", in.Index, name(in.Field), value(in.Field))
	case qpack.SectionAck, qpack.StreamCancel:
		kvs = append(kvs, decoders.I("qpack.stream", int64(in.N)))
		summary += fmt.Sprintf(" stream %d", in.N)
	default:
		kvs = append(kvs, decoders.I("qpack.increment", int64(in.N)))
		summary += fmt.Sprintf(" %d", in.N)
	}
	c.event(h, in.Op.String(), clip(summary, 400), kvs, int64(size), problem)
}
