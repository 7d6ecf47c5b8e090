// Package h3 is what the ends of an HTTP/3 connection know of each other at a
// playhead: settings and the dynamic tables of QPACK. The rules are those of
// decoders/http3, whose state it steps.
package h3

import (
	"slices"
	"strconv"

	"netscope/decoders"
	"netscope/decoders/http3"
	"netscope/decoders/qpack"
	"netscope/decoders/timeline"
	"netscope/tui/state/line"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// State is what is known.
type State struct {
	Conn    http3.State
	GoAway  [2]int64         // last ID that was announced, plus 1; 0: none
	Kinds   map[int64]string // of unidirectional streams
	Blocked int              // sections that had to wait for the dynamic table
	Seen    bool             // there has been something of HTTP/3
}

// Clone copies a state.
func (s *State) Clone() State {
	c := *s
	c.Conn = s.Conn.Clone()
	if s.Kinds != nil {
		c.Kinds = map[int64]string{}
		for k, v := range s.Kinds {
			c.Kinds[k] = v
		}
	}
	return c
}

// Apply moves the state on by a unit of a stream.
func (s *State) Apply(d decoders.Dir, stream int64, m *timeline.Message) {
	s.Seen = true
	s.Conn.Apply(d, stream, m.Fields)
	for _, kv := range m.Fields {
		switch kv.Name {
		case "http3.stream_type":
			if s.Kinds == nil {
				s.Kinds = map[int64]string{}
			}
			if len(s.Kinds) < 256 {
				s.Kinds[stream] = streamKind(kv.Int)
			}
		case "http3.goaway_id":
			s.GoAway[d] = kv.Int + 1
		case "http3.qpack.blocked":
			s.Blocked++
		}
	}
}

// streamKind says what a unidirectional stream is for (RFC 9114 §6.2, RFC 9204
// §4.2).
func streamKind(t int64) string {
	switch t {
	case 0:
		return "control"
	case 1:
		return "push"
	case 2:
		return "QPACK encoder"
	case 3:
		return "QPACK decoder"
	}
	return "reserved"
}

// Lines describe what the end knows that sends in direction d.
func Lines(s *State, d decoders.Dir) []line.Line {
	if !s.Seen {
		return nil
	}
	out := []line.Line{{Kind: line.Head, Name: "HTTP/3 settings: own · other's"}}
	setting := func(id uint64, name, doc string, unset string) {
		say := func(set map[uint64]uint64) string {
			if set == nil {
				return "?"
			}
			if v, ok := set[id]; ok {
				return view.FormatCount(int64(min(v, 1<<62)))
			}
			return unset
		}
		out = append(out, line.Line{Name: name, Value: say(s.Conn.Settings[d]) + " · " + say(s.Conn.Settings[d.Other()]), Doc: doc})
	}
	setting(0x01, "table", "dynamic table, in bytes", "0")
	setting(0x07, "blocked", "streams that may wait", "0")
	setting(0x06, "section", "longest header section", "no limit")
	if n := s.Blocked; n > 0 {
		out = append(out, line.Line{Kind: line.Bad, Name: "waited", Value: strconv.Itoa(n) + " header sections", Doc: "for entries of the dynamic table"})
	}
	for _, g := range []struct {
		d    decoders.Dir
		what string
	}{{d, "says"}, {d.Other(), "hears"}} {
		if id := s.GoAway[g.d]; id > 0 {
			out = append(out, line.Line{Kind: line.Bad, Name: "GOAWAY", Value: g.what + " from " + strconv.FormatInt(id-1, 10) + " on", Doc: "these are not answered any more"})
		}
	}
	out = append(out, table("QPACK table, sends", &s.Conn.Tables[d], s.Conn.Waits[d])...)
	return append(out, table("QPACK table, receives", &s.Conn.Tables[d.Other()], s.Conn.Waits[d.Other()])...)
}

// table lists a dynamic table, the newest entry first, by absolute index.
func table(name string, t *qpack.Table, waits map[int64][]uint64) []line.Line {
	if t.Capacity == 0 && t.Inserted == 0 && !t.Partial {
		return []line.Line{{Kind: line.Head, Name: name}, {Kind: line.Remark, Name: "no dynamic table: only the static one is used"}}
	}
	out := []line.Line{{Kind: line.Head, Name: name}, {Kind: line.Gauge, Name: "size", Value: view.FormatBytes(int64(t.Size)),
		Doc:      "of " + view.FormatCount(int64(t.Capacity)) + ", " + strconv.Itoa(len(t.Entries)) + " entries",
		Fraction: float64(t.Size) / float64(max(t.Capacity, 1))}}
	if t.Inserted > 0 {
		out = append(out, line.Line{Name: "inserted", Value: view.FormatCount(int64(t.Inserted)) + ", " + view.FormatCount(int64(t.Known)) + " known", Doc: "to the decoder, as it has said"})
	}
	if len(waits) > 0 {
		var ids []int64
		for id := range waits {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		text := ""
		for i, id := range ids[:min(len(ids), 8)] {
			if i > 0 {
				text += ", "
			}
			text += strconv.FormatInt(id, 10)
		}
		if len(ids) > 8 {
			text += ", …"
		}
		out = append(out, line.Line{Name: "not acked", Value: "streams " + text, Doc: "sections that use the table"})
	}
	if t.Partial {
		out = append(out, line.Line{Kind: line.Remark, Name: "instructions have been missed: entries are not known"})
	}
	for i := len(t.Entries) - 1; i >= 0 && len(t.Entries)-i <= line.MaxListed; i-- {
		e := &t.Entries[i]
		out = append(out, line.Line{Name: strconv.FormatUint(e.Index, 10), Value: view.Clean(grid.Cut(e.Name+": "+e.Value, 120))})
	}
	return out
}
