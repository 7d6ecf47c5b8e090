// Package messages shows what one side of the conversations has sent and
// received up to the playhead, and the text of the selected message: a
// request on the client's side, its response on the server's, or both beside
// each other.
//
// It uses only what every message has; it must not look inside typed bodies.
package messages

import (
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Side is whose screen it is.
type Side uint8

// The sides. A client is the end that opened a conversation.
const (
	Both Side = iota
	Client
	Server
)

// State is how far a message has come, as this side sees it.
type State uint8

// The states.
const (
	Waiting  State = iota // nothing of it has been seen at this side
	Partial               // some bytes have left, or arrived
	InFlight              // all has left, not all has arrived
	Complete
	Failed // complete, and broken
)

// Progress is a message's state with its bytes.
type Progress struct {
	State      State
	Have       int64 // bytes that have left (sender's side) or arrived
	Total      int64
	TotalKnown bool
}

// Fraction is Have of Total, 0…1.
func (p Progress) Fraction() float64 {
	if p.Total <= 0 {
		return 0
	}
	return min(1, float64(p.Have)/float64(p.Total))
}

// Seen computes the state from the bytes that have left and that have arrived
// by the playhead.
func Seen(total, sent, got int64, known, closed, failed, sender bool) Progress {
	sent, got = clamp(sent, total, known), clamp(got, total, known)
	p := Progress{Have: got, Total: max(total, sent), TotalKnown: known}
	if sender {
		p.Have = sent
	}
	switch {
	case closed && failed:
		p.State = Failed
	case closed:
		p.State, p.Have = Complete, p.Total
	case p.Have <= 0:
		p.State = Waiting
	case sender && known && sent >= total:
		p.State = InFlight
	default:
		p.State = Partial
	}
	return p
}

func clamp(x, total int64, known bool) int64 {
	if known {
		x = min(x, total)
	}
	return max(x, 0)
}

// progress is the state of a message at a position, at its sender or receiver.
func progress(s *timeline.Snapshot, m *timeline.Message, p timeline.Position, sender bool) Progress {
	_, _, closed := s.MessagePosition(m.ID)
	got := s.Delivered(m.Source, m.Dir, p)
	sent := got // of what was decrypted nobody knows when it left
	if m.Source == m.Conv {
		sent = s.Sent(m.Conv, m.Dir, p)
	}
	return Seen(m.Total, sent-m.Off, got-m.Off,
		m.Closed, m.Closed && closed <= p, m.Err != "", sender)
}

// sends reports that the side sends in a direction.
func (s Side) sends(d decoders.Dir) bool {
	return s == Client && d == decoders.AtoB || s == Server && d == decoders.BtoA
}
