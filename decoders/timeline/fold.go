package timeline

import "netscope/capture"

// End is from whose side of a conversation something is seen.
type End uint8

// On the wire (at the sender's egress), or as one of the ends knows it: what
// it sent when it left, what it received when it arrived.
const (
	OnWire End = iota
	AtA
	AtB
)

// Occurrence is one thing that happens to a fold: a packet leaves or arrives,
// or a message is opened or completed by it.
type Occurrence struct {
	At       Time
	Pos      Position // has happened from here on
	Packet   capture.PacketID
	Row      PacketRow
	Received bool // seen from an end: it arrived there
	Opened   []MessageID
	Closed   []MessageID
}

// Fold computes a state from occurrences. Apply may change and return its
// argument; Clone makes an independent copy, so that checkpoints can be kept.
type Fold[S any] interface {
	Zero() S
	Apply(s S, snap *Snapshot, o Occurrence) S
	Clone(s S) S
}

// Folder evaluates a fold over one conversation, keeping checkpoints so that
// going back is cheap. It is not safe for concurrent use; each view has its
// own.
type Folder[S any] struct {
	Fold Fold[S]
	Conv ConvID
	End  End
}

// At is the state at a position.
func (f *Folder[S]) At(s *Snapshot, p Position) S { return f.Fold.Zero() }
