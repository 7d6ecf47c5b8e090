package swarm

import (
	"encoding/hex"
	"math"
	"net/netip"
	"sort"

	"netscope/decoders"
	"netscope/decoders/bittorrent"
	"netscope/decoders/timeline"
)

// Log is what has happened to the swarms of a timeline, in order. It grows with
// the timeline and is never changed otherwise.
type Log struct {
	Events   []Event
	Conns    []Conn
	Nodes    []Node
	Torrents []string // info hashes in hexadecimal, "" if none was seen
	Hosts    []string // that notes speak of

	convs map[timeline.ConvID]int32
	ids   map[nodeKey]int32
	next  uint64
	last  timeline.NoteRow // of the notes that were read
	seen  timeline.Position
	done  bool
	more  bool // messages were left for the next time
}

// Conn is a connection between two peers.
type Conn struct {
	Conv    timeline.ConvID // whose stream it is
	Node    [2]int32        // the peers at A and at B, -1 unknown
	Torrent int32           // -1 unknown
	End     timeline.Time   // when it was over; -1: it is not
	Midway  bool            // its beginning was not captured
}

// Node is a peer: one program, over all its connections.
type Node struct {
	ID      string // peer ID in hexadecimal, "" unknown
	Torrent int32
	Client  string         // "Transmission 4.1.0", "" unknown
	Addr    netip.AddrPort // where it listens, or where it was seen
	Host    string         // name of its host, "" unknown
}

// Name is how a peer is called in sentences.
func (n *Node) Name() string {
	switch {
	case n.Host != "":
		return capital(n.Host)
	case n.Addr.IsValid() && n.Addr.Port() == 0:
		return n.Addr.Addr().String()
	case n.Addr.IsValid():
		return n.Addr.String()
	case n.Client != "":
		return n.Client
	}
	return "a peer"
}

func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

type nodeKey struct {
	torrent int32
	id      string
}

// maxNodes bounds how many peers are told apart.
const maxNodes = 1 << 14

// Read takes in what a snapshot has that was not read yet.
func (l *Log) Read(s *timeline.Snapshot) { l.some(s, math.MaxInt) }

// some takes in so many messages at most, and notes as far as those go. It
// reports whether there are more.
func (l *Log) some(s *timeline.Snapshot, most int) (more bool) {
	if l.convs == nil {
		l.convs, l.ids = map[timeline.ConvID]int32{}, map[nodeKey]int32{}
	}
	if s.End() == l.seen && s.Done() == l.done && len(l.Events) > 0 && !l.more {
		return false
	}
	l.seen, l.done = s.End(), s.Done()
	from := len(l.Events)
	ids, next, more := s.SomeCompletions(l.next, most)
	l.next, l.more = next, more
	upTo := s.End() + 1
	if more {
		_, _, upTo = s.MessagePosition(ids[len(ids)-1])
	}
	for _, id := range ids {
		m := s.Message(id)
		switch m.Proto {
		case bittorrent.Proto:
			l.peer(s, &m)
		case "BT-Tracker", "HTTP/1.1", "HTTP/1.0":
			l.announce(s, &m)
		}
	}
	for _, n := range l.newNotes(s, upTo) {
		e := Event{Sent: n.At, At: n.At, Pos: n.Position, Message: timeline.NoMessage, Conv: -1, Node: -1, Kind: Ranked}
		if n.At > s.TimeOf(e.Pos) { // between two moments: the later one has seen it
			e.Pos++
		}
		if r := parseRound(&n); r != nil {
			e.X = &Extra{Round: r}
			l.Events = append(l.Events, e)
		} else if x := l.told(&n); x != nil {
			e.Kind, e.X = Noted, &Extra{Told: x}
			l.Events = append(l.Events, e)
		}
	}
	l.resolve(from)
	fresh := l.Events[from:]
	sort.SliceStable(fresh, func(i, j int) bool {
		a, b := &fresh[i], &fresh[j]
		if a.Pos != b.Pos {
			return a.Pos < b.Pos
		}
		return a.Kind >= Ranked && b.Kind < Ranked
	})
	for i := range fresh { // never before what was folded already
		if j := from + i; j > 0 && l.Events[j].Pos < l.Events[j-1].Pos {
			l.Events[j].Pos = l.Events[j-1].Pos
		}
	}
	l.ends(s)
	return more
}

// newNotes are the notes behind the one that was read last, up to a position. Of an endless
// timeline the oldest are let go of, so that a count would not do.
func (l *Log) newNotes(s *timeline.Snapshot, upTo timeline.Position) []timeline.NoteRow {
	notes := s.Notes()
	i := len(notes)
	for ; i > 0; i-- {
		if n := &notes[i-1]; n.At == l.last.At && n.Position == l.last.Position && n.Host == l.last.Host && n.Name == l.last.Name && n.Summary == l.last.Summary {
			break
		}
	}
	end := i
	for end < len(notes) && notes[end].Position <= upTo {
		end++
	}
	if end > 0 {
		l.last = notes[end-1]
	}
	return notes[i:end]
}

// ends notes which connections are over.
func (l *Log) ends(s *timeline.Snapshot) {
	for i := range l.Conns {
		if c := &l.Conns[i]; c.End < 0 {
			if v := s.Conversation(c.Conv); v.Transport == decoders.TCP && (v.State == timeline.ConvClosed || v.State == timeline.ConvReset) {
				c.End = v.End
			}
		}
	}
}

func number(m *timeline.Message, name string) int64 {
	kv, _ := decoders.Lookup(m.Fields, name)
	return kv.Int
}

func str(m *timeline.Message, name string) string {
	kv, _ := decoders.Lookup(m.Fields, name)
	return kv.Str
}

// peer takes a message of the peer wire protocol.
func (l *Log) peer(s *timeline.Snapshot, m *timeline.Message) {
	k, ok := kindOf(m.Name)
	if m.Name == "extended handshake" && !ok {
		l.listens(m)
		return
	}
	if !ok {
		return
	}
	c, ok := l.convs[m.Source]
	if !ok {
		v := s.Conversation(m.Source)
		c = int32(len(l.Conns))
		l.convs[m.Source] = c
		l.Conns = append(l.Conns, Conn{Conv: m.Source, Node: [2]int32{-1, -1}, Torrent: -1, End: -1, Midway: v.Midway})
	}
	cn := &l.Conns[c]
	if k == Handshake {
		cn.Torrent = l.torrent(str(m, "bittorrent.info_hash"))
		cn.Node[m.Dir] = l.node(s, cn, m.Dir, str(m, "bittorrent.peer_id"))
	}
	for d := range cn.Node {
		// Without a handshake a side is known by its address only.
		if cn.Node[d] < 0 && k != Handshake && (decoders.Dir(d) == m.Dir || k != Bitfield && k != HaveAll && k != HaveNone) {
			cn.Node[d] = l.node(s, cn, decoders.Dir(d), "")
		}
	}
	_, _, pos := s.MessagePosition(m.ID)
	e := Event{Sent: m.Start, At: m.End, Pos: pos, Message: m.ID, Conv: c, Node: cn.Node[m.Dir], Kind: k, Dir: m.Dir,
		Index: uint32(number(m, "bittorrent.piece.index")), Begin: uint32(number(m, "bittorrent.piece.begin")), Length: uint32(number(m, "bittorrent.piece.length"))}
	if k == Bitfield {
		b, err := hex.DecodeString(str(m, "bittorrent.msg.bitfield"))
		if err != nil {
			return
		}
		e.X = &Extra{Bits: b}
	}
	l.Events = append(l.Events, e)
}

// listens takes the port of an extended handshake.
func (l *Log) listens(m *timeline.Message) {
	c, ok := l.convs[m.Source]
	port := number(m, "bittorrent.listen_port")
	if !ok || port == 0 || m.Dir != decoders.AtoB {
		return
	}
	if n := l.Conns[c].Node[m.Dir]; n >= 0 {
		l.Nodes[n].Addr = netip.AddrPortFrom(l.Nodes[n].Addr.Addr(), uint16(port))
	}
}

func (l *Log) torrent(hash string) int32 {
	for i, h := range l.Torrents {
		if h == hash {
			return int32(i)
		}
	}
	if len(l.Torrents) >= 1<<10 {
		return 0
	}
	l.Torrents = append(l.Torrents, hash)
	return int32(len(l.Torrents) - 1)
}

// node finds or makes the peer at one side of a connection: by its peer ID, or
// without one by its address.
func (l *Log) node(s *timeline.Snapshot, c *Conn, d decoders.Dir, id string) int32 {
	v := s.Conversation(c.Conv)
	addr := v.A
	if d == decoders.BtoA {
		addr = v.B
	}
	if c.Torrent < 0 {
		c.Torrent = l.torrent("")
	}
	key := nodeKey{c.Torrent, id}
	if id == "" {
		key.id = addr.Addr().String() // a port may be one of many
		if addr.Addr().IsLoopback() {
			key.id = addr.String()
		}
	}
	if d == decoders.AtoB {
		addr = netip.AddrPortFrom(addr.Addr(), 0) // not where it listens
	}
	n, ok := l.ids[key]
	if !ok {
		if len(l.Nodes) >= maxNodes {
			return -1
		}
		n = int32(len(l.Nodes))
		l.ids[key] = n
		x := Node{ID: id, Torrent: c.Torrent, Addr: addr, Host: s.HostName(addr.Addr())}
		if raw, err := hex.DecodeString(id); err == nil && len(raw) == 20 {
			x.Client = bittorrent.Client(string(raw))
		}
		l.Nodes = append(l.Nodes, x)
	} else if addr.Port() != 0 {
		l.Nodes[n].Addr = addr
	}
	return n
}

// announce takes what a peer tells a tracker.
func (l *Log) announce(s *timeline.Snapshot, m *timeline.Message) {
	id := str(m, "bittorrent.peer_id")
	if m.Kind != decoders.Request || id == "" {
		return
	}
	t := l.torrent(str(m, "bittorrent.info_hash"))
	v := s.Conversation(m.Conv)
	from := v.A
	if m.Dir == decoders.BtoA {
		from = v.B
	}
	addr := netip.AddrPortFrom(from.Addr(), uint16(number(m, "bt-tracker.port")))
	n, ok := l.ids[nodeKey{t, id}]
	if !ok && len(l.Nodes) < maxNodes {
		n = int32(len(l.Nodes))
		l.ids[nodeKey{t, id}] = n
		raw, _ := hex.DecodeString(id)
		l.Nodes = append(l.Nodes, Node{ID: id, Torrent: t, Client: bittorrent.Client(string(raw)), Host: s.HostName(addr.Addr())})
	}
	l.Nodes[n].Addr = addr
	_, _, pos := s.MessagePosition(m.ID)
	l.Events = append(l.Events, Event{Sent: m.Start, At: m.End, Pos: pos, Message: m.ID, Conv: -1, Node: n, Kind: Announced,
		X: &Extra{Event: str(m, "bt-tracker.event"), Left: number(m, "bt-tracker.left")}})
}

// resolve finds the peers that new notes speak of.
func (l *Log) resolve(from int) {
	for i := from; i < len(l.Events); i++ {
		e := &l.Events[i]
		if e.Kind != Ranked {
			continue
		}
		r := e.X.Round
		e.Node = l.byHost(r.Host)
		for k := range r.Peers {
			p := &r.Peers[k]
			p.Node = l.byID(p.ID, p.Listen, p.Addr)
		}
	}
}

func (l *Log) byHost(host string) int32 {
	for i := range l.Nodes {
		if l.Nodes[i].Host == host && host != "" {
			return int32(i)
		}
	}
	return -1
}

func (l *Log) byID(id string, addrs ...string) int32 {
	for i := range l.Nodes {
		if l.Nodes[i].ID == id && id != "" {
			return int32(i)
		}
	}
	for _, a := range addrs {
		for i := range l.Nodes {
			if a != "" && l.Nodes[i].Addr.String() == a {
				return int32(i)
			}
		}
	}
	return -1
}
