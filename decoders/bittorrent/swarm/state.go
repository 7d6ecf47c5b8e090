package swarm

import (
	"math/bits"

	"netscope/decoders/timeline"
)

// State is the swarms at one place of the timeline. Connections and peers have
// the indices of the [Log]; those that have not appeared yet are absent or not
// Seen.
type State struct {
	Conns    []ConnState
	Nodes    []NodeState
	Torrents []TorrentState
	Hosts    []HostState   // indices of Log.Hosts
	At       timeline.Time // of the event folded last
	Count    int           // events folded

	TrackerOff bool // the tracker was stopped, as a note told
}

// TorrentState is what is known of a torrent.
type TorrentState struct {
	Pieces  int    // at least
	Exact   bool   // … and not more: a seed's bitfield was seen
	PieceOf uint32 // length of a piece as far as requests show, in bytes
	LastOf  uint32 // … and of the last one
	Told    bool   // a note has told all this
}

// ConnState is a connection: what each direction's sender says. The index is
// the direction of the message, so Choking[AtoB] is A choking B.
type ConnState struct {
	Seen       bool
	Ready      bool    // both handshakes have come
	Choking    [2]bool // at first true (BEP 3)
	Told       [2]bool // … and the sender has said so, one way or the other
	Interested [2]bool
	Optimistic [2]bool // the unchoke was the ranking's optimistic one
	Since      [2]timeline.Time
	Flow       [2]Rate  // content sent in this direction
	Pending    [2]int32 // requests sent in this direction without an answer
}

// NodeState is a peer.
type NodeState struct {
	Seen    bool
	Joined  timeline.Time
	Full    timeline.Time // when it had all pieces; -1 not yet
	Gone    bool          // it has told the tracker that it leaves
	Seed    bool          // it has said "have all", or had everything when it came
	Has     int           // pieces, if not Seed
	Have    []uint64      // bits, the lowest first; shared until written to
	got     []uint32      // bytes received of each piece
	shared  bool
	Flow    [2]Rate // 0: content sent, 1: content received
	Round   *Round  // its choker's last decision; nil unknown
	Tracker string  // last event told to the tracker
}

// Has reports whether a peer has a piece.
func (n *NodeState) HasPiece(i int) bool {
	return n.Seed || i>>6 < len(n.Have) && n.Have[i>>6]>>(i&63)&1 != 0
}

// Clone makes an independent copy; sets of pieces are copied when one of the
// two is written to.
func (s *State) Clone() *State {
	c := &State{At: s.At, Count: s.Count, TrackerOff: s.TrackerOff}
	c.Conns = append(c.Conns, s.Conns...)
	c.Torrents = append(c.Torrents, s.Torrents...)
	c.Hosts = append(c.Hosts, s.Hosts...)
	for i := range s.Nodes {
		s.Nodes[i].shared = true
	}
	c.Nodes = append(c.Nodes, s.Nodes...)
	return c
}

func (n *NodeState) own() {
	if n.shared {
		n.Have = append([]uint64(nil), n.Have...)
		n.got = append([]uint32(nil), n.got...)
		n.shared = false
	}
}

// maxPieces bounds what a hostile peer can make us keep.
const maxPieces = 1 << 20

func (n *NodeState) add(i int) {
	if n.Seed || i < 0 || i >= maxPieces || n.HasPiece(i) {
		return
	}
	n.own()
	for len(n.Have) <= i>>6 {
		n.Have = append(n.Have, 0)
	}
	n.Have[i>>6] |= 1 << (i & 63)
	n.Has++
}

// Apply folds one event in.
func (s *State) Apply(l *Log, e *Event) {
	s.At, s.Count = max(s.At, e.At), s.Count+1
	for len(s.Torrents) < len(l.Torrents) {
		s.Torrents = append(s.Torrents, TorrentState{})
	}
	n := s.node(e.Node, e)
	switch e.Kind {
	case Noted:
		s.tell(e.X.Told)
		return
	case Announced:
		n.Tracker, n.Gone = e.X.Event, e.X.Event == "stopped"
		if e.X.Left == 0 && !n.Seed && n.Has == 0 {
			n.Seed = true
		}
		return
	case Ranked:
		if n != nil && !(e.X.Round.Extra && n.Round != nil && len(e.X.Round.Peers) == 0) {
			n.Round = e.X.Round
		}
		return
	}
	for int(e.Conv) >= len(s.Conns) {
		s.Conns = append(s.Conns, ConnState{Choking: [2]bool{true, true}})
	}
	c, cn := &s.Conns[e.Conv], &l.Conns[e.Conv]
	other := s.node(s.far(cn, e), nil)
	if n == nil {
		return
	}
	n.Gone = false
	t := &s.Torrents[max(l.Nodes[e.Node].Torrent, 0)]
	d := e.Dir
	switch e.Kind {
	case Handshake:
		c.Ready = c.Seen
		c.Seen = true
	case Choke, Unchoke:
		c.Choking[d], c.Told[d], c.Since[d] = e.Kind == Choke, true, e.Sent
		c.Optimistic[d] = e.Kind == Unchoke && n.ranks(cn.Node[d.Other()]).Optimistic
		if e.Kind == Choke {
			c.Pending[d.Other()] = 0 // forgotten (BEP 3), or answered by rejects
		}
	case Interested, NotInterested:
		c.Interested[d] = e.Kind == Interested
	case Have:
		n.add(int(e.Index))
		t.grow(int(e.Index) + 1)
		s.full(l, e.Node, t, e)
	case Bitfield:
		s.bitfield(l, n, t, e)
	case HaveAll:
		n.Seed = true
		if n.Full < 0 {
			n.Full = e.At
		}
	case Request:
		c.Pending[d]++
		t.asked(e)
	case Cancel:
		c.Pending[d] = max(c.Pending[d]-1, 0)
	case Reject:
		c.Pending[d.Other()] = max(c.Pending[d.Other()]-1, 0)
	case Piece:
		c.Pending[d.Other()] = max(c.Pending[d.Other()]-1, 0)
		c.Flow[d].Add(e.At, int64(e.Length))
		n.Flow[0].Add(e.At, int64(e.Length))
		n.add(int(e.Index)) // who sends it has it
		if other != nil {
			other.Flow[1].Add(e.At, int64(e.Length))
			other.receive(e, t)
			s.full(l, s.far(cn, e), t, e)
		}
	}
	c.Seen = true
}

// far is who an event's message goes to.
func (s *State) far(c *Conn, e *Event) int32 { return c.Node[e.Dir.Other()] }

func (s *State) node(i int32, e *Event) *NodeState {
	if i < 0 {
		return nil
	}
	for int(i) >= len(s.Nodes) {
		s.Nodes = append(s.Nodes, NodeState{Full: -1})
	}
	n := &s.Nodes[i]
	if !n.Seen && e != nil {
		n.Seen, n.Joined = true, e.Sent
	}
	return n
}

// receive counts a block; a piece whose blocks have all come is there, whether
// the peer says so or not.
func (n *NodeState) receive(e *Event, t *TorrentState) {
	i := int(e.Index)
	if n.Seed || i >= maxPieces || n.HasPiece(i) {
		return
	}
	n.own()
	for len(n.got) <= i {
		n.got = append(n.got, 0)
	}
	n.got[i] += e.Length
	need := t.PieceOf
	if i == t.Pieces-1 && n.Has == i && t.LastOf > 0 {
		need = t.LastOf // it is shorter, and all others are there
	}
	if need > 0 && n.got[i] >= need {
		n.add(i)
	}
}

// bitfield replaces what a peer has.
func (s *State) bitfield(l *Log, n *NodeState, t *TorrentState, e *Event) {
	n.own()
	last := 0
	for i, b := range e.X.Bits {
		for b != 0 {
			k := bits.LeadingZeros8(b)
			b &^= 0x80 >> k
			last = 8*i + k + 1
			n.add(8*i + k)
		}
	}
	t.grow(last)
	t.grow(8*(len(e.X.Bits)-1) + 1)
	if last > 8*(len(e.X.Bits)-1) && n.Has == last {
		t.Exact = true
	}
	s.full(l, e.Node, t, e)
}

// full notes when a peer has everything.
func (s *State) full(l *Log, i int32, t *TorrentState, e *Event) {
	if n := &s.Nodes[i]; n.Full < 0 && !n.Seed && n.Has >= t.Pieces && t.Pieces > 0 && (t.Exact || s.anySeed(l, l.Nodes[i].Torrent, i)) {
		n.Full = e.At
	}
}

// anySeed reports whether another peer of a torrent says that it has all.
func (s *State) anySeed(l *Log, torrent, but int32) bool {
	for i := range s.Nodes {
		if int32(i) != but && l.Nodes[i].Torrent == torrent && s.Nodes[i].Seed {
			return true
		}
	}
	return false
}

// ranks is a peer's place in the last decision of n's choker.
func (n *NodeState) ranks(peer int32) Rank {
	if n.Round != nil && peer >= 0 {
		for _, r := range n.Round.Peers {
			if r.Node == peer {
				return r
			}
		}
	}
	return Rank{Node: -1}
}

// Rank is a peer's place in the last decision of n's choker; Node is -1 if it
// has none.
func (n *NodeState) Rank(peer int32) Rank { return n.ranks(peer) }

// Active reports whether a connection is up at a time.
func (c *Conn) Active(now timeline.Time) bool { return c.End < 0 || c.End > now }

// CountIn is how many of the pieces from lo up to hi a peer has.
func (n *NodeState) CountIn(lo, hi int) int {
	if n.Seed {
		return max(hi-lo, 0)
	}
	sum := 0
	for w := lo >> 6; w <= (hi-1)>>6 && w < len(n.Have); w++ {
		x := n.Have[w]
		if w == lo>>6 {
			x &= ^uint64(0) << (lo & 63)
		}
		if w == (hi-1)>>6 && hi&63 != 0 {
			x &= 1<<(hi&63) - 1
		}
		sum += bits.OnesCount64(x)
	}
	return sum
}

// PartlyIn reports whether a piece from lo up to hi has come in part.
func (n *NodeState) PartlyIn(lo, hi int) bool {
	for i := lo; i < min(hi, len(n.got)); i++ {
		if n.got[i] > 0 && !n.HasPiece(i) {
			return true
		}
	}
	return false
}

// Pieces is how many pieces a peer has, of all there are.
func (n *NodeState) Pieces(of int) int {
	if n.Seed {
		return of
	}
	return min(n.Has, of)
}

// Copies is how many peers have each of the first n pieces.
func (s *State) Copies(l *Log, torrent int32, n int, counts func(node int) bool) []int {
	out := make([]int, n)
	for i := range s.Nodes {
		x := &s.Nodes[i]
		if l.Nodes[i].Torrent != torrent || !counts(i) {
			continue
		}
		if x.Seed {
			for k := range out {
				out[k]++
			}
			continue
		}
		for w, v := range x.Have {
			for ; v != 0; v &= v - 1 {
				if k := w<<6 + bits.TrailingZeros64(v); k < n {
					out[k]++
				}
			}
		}
	}
	return out
}
