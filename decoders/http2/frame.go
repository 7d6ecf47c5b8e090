package http2

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Type is the type of a frame (RFC 9113 §6 and the registry of frame types).
type Type uint8

// Frame types.
const (
	Data           Type = 0x00 // RFC 9113 §6.1
	Headers        Type = 0x01 // §6.2
	Priority       Type = 0x02 // §6.3
	RSTStream      Type = 0x03 // §6.4
	SettingsFrame  Type = 0x04 // §6.5
	PushPromise    Type = 0x05 // §6.6
	Ping           Type = 0x06 // §6.7
	GoAwayFrame    Type = 0x07 // §6.8
	WindowUpdate   Type = 0x08 // §6.9
	Continuation   Type = 0x09 // §6.10
	AltSvc         Type = 0x0a // RFC 7838 §4
	Origin         Type = 0x0c // RFC 8336 §2
	PriorityUpdate Type = 0x10 // RFC 9218 §7.1
)

// Flags of a frame. What a bit means depends on the type.
type Flags uint8

// The flags.
const (
	Ack        Flags = 0x01 // SETTINGS, PING
	EndStream  Flags = 0x01 // DATA, HEADERS
	EndHeaders Flags = 0x04 // HEADERS, PUSH_PROMISE, CONTINUATION
	Padded     Flags = 0x08 // DATA, HEADERS, PUSH_PROMISE
	PrioFlag   Flags = 0x20 // HEADERS
)

// Has says whether all bits of g are set.
func (f Flags) Has(g Flags) bool { return f&g == g }

// typeInfo is what is known of a type of frame.
type typeInfo struct {
	t     Type
	name  string
	flags Flags // those that are defined
	doc   string
}

// types is sorted by type.
var types = [...]typeInfo{
	{Data, "DATA", EndStream | Padded, "A piece of the content of a request or response. Only DATA counts against flow control (RFC 9113 §6.1)."},
	{Headers, "HEADERS", EndStream | EndHeaders | Padded | PrioFlag, "Opens a stream or answers on it: a header list compressed with HPACK, or trailers at its end (RFC 9113 §6.2)."},
	{Priority, "PRIORITY", 0, "Advice on how a stream depends on another. This scheme is deprecated (RFC 9113 §5.3.2, §6.3)."},
	{RSTStream, "RST_STREAM", 0, "Ends a stream at once, without touching the others (RFC 9113 §6.4)."},
	{SettingsFrame, "SETTINGS", Ack, "What the sender can take: its parameters, which the other side obeys and acknowledges (RFC 9113 §6.5)."},
	{PushPromise, "PUSH_PROMISE", EndHeaders | Padded, "The server announces the answer to a request that the client has not made, on a stream of its own (RFC 9113 §6.6)."},
	{Ping, "PING", Ack, "Measures the round-trip time or keeps the connection alive; the answer has the same 8 bytes (RFC 9113 §6.7)."},
	{GoAwayFrame, "GOAWAY", 0, "No new streams: the connection is being closed. Streams up to the one named are still worked on (RFC 9113 §6.8)."},
	{WindowUpdate, "WINDOW_UPDATE", 0, "Flow control: the receiver lets the other side send so many bytes more, on a stream or (stream 0) on the connection (RFC 9113 §6.9)."},
	{Continuation, "CONTINUATION", EndHeaders, "The header block of the frame before it goes on. Nothing may come in between (RFC 9113 §6.10)."},
	{AltSvc, "ALTSVC", 0, "The same origin can be had elsewhere, for example over HTTP/3 (RFC 7838 §4)."},
	{Origin, "ORIGIN", 0, "Origins for which this connection may be used (RFC 8336 §2)."},
	{PriorityUpdate, "PRIORITY_UPDATE", 0, "The client changes the urgency of a response (RFC 9218 §7.1)."},
}

func (t Type) info() (typeInfo, bool) {
	for i := range types {
		if types[i].t == t {
			return types[i], true
		}
	}
	return typeInfo{}, false
}

// String is the name of the type, as "HEADERS" or "0x0b".
func (t Type) String() string {
	if i, ok := t.info(); ok {
		return i.name
	}
	return fmt.Sprintf("0x%02x", uint8(t))
}

// section is where RFC 9113 defines one of its own types.
func (t Type) section() string {
	return [...]string{"6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.8", "6.9", "6.10"}[min(t, Continuation)]
}

// flagNames are the names of the flags that are set and defined for t.
func flagNames(t Type, f Flags) string {
	var names []string
	i, _ := t.info()
	for _, b := range flagBits(t) {
		if i.flags.Has(b.bit) && f.Has(b.bit) {
			names = append(names, b.name)
		}
	}
	return strings.Join(names, " ")
}

type flagBit struct {
	bit         Flags
	name, field string
	doc         string
}

// flagBits are the flags of a type.
func flagBits(t Type) []flagBit {
	switch t {
	case SettingsFrame:
		return []flagBit{{Ack, "ACK", "http2.flags.ack.settings", "The sender has applied the other side's SETTINGS (RFC 9113 §6.5.3)."}}
	case Ping:
		return []flagBit{{Ack, "ACK", "http2.flags.ack.ping", "This answers a PING (RFC 9113 §6.7)."}}
	}
	return []flagBit{
		{EndStream, "END_STREAM", "http2.flags.end_stream", "The sender sends nothing more on this stream: its half is closed (RFC 9113 §5.1)."},
		{EndHeaders, "END_HEADERS", "http2.flags.eh", "The header block is complete: no CONTINUATION follows (RFC 9113 §6.2)."},
		{Padded, "PADDED", "http2.flags.padded", "Padding hides the true length of the content (RFC 9113 §6.1)."},
		{PrioFlag, "PRIORITY", "http2.flags.priority", "Exclusive flag, stream dependency and weight are present; they are deprecated (RFC 9113 §6.2)."},
	}
}

// headLen is the length of a frame header in bytes (RFC 9113 §4.1).
const headLen = 9

// Header is a frame's header.
type Header struct {
	Length   int // of the payload in bytes
	Type     Type
	Flags    Flags
	Reserved bool // the bit before the stream identifier, which must not be set
	Stream   uint32
}

// parseHeader reads a frame header from 9 bytes.
func parseHeader(b []byte) Header {
	id := binary.BigEndian.Uint32(b[5:9])
	return Header{Length: int(b[0])<<16 | int(b[1])<<8 | int(b[2]), Type: Type(b[3]), Flags: Flags(b[4]),
		Reserved: id>>31 != 0, Stream: id &^ (1 << 31)}
}

// Frame is a frame as [Conn.Apply] wants it.
type Frame struct {
	Header
	// Payload is the whole payload; of DATA its first byte is enough.
	Payload []byte
}

// unpad takes the padding off a payload (RFC 9113 §6.1): body is its part
// without pad length and padding. bad says what is wrong.
func (f *Frame) unpad() (body []byte, off int, bad string) {
	b := f.Payload
	if !f.Flags.Has(Padded) || f.Type != Headers && f.Type != PushPromise {
		return b, 0, ""
	}
	if len(b) < 1 {
		return nil, 0, "a padded frame has no pad length (RFC 9113 §6.2)"
	}
	pad := int(b[0])
	if pad >= len(b) {
		return nil, 1, badPadding
	}
	return b[1 : len(b)-pad], 1, ""
}

// content is how many bytes of content a DATA frame carries and how many bytes
// stand before and after it (RFC 9113 §6.1).
func (f *Frame) content() (before, n, after int, bad string) {
	if !f.Flags.Has(Padded) {
		return 0, f.Length, 0, ""
	}
	if f.Length < 1 || len(f.Payload) < 1 {
		return 0, 0, f.Length, "a padded frame has no pad length (RFC 9113 §6.1)"
	}
	pad := int(f.Payload[0])
	if pad >= f.Length {
		return 1, 0, f.Length - 1, badPadding
	}
	return 1, f.Length - 1 - pad, pad, ""
}

const badPadding = "the padding is as long as the payload or longer (RFC 9113 §6.1)"
