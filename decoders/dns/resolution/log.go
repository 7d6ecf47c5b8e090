package resolution

import (
	"math"
	"net/netip"
	"sort"
	"strings"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/dns"
	"netscope/decoders/timeline"
)

// Msg is a DNS message on its way from one node to another. Indices are those
// of the [Log]; -1 is none.
type Msg struct {
	ID       timeline.MessageID // NoMessage: a datagram that was lost
	Packet   capture.PacketID   // the last one that carried it
	From, To int32              // nodes
	Sent     timeline.Time
	Arrived  timeline.Time     // < 0: never
	Begun    timeline.Position // it has left from here on
	Done     timeline.Position // … and arrived
	Query    bool
	Name     string // of the question: lower case, no final dot, "." for the root
	Type     uint16
	Summary  string
	Rcode    int
	Refers   string // the zone that a referral refers to (RFC 1034 §4.3.2)

	Of         int32 // the query that a response answers
	Reply      int32 // the response to a query
	Parent     int32 // the query that this one was sent to answer
	Resolution int32
	Stray      bool // a response that nobody accepted: nothing asked for it
	Again      bool // the same question was asked before, in vain

	id       uint16
	conv     timeline.ConvID
	mentions []string // names of servers and aliases in a response
}

// Lost reports whether it never arrived.
func (m *Msg) Lost() bool { return m.Arrived < 0 }

// Resolution is all that was sent to answer one question.
type Resolution struct {
	First int32   // the query with which it began
	Msgs  []int32 // as they were read
	Walk  bool    // whoever asked goes from server to server itself
}

// Log is the resolutions of a timeline. It grows with the timeline.
type Log struct {
	Msgs        []Msg
	Resolutions []Resolution
	Nodes       []Node
	Events      []Event // what resolvers said, in order

	byName  map[string]int32
	byID    map[timeline.MessageID]int32
	open    map[int32][]int32 // queries that a node has received, the last ones
	last    map[int32]int32   // a node's last resolution of its own
	wanted  map[string]string // names of servers → the zone that they have
	lost    capture.PacketID  // packets before it were looked at
	next    uint64
	notes   int
	seen    timeline.Position
	done    bool
	started bool
	more    bool // messages were left for the next time
}

// maxMsgs bounds what is kept of a timeline.
const maxMsgs = 1 << 19

// Read takes in what a snapshot has that was not read yet.
func (l *Log) Read(s *timeline.Snapshot) { l.some(s, math.MaxInt) }

// some takes in so many messages at most; what was lost, and notes, come with
// the last of them. It reports whether there are more.
func (l *Log) some(s *timeline.Snapshot, most int) (more bool) {
	if l.byName == nil {
		l.byName, l.byID = map[string]int32{}, map[timeline.MessageID]int32{}
		l.open, l.last, l.wanted = map[int32][]int32{}, map[int32]int32{}, map[string]string{}
	}
	if l.started && s.End() == l.seen && s.Done() == l.done && !l.more {
		return false
	}
	l.started, l.seen, l.done = true, s.End(), s.Done()
	var fresh []Msg
	var fields [][]decoders.KV
	ids, next, more := s.SomeCompletions(l.next, most)
	l.next, l.more = next, more
	for _, id := range ids {
		if m := s.Message(id); m.Proto == "DNS" && len(l.Msgs)+len(fresh) < maxMsgs {
			x := l.message(s, &m)
			fresh, fields = append(fresh, x), append(fields, m.Fields)
		}
	}
	n := len(fresh)
	if !more {
		fresh = l.losses(s, fresh)
	}
	order := make([]int, len(fresh))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return fresh[order[a]].Begun < fresh[order[b]].Begun })
	for _, i := range order {
		var kvs []decoders.KV
		if i < n {
			kvs = fields[i]
		}
		l.add(fresh[i], kvs, s)
	}
	if !more {
		l.readNotes(s)
	}
	return more
}

// message is a decoded message as it is kept.
func (l *Log) message(s *timeline.Snapshot, m *timeline.Message) Msg {
	c := s.Conversation(m.Conv)
	from, to := c.A, c.B
	if m.Dir == decoders.BtoA {
		from, to = to, from
	}
	begun, _, closed := s.MessagePosition(m.ID)
	x := Msg{ID: m.ID, conv: m.Conv, Packet: m.Last, From: l.node(s, from, from == c.B), To: l.node(s, to, to == c.B), Sent: m.Start, Arrived: m.End,
		Begun: begun, Done: closed, Query: m.Kind == decoders.Request, Summary: m.Summary, Of: -1, Reply: -1, Parent: -1, Resolution: -1}
	for i := range m.Fields {
		switch kv := &m.Fields[i]; kv.Name {
		case "dns.qry.name":
			if x.Name == "" {
				x.Name = canonical(kv.Str)
			}
		case "dns.qry.type":
			if x.Type == 0 {
				x.Type = uint16(kv.Int)
			}
		case "dns.id":
			x.id = uint16(kv.Int)
		case "dns.flags.rcode":
			x.Rcode = int(kv.Int)
		case "dns.flags.response":
			x.Query = kv.Int == 0
		}
	}
	if m.ReplyTo != timeline.NoMessage {
		if q, ok := l.byID[m.ReplyTo]; ok {
			x.Of = q
		} else {
			x.Of = -2 - int32(m.ReplyTo) // read in the same batch: resolved when it is added
		}
	}
	return x
}

func canonical(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if name == "" || name == "<root>" {
		return "."
	}
	return name
}

// losses adds the datagrams that never arrived: they belong to no message.
func (l *Log) losses(s *timeline.Snapshot, out []Msg) []Msg {
	first, end := s.PacketRange()
	for id := max(first, l.lost); id < end; id++ {
		row := s.Packet(id)
		if row.Arrived >= 0 || row.Transport != decoders.UDP || row.Conv == timeline.NoConv || row.Payload < 12 {
			continue
		}
		c := s.Conversation(row.Conv)
		b, err := s.PacketData(id)
		if c.A.Port() != 53 && c.B.Port() != 53 && c.Proto != "DNS" || err != nil || int(row.PayloadOff) >= len(b) {
			continue
		}
		m := dns.Parse(b[row.PayloadOff:])
		from, to := c.A, c.B
		if row.Dir == decoders.BtoA {
			from, to = to, from
		}
		at := s.DeparturePosition(id)
		x := Msg{ID: timeline.NoMessage, Packet: id, From: l.node(s, from, from == c.B), To: l.node(s, to, to == c.B), Sent: row.At, Arrived: -1,
			Begun: at, Done: at, Query: !m.Response(), Of: -1, Reply: -1, Parent: -1, Resolution: -1, Summary: "lost on its way"}
		if len(m.Questions) > 0 {
			x.Name, x.Type = canonical(m.Questions[0].Name.Text), m.Questions[0].Type
		}
		out = append(out, x)
	}
	l.lost = end
	return out
}

// node finds or makes the node of an address. On the loopback several share
// one: there the server is told from its clients.
func (l *Log) node(s *timeline.Snapshot, at netip.AddrPort, server bool) int32 {
	a := at.Addr().Unmap()
	host := s.HostName(a)
	key := host
	if key == "" {
		key = a.String()
	}
	if a.IsLoopback() && server {
		key = at.String()
	}
	n, ok := l.byName[key]
	if !ok {
		n = int32(len(l.Nodes))
		l.byName[key] = n
		l.Nodes = append(l.Nodes, Node{Host: host, Zone: zoneOfHost(host), Exact: zoneOfHost(host) != ""})
		if z := rootServer(a); z {
			l.Nodes[n].Zone, l.Nodes[n].Exact = ".", true
		}
	}
	l.Nodes[n].addr(a)
	if a.IsLoopback() && server && !ok && host == "" {
		l.Nodes[n].Server = at.String()
	}
	return n
}

// Index is the message of a timeline in the log, -1 none.
func (l *Log) Index(id timeline.MessageID) int32 {
	if i, ok := l.byID[id]; ok && id != timeline.NoMessage {
		return i
	}
	return -1
}
