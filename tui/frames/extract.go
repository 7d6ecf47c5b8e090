package frames

import (
	"cmp"
	"slices"
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Bounds of what is looked at.
const (
	maxBlocks = 20_000 // frames of a connection
	maxLanes  = 2_000
	before    = 6_000 // messages before the playhead, when there are more
)

// extractor reads an Input from snapshots of one connection. It keeps what
// cannot change any more.
type extractor struct {
	in     Input
	conv   timeline.ConvID
	key    [3]int64
	next   timeline.MessageID
	from   timeline.MessageID
	seen   timeline.Position // End of the snapshot that was read last
	packs  uint64
	lane   map[int64]int
	open   []int   // frames whose end has not come
	known  []Block // in order of opening
	titles map[int64]title
	wire   wire
}

type title struct {
	text  string
	named timeline.Position
	size  int64
}

// read brings the input up to a snapshot. anchor is a message near which
// frames are wanted.
func (x *extractor) read(s *timeline.Snapshot, c timeline.ConvID, anchor timeline.MessageID) *Input {
	cv := s.Conversation(c)
	key := [3]int64{int64(cv.Start), int64(cv.First), s.Epoch().UnixNano()}
	first, end := s.MessageRange()
	lost := x.lane != nil && anchor != timeline.NoMessage && (anchor < x.from || anchor >= x.next && x.next < end && len(x.known) >= maxBlocks)
	if x.lane == nil || c != x.conv || key != x.key || s.End() < x.seen || lost {
		*x = extractor{conv: c, key: key, lane: map[int64]int{}, titles: map[int64]title{}}
		x.in.TCP = cv.Transport == decoders.TCP && cv.Parent == timeline.NoConv
		x.next = first
		if cv.Messages > maxBlocks && anchor != timeline.NoMessage {
			x.next = max(first, anchor-min(anchor, before))
			x.wire.next = s.WireMessage(x.next).First
		}
		x.from = x.next
	} else if s.End() == x.seen && x.packs == uint64(end) {
		return &x.in
	}
	x.seen, x.packs = s.End(), uint64(end)
	if x.in.TCP {
		x.wire.read(s, c)
	}
	x.refresh(s)
	for len(x.known) < maxBlocks {
		ids := s.ConvMessageRange(c, x.next, 2048)
		for _, id := range ids {
			x.add(s, id)
			x.next = id + 1
		}
		if len(ids) == 0 {
			break
		}
	}
	x.arrange(s)
	return &x.in
}

// refresh reads again what was not complete.
func (x *extractor) refresh(s *timeline.Snapshot) {
	still := x.open[:0]
	for _, i := range x.open {
		b := &x.known[i]
		m := s.WireMessage(b.ID)
		x.fill(s, b, &m)
		if !b.closed {
			still = append(still, i)
		}
	}
	x.open = still
}

// add takes in a message or unit.
func (x *extractor) add(s *timeline.Snapshot, id timeline.MessageID) {
	m := s.WireMessage(id)
	if m.Stream < 0 || m.Source != x.conv {
		return
	}
	if m.Level == decoders.MessageLevel {
		x.name(s, &m)
		return
	}
	i, ok := x.lane[m.Stream]
	if !ok {
		if len(x.in.Lanes) >= maxLanes {
			return
		}
		i = len(x.in.Lanes)
		x.lane[m.Stream] = i
		x.in.Lanes = append(x.in.Lanes, Lane{Stream: m.Stream})
	}
	l := &x.in.Lanes[i]
	l.carries = l.carries || m.PartOf != timeline.NoMessage && m.Name != "STREAM"
	b := Block{ID: id, Lane: i, Part: m.PartOf}
	x.fill(s, &b, &m)
	x.known = append(x.known, b)
	if !b.closed {
		x.open = append(x.open, len(x.known)-1)
	}
}

// name keeps what a request or response says of its stream.
func (x *extractor) name(s *timeline.Snapshot, m *timeline.Message) {
	t := x.titles[m.Stream]
	if m.Kind == decoders.Request && t.text == "" {
		t.text = strings.TrimSpace(strings.Replace(m.Summary, m.Proto, "", 1))
		_, t.named, _ = s.MessagePosition(m.ID)
	}
	if m.Kind == decoders.Response {
		t.size = size(m)
	}
	x.titles[m.Stream] = t
}

func (x *extractor) fill(s *timeline.Snapshot, b *Block, m *timeline.Message) {
	b.Dir, b.Name, b.Letter = m.Dir, m.Name, letter(m.Name)
	b.Total, b.HeadLen, b.Off, b.Content = m.Total, m.HeadLen, m.Off, content(m)
	if b.Carrier = m.Name == "STREAM"; b.Carrier {
		if kv, ok := decoders.Lookup(m.Fields, "quic.stream.offset"); ok {
			b.At, b.N = kv.Int, m.Len
		}
	}
	b.Ends, b.Resets = ends(m), m.Name == "RST_STREAM" || m.Name == "RESET_STREAM"
	b.Begun, _, b.Closed = s.MessagePosition(m.ID)
	b.closed, b.Head, b.Arrive = m.Closed, m.HeadAt, -1
	b.Left = [2]timeline.Time{m.Start, m.Start}
	if m.Closed {
		b.Arrive = m.End
		b.Left[1] = s.Packet(m.Last).At
	}
	if !x.in.TCP {
		return
	}
	if t, ok := x.wire.left(m.Dir, m.Off, false); ok {
		b.Left[0] = t
	}
	if m.Total <= 0 {
		return
	}
	if t, ok := x.wire.left(m.Dir, m.Off+m.Total, true); ok {
		b.Left[1] = max(t, b.Left[0])
	}
	if !m.Closed {
		return
	}
	if sp := s.StreamSpans(m.Source, m.Dir, m.Off+m.Total-1, 1); len(sp) == 1 && sp[0].Packet != m.Last {
		if r := s.Packet(sp[0].Packet); r.Arrived >= 0 && r.Arrived < m.End {
			b.Held, b.Hole = r.Arrived, m.Last
		}
	}
}

// arrange orders the frames by when they left and gives them to their lanes.
func (x *extractor) arrange(s *timeline.Snapshot) {
	in := &x.in
	in.Blocks = append(in.Blocks[:0], x.known...)
	slices.SortStableFunc(in.Blocks, func(a, b Block) int { return cmp.Compare(a.Left[0], b.Left[0]) })
	for i := range in.Lanes {
		l := &in.Lanes[i]
		l.Blocks, l.sum, l.Begun = l.Blocks[:0], [2]int64{}, s.End()+1
		t := x.titles[l.Stream]
		l.Title, l.Named, l.Size = view1(t.text), t.named, t.size
	}
	in.Longest, in.Nested = 0, false
	carriers := 0
	for i := range in.Blocks {
		if in.Blocks[i].Carrier {
			carriers++
		} else if in.Blocks[i].Part != timeline.NoMessage {
			in.Nested = true
		}
	}
	in.Nested = in.Nested && carriers > 0
	for i := range in.Blocks {
		b := &in.Blocks[i]
		l := &in.Lanes[b.Lane]
		l.Blocks = append(l.Blocks, i)
		if in.Nested && b.Carrier {
			b.Content = 0 // what it carries is counted
		}
		l.sum[b.Dir] += b.Content
		l.Begun = min(l.Begun, b.Begun)
		in.Longest = max(in.Longest, b.Total)
		if i == 0 {
			in.From, in.To = b.Left[0], b.Left[1]
		}
		in.From, in.To = min(in.From, b.Left[0]), max(in.To, b.Left[1], b.Arrive)
	}
	n := 0
	for i := range in.Lanes {
		l := &in.Lanes[i]
		in.stalls(l)
		l.Content = decoders.BtoA
		if l.sum[decoders.AtoB] > l.sum[decoders.BtoA] {
			l.Content = decoders.AtoB
		}
		if l.carries || !in.Nested && l.sum != [2]int64{} {
			l.Letter, l.Series = letters(n), n
			n++
		}
	}
}
