package hexdump

import (
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/fields"
)

// Tab is which bytes are shown.
type Tab uint8

// The tabs.
const (
	PacketTab Tab = iota
	StreamTab
	BodyTab
	tabs
)

// String is the tab's caption.
func (t Tab) String() string { return [...]string{"packet", "stream", "body"}[t%tabs] }

// maxBody is how much of a decoded body is shown.
const maxBody = 64 << 10

// source is what a tab shows at the playhead.
type source struct {
	end   int64 // offsets go from 0 to end
	note  string
	more  bool  // there is more than is shown
	own   Range // what belongs to the message; the rest is drawn faint
	lit   []Range
	nodes []fields.Node // fields whose spans lie in this space, moved by shift
	shift int64         // offset of a field's 0 in this space
	inner bool          // what was inside the stream on the wire: decrypted
	read  func(off int64, n int) []byte
	err   string
}

// load finds the bytes of a tab.
func load(f *view.Frame, tab Tab) source {
	s := source{own: Range{0, 1 << 62}}
	if f.Timeline == nil {
		s.err = "Nothing has been sent yet."
		return s
	}
	switch tab {
	case PacketTab:
		s.packet(f)
	case StreamTab:
		s.stream(f)
	default:
		s.body(f)
	}
	return s
}

func (s *source) packet(f *view.Frame) {
	if !f.Head.HasPkt {
		s.err = "No packet is selected."
		return
	}
	id := f.Head.Packet
	data, err := f.Timeline.PacketData(id)
	if err != nil {
		s.err = "The bytes of this packet cannot be read: " + err.Error()
		return
	}
	row := f.Timeline.Packet(id)
	s.end = int64(len(data))
	s.note = "packet " + view.FormatCount(int64(id)+1) + " · " + view.FormatBytes(int64(row.Length))
	if int(row.CapLen) < int(row.Length) {
		s.note += ", " + view.FormatBytes(int64(row.CapLen)) + " captured"
	}
	s.read = func(off int64, n int) []byte { return data[off:min(off+int64(n), int64(len(data)))] }
	if f.Explain != nil {
		s.nodes = fields.FromPacket(f.Explain.PacketTree(id))
	}
	ref := f.Head.Field
	switch {
	case ref.Len == 0:
	case ref.Packet:
		s.lit = []Range{{int64(ref.Off), int64(ref.Off + ref.Len)}}
	case f.Head.Message != timeline.NoMessage:
		m := f.Timeline.Message(f.Head.Message)
		for _, sp := range f.Timeline.StreamSpans(m.Source, m.Dir, m.Off+int64(ref.Off), int64(ref.Len)) {
			if sp.Packet == id && sp.PacketOff >= 0 {
				s.lit = append(s.lit, Range{int64(sp.PacketOff), int64(sp.PacketOff + sp.Len)})
			}
		}
	}
}

func (s *source) stream(f *view.Frame) {
	if f.Head.Message == timeline.NoMessage {
		s.err = "No message is selected: a stream is shown for messages."
		return
	}
	m := f.Timeline.Message(f.Head.Message)
	s.end = f.Timeline.Delivered(m.Source, m.Dir, f.Head.Pos)
	s.inner = m.Source != m.Conv
	c := f.Timeline.Conversation(m.Conv)
	from, to := c.A, c.B
	if m.Dir == 1 {
		from, to = to, from
	}
	s.note = from.String() + " → " + to.String() + " · " + view.FormatBytes(s.end)
	s.own = Range{m.Off, m.Off + m.Total}
	s.read = func(off int64, n int) []byte {
		b, err := f.Timeline.StreamBytes(m.Source, m.Dir, off, n)
		if err != nil {
			return nil
		}
		return b
	}
	s.shift = m.Off
	if f.Explain != nil {
		s.nodes = []fields.Node{fields.FromMessage(f.Explain.MessageTree(m.ID))}
	}
	if ref := f.Head.Field; !ref.Packet && ref.Len > 0 {
		s.lit = []Range{{m.Off + int64(ref.Off), m.Off + int64(ref.Off+ref.Len)}}
	}
}

func (s *source) body(f *view.Frame) {
	if f.Head.Message == timeline.NoMessage || f.Explain == nil {
		s.err = "No message is selected."
		return
	}
	m := f.Timeline.Message(f.Head.Message)
	if _, _, closed := f.Timeline.MessagePosition(m.ID); !m.Closed || closed > f.Head.Pos {
		s.err = "The body has not arrived in full yet; its bytes so far are in the stream."
		return
	}
	data, more, err := f.Explain.MessageBody(m.ID, maxBody)
	switch {
	case err != nil:
		s.err = "The body cannot be decoded: " + err.Error()
	case len(data) == 0:
		s.err = "This message has no body."
	}
	s.end, s.more = int64(len(data)), more
	s.note = "decoded · " + view.FormatBytes(s.end)
	if more {
		s.note = "decoded · the first " + view.FormatBytes(s.end)
	}
	s.read = func(off int64, n int) []byte { return data[off:min(off+int64(n), int64(len(data)))] }
}
