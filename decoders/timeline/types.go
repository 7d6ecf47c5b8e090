package timeline

import (
	"net/netip"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/stream"
)

// Position is a place between moments: the number of moments that have
// happened. 0 is before everything.
type Position uint64

// Time is nanoseconds since the epoch of the timeline (its first packet, or
// the start of a lab's clock).
type Time int64

// Seconds converts to seconds.
func (t Time) Seconds() float64 { return float64(t) / 1e9 }

// ConvID numbers conversations from 0; NoConv belongs to packets without one.
type ConvID uint32

// NoConv is the conversation of packets that have none (ARP, ICMP, fragments).
const NoConv = ^ConvID(0)

// MessageID numbers messages and units from 0 in the order in which they were
// opened; NoMessage is none.
type MessageID uint32

// NoMessage is no message.
const NoMessage = ^MessageID(0)

// MomentKind tells departures from arrivals.
type MomentKind uint8

// In captures every moment is a departure at which the packet also arrives.
const (
	Departs MomentKind = iota
	Arrives
)

// Moment is one step of the timeline.
type Moment struct {
	Packet capture.PacketID
	Kind   MomentKind
	At     Time
}

// TCPFlags are the flag bits of a TCP header (RFC 9293 §3.1).
type TCPFlags = stream.TCPFlags

// The flags in header order.
const (
	FIN = stream.FIN
	SYN = stream.SYN
	RST = stream.RST
	PSH = stream.PSH
	ACK = stream.ACK
	URG = stream.URG
	ECE = stream.ECE
	CWR = stream.CWR
)

// Analysis says what a TCP segment means beside its bytes.
type Analysis = stream.Analysis

// What a segment can be.
const (
	Retransmission  = stream.Retransmission
	FastRetransmit  = stream.FastRetransmit
	SpuriousRetrans = stream.SpuriousRetrans
	OutOfOrder      = stream.OutOfOrder
	LostSegment     = stream.LostSegment
	AckedUnseen     = stream.AckedUnseen
	DupAck          = stream.DupAck
	WindowFull      = stream.WindowFull
	ZeroWindow      = stream.ZeroWindow
	WindowUpdate    = stream.WindowUpdate
	KeepAlive       = stream.KeepAlive
	KeepAliveAck    = stream.KeepAliveAck
	ZeroWindowProbe = stream.ZeroWindowProbe
	PortReused      = stream.PortReused
	Handshake       = stream.Handshake
)

// PacketRow is what is kept of every packet. It holds no pointer.
type PacketRow struct {
	At, Arrived Time   // Arrived is < 0 if the packet was lost; equal to At in captures
	Ref         int64  // in the packet store
	Depart      uint32 // its departure is moment number Depart (position Depart+1 has seen it)
	Conv        ConvID
	Length      uint32 // on the wire
	CapLen      uint32 // captured
	Seq, Ack    uint32 // relative to the first seen, per direction
	Window      uint32 // scaled, in bytes
	PayloadOff  uint16 // where the transport payload starts in the packet
	Payload     uint16 // transport payload, bytes as captured (65535: or more)
	Tap         uint16
	Analysis    Analysis
	Flags       TCPFlags
	Fragment    bool // an IP fragment: the transport header may be elsewhere
	Dir         decoders.Dir
	Loss        capture.Loss
	Transport   decoders.Transport
}

// Conversation is two endpoints of one transport, one incarnation of it.
// A copy is a view as of its snapshot.
type Conversation struct {
	ID        ConvID
	Transport decoders.Transport
	A, B      netip.AddrPort // A opened it, as far as the capture shows
	Midway    bool           // the capture starts in its middle
	Parent    ConvID         // the one whose bytes it lies in (what TLS has decrypted); NoConv: on the wire
	First     capture.PacketID
	Last      capture.PacketID
	Start     Time
	End       Time // time of the last packet so far
	Packets   [2]uint32
	Bytes     [2]int64 // transport payload bytes delivered in order, per direction
	RTT       Time     // from the handshake, as seen at the capture point; 0 unknown
	Proto     string   // what its messages are: "HTTP/1.1", "data", "" so far unknown
	Messages  uint32
	State     ConvState
}

// ConvState is how far a conversation has come.
type ConvState = stream.State

// The states of a conversation.
const (
	ConvOpen    = stream.Open    // data may come
	ConvSynSent = stream.SynSent // SYN seen, no answer yet
	ConvHalf    = stream.Half    // one side has sent FIN
	ConvClosed  = stream.Closed  // both sides have sent FIN
	ConvReset   = stream.Reset   // RST
)

// Message is a message or unit, decoded. A copy is a view as of its snapshot.
type Message struct {
	ID      MessageID
	Level   decoders.Level
	Kind    decoders.Kind
	Conv    ConvID // on the wire
	Source  ConvID // whose stream offsets count in: Conv, or one inside it (decrypted)
	Plain   bool   // Source holds nothing but plaintext that was kept: other messages of Conv lie elsewhere
	Dir     decoders.Dir
	Stream  int64 // protocol's own stream number, -1 if none
	Proto   string
	Name    string
	Summary string
	Fields  []decoders.KV

	First   capture.PacketID // carries its first byte
	Head    capture.PacketID // the head was known when this packet had arrived
	Last    capture.PacketID // completed it; meaningful if Closed
	Start   Time             // when its first byte left
	HeadAt  Time             // when its head had arrived
	End     Time             // when its last byte arrived; meaningful if Closed
	Closed  bool
	Off     int64 // stream offset of its first byte
	HeadLen int64
	Total   int64 // bytes on the wire; if not Closed, so far
	Len     int64 // content carried (chunk framing taken off), in bytes; meaningful if Closed
	Err     string

	at []int64 // where it lies in a kept stream, if in one

	PartOf   MessageID // the message that this unit is part of
	ReplyTo  MessageID // the request that this answers
	Reply    MessageID // the (first final) response to this request
	Exchange MessageID // the request's ID, for requests and responses; NoMessage for others
}

// NoteRow is a note at its place in the timeline.
type NoteRow struct {
	At       Time
	Position Position // the notes's place: visible from here on
	Host     string
	Proto    string
	Name     string
	Summary  string
	Data     []byte
}

// Where tells how much of something has happened at a position.
type Where uint8

// Of a packet: not yet, in flight (or lost on its way), arrived.
const (
	NotYet Where = iota
	InFlight
	Arrived
)
