package quic

import (
	"maps"
	"strings"

	"netscope/decoders"
)

// State is the flow control and the streams of a connection at a moment: plain
// data that can be copied with [State.Clone] and is moved on by [State.Apply]
// with the fields of one frame or handshake message after the other. Other units
// and messages change nothing.
type State struct {
	Client  decoders.Dir // the direction in which the client sends
	Streams map[int64]Stream
	// Sent and Limit are of all streams together, by the direction in which the
	// bytes go (RFC 9000 §4.1). A Limit of 0 is unknown.
	Sent, Limit [2]uint64
	// StreamLimit is how many streams may be opened in this direction,
	// bidirectional ones first (RFC 9000 §4.6). 0 is unknown.
	StreamLimit [2][2]uint64
	initial     [2]limits // by the endpoint that announced them, by its direction
	// Dropped says that there were more streams than are kept, so that Sent is
	// not to be trusted.
	Dropped bool
}

// limits are the initial limits of transport parameters (RFC 9000 §18.2).
type limits struct{ bidiLocal, bidiRemote, uni uint64 }

// Stream is one stream.
type Stream struct {
	ID   int64
	Half [2]Half // by the direction in which the bytes go
}

// Half is a direction of a stream.
type Half struct {
	State   HalfState
	Sent    uint64 // the largest offset seen
	Limit   uint64 // 0: unknown
	Blocked bool   // the sender has said that the limit stops it, and it has not been raised since
	Error   uint64 // of a reset
}

// HalfState is the state of a direction of a stream at its receiver (RFC 9000
// §3.2).
type HalfState uint8

// The states.
const (
	Idle      HalfState = iota // nothing has been sent
	Recv                       // bytes come
	SizeKnown                  // the end has come: the final size is known
	ResetRecvd
)

// String is the name of the state.
func (s HalfState) String() string {
	return [...]string{"Idle", "Recv", "Size Known", "Reset Recvd"}[s&3]
}

// maxState bounds the streams of a State.
const maxState = 8192

// Clone copies a state.
func (s *State) Clone() State {
	c := *s
	c.Streams = maps.Clone(s.Streams)
	return c
}

// Apply moves a state on by a frame or a handshake message that was sent in
// direction d. problem names the rule that it breaks, "" if none.
func (s *State) Apply(d decoders.Dir, fields []decoders.KV) (problem string) {
	num := func(name string) uint64 { kv, _ := decoders.Lookup(fields, name); return uint64(kv.Int) }
	if _, packet := decoders.Lookup(fields, "quic.header_form"); packet {
		return "" // its frames come one by one
	}
	kv, ok := decoders.Lookup(fields, "quic.frame_type")
	if !ok {
		s.params(d, fields)
		return ""
	}
	t := uint64(kv.Int)
	switch {
	case t&^7 == frameStream:
		fin := num("quic.stream.fin") != 0
		return s.sent(d, int64(num("quic.stream.stream_id")), num("quic.stream.offset")+num("quic.stream.length"), fin)
	case t == frameResetStream:
		id := int64(num("quic.rsts.stream_id"))
		problem = s.sent(d, id, num("quic.rsts.final_size"), true)
		s.change(id, d, func(h *Half) { h.State, h.Error = ResetRecvd, num("quic.rsts.application_error_code") })
	case t == frameMaxData:
		s.Limit[d.Other()] = max(s.Limit[d.Other()], num("quic.md.maximum_data"))
	case t == frameMaxStreamData:
		limit := num("quic.msd.maximum_stream_data")
		s.change(int64(num("quic.msd.stream_id")), d.Other(), func(h *Half) {
			if limit > h.Limit {
				h.Limit, h.Blocked = limit, false
			}
		})
	case t == frameMaxStreamsBidi, t == frameMaxStreamsUni:
		l := &s.StreamLimit[d.Other()][t-frameMaxStreamsBidi]
		*l = max(*l, num("quic.ms.max_streams"))
	case t == frameStreamBlocked:
		s.change(int64(num("quic.sdb.stream_id")), d, func(h *Half) { h.Blocked = true })
	}
	return problem
}

// sent notes that bytes of a stream up to an offset have been sent.
func (s *State) sent(d decoders.Dir, id int64, end uint64, fin bool) (problem string) {
	s.change(id, d, func(h *Half) {
		if h.State == Idle {
			h.State = Recv
		}
		if fin && h.State == Recv {
			h.State = SizeKnown
		}
		if end <= h.Sent {
			return
		}
		s.Sent[d] += end - h.Sent
		h.Sent = end
		if h.Limit > 0 && end > h.Limit {
			problem = "more bytes than the stream's limit allows (RFC 9000 §4.1)"
		}
	})
	if s.Limit[d] > 0 && s.Sent[d] > s.Limit[d] && problem == "" && !s.Dropped {
		problem = "more bytes than the connection's limit allows (RFC 9000 §4.1)"
	}
	return problem
}

func (s *State) change(id int64, d decoders.Dir, f func(*Half)) {
	st, ok := s.Streams[id]
	if !ok {
		st = s.begin(id)
	}
	f(&st.Half[d])
	s.Streams[id] = st
}

// begin makes a stream with the limits that the transport parameters set.
func (s *State) begin(id int64) Stream {
	if s.Streams == nil {
		s.Streams = map[int64]Stream{}
	}
	if len(s.Streams) >= maxState {
		s.Streams, s.Dropped = map[int64]Stream{}, true
	}
	st := Stream{ID: id}
	opener := s.Client
	if id&1 != 0 {
		opener = opener.Other()
	}
	for d := range st.Half {
		receiver := decoders.Dir(d).Other()
		l := s.initial[receiver]
		switch {
		case id&2 != 0:
			st.Half[d].Limit = l.uni
		case receiver == opener:
			st.Half[d].Limit = l.bidiLocal
		default:
			st.Half[d].Limit = l.bidiRemote
		}
	}
	return st
}

// params takes the limits of a ClientHello or EncryptedExtensions. They are what
// the other endpoint may send.
func (s *State) params(d decoders.Dir, fields []decoders.KV) {
	if kv, ok := decoders.Lookup(fields, "tls.handshake.type"); ok && kv.Int == clientHello {
		s.Client = d
	}
	for _, kv := range fields {
		v := uint64(kv.Int)
		switch strings.TrimPrefix(kv.Name, paramPrefix) {
		case "initial_max_data":
			s.Limit[d.Other()] = max(s.Limit[d.Other()], v)
		case "initial_max_streams_bidi":
			s.StreamLimit[d.Other()][0] = max(s.StreamLimit[d.Other()][0], v)
		case "initial_max_streams_uni":
			s.StreamLimit[d.Other()][1] = max(s.StreamLimit[d.Other()][1], v)
		case "initial_max_stream_data_bidi_local":
			s.initial[d].bidiLocal = v
		case "initial_max_stream_data_bidi_remote":
			s.initial[d].bidiRemote = v
		case "initial_max_stream_data_uni":
			s.initial[d].uni = v
		}
	}
}
