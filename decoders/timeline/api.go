package timeline

import (
	"io"
	"net/netip"
	"time"

	"netscope/capture"
	"netscope/decoders"
)

// Options configure a [Builder].
type Options struct {
	Decoders   []decoders.Decoder         // tried in order; the first that does not reject wins
	Force      func(decoders.Hint) string // name of the decoder demanded for a conversation, "" none
	Store      capture.Store              // where packet bytes go whose source cannot be read again; nil: memory
	File       io.ReaderAt                // where Packet.Ref of a re-readable source points into; may be nil
	Lab        bool                       // departures and arrivals differ
	MaxPackets int                        // evict the oldest beyond this many (endless captures); 0: keep all
}

// Builder builds a timeline. It is a [capture.Sink]: give it to a source's
// Run, then call Finish. One goroutine may call its methods, but Snapshot may
// be called from any.
type Builder struct{ stub Snapshot }

// NewBuilder makes an empty timeline.
func NewBuilder(o Options) *Builder { return &Builder{} }

// Packet adds a packet. It implements capture.Sink.
func (b *Builder) Packet(p capture.Packet) error { return nil }

// Meta adds what a source tells beside packets. It implements capture.Sink.
func (b *Builder) Meta(m capture.Meta) error { return nil }

// Finish closes what is open; err is the source's error, if any.
func (b *Builder) Finish(err error) {}

// Snapshot is the timeline as of now. It is cheap (one atomic load).
func (b *Builder) Snapshot() *Snapshot { return &b.stub }

// Snapshot is an immutable view of a timeline. Its methods are safe from any
// goroutine.
type Snapshot struct{}

// Epoch is the time that Time 0 stands for.
func (s *Snapshot) Epoch() time.Time { return time.Time{} }

// End is the number of moments so far.
func (s *Snapshot) End() Position { return 0 }

// Oldest is the oldest position whose state can still be shown.
func (s *Snapshot) Oldest() Position { return 0 }

// Now is the time of the last moment, or a lab's clock if that is later.
func (s *Snapshot) Now() Time { return 0 }

// Done reports that the source has ended; Err is why, if not by itself.
func (s *Snapshot) Done() bool { return false }

// Err is the source's error, if it failed.
func (s *Snapshot) Err() error { return nil }

// Moment is moment number i, Oldest ≤ i < End.
func (s *Snapshot) Moment(i Position) Moment { return Moment{} }

// TimeOf is the time of the last moment before p.
func (s *Snapshot) TimeOf(p Position) Time { return 0 }

// PositionAt is the position at which all moments up to and including time t
// have happened.
func (s *Snapshot) PositionAt(t Time) Position { return 0 }

// PacketRange is the half-open range of packets that are kept.
func (s *Snapshot) PacketRange() (first, end capture.PacketID) { return 0, 0 }

// Packet is what is kept of a packet.
func (s *Snapshot) Packet(id capture.PacketID) PacketRow { return PacketRow{} }

// PacketAt says where a packet is at a position.
func (s *Snapshot) PacketAt(id capture.PacketID, p Position) Where { return 0 }

// DeparturePosition is the first position at which the packet has left.
func (s *Snapshot) DeparturePosition(id capture.PacketID) Position { return 0 }

// ArrivalPosition is the first position at which the packet has arrived (of a
// lost packet: has left).
func (s *Snapshot) ArrivalPosition(id capture.PacketID) Position { return 0 }

// PacketData is a copy of the packet's captured bytes.
func (s *Snapshot) PacketData(id capture.PacketID) ([]byte, error) { return nil, nil }

// MessageRange is the half-open range of messages and units that are kept.
func (s *Snapshot) MessageRange() (first, end MessageID) { return 0, 0 }

// Message is a message or unit, decoded.
func (s *Snapshot) Message(id MessageID) Message { return Message{} }

// MessagePosition gives the first positions at which the message has begun
// (its first packet has left), is open (its head has arrived) and is complete.
// closed is beyond End if it is not complete yet.
func (s *Snapshot) MessagePosition(id MessageID) (begun, open, closed Position) { return 0, 0, 0 }

// Granularity is the size of a step.
type Granularity uint8

// The step sizes.
const (
	ByPacket Granularity = iota
	ByUnit
	ByMessage
	ByExchange
)

// String is "packet", "unit", "message" or "exchange".
func (g Granularity) String() string {
	return [...]string{"packet", "unit", "message", "exchange"}[g&3]
}

// Stop is where a step ends.
type Stop struct {
	Pos     Position
	Packet  capture.PacketID
	Message MessageID // NoMessage: nothing but a packet
}

// Step finds the next (dir > 0) or previous (dir < 0) stop of a granularity
// from p: for packets the next moment, for units, messages and exchanges the
// next completion. ok is false if there is none. keep, if not nil, says which
// messages count.
func (s *Snapshot) Step(p Position, g Granularity, dir int, keep func(MessageID) bool) (stop Stop, ok bool) {
	return
}

// Latest is the message or unit that was opened or completed last before p, by
// level as g asks; NoMessage if none.
func (s *Snapshot) Latest(p Position, g Granularity) MessageID { return NoMessage }

// Conversations is the number of conversations so far; Conversation is one.
func (s *Snapshot) Conversations() int { return 0 }

// Conversation is a conversation as of this snapshot.
func (s *Snapshot) Conversation(id ConvID) Conversation { return Conversation{} }

// ConvMessages are the messages and units of a conversation in order.
func (s *Snapshot) ConvMessages(id ConvID) []MessageID { return nil }

// ConvPackets are the packets of a conversation in order.
func (s *Snapshot) ConvPackets(id ConvID) []capture.PacketID { return nil }

// PacketMessages are the messages and units that have bytes in a packet.
func (s *Snapshot) PacketMessages(id capture.PacketID) []MessageID { return nil }

// MessagePackets are the packets that carry a message's bytes.
func (s *Snapshot) MessagePackets(id MessageID) []capture.PacketID { return nil }

// StreamBytes reads up to max bytes of one direction of a conversation from
// stream offset off. Missing bytes (gaps) end it.
func (s *Snapshot) StreamBytes(c ConvID, d decoders.Dir, off int64, max int) ([]byte, error) {
	return nil, nil
}

// StreamReader reads n bytes of one direction from off without holding them.
func (s *Snapshot) StreamReader(c ConvID, d decoders.Dir, off, n int64) io.Reader { return nil }

// Span is a run of packet bytes that carry stream bytes.
type Span struct {
	Packet    capture.PacketID
	PacketOff int   // offset in the packet
	StreamOff int64 //
	Len       int
}

// StreamSpans says which packet bytes carry n stream bytes from off.
func (s *Snapshot) StreamSpans(c ConvID, d decoders.Dir, off, n int64) []Span { return nil }

// Delivered is how many bytes of one direction had been delivered in order to
// the receiver by p; Sent how many had left the sender.
func (s *Snapshot) Delivered(c ConvID, d decoders.Dir, p Position) int64 { return 0 }

// Sent is how many bytes of one direction had left the sender by p, in order,
// counting each byte once.
func (s *Snapshot) Sent(c ConvID, d decoders.Dir, p Position) int64 { return 0 }

// Exposed prepares a message for Explain and Body, with at most max bytes Raw.
func (s *Snapshot) Exposed(id MessageID, max int) (decoders.Exposed, error) {
	return decoders.Exposed{}, nil
}

// Body gives the content of a message for display (chunks joined, decompressed),
// without holding it in memory.
func (s *Snapshot) Body(id MessageID) (io.Reader, error) { return nil, nil }

// Explain gives the message's full field tree.
func (s *Snapshot) Explain(id MessageID) decoders.Field { return decoders.Field{} }

// Taps are the interfaces or links of the source.
func (s *Snapshot) Taps() []capture.Tap { return nil }

// LinkType is the link type of a packet.
func (s *Snapshot) LinkType(id capture.PacketID) capture.LinkType { return 0 }

// HostName is the name of an address, or "".
func (s *Snapshot) HostName(a netip.Addr) string { return "" }

// Notes are the notes so far, in order.
func (s *Snapshot) Notes() []NoteRow { return nil }

// Secrets is the key material that the source carried.
func (s *Snapshot) Secrets() []capture.Secrets { return nil }

// Comments are comments on the whole capture.
func (s *Snapshot) Comments() []string { return nil }

// PacketComment is the comment that the file carries for a packet.
func (s *Snapshot) PacketComment(id capture.PacketID) string { return "" }

// Progress is how much of a finite source has been read.
func (s *Snapshot) Progress() capture.Progress { return capture.Progress{} }

// Drops counts packets that the capture itself lost.
func (s *Snapshot) Drops() capture.Drops { return capture.Drops{} }

// Truncated says where the source broke off, or nil.
func (s *Snapshot) Truncated() *capture.Truncated { return nil }
