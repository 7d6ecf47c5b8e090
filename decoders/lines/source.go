package lines

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"netscope/decoders/timeline"
)

// Source is one timeline to be written: a file, or one variant of a lab.
type Source struct {
	Snap    *timeline.Snapshot
	Variant string                        // of a lab
	Epoch   time.Time                     // times are counted from here; zero: the timeline's own
	Base    int64                         // added to the numbers of messages
	PktBase int64                         // added to the numbers of packets
	Keep    func(timeline.MessageID) bool // nil: everything
}

func (s Source) time(t timeline.Time) Seconds {
	if s.Epoch.IsZero() {
		return Seconds(t)
	}
	return Seconds(t) + Seconds(s.Snap.Epoch().Sub(s.Epoch))
}

func (s Source) number(id timeline.MessageID) *int64 {
	if id == timeline.NoMessage {
		return nil
	}
	n := int64(id) + 1 + s.Base
	return &n
}

// host is the name of a conversation's end, or its address.
func (s Source) host(a netip.Addr) string {
	if n := s.Snap.HostName(a); n != "" {
		return n
	}
	return a.String()
}

// Ordered are the messages and units that are complete and to be kept, ordered
// by their ends. The timeline has them in the order in which they became known,
// which differs where time stamps go back, or where a decoder had to wait.
func (s Source) Ordered() []timeline.MessageID {
	ids, _ := s.Snap.Completions(0)
	if s.Keep != nil {
		ids = slices.DeleteFunc(ids, func(id timeline.MessageID) bool { return !s.Keep(id) })
	}
	byEnd := func(a, b timeline.MessageID) int { return cmp.Compare(s.Snap.MessageEnd(a), s.Snap.MessageEnd(b)) }
	if !slices.IsSortedFunc(ids, byEnd) {
		slices.SortStableFunc(ids, byEnd)
	}
	return ids
}
