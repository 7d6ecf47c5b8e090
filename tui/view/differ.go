package view

import (
	"netscope/capture"
	"netscope/decoders/timeline"
)

// Difference tells how a packet or message differs from the same one in the
// run that it is compared with.
type Difference struct {
	Kind DifferenceKind
	// Other is when its counterpart ended, if it ended at another time.
	Other timeline.Time
}

// DifferenceKind is a kind of [Difference].
type DifferenceKind uint8

// The kinds of difference.
const (
	NoDifference  DifferenceKind = iota
	AtAnotherTime                // or of another size, or lost
	OnlyHere
)

// Glyph is a mark for the kind that needs no colour; "" if nothing differs.
func (k DifferenceKind) Glyph() string { return [...]string{"", "≠", "◆"}[k%3] }

// Differ tells what differs in a timeline that is compared with another.
type Differ interface {
	Packet(id capture.PacketID) Difference
	Message(id timeline.MessageID) Difference
}
