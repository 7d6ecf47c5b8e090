package quic

import (
	"slices"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Fold folds one end of a connection. It is used with a Folder of the same End.
// What the end has sent counts from when it left, what the other has sent from
// when it arrived.
type Fold struct {
	End timeline.End
}

// Zero implements timeline.Fold.
func (f Fold) Zero() *State { return &State{} }

// Clone implements timeline.Fold.
func (f Fold) Clone(s *State) *State { return s.clone() }

// Apply implements timeline.Fold.
func (f Fold) Apply(s *State, snap *timeline.Snapshot, o timeline.Occurrence) *State {
	ids := o.Opened
	if len(ids) == 0 && !o.Received && f.End != timeline.OnWire && o.Row.Payload > 0 {
		ids = snap.PacketMessages(o.Packet)
	}
	own := f.End == timeline.OnWire || !o.Received
	for _, id := range ids {
		m := snap.WireMessage(id)
		if m.First != o.Packet {
			continue // it had begun before
		}
		switch {
		case m.Proto == "HTTP/3":
			s.HTTP.Apply(m.Dir, m.Stream, &m)
		case m.Proto == "QUIC":
			s.unit(&m, o.At, own)
		}
	}
	return s
}

// unit applies a packet, a frame or a handshake message.
func (s *State) unit(m *timeline.Message, at timeline.Time, own bool) {
	if _, ok := decoders.Lookup(m.Fields, "quic.header_form"); ok {
		s.packet(m, at, own)
		return
	}
	s.Conn.Apply(m.Dir, m.Fields)
	for _, kv := range m.Fields {
		switch kv.Name {
		case "tls.handshake.ciphersuite":
			if m.Name == "Server Hello" {
				s.Suite = kv.Int
			}
		case "tls.handshake.extensions_alpn_str":
			if m.Name == "Encrypted Extensions" {
				s.ALPN = kv.Str
			}
		}
	}
	num := func(name string) int64 { kv, _ := decoders.Lookup(m.Fields, name); return kv.Int }
	str := func(name string) string { kv, _ := decoders.Lookup(m.Fields, name); return kv.Str }
	switch m.Name {
	case "ACK":
		s.ack(m, at)
	case "NEW_CONNECTION_ID":
		s.issue(m.Dir, str("quic.nci.connection_id"), num("quic.nci.sequence"))
		for i := range s.IDs[m.Dir] {
			if id := &s.IDs[m.Dir][i]; id.Seq >= 0 && id.Seq < num("quic.nci.retire_prior_to") {
				id.Retired = true
			}
		}
	case "RETIRE_CONNECTION_ID":
		for i := range s.IDs[m.Dir.Other()] {
			if id := &s.IDs[m.Dir.Other()][i]; id.Seq == num("quic.rci.sequence") {
				id.Retired = true
			}
		}
	case "CONNECTION_CLOSE":
		s.Closed = m.Summary
	}
}

// spaceOf is the packet number space of a packet, -1 if it has none.
func spaceOf(name string) int {
	switch name {
	case "Initial":
		return 0
	case "Handshake":
		return 1
	case "0-RTT", "1-RTT":
		return 2
	}
	return -1
}

// packet notes a packet's header.
func (s *State) packet(m *timeline.Message, at timeline.Time, own bool) {
	d := m.Dir
	get := func(name string) decoders.KV { kv, _ := decoders.Lookup(m.Fields, name); return kv }
	if v := get("quic.version"); v.Int != 0 {
		s.Version = uint32(v.Int)
	}
	if m.Name == "Retry" {
		s.Retry = true
	}
	s.Packets[d]++
	space := spaceOf(m.Name)
	n, open := decoders.Lookup(m.Fields, "quic.packet_number")
	if space < 0 || !open {
		if _, sealed := decoders.Lookup(m.Fields, "quic.encrypted"); sealed {
			s.Sealed++
		}
		return
	}
	if scid := get("quic.scid").Str; scid != "" {
		s.issue(d, scid, 0)
	}
	if dcid := get("quic.dcid").Str; dcid != s.Path[d] {
		if m.Name == "1-RTT" && s.Path[d] != "" && s.knows(d.Other(), s.Path[d]) {
			s.Moves++
		}
		s.Path[d] = dcid
	}
	if m.Name == "1-RTT" {
		s.Phase[d] = get("quic.key_phase").Int != 0
	}
	sp := &s.Spaces[d][space]
	if sp.Packets == 0 || n.Int > sp.Largest {
		sp.Largest = n.Int
	}
	sp.Packets++
	if s.owner == nil || len(s.owner) >= maxOwner {
		s.owner = map[timeline.MessageID]int{}
	}
	s.owner[m.ID] = space
	if own {
		if len(s.recent) >= maxRecent {
			s.recent = append(s.recent[:0], s.recent[maxRecent/2:]...)
		}
		s.recent = append(s.recent, departed{n.Int, space, d, at})
	}
}

// knows reports whether an end has given out a connection ID.
func (s *State) knows(issuer decoders.Dir, hex string) bool {
	return slices.ContainsFunc(s.IDs[issuer], func(id ID) bool { return id.Hex == hex })
}

// issue notes a connection ID that the sender of direction d has given out.
func (s *State) issue(d decoders.Dir, hex string, seq int64) {
	if s.knows(d, hex) {
		return
	}
	if len(s.IDs[d]) >= maxIDs {
		s.IDs[d] = slices.Delete(s.IDs[d], 0, 1)
	}
	s.IDs[d] = append(s.IDs[d], ID{Hex: hex, Seq: seq})
}

// ack applies an ACK frame (RFC 9000 §19.3): it speaks of packets that go the
// other way.
func (s *State) ack(m *timeline.Message, at timeline.Time) {
	space, ok := s.owner[m.PartOf]
	if !ok {
		return
	}
	d := m.Dir.Other()
	sp := &s.Spaces[d][space]
	acked := ranges(m.Fields)
	if len(acked) == 0 {
		return
	}
	largest := acked[0].Hi
	if len(sp.Acked) == 0 || largest > sp.Acked[0].Hi {
		for i := len(s.recent) - 1; i >= 0; i-- {
			if r := s.recent[i]; r.number == largest && r.space == space && r.dir == d {
				s.RTT = at - r.at
				break
			}
		}
	}
	if len(sp.Acked) > 0 && largest < sp.Acked[0].Hi {
		return // an older ACK, overtaken
	}
	sp.Acked = acked
	sp.Lost = slices.DeleteFunc(sp.Lost, func(n int64) bool { return in(acked, n) })
	for i := 1; i < len(acked); i++ {
		for n := acked[i-1].Lo - 1; n > acked[i].Hi && acked[i-1].Lo-n < 2*maxLost; n-- {
			if n <= largest-Threshold && !slices.Contains(sp.Lost, n) && len(sp.Lost) < maxLost {
				sp.Lost = append(sp.Lost, n)
			}
		}
	}
	slices.Sort(sp.Lost)
}

func in(list []Range, n int64) bool {
	return slices.ContainsFunc(list, func(r Range) bool { return n >= r.Lo && n <= r.Hi })
}

// ranges are the numbers that an ACK frame names, the largest first.
func ranges(fields []decoders.KV) (out []Range) {
	var low int64
	var gap int64
	for _, kv := range fields {
		switch kv.Name {
		case "quic.ack.largest_acknowledged":
			low = kv.Int
		case "quic.ack.first_ack_range":
			out = append(out, Range{low - kv.Int, low})
			low -= kv.Int
		case "quic.ack.gap":
			gap = kv.Int
		case "quic.ack.ack_range":
			hi := low - gap - 2
			low = hi - kv.Int
			out = append(out, Range{low, hi})
		}
	}
	return out
}
