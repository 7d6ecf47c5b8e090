package stream

import (
	"net/netip"

	"netscope/capture"
	"netscope/decoders"
)

// TCPFlags are the flag bits of a TCP header (RFC 9293 §3.1).
type TCPFlags uint8

// The flags in header order.
const (
	FIN TCPFlags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Has reports whether all of these flags are set.
func (f TCPFlags) Has(g TCPFlags) bool { return f&g == g }

// Analysis says what a TCP segment means beside its bytes.
type Analysis uint16

// What a segment can be.
const (
	Retransmission  Analysis = 1 << iota // carries bytes that were sent before
	FastRetransmit                       // … after two duplicate acknowledgements or more
	SpuriousRetrans                      // … that had been acknowledged already
	OutOfOrder                           // arrives after a later one, too soon to be a retransmission
	LostSegment                          // bytes before it were not captured
	AckedUnseen                          // acknowledges bytes that were not captured
	DupAck                               // acknowledges again what was acknowledged, carries nothing
	WindowFull                           // fills the receiver's window
	ZeroWindow                           // announces a window of 0
	WindowUpdate                         // announces another window, nothing else
	KeepAlive                            // probes an idle connection
	KeepAliveAck                         // answers a probe
	ZeroWindowProbe                      // one byte beyond a closed window
	PortReused                           // a new incarnation of the same 5-tuple
	Handshake                            // SYN, SYN ACK, or the ACK that completes it
)

// Has reports whether all of these marks are set.
func (a Analysis) Has(b Analysis) bool { return a&b == b }

// State is how far a conversation has come. The values are those of
// timeline.ConvState.
type State uint8

// The states of a conversation.
const (
	Open    State = iota // data may come
	SynSent              // SYN seen, no answer yet
	Half                 // one side has sent FIN
	Closed               // both sides have sent FIN
	Reset                // RST
)

// PacketIn is what the assembler needs to know of a packet.
type PacketIn struct {
	ID      capture.PacketID
	At      int64 // nanoseconds since the epoch: left the sender
	Arrived int64 // nanoseconds since the epoch: reached the receiver; At if unknown
	Lost    bool  // the receiver never got it (known in labs only)
	Link    capture.LinkType
	Data    []byte // captured bytes; only used during the call
	WireLen int    // length on the wire, ≥ len(Data)
}

// Result is what the assembler made of a packet. The caller keeps one and
// passes it to every call; its slices are valid until the next call.
type Result struct {
	Header    Header       // of the innermost IP packet
	Flow      *Flow        // the conversation; nil if the packet has none
	Dir       decoders.Dir // the packet's direction in it
	NewFlow   bool         // this is the first packet of the conversation
	Ended     []*Flow      // conversations that are over: forgotten, or followed by a new incarnation
	RelSeq    uint32       // sequence number relative to the direction's first: the SYN is 0, the first byte 1
	RelAck    uint32       // acknowledgement number relative to the other direction's first; 0 without ACK
	Window    uint32       // announced window in bytes, scaled if the scale is known
	Analysis  Analysis     // what the segment means
	Delivered []Delivery   // ordered bytes that this packet made available, in order
	Payload   []byte       // UDP: the datagram's captured payload, put together if it was in fragments
}

// Delivery is a run of ordered bytes of one direction of a TCP conversation.
type Delivery struct {
	Flow      *Flow
	Dir       decoders.Dir
	Off       int64            // stream offset of Data[0]; the first byte is 0, gap bytes count
	Data      []byte           // valid until the next call
	Packet    capture.PacketID // the packet that contains these bytes
	PacketOff int              // where in that packet's data; -1 if the packet was in fragments
	Gap       int64            // bytes missing just before Data, given up on
	End       bool             // nothing follows: FIN, RST, or the conversation is over; Data may be empty
}

// Flow is one incarnation of a conversation. The caller reads its exported
// fields between calls and may write User only.
type Flow struct {
	Index        uint32 // 0, 1, 2 … in the order of first packets
	Transport    decoders.Transport
	A, B         netip.AddrPort // A opened it, as far as the packets show
	Midway       bool           // TCP: the SYN was not seen
	HandshakeRTT int64          // nanoseconds from the SYN to the ACK that completes the handshake; 0 if unknown
	State        State
	User         any // the caller's own

	key        key
	swapped    bool // A is the second endpoint of key
	last       int64
	prev, next *Flow // by last packet, in its transport's list
	tcp        *connection
}

// Options bound what an [Assembler] remembers. Zero fields take the default
// that stands beside them.
type Options struct {
	MaxFlows     int   // conversations remembered at a time: 65536
	MaxDirBytes  int   // bytes buffered behind a hole, per direction: 16 MiB
	MaxTotal     int   // … in all: 64 MiB
	MaxDatagrams int   // unfinished fragmented datagrams: 1024
	MaxFragBytes int   // bytes of fragments kept: 16 MiB
	FragTimeout  int64 // nanoseconds after its first fragment that a datagram is given up: 60 s
	IdleTCP      int64 // nanoseconds of silence that end a TCP conversation: 24 h
	IdleUDP      int64 // nanoseconds of silence that end a UDP conversation: 1 h
}
