// Package h2 is what one end of an HTTP/2 connection knows at a playhead: its
// streams, windows, settings and header tables, as a fold over the frames that
// it has sent and received. The rules are those of decoders/http2, whose state
// it steps; frames are read again from the stream's bytes.
package h2

import (
	"cmp"
	"slices"

	"netscope/decoders"
	"netscope/decoders/http2"
	"netscope/decoders/timeline"
)

// State is what one end knows.
type State struct {
	Conn   *http2.Conn
	Frames [2]int // by direction
	next   [2]int64
	peak   [2]int64 // largest window of the connection so far
}

// Fold folds one end of a connection. It is used with a Folder of the same
// End.
//
// What the end has sent counts from when it left, what the other has sent from
// when it arrived. If a packet is lost, its frames count from when they are
// sent again.
type Fold struct {
	End     timeline.End
	Source  timeline.ConvID // whose frames: the conversation itself, or the one inside it (decrypted)
	Midway  bool            // the capture starts in the middle of the connection
	Upgrade bool            // the connection was HTTP/1.1 before (RFC 7540 §3.2)
}

// Zero implements timeline.Fold.
func (f Fold) Zero() *State { return &State{Conn: http2.NewConn(f.Midway, f.Upgrade)} }

// Clone implements timeline.Fold.
func (f Fold) Clone(s *State) *State {
	c := *s
	c.Conn = s.Conn.Clone()
	return &c
}

// Apply implements timeline.Fold.
func (f Fold) Apply(s *State, snap *timeline.Snapshot, o timeline.Occurrence) *State {
	var ids []timeline.MessageID
	ids = append(append(ids, o.Opened...), o.Closed...)
	if len(ids) == 0 && !o.Received && f.End != timeline.OnWire && o.Row.Payload > 0 {
		ids = snap.PacketMessages(o.Packet)
	}
	var ms []timeline.Message
	for _, id := range ids {
		if m := snap.Message(id); m.Source == f.Source && m.Level == decoders.UnitLevel && m.Off >= s.next[m.Dir] {
			ms = append(ms, m)
		}
	}
	slices.SortStableFunc(ms, func(a, b timeline.Message) int { return cmp.Compare(a.Off, b.Off) })
	for i := range ms {
		s.frame(snap, &ms[i], o)
	}
	return s
}

// frame applies the frame of a unit, unless its end has yet to come.
func (s *State) frame(snap *timeline.Snapshot, m *timeline.Message, o timeline.Occurrence) {
	if m.Off < s.next[m.Dir] {
		return // it was both opened and closed here
	}
	kind, ok := decoders.Lookup(m.Fields, "http2.type")
	if !ok {
		if m.Name == "MAGIC" {
			s.next[m.Dir] = m.Off + m.Total
		}
		return
	}
	get := func(name string) int64 { kv, _ := decoders.Lookup(m.Fields, name); return kv.Int }
	fr := http2.Frame{Header: http2.Header{
		Length: int(get("http2.length")), Type: http2.Type(kind.Int), Flags: http2.Flags(get("http2.flags")), Stream: uint32(m.Stream),
	}}
	n := fr.Length
	if fr.Type == http2.Data {
		n = min(n, 1) // the length of the padding, if any
	} else if !m.Closed || !o.Received && m.Last > o.Packet {
		return
	}
	if s.next[m.Dir] > 0 && m.Off > s.next[m.Dir] {
		s.Conn.Lost(m.Dir)
	}
	if n > 0 && n <= maxPayload {
		fr.Payload, _ = snap.StreamBytes(m.Source, m.Dir, m.Off+m.HeadLen, n)
	}
	s.Conn.Apply(m.Dir, fr)
	for d := range s.peak {
		s.peak[d] = max(s.peak[d], s.Conn.Ends[d].Window)
	}
	s.Frames[m.Dir]++
	s.next[m.Dir] = m.Off + m.HeadLen + int64(fr.Length)
}

// maxPayload is the longest payload that is read.
const maxPayload = 1 << 20

// Find is the conversation with the frames of HTTP/2 among c and what is inside
// it, and whether it was HTTP/1.1 at first.
func Find(s *timeline.Snapshot, c timeline.ConvID) (source timeline.ConvID, upgrade, ok bool) {
	if c == timeline.NoConv {
		return c, false, false
	}
	for _, id := range s.ConvMessageRange(c, 0, 128) {
		m := s.Message(id)
		if m.Proto == "HTTP/2" {
			return m.Source, upgrade, true
		}
		upgrade = upgrade || m.Proto == "HTTP/1.1"
	}
	return timeline.NoConv, false, false
}
