package tui

import (
	"slices"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// tally counts what a granularity stops at: messages without units, say. It
// follows a growing timeline a few thousand messages a frame.
type tally struct {
	gran timeline.Granularity
	ids  []timeline.MessageID
	upTo timeline.MessageID
}

const tallyPerFrame = 4000

// follow looks at what has come since the last frame. keep says which messages
// are shown; nil: all.
func (y *tally) follow(s *timeline.Snapshot, g timeline.Granularity, keep func(timeline.MessageID) bool) {
	if g != y.gran {
		y.gran = g
		y.clear()
	}
	first, end := s.MessageRange()
	from := max(first, y.upTo)
	for id := from; id < end && id < from+tallyPerFrame; id++ {
		y.upTo = id + 1
		m := s.Message(id)
		counts := g == timeline.ByUnit
		switch g {
		case timeline.ByMessage:
			counts = m.Level == decoders.MessageLevel
		case timeline.ByExchange: // an exchange is complete with its response
			counts = m.Level == decoders.MessageLevel && m.Kind == decoders.Response && m.ReplyTo != timeline.NoMessage
		}
		if counts && (keep == nil || keep(id)) {
			y.ids = append(y.ids, id)
		}
	}
}

// clear starts anew, when other messages are shown.
func (y *tally) clear() { y.ids, y.upTo = y.ids[:0], 0 }

// complete reports that all messages so far have been looked at.
func (y *tally) complete(s *timeline.Snapshot) bool {
	_, end := s.MessageRange()
	return y.upTo >= end
}

// count is the number, from 1, of a message among those that count, or of the
// last before it, and how many there are.
func (y *tally) count(id timeline.MessageID) (n, of int) {
	n, _ = slices.BinarySearch(y.ids, id+1)
	return n, len(y.ids)
}
