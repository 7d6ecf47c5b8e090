package http2

import (
	"fmt"

	"netscope/decoders"
)

// maxNodes is how many like fields of one message are listed.
const maxNodes = 1000

// Explain gives the field tree of a frame, of a message with its frames, or of
// bytes that are none. Spans count from the message's first byte. What stands
// in it is fit for the screen.
func (Decoder) Explain(m decoders.Exposed) decoders.Field {
	f := explain(m)
	tidy(&f)
	return f
}

// tidy escapes what a terminal must not be sent.
func tidy(f *decoders.Field) {
	f.Label, f.Value = clean(f.Label), clean(f.Value)
	for i := range f.Children {
		tidy(&f.Children[i])
	}
}

func explain(m decoders.Exposed) decoders.Field {
	total := int(max(m.Total, int64(len(m.Raw))))
	switch {
	case m.Name == nameMagic && m.Proto == proto:
		return explainMagic(total)
	case m.Name == nameData && m.Kind == decoders.EventKind:
		return decoders.Field{Label: "Data", Value: thousands(int64(total)) + " bytes", Len: total,
			Doc: "Bytes that are no frame: the capture lacks what came before, or the sender does not speak HTTP/2."}
	case m.Name == nameGRPC && m.Proto == protoGRPC && has(m.Fields, "grpc.message_length"):
		return explainGRPC(m, total)
	case isFrame(m):
		if len(m.Raw) < headLen {
			return decoders.Field{Name: "http2", Label: "HTTP/2 " + m.Name, Value: "cut short", Len: total}
		}
		h := parseHeader(m.Raw)
		return explainFrame(h, m.Raw, 0, total, listOf(m.Fields))
	}
	return explainMessage(m, total)
}

func has(kvs []decoders.KV, name string) bool {
	_, ok := decoders.Lookup(kvs, name)
	return ok
}

// isFrame says whether m is the unit of one frame.
func isFrame(m decoders.Exposed) bool { return has(m.Fields, "http2.type") }

func explainMagic(total int) decoders.Field {
	return decoders.Field{Name: "http2.magic", Label: "Connection preface", Value: preface, Len: total,
		Doc: "A client's first bytes. They look like a request that an HTTP/1 server refuses, so that nobody mistakes the protocol (RFC 9113 §3.4)."}
}

// explainMessage is a request or response: the frames of its stream among those
// of others.
func explainMessage(m decoders.Exposed, total int) decoders.Field {
	stream, _ := decoders.Lookup(m.Fields, "http2.streamid")
	id := uint32(stream.Int)
	root := decoders.Field{Name: "http2", Label: fmt.Sprintf("%s %s on stream %d", m.Proto, m.Kind, id), Value: m.Name, Len: total, Doc: messageDoc(m.Kind)}
	names := listOf(messageList(m))
	off := 0
	for off+headLen <= len(m.Raw) && len(root.Children) < maxNodes {
		h := parseHeader(m.Raw[off:])
		end := min(off+headLen+h.Length, total)
		if own(h, m.Raw[off:min(end, len(m.Raw))], id, off == 0) {
			root.Children = append(root.Children, explainFrame(h, m.Raw, off, end, names))
			names = nil // only the head's values are kept with the message
		}
		if h.Type == Continuation || h.Flags.Has(EndHeaders) {
			names = nil
		}
		off += headLen + h.Length
	}
	if off < total {
		root.Children = append(root.Children, decoders.Field{Label: "More", Value: thousands(int64(total-off)) + " bytes", Off: off, Len: total - off,
			Doc: "Further frames, of this stream and of others. Each frame is a unit that can be looked at by itself."})
	}
	return root
}

// own says whether a frame is one of the message's.
func own(h Header, b []byte, id uint32, first bool) bool {
	if h.Stream == id {
		return h.Type == Headers || h.Type == Data || h.Type == Continuation || h.Type == RSTStream
	}
	return first && h.Type == PushPromise
}

func messageDoc(k decoders.Kind) string {
	switch k {
	case decoders.Request:
		return "A client asks a server to apply a method to a target: a header list in HEADERS, and possibly content in DATA frames, all on a stream of its own (RFC 9113 §8.1)."
	case decoders.Response:
		return "The server's answer on the request's stream: a header list with :status, possibly content in DATA frames and trailers (RFC 9113 §8.1)."
	}
	return "Frames of one stream (RFC 9113 §5)."
}

// field is short for a field with a span.
func field(name, label, value string, off, n int, doc string, children ...decoders.Field) decoders.Field {
	return decoders.Field{Name: name, Label: label, Value: value, Doc: doc, Off: off, Len: n, Children: children}
}

// explainFrame is the frame at off that ends at end. raw may be shorter.
func explainFrame(h Header, raw []byte, off, end int, list []listed) decoders.Field {
	info, known := h.Type.info()
	f := field("http2.stream", fmt.Sprintf("HTTP/2 %s", h.Type), "", off, end-off, info.doc)
	if !known {
		f.Doc = "A type of frame that netscope does not know: receivers ignore what they do not know (RFC 9113 §4.1)."
	}
	if h.Stream != 0 {
		f.Value = fmt.Sprintf("stream %d", h.Stream)
	}
	n := min(headLen, end-off)
	if n < headLen {
		return f
	}
	f.Children = append(f.Children,
		field("http2.length", "Length", fmt.Sprintf("%s bytes", thousands(int64(h.Length))), off, 3, "Length of the payload; the 9 bytes of the header do not count (RFC 9113 §4.1)."),
		field("http2.type", "Type", fmt.Sprintf("%s (%d)", h.Type, uint8(h.Type)), off+3, 1, "What the frame is (RFC 9113 §6)."),
		explainFlags(h, off+4),
		decoders.Field{Name: "http2.r", Label: "Reserved", Value: fmt.Sprint(b2i(h.Reserved)), Off: off + 5, Len: 1, Bad: h.Reserved,
			Doc: "A reserved bit: senders leave it unset, receivers ignore it (RFC 9113 §4.1)."},
		field("http2.streamid", "Stream", fmt.Sprint(h.Stream), off+5, 4, streamDoc(h.Stream)))
	p := part{raw: raw[:min(end, len(raw))], off: off + headLen, end: end, h: h, list: list}
	f.Children = append(f.Children, p.explain()...)
	return f
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func streamDoc(id uint32) string {
	switch {
	case id == 0:
		return "0: the frame is about the connection as a whole (RFC 9113 §5.1.1)."
	case id%2 == 1:
		return "An odd number: the client has opened this stream (RFC 9113 §5.1.1)."
	}
	return "An even number: the server has opened this stream, by a push (RFC 9113 §5.1.1)."
}

func explainFlags(h Header, off int) decoders.Field {
	f := field("http2.flags", "Flags", flagNames(h.Type, h.Flags), off, 1, "What a bit means depends on the type of the frame (RFC 9113 §4.1).")
	if f.Value == "" {
		f.Value = fmt.Sprintf("0x%02x", uint8(h.Flags))
	}
	info, _ := h.Type.info()
	for _, b := range flagBits(h.Type) {
		if info.flags.Has(b.bit) {
			f.Children = append(f.Children, field(b.field, b.name, map[bool]string{true: "set", false: "not set"}[h.Flags.Has(b.bit)], off, 1, b.doc))
		}
	}
	return f
}

// part is a payload that is being explained: raw[off:end], of which raw may
// have only the beginning.
type part struct {
	raw      []byte
	off, end int
	h        Header
	list     []listed
}

// bytes are those that are there.
func (p *part) bytes() []byte { return p.raw[min(p.off, len(p.raw)):] }

// explain are the fields of a payload.
func (p *part) explain() []decoders.Field {
	switch p.h.Type {
	case Data:
		return p.explainData()
	case Headers, PushPromise, Continuation:
		return p.explainHeaders()
	case Priority:
		return p.explainDependency()
	case RSTStream:
		return p.explainReset()
	case SettingsFrame:
		return p.explainSettings()
	case Ping:
		return p.explainPing()
	case GoAwayFrame:
		return p.explainGoAway()
	case WindowUpdate:
		return p.explainWindow()
	case AltSvc:
		return p.explainAltSvc()
	case Origin:
		return p.explainOrigin()
	case PriorityUpdate:
		return p.explainPriorityUpdate()
	}
	return p.rest("http2.unknown", "Payload", "What it means is not known.")
}

// rest is what is left as one field.
func (p *part) rest(name, label, doc string) []decoders.Field {
	if p.end <= p.off {
		return nil
	}
	f := field(name, label, thousands(int64(p.end-p.off))+" bytes", p.off, p.end-p.off, doc)
	p.off = p.end
	return []decoders.Field{f}
}

// number takes n bytes as a number, if they are there.
func (p *part) number(n int) (v uint32, at int, ok bool) {
	b := p.bytes()
	if len(b) < n || p.off+n > p.end {
		return 0, p.off, false
	}
	for _, c := range b[:n] {
		v = v<<8 | uint32(c)
	}
	at = p.off
	p.off += n
	return v, at, true
}

// text takes n bytes as text, as far as they are there.
func (p *part) text(n int) (string, int, int) {
	at := p.off
	n = min(n, p.end-p.off)
	b := p.bytes()
	p.off += n
	return clip(string(b[:min(n, len(b))]), 1000), at, n
}
