// Package decoders defines what a decoder is: bytes of a stream in, events out.
//
// Decoders do no I/O, keep no buffers of unread bytes, and know nothing of
// packets, gaps' causes, or screens. The stream driver (decoders/stream) owns
// those. Adding a protocol is one folder below this one and one line in
// decoders/all.
package decoders

import (
	"io"
	"net/netip"
	"time"
)

// Dir is a direction of a conversation. A is the side that opened it (sent the
// SYN or the first datagram), as far as the capture shows.
type Dir uint8

// The two directions.
const (
	AtoB Dir = 0
	BtoA Dir = 1
)

// Other is the opposite direction.
func (d Dir) Other() Dir { return d ^ 1 }

// Transport is what carries a conversation.
type Transport uint8

// The transports.
const (
	NoTransport Transport = iota
	TCP
	UDP
)

// String is "TCP", "UDP", or "".
func (t Transport) String() string { return [...]string{"", "TCP", "UDP"}[t%3] }

// Hint is what is known of a conversation before its bytes are read.
type Hint struct {
	Transport Transport
	A, B      netip.AddrPort
	Midway    bool // the capture starts in the middle of this conversation
	Forced    bool // the user demanded this decoder (-d): Probe is skipped
}

// Verdict is a decoder's answer to a prefix of a stream.
type Verdict uint8

// Verdicts are monotone: once Reject or Accept, more bytes do not change it.
const (
	NeedMore Verdict = iota
	Accept
	Reject
)

// Decoder is a stateless value: one protocol.
type Decoder interface {
	// Name is the short lower-case name used with -d ("http1").
	Name() string
	// Probe looks at the first bytes of one direction. end says that no more
	// will come. It must not look at more than the first 4 KiB.
	Probe(h Hint, dir Dir, prefix []byte, end bool) Verdict
	// NewParser starts parsing one conversation (both directions).
	NewParser(h Hint, e Env) Parser
	// Explain gives the full field tree of a message. It is called for the
	// selected message only.
	Explain(m Exposed) Field
}

// Bodier is a decoder whose messages carry a content that differs from the
// bytes on the wire (chunked, compressed).
type Bodier interface {
	// Body returns the content of m for display, reading the bytes on the wire
	// from raw, which starts at the message's first byte. Content is streamed;
	// nothing of the size of the body is kept in memory.
	Body(m Exposed, raw io.Reader) (content io.Reader, err error)
}

// Env is what a parser may use of the world outside.
type Env struct {
	// MaxUnit is the most bytes a parser may ask for before it must give up
	// on a unit (it then reports an error and goes on).
	MaxUnit int
	// Secrets finds key material; nil if there is none.
	Secrets SecretSource
}

// SecretSource finds the secrets of a key log (the NSS key log format, as
// browsers and curl write it with SSLKEYLOGFILE).
type SecretSource interface {
	// Secret is the secret with this label ("CLIENT_RANDOM",
	// "CLIENT_TRAFFIC_SECRET_0", …) of the connection whose ClientHello had
	// this random.
	Secret(label string, clientRandom [32]byte) (secret []byte, ok bool)
}

// Parser parses one conversation. It is resumable: it is called with whatever
// bytes are there, says how many of them it has used, and is called again with
// the rest and more.
type Parser interface {
	// Next is called whenever c.Buf has grown, after a gap, and once with
	// c.End when the direction has ended. It returns what it made of the
	// bytes. An error means that this parser cannot go on in this direction;
	// the rest is shown as plain data.
	Next(c Chunk) (Step, error)
}

// Rover is a parser whose conversation may go on between other addresses than it
// began: a QUIC connection is known by its connection IDs.
type Rover interface {
	// Follows reports whether a datagram, the first between two addresses of
	// which one is known, goes on with this conversation in direction d.
	Follows(d Dir, datagram []byte) bool
}

// Chunk is the unused part of one direction of a stream.
type Chunk struct {
	Dir Dir
	At  time.Time
	Src netip.AddrPort // who has sent Buf, if that is another address than the hint's (see [Rover])
	// Stream is the inner stream that these bytes are of, for parsers above a
	// protocol that has several in one conversation (HTTP/3 over QUIC); else 0.
	Stream int64
	Off    int64  // stream offset of Buf[0], from 0
	Buf    []byte // all unused bytes that are there, in order, without holes
	Gap    int64  // bytes that are missing just before Buf[0] (0: none). The parser must resynchronise
	End    bool   // no more bytes will come after Buf
}

// Step is what a parser made of a chunk. A step that neither advances nor
// yields events waits for more bytes.
type Step struct {
	Advance int // bytes of Buf that are used up; they are not presented again
	Events  []Event
	Handoff string  // after Advance, this decoder takes over the conversation ("data" for unknown)
	Inner   []Inner // bytes of an inner stream (TLS plaintext, an HTTP/2 stream)
}

// Inner is a piece of an inner stream that a parser has produced.
type Inner struct {
	Stream int64
	Dir    Dir
	Gap    int64 // bytes of the inner stream that are missing just before Data, about (0: none)
	Data   []byte
	End    bool
	Proto  string // decoder to try first, if known
	// Keep says that this parser decodes the bytes itself: they are only kept,
	// so that messages which name Stream in [Event.Inner] can be shown with
	// them. Kept streams have numbers of their own, from 1.
	Keep bool
}

// Op says what an event does to its message.
type Op uint8

// A message is opened when its head is known (or has failed), and closed when
// its last byte is. What lies between is a partial message; how much of it has
// come by the playhead follows from the stream offsets, so no event is needed
// for it.
const (
	Open   Op = iota // head known: all fields but End and Err are set
	Update           // fields to add (trailers, a revised summary)
	Close            // End and possibly Err are set
)

// Level tells units from messages.
type Level uint8

// A unit is the smallest protocol data unit; a message is what the application
// means, made of one or more units. A unit that is also a message is a message.
const (
	MessageLevel Level = iota
	UnitLevel
)

// String is "message" or "unit".
func (l Level) String() string { return [...]string{"message", "unit"}[l&1] }

// Kind is the role of a message in an exchange.
type Kind uint8

// The kinds.
const (
	EventKind Kind = iota
	Request
	Response
)

// String is "event", "request" or "response".
func (k Kind) String() string { return [...]string{"event", "request", "response"}[k%3] }

// Handed is the ReplyTo of a message that answers the last request which the
// decoder before a [Step].Handoff has seen: the first response of HTTP/2 after an
// upgrade from HTTP/1.1.
const Handed = 1<<64 - 1

// Event opens, updates or closes a message.
type Event struct {
	Op  Op
	Key uint64 // names the message within its parser: 1, 2, 3 … in order of opening

	// On Open.
	Level   Level
	Dir     Dir
	Kind    Kind
	Proto   string // "HTTP/1.1"
	Name    string // field's name for the kind of message: "GET", "HEADERS"
	Summary string // one line for people
	Stream  int64  // protocol's own stream number, -1 if none
	Off     int64  // stream offset of the first byte
	HeadLen int64  // bytes of head: the body starts at Off+HeadLen
	PartOf  uint64 // key of the message that this unit is part of, 0 if none
	ReplyTo uint64 // key of the request that this answers, 0 if none or unknown

	// On Open and Update (Update adds; a non-empty Summary replaces).
	Fields []KV

	// On Open, of a message whose bytes on the wire are encrypted: the kept inner
	// stream that holds it in plaintext, 0 if none, and where it begins there.
	// On Close, InnerOff is where it ends. HeadLen then counts plaintext.
	Inner    int64
	InnerOff int64

	// On Close.
	End int64  // stream offset just past the last byte
	Len int64  // length of the content carried, in bytes, chunk framing taken off, not decompressed
	Err string // what was wrong with the message, with the rule it broke; empty if nothing
}

// KV is a field that is kept with every message, named as Wireshark names it.
type KV struct {
	Name string
	Int  int64
	Str  string
	Kind ValueKind
	Many bool // the field can repeat in a message: JSON shows an array
}

// ValueKind says which part of a [KV] holds its value.
type ValueKind uint8

// Kinds of value.
const (
	StrValue ValueKind = iota
	IntValue
	BoolValue // Int is 0 or 1
)

// Exposed is a message as shown to Explain and Body.
type Exposed struct {
	Hint    Hint
	Dir     Dir
	Kind    Kind
	Proto   string
	Name    string
	Fields  []KV
	Off     int64    // stream offset of Raw[0]
	HeadLen int64    //
	Raw     []byte   // the message's bytes, possibly only a beginning
	Plain   bool     // Raw is plaintext that the parser has kept (see [Event.Inner]); Off counts in it
	Total   int64    // bytes of the message on the wire, so far as known
	Request *Exposed // for a response: the request it answers, without Raw
}

// Field is a node of a field tree.
type Field struct {
	Name     string // Wireshark's name, may be empty
	Label    string // "Status code"
	Value    string // "200"
	Doc      string // what it is for, two sentences at most, with the RFC section
	Off, Len int    // span in the message's bytes; Len 0: generated, not on the wire
	Bad      bool   // breaks a rule; Doc says which
	Children []Field

	// Of a field that is not made of whole bytes: where it begins in its span,
	// in bits from the most significant one, and how many it has. Bits 0: the
	// span is whole.
	Bit, Bits int

	// Of a field that points to others (a compression pointer): the span that
	// it stands for, in the message's bytes. ToLen 0: it does not.
	To, ToLen int
}

// S, I and B make fields.
func S(name, v string) KV { return KV{Name: name, Str: v} }

// I makes a number field.
func I(name string, v int64) KV { return KV{Name: name, Int: v, Kind: IntValue} }

// B makes a boolean field.
func B(name string, v bool) KV {
	kv := KV{Name: name, Kind: BoolValue}
	if v {
		kv.Int = 1
	}
	return kv
}

// Lookup finds the first field with this name.
func Lookup(kvs []KV, name string) (KV, bool) {
	for _, kv := range kvs {
		if kv.Name == name {
			return kv, true
		}
	}
	return KV{}, false
}
