// Package capture says what a packet is and where packets come from.
//
// It knows nothing of what the bytes mean: that is the business of
// capture/layers and of the decoders. A live interface, a capture file and a
// lab on the emulated network are all a [Source], and nothing after this layer
// can tell them apart.
package capture

import (
	"fmt"
	"net/netip"
	"time"
)

// PacketID numbers the packets of one source from 0 in the order in which they
// were emitted. People are shown PacketID+1, as Wireshark numbers frames.
type PacketID uint64

// TapID numbers the interfaces (or lab links) of one source from 0.
type TapID uint32

// Loss says why a packet never reached the far end of its link.
type Loss uint8

// The reasons for a loss. Only the emulated network knows them.
const (
	NotLost   Loss = iota
	LostWire       // dropped on the wire: random loss, or chosen by hand
	LostQueue      // tail drop: the link's queue was full
)

// Packet is one captured link-layer or IP frame. It is immutable once emitted.
type Packet struct {
	ID      PacketID
	At      time.Time // first bit left the sender (for a capture: the time stamp)
	Arrived time.Time // last bit reached the receiver; equal to At outside labs, zero if lost
	Loss    Loss
	Link    LinkType
	Tap     TapID
	Length  int    // original length on the wire, in bytes
	Data    []byte // captured bytes, from the link-layer header on; only valid during the emitting call
	Comment string // comments that the file carries, joined with newlines
	Ref     int64  // where the source can find Data again (a file offset), or -1
}

// Tap describes one interface of a source, or one link of a lab.
type Tap struct {
	ID          TapID
	Name        string // "eth0", or "client–server"
	Description string
	Link        LinkType
	SnapLen     int
}

// Name says that an address belongs to a host name.
type Name struct {
	Addr netip.Addr
	Host string
}

// Secrets carries key material, as in a pcapng decryption secrets block.
type Secrets struct {
	Type uint32 // pcapng secrets type: 0x544c534b is an NSS key log
	Data []byte
}

// Note is something that a lab participant decided and that is not on the wire.
type Note struct {
	At      time.Time
	Host    string
	Proto   string // "bittorrent"
	Name    string // "choke-round"
	Summary string // a sentence for people
	Data    []byte // JSON object, may be nil
}

// Progress tells how much of a finite source has been read, in bytes.
// Total is 0 when unknown.
type Progress struct{ Done, Total int64 }

// Drops counts packets that the capture itself lost (not the network).
type Drops struct{ Kernel, Spool uint64 }

// Truncated says that a source ended in the middle of something. Everything
// before it has been emitted.
type Truncated struct {
	Offset int64  // where the broken record starts
	Reason string // one sentence
}

// Clock says that the clock of a lab, virtual, or of a live source has reached
// this time though no packet has left.
type Clock struct{ At time.Time }

// Meta is everything a source tells beside packets: [Tap], [Name], [Secrets],
// [Note], [Progress], [Drops], [Truncated], [Clock] or [Comment].
type Meta interface{ meta() }

// Comment is a comment on the whole capture (a pcapng section comment).
type Comment string

func (Tap) meta()       {}
func (Name) meta()      {}
func (Secrets) meta()   {}
func (Note) meta()      {}
func (Progress) meta()  {}
func (Drops) meta()     {}
func (Truncated) meta() {}
func (Clock) meta()     {}
func (Comment) meta()   {}

// Sink receives what a source emits, from one goroutine, in order. A Tap comes
// before the first packet seen on it. An error ends the source.
type Sink interface {
	Packet(Packet) error
	Meta(Meta) error
}

// String gives the reason in words.
func (l Loss) String() string {
	switch l {
	case NotLost:
		return "not lost"
	case LostWire:
		return "lost on the wire"
	case LostQueue:
		return "dropped by a full queue"
	}
	return fmt.Sprintf("loss(%d)", uint8(l))
}
