package ladder

import (
	"net/netip"
	"slices"
	"strings"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// What is read of a timeline for one picture is bounded: so many moments back
// from the playhead, in steps, so that the picture stands still while the
// playhead moves.
const (
	chunk      = 64
	maxMoments = 6000
	maxConvs   = 64 // looked at to find out who the hosts are
	maxPicture = 6  // lifelines
)

// extractor reads an Input from a frame's timeline.
type extractor struct {
	s      *timeline.Snapshot
	f      *view.Frame
	hosts  []Host
	addrs  map[netip.Addr]int
	sides  bool // too many hosts: initiators at the left, responders at the right
	only   timeline.ConvID
	scroll int // rows, which cost more moments
	zoom   int // > 0: coarser, so that a row holds more moments
	nums   bool

	arrows  []Arrow
	delay   [2]timeline.Time // of the last packet that arrived, per direction: slope of a lost one
	groups  map[timeline.ConvID]bool
	earlier bool
}

// lifelines finds out which hosts to draw.
func (x *extractor) lifelines() {
	x.addrs = map[netip.Addr]int{}
	for i, h := range x.f.Subject.Hosts {
		lead := ""
		for _, a := range h.Addrs {
			ip, err := netip.ParseAddr(strings.SplitN(a, "/", 2)[0])
			if err == nil {
				x.addrs[ip.Unmap()] = i
			}
			if lead == "" {
				lead = a
			}
		}
		x.hosts = append(x.hosts, Host{h.Name, lead})
	}
	if len(x.hosts) >= 2 && x.only == timeline.NoConv {
		return
	}
	if x.only != timeline.NoConv {
		c := x.s.Conversation(x.only)
		x.setHosts(x.addresses(&c)...)
		return
	}
	var seen []netip.Addr
	n := x.s.Conversations()
	for i := range min(n, maxConvs) {
		c := x.s.Conversation(timeline.ConvID(i))
		for _, a := range x.addresses(&c) {
			if !slices.Contains(seen, a) {
				seen = append(seen, a)
			}
		}
	}
	if len(seen) > max(2, min(maxPicture, x.f.Width/24)) || n > maxConvs {
		x.sides = true
		x.hosts = []Host{{"initiators", "opened the connection"}, {"responders", "were called"}}
		return
	}
	x.setHosts(seen...)
}

func (x *extractor) setHosts(as ...netip.Addr) {
	x.hosts = nil
	clear(x.addrs)
	for _, a := range as {
		if _, ok := x.addrs[a.Unmap()]; ok {
			continue
		}
		x.addrs[a.Unmap()] = len(x.hosts)
		h := Host{Name: x.s.HostName(a), Addr: a.String()}
		if h.Name == "" {
			h.Name, h.Addr = h.Addr, ""
		}
		x.hosts = append(x.hosts, h)
	}
}

// addresses are where a conversation has been.
func (x *extractor) addresses(c *timeline.Conversation) []netip.Addr {
	out := []netip.Addr{c.A.Addr(), c.B.Addr()}
	for _, a := range x.s.Moves(c) {
		out = append(out, a.Addr())
	}
	return out
}

// ends are the lifelines of a packet of a conversation, or of a message that
// begins in it.
func (x *extractor) ends(c timeline.ConvID, id capture.PacketID, d decoders.Dir) (from, to int, ok bool) {
	if c == timeline.NoConv {
		return 0, 0, false
	}
	if x.sides {
		return int(d), int(d.Other()), true
	}
	v := x.s.Conversation(c)
	at, bt := x.s.PacketEnds(&v, id)
	a, ok1 := x.addrs[at.Addr().Unmap()]
	b, ok2 := x.addrs[bt.Addr().Unmap()]
	if d == decoders.BtoA {
		a, b = b, a
	}
	return a, b, ok1 && ok2 && a != b
}

// input reads what the picture needs.
func (x *extractor) input() Input {
	x.groups = map[timeline.ConvID]bool{}
	if x.f.Head.Granularity == timeline.ByPacket {
		x.packets()
	} else {
		x.messages()
	}
	in := Input{Hosts: x.hosts, Arrows: x.arrows, Now: x.f.Head.Time, Letters: x.lettered(), Earlier: x.earlier}
	return in
}

func (x *extractor) lettered() bool { return x.s.Conversations() > 1 && x.only == timeline.NoConv }

// from is the first moment that is read: a few chunks back.
func (x *extractor) from() timeline.Position {
	p := x.f.Head.Pos
	rows := max(x.f.Height, 24) + x.scroll
	back := timeline.Position(min(rows*4<<min(max(x.zoom, 0), 6), maxMoments))
	if p < back {
		return x.s.Oldest()
	}
	lo := max((p-back)/chunk*chunk, x.s.Oldest())
	x.earlier = lo > 0
	return lo
}

func (x *extractor) packets() {
	p := x.f.Head.Pos
	for i := x.from(); i < p; i++ {
		m := x.s.Moment(i)
		if m.Kind != timeline.Departs {
			continue
		}
		row := x.s.Packet(m.Packet)
		if a, ok := x.packet(m.Packet, &row, true); ok {
			x.arrows = append(x.arrows, a)
		}
	}
}

// packet makes an arrow of a packet that has left. full also names it.
func (x *extractor) packet(id capture.PacketID, row *timeline.PacketRow, full bool) (Arrow, bool) {
	if x.only != timeline.NoConv && row.Conv != x.only {
		return Arrow{}, false
	}
	from, to, ok := x.ends(row.Conv, id, row.Dir)
	if !ok {
		return Arrow{}, false
	}
	a := Arrow{ID: uint64(id), From: from, To: to, Out: row.At, In: row.Arrived, Group: int(row.Conv)}
	dir := row.Dir & 1
	if row.Arrived < 0 {
		a.Lost = true
		a.In = row.At + max(x.delay[dir], 1)
	} else {
		x.delay[dir] = row.Arrived - row.At
		a.Here = x.s.PacketAt(id, x.f.Head.Pos) == timeline.Arrived
		a.Done = a.Here
	}
	a.OutEnd, a.InEnd = a.Out, a.In
	a.Again = row.Analysis&(timeline.Retransmission|timeline.FastRetransmit|timeline.SpuriousRetrans) != 0
	a.Kind = kindOf(row)
	if x.f.Differs != nil {
		a.Mark = x.f.Differs.Packet(id).Kind.Glyph()
	}
	var msgs []timeline.MessageID
	if row.Payload > 0 {
		msgs = x.s.PacketMessages(id)
		if x.f.Conv == nil && x.f.Filter != nil && !slices.ContainsFunc(msgs, x.f.Filter) {
			return Arrow{}, false
		}
	} else if x.f.Conv == nil && x.f.Filter != nil {
		return Arrow{}, false
	}
	if full {
		x.name(&a, id, row, msgs)
	}
	return a, true
}

func kindOf(row *timeline.PacketRow) Kind {
	switch {
	case row.Transport == decoders.TCP && row.Flags&(timeline.SYN|timeline.FIN|timeline.RST) != 0 && row.Payload == 0:
		return Handshake
	case row.Transport == decoders.TCP && row.Payload == 0:
		if row.Analysis&timeline.Handshake != 0 {
			return Handshake
		}
		return Ack
	}
	return Data
}

// name writes the label of a packet's arrow.
func (x *extractor) name(a *Arrow, id capture.PacketID, row *timeline.PacketRow, msgs []timeline.MessageID) {
	switch a.Kind {
	case Handshake:
		a.Label = FlagWords(row.Flags)
	case Ack:
		a.Label, a.Unit = "ACK", "ACK"
	default:
		a.Label = "data " + view.FormatBytes(int64(row.Payload))
		if row.Transport == decoders.UDP {
			a.Label = "UDP " + view.FormatBytes(int64(row.Payload))
		}
		a.Unit = a.Label
		for _, m := range msgs {
			if b, _, _ := x.s.MessagePosition(m); b != timeline.Position(row.Depart)+1 {
				continue // it began earlier: no need to read it
			}
			v := x.s.Message(m)
			if v.First == id && v.Level == decoders.MessageLevel && v.Kind != decoders.EventKind {
				a.Kind, a.Unit = Request, ""
				if v.Kind == decoders.Response {
					a.Kind = Response
				}
				a.Label = Brief(&v) + " · " + view.FormatBytes(int64(row.Payload))
				break
			}
		}
		if row.Flags&timeline.FIN != 0 {
			a.Label, a.Unit = a.Label+" FIN", ""
		}
	}
	if x.nums && row.Transport == decoders.TCP {
		a.Label += " · seq " + view.FormatCount(int64(row.Seq)) + " ack " + view.FormatCount(int64(row.Ack))
	}
	if w := AnalysisWord(row.Analysis); w != "" {
		a.Unit = ""
		if a.Kind == Ack {
			a.Label = w + " " + view.FormatCount(int64(row.Ack))
		} else {
			a.Label += " · " + w
		}
	}
	if a.Lost {
		a.Unit = ""
	}
}

// FlagWords names the flags of a segment: "SYN ACK".
func FlagWords(f timeline.TCPFlags) string {
	words := make([]string, 0, 4)
	for _, w := range [...]struct {
		f timeline.TCPFlags
		s string
	}{{timeline.SYN, "SYN"}, {timeline.FIN, "FIN"}, {timeline.RST, "RST"}, {timeline.ACK, "ACK"}} {
		if f&w.f != 0 {
			words = append(words, w.s)
		}
	}
	return strings.Join(words, " ")
}

// AnalysisWord names the most important thing that a segment means.
func AnalysisWord(a timeline.Analysis) string {
	for _, w := range [...]struct {
		a timeline.Analysis
		s string
	}{
		{timeline.SpuriousRetrans, "needless retransmission"}, {timeline.FastRetransmit, "fast retransmission"},
		{timeline.Retransmission, "retransmission"}, {timeline.OutOfOrder, "out of order"},
		{timeline.DupAck, "dup ACK"}, {timeline.ZeroWindowProbe, "window probe"}, {timeline.KeepAlive, "keep-alive"},
		{timeline.KeepAliveAck, "keep-alive ACK"}, {timeline.ZeroWindow, "zero window"}, {timeline.WindowFull, "window full"},
		{timeline.WindowUpdate, "window update"}, {timeline.LostSegment, "before it: not captured"},
		{timeline.AckedUnseen, "ACK of what was not captured"}, {timeline.PortReused, "port used again"},
	} {
		if a&w.a != 0 {
			return w.s
		}
	}
	return ""
}

// Brief is a message's name in a few words: "GET /o1", "200 OK".
func Brief(m *timeline.Message) string {
	s := m.Summary
	if s == "" {
		s = m.Name
	}
	s, _, _ = strings.Cut(s, "  ")
	s = strings.TrimPrefix(s, m.Proto+" ")
	if i := strings.Index(s, " "+m.Proto); i > 0 && m.Proto != "" {
		s = s[:i] + s[i+1+len(m.Proto):]
	}
	return s
}
