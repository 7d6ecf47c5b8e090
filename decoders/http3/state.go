package http3

import (
	"maps"

	"netscope/decoders"
	"netscope/decoders/qpack"
)

// State is what the two sides of a connection know of each other at a moment:
// the settings and the dynamic tables of QPACK. It is plain data that can be
// copied with [State.Clone] and is moved on by [State.Apply] with the fields of
// one unit after the other.
type State struct {
	// Tables by the direction in which the encoder sends.
	Tables [2]qpack.Table
	// Settings by the direction in which they were sent; nil: none yet.
	Settings [2]map[uint64]uint64
	// Waits are the insert counts of sections that have not been acknowledged,
	// by the encoder's direction and stream.
	Waits [2]map[int64][]uint64
}

// Clone copies a state.
func (s *State) Clone() State {
	c := *s
	for d := range 2 {
		c.Tables[d] = s.Tables[d].Clone()
		c.Settings[d] = maps.Clone(s.Settings[d])
		c.Waits[d] = maps.Clone(s.Waits[d])
	}
	return c
}

// Apply moves a state on by a unit of this stream that was sent in direction d.
// Units of other protocols change nothing.
func (s *State) Apply(d decoders.Dir, stream int64, fields []decoders.KV) {
	get := func(name string) decoders.KV { kv, _ := decoders.Lookup(fields, name); return kv }
	if kv, ok := decoders.Lookup(fields, "qpack.instruction"); ok {
		s.instruction(d, qpack.Op(kv.Int), get)
		return
	}
	if kv, ok := decoders.Lookup(fields, "qpack.required_insert_count"); ok {
		w := s.Waits[d]
		if w == nil {
			w = map[int64][]uint64{}
			s.Waits[d] = w
		}
		if n := len(w[stream]); n < maxWaits && (n > 0 || len(w) < maxHalves) {
			w[stream] = append(w[stream][:n:n], uint64(kv.Int))
		}
		return
	}
	if kv, ok := decoders.Lookup(fields, "http3.frame_type"); !ok || kv.Int != frameSettings {
		return
	}
	set := map[uint64]uint64{}
	for i := 0; i+1 < len(fields); i++ {
		if fields[i].Name == "http3.settings.id" {
			set[uint64(fields[i].Int)] = uint64(fields[i+1].Int)
		}
	}
	s.Settings[d] = set
	limit(&s.Tables[d.Other()], set)
}

func (s *State) instruction(d decoders.Dir, op qpack.Op, get func(string) decoders.KV) {
	t, other := &s.Tables[d], &s.Tables[d.Other()]
	switch op {
	case qpack.SetCapacity:
		_ = t.Apply(&qpack.Instruction{Op: op, N: uint64(get("qpack.capacity").Int)})
	case qpack.InsertNameRef, qpack.InsertLiteral, qpack.Duplicate:
		f := qpack.Field{Name: get("qpack.name").Str, Value: get("qpack.value").Str}
		_ = t.Apply(&qpack.Instruction{Op: qpack.InsertLiteral, Field: f})
	case qpack.SectionAck, qpack.StreamCancel:
		id := get("qpack.stream").Int
		w := s.Waits[d.Other()]
		if op == qpack.SectionAck && len(w[id]) > 0 {
			_ = other.Acknowledge(qpack.Instruction{Op: op}, w[id][0])
			w[id] = w[id][1:]
		}
		if op == qpack.StreamCancel || len(w[id]) == 0 {
			delete(w, id)
		}
	case qpack.CountIncrement:
		_ = other.Acknowledge(qpack.Instruction{Op: op, N: uint64(get("qpack.increment").Int)}, 0)
	}
}
