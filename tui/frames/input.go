// Package frames draws the frames of one connection, stream by stream: a lane
// for each stream over time, each frame a block to scale, and above them the
// link, on which the frames of all streams follow each other. It shows what
// multiplexing is: which frame goes next, what the receiver could deliver, and
// when.
//
// It knows no protocol: it draws whatever decoder's units belong to numbered
// streams. The picture is computed as data by [Lay] from an [Input].
package frames

import (
	"strings"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Block is a frame. Times and positions are those of the whole timeline; what
// of it has happened by the playhead is decided when it is drawn.
type Block struct {
	ID      timeline.MessageID
	Part    timeline.MessageID // the message that it is part of
	Lane    int                // index in Input.Lanes
	Dir     decoders.Dir
	Name    string
	Letter  string // for the type of frame
	Total   int64  // bytes on the wire
	HeadLen int64
	Off     int64 // stream offset of its first byte
	Content int64 // bytes of content that it carries, 0 for anything but data
	Ends    bool  // its sender sends nothing more on this stream
	Resets  bool  // it ends the stream at once
	Carrier bool  // it carries frames of the protocol above, which are on the lanes
	At, N   int64 // of a carrier: offset in its stream, and how many bytes of it

	Left   [2]timeline.Time // its first byte begins to leave, its last has left
	Head   timeline.Time    // when its head had arrived
	Arrive timeline.Time    // when all of it could be delivered, in order; -1 not yet
	Held   timeline.Time    // if not 0: when its last byte had arrived, although bytes before it had not
	Hole   capture.PacketID // with Held: whose arrival closed the hole

	Begun, Closed timeline.Position
	closed        bool
}

// Lane is a stream.
type Lane struct {
	Stream  int64
	Letter  string // "" for a stream that carries no messages, such as stream 0 of HTTP/2
	Series  int
	Blocks  []int // indices in Input.Blocks, in order of leaving
	Begun   timeline.Position
	Title   string // what is asked for on it
	Named   timeline.Position
	Size    int64 // content of the response as its head says, 0 unknown
	Content decoders.Dir
	Stalls  []Stall // of a stream in order by itself
	sum     [2]int64
	carries bool // a message
}

// Input is all that a picture is made of.
type Input struct {
	Lanes    []Lane
	Blocks   []Block // in order of leaving
	From, To timeline.Time
	Longest  int64 // bytes on the wire of the longest frame
	TCP      bool
	Nested   bool // there are carriers and what they carry: QUIC's STREAM frames and those of HTTP/3
}

// onLane reports whether a block is drawn on its stream's lane.
func (in *Input) onLane(b *Block) bool { return !in.Nested || !b.Carrier }

// onLink reports whether a block is drawn on the link.
func (in *Input) onLink(b *Block) bool { return !in.Nested || b.Carrier }

// letters are frame types that do not go by their first letter: those of
// HTTP/2 and HTTP/3 and the frames of QUIC that are about streams.
func letter(name string) string {
	switch name {
	case "PING":
		return "p"
	case "PRIORITY":
		return "y"
	case "PRIORITY_UPDATE":
		return "U"
	case "STREAM":
		return "D"
	case "MAX_DATA", "MAX_STREAM_DATA", "MAX_STREAMS":
		return "W"
	case "STOP_SENDING":
		return "X"
	case "CONNECTION_CLOSE":
		return "G"
	case "":
		return "?"
	}
	return strings.ToUpper(name[:1])
}

// ends reports whether a unit says that its sender's half of the stream ends.
func ends(m *timeline.Message) bool {
	for _, w := range strings.Fields(m.Summary) {
		if w == "END_STREAM" || w == "FIN" {
			return true
		}
	}
	kv, ok := decoders.Lookup(m.Fields, "quic.stream.fin")
	return ok && kv.Kind == decoders.BoolValue && kv.Int != 0
}

// content is how many bytes of content a unit carries.
func content(m *timeline.Message) int64 {
	switch m.Name {
	case "DATA", "STREAM":
		if m.Closed {
			return m.Len
		}
		return max(0, m.Total-m.HeadLen)
	}
	return 0
}

// size is the length of the content as a message's head gives it.
func size(m *timeline.Message) int64 {
	for _, name := range [...]string{"http.content_length_header", "http2.headers.content_length"} {
		if kv, ok := decoders.Lookup(m.Fields, name); ok && kv.Kind == decoders.IntValue {
			return kv.Int
		}
	}
	return 0
}

// Delivered is how much of the content of a block could be given to the
// receiver by p, if inOrder bytes of its direction had arrived in order.
func (b *Block) Delivered(p timeline.Position, inOrder int64) int64 {
	switch {
	case b.Closed <= p:
		return b.Content
	case b.Begun > p:
		return 0
	}
	return max(0, min(b.Content, inOrder-b.Off-b.HeadLen))
}

// at is the share of a block's content that had been delivered by t, for a
// picture: between the arrival of its head and of its end it grows evenly.
func (b *Block) at(t timeline.Time) float64 {
	switch {
	case b.Arrive >= 0 && t >= b.Arrive:
		return float64(b.Content)
	case t <= b.Head || b.Arrive <= b.Head || b.Held > 0:
		return 0
	}
	return float64(b.Content) * float64(t-b.Head) / float64(b.Arrive-b.Head)
}
