package swarm

import (
	"encoding/json"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Kind is what an event is.
type Kind uint8

// The kinds of events.
const (
	Handshake Kind = iota
	Choke
	Unchoke
	Interested
	NotInterested
	Have
	Bitfield
	HaveAll
	HaveNone
	Request
	Piece
	Cancel
	Reject
	Announced // a peer tells a tracker
	Ranked    // a note: a choker has decided
	Noted     // a note of another kind
)

// Event is a message or note that changes a swarm. Conv is an index in
// [Log.Conns], Node one in [Log.Nodes].
type Event struct {
	Sent, At timeline.Time     // when it left, and when it had arrived
	Pos      timeline.Position // … it has happened from here on
	Message  timeline.MessageID
	Conv     int32 // -1: of no connection between peers
	Node     int32 // who sends it, or announces, or has decided; -1 unknown
	Kind     Kind
	Dir      decoders.Dir
	Index    uint32
	Begin    uint32
	Length   uint32
	X        *Extra
}

// Extra is what only some events have. It is never changed.
type Extra struct {
	Bits  []byte // of a bitfield
	Round *Round // of a choker's decision
	Event string // of an announce: "started", "completed", "stopped"
	Left  int64  // … bytes that the peer lacks
	Told  *Told  // by a note
}

// Round is a choker's decision, as its note tells it.
type Round struct {
	At      timeline.Time `json:"-"`
	Host    string        `json:"-"`
	Num     int           `json:"round"`
	Next    float64       `json:"next_s"` // seconds from At to the next round
	Mode    string        `json:"mode"`
	Rotated bool          `json:"rotated"` // the optimistic peer was chosen anew
	Slots   int           `json:"slots"`
	Peers   []Rank        `json:"peers"`
	Extra   bool          `json:"-"` // taken between two rounds
}

// Rank is a peer's place in a round.
type Rank struct {
	ID         string  `json:"id"`
	Addr       string  `json:"peer"`
	Listen     string  `json:"listen"`
	Rate       float64 `json:"rate"` // bytes a second
	Reason     string  `json:"reason"`
	Interested bool    `json:"interested"`
	Unchoked   bool    `json:"unchoked"`
	Regular    bool    `json:"regular"`
	Optimistic bool    `json:"optimistic"`
	Node       int32   `json:"-"` // -1 unknown
}

// parseRound reads a note's data; nil if it is none of a round.
func parseRound(n *timeline.NoteRow) *Round {
	between := n.Name == "choke-between"
	if n.Name != "choke-round" && !between || len(n.Data) == 0 {
		return nil
	}
	r := &Round{At: n.At, Host: n.Host, Extra: between}
	if json.Unmarshal(n.Data, r) != nil {
		return nil
	}
	return r
}

// kinds are the kinds of peer wire messages by their names.
func kindOf(name string) (Kind, bool) {
	switch name {
	case "handshake":
		return Handshake, true
	case "choke":
		return Choke, true
	case "unchoke":
		return Unchoke, true
	case "interested":
		return Interested, true
	case "not interested":
		return NotInterested, true
	case "have":
		return Have, true
	case "bitfield":
		return Bitfield, true
	case "have all":
		return HaveAll, true
	case "have none":
		return HaveNone, true
	case "request":
		return Request, true
	case "piece":
		return Piece, true
	case "cancel":
		return Cancel, true
	case "reject request":
		return Reject, true
	}
	return 0, false
}
