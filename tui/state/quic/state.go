// Package quic is what one end of a QUIC connection knows at a playhead:
// connection IDs, packet number spaces with what has been acknowledged and what
// counts as lost, streams and flow control, as a fold over the packets that it has
// sent and received. The rules of streams are those of decoders/quic, whose state
// it steps; what HTTP/3 adds is tui/state/h3's business.
package quic

import (
	"maps"
	"slices"

	"netscope/decoders"
	"netscope/decoders/quic"
	"netscope/decoders/timeline"
	"netscope/tui/state/h3"
)

// State is what one end knows.
type State struct {
	Conn    quic.State
	HTTP    h3.State
	Version uint32
	Suite   int64  // of TLS, 0 so far unknown
	ALPN    string // chosen by the server
	Retry   bool
	Closed  string      // what a CONNECTION_CLOSE says
	Spaces  [2][3]Space // by the direction in which the packets go, and their space
	IDs     [2][]ID     // by the direction in which their issuer sends
	Path    [2]string   // the ID that packets of this direction carry
	Moves   int         // how often that has changed after the handshake
	Phase   [2]bool     // the key phase bit
	RTT     timeline.Time
	Sealed  int // packets that could not be decrypted
	Packets [2]int
	recent  []departed
	owner   map[timeline.MessageID]int // space of the packets that frames are part of
}

// departed is a packet that this end has sent lately.
type departed struct {
	number int64
	space  int
	dir    decoders.Dir
	at     timeline.Time
}

// Space is a packet number space of one sender (RFC 9000 §12.3).
type Space struct {
	Packets int
	Largest int64   // number sent, valid if Packets > 0
	Acked   []Range // by the other end, the largest first, as it said last
	Lost    []int64 // not acknowledged although later ones are, by the packet threshold
}

// Range is packet numbers from Lo to Hi, both included.
type Range struct{ Lo, Hi int64 }

// ID is a connection ID.
type ID struct {
	Hex     string
	Seq     int64 // -1: not known
	Retired bool
}

// Threshold is by how many numbers a packet must be overtaken by acknowledged ones
// to count as lost (RFC 9002 §6.1.1).
const Threshold = 3

// Bounds.
const (
	maxRecent = 256 // packets whose times of departure are kept, to measure round trips
	maxIDs    = 16
	maxLost   = 64
	maxOwner  = 64
)

// clone copies a state.
func (s *State) clone() *State {
	c := *s
	c.Conn, c.HTTP = s.Conn.Clone(), s.HTTP.Clone()
	for d := range 2 {
		c.IDs[d] = slices.Clone(s.IDs[d])
		for i := range s.Spaces[d] {
			c.Spaces[d][i].Acked = slices.Clone(s.Spaces[d][i].Acked)
			c.Spaces[d][i].Lost = slices.Clone(s.Spaces[d][i].Lost)
		}
	}
	c.recent, c.owner = slices.Clone(s.recent), maps.Clone(s.owner)
	return &c
}

// Find reports whether a conversation speaks QUIC.
func Find(s *timeline.Snapshot, c timeline.ConvID) bool {
	if c == timeline.NoConv {
		return false
	}
	for _, id := range s.ConvMessageRange(c, 0, 16) {
		if s.Message(id).Proto == "QUIC" {
			return true
		}
	}
	return false
}
