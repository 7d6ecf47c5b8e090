// Package bits shows the message under the playhead as the table of the
// textbooks and RFCs: rows of 32 bits, each field as wide as it is, flags bit by
// bit, names label by label, and pointers as arrows to what they point to. What
// it draws is the same tree of fields that the other panes show, so that any
// protocol whose fields have spans gets its table.
//
// It must not know any protocol, nor hold any state of a message.
package bits

import (
	"charm.land/bubbles/v2/key"

	"netscope/capture"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/fields"
	"netscope/tui/view/grid"
)

// View is the table as a pane.
type View struct {
	g      grid.Grid
	of     source
	nodes  []fields.Node
	rows   []Row
	starts []int // line on which each row begins
	order  []*fields.Node
	jumps  []jump
	raw    []byte // the message's bytes
	packet []byte // the packet's
	top    int
	shown  view.FieldRef
}

// source names what is drawn.
type source struct {
	s      *timeline.Snapshot
	pkt    capture.PacketID
	hasPkt bool
	msg    timeline.MessageID
	byPkt  bool
	narrow bool
}

// maxBytes of a message are drawn.
const maxBytes = 64 << 10

// New makes the view.
func New() *View { return &View{} }

// Name implements view.View.
func (v *View) Name() string { return "bits" }

// Title implements view.View.
func (v *View) Title(f view.Frame) string {
	switch {
	case f.Timeline == nil:
		return "bits"
	case f.Head.Granularity != timeline.ByPacket && f.Head.Message != timeline.NoMessage:
		m := f.Timeline.Message(f.Head.Message)
		return "bits · " + view.Clean(m.Proto+" "+m.Name)
	case f.Head.HasPkt:
		return "bits · packet " + view.FormatCount(int64(f.Head.Packet)+1)
	}
	return "bits"
}

// Keys implements view.View.
func (v *View) Keys() []key.Binding {
	return []key.Binding{
		view.Bind("h l ← →", "field before, after", "h", "l", "left", "right"),
		view.Bind("j k ↓ ↑", "row below, above", "j", "k", "down", "up"),
		view.Bind("Enter", "to where the pointer leads", "enter"),
	}
}

// load makes the table of what is selected, once.
func (v *View) load(f *view.Frame) {
	h := &f.Head
	of := source{f.Timeline, h.Packet, h.HasPkt, h.Message, h.Granularity == timeline.ByPacket, place(f.Width).scale == 0}
	if of == v.of {
		return
	}
	if of.msg != v.of.msg || of.pkt != v.of.pkt || of.byPkt != v.of.byPkt {
		v.top, v.shown = 0, view.FieldRef{}
	}
	v.of, v.nodes, v.rows, v.raw, v.packet = of, nil, nil, nil, nil
	if f.Explain == nil || f.Timeline == nil {
		return
	}
	var packet, message []fields.Node
	if h.HasPkt {
		packet = fields.FromPacket(f.Explain.PacketTree(h.Packet))
		markBits(packet)
		v.packet, _ = f.Timeline.PacketData(h.Packet)
	}
	if h.Message != timeline.NoMessage {
		if n := fields.FromMessage(f.Explain.MessageTree(h.Message)); n.Label != "" || len(n.Children) > 0 {
			message = append(message, n)
		}
		if x, err := f.Timeline.Exposed(h.Message, maxBytes); err == nil {
			v.raw = x.Raw
		}
	}
	if of.byPkt {
		v.nodes = append(packet, message...)
	} else {
		v.nodes = append(message, packet...)
	}
	v.arrange(of.narrow)
}

// arrange lays the nodes out. On a narrow pane every field has a row.
func (v *View) arrange(narrow bool) {
	v.rows = Layout(v.nodes)
	if narrow {
		var rows []Row
		for _, r := range v.rows {
			if r.Kind != Words {
				rows = append(rows, r)
				continue
			}
			for _, c := range r.Cells {
				rows = append(rows, Row{Kind: Wide, Off: c.Node.Ref.Off, Node: c.Node, Cells: []Cell{c}})
			}
		}
		v.rows = rows
	}
	v.starts, v.order = v.starts[:0], v.order[:0]
	line := 0
	for i := range v.rows {
		v.starts = append(v.starts, line)
		line += v.height(i)
		if r := &v.rows[i]; r.Kind == Heading || r.Kind == Strip {
			if r.Node != nil {
				v.order = append(v.order, r.Node)
			}
		}
		for j := range v.rows[i].Cells {
			v.order = append(v.order, v.rows[i].Cells[j].Node)
		}
	}
	v.starts = append(v.starts, line)
	v.jumps = jumpsOf(v.rows)
}

// docRows is how many lines below the table say what the selected field is for.
func docRows(h int) int {
	switch {
	case h < 10:
		return 0
	case h < 30:
		return 3
	}
	return 4
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	v.load(&f)
	if len(v.rows) == 0 {
		return view.Sentence(f.Theme, "Nothing is selected. Press . to step to a packet or message.", f.Width, f.Height)
	}
	doc := docRows(f.Height)
	h := f.Height - doc
	if f.Head.Field != v.shown {
		v.shown = f.Head.Field
		v.reveal(v.rowOf(v.shown), h)
	}
	v.top = max(min(v.top, v.starts[len(v.rows)]-h), 0)
	g := place(f.Width)
	v.g.Reset(f.Width, f.Height)
	v.drawRows(&f, g, h)
	v.drawJumps(&f, g, h)
	if doc > 0 {
		v.doc(&f, h, doc)
	}
	return v.g.String()
}

// rowOf is the row with a field, or with the smallest one around it; -1 if there
// is none.
func (v *View) rowOf(ref view.FieldRef) int {
	if ref.Path == "" {
		return -1
	}
	near := -1
	for i := range v.rows {
		r := &v.rows[i]
		if r.Node != nil && r.Node.Ref == ref {
			return i
		}
		for j := range r.Cells {
			c := r.Cells[j].Node.Ref
			if c == ref {
				return i
			}
			if near < 0 && c.Packet == ref.Packet && ref.Off >= c.Off && ref.Off < c.Off+c.Len {
				near = i
			}
		}
	}
	return near
}

// reveal scrolls so that a row is seen.
func (v *View) reveal(row, h int) {
	if row < 0 {
		return
	}
	from, to := v.starts[row], v.starts[row+1]+1
	if from < v.top {
		v.top = from
	}
	if to > v.top+h {
		v.top = to - h
	}
}

// doc says what the selected field is for.
func (v *View) doc(f *view.Frame, y, rows int) {
	t := f.Theme
	v.g.HLine(0, y, f.Width, "─", t.Border)
	n := fields.Find(v.nodes, f.Head.Field)
	if n == nil {
		v.g.TextCut(1, y+1, "→ selects a field; x explains it.", f.Width-2, t.Dim)
		return
	}
	where := " " + view.FormatBytes(int64(n.Ref.Len)) + " from byte " + view.FormatCount(int64(n.Ref.Off)) + " "
	if n.Bits > 0 {
		where = " bits " + view.FormatCount(int64(n.Bit)) + " to " + view.FormatCount(int64(n.Bit+n.Bits-1)) + " from byte " + view.FormatCount(int64(n.Ref.Off)) + " "
		if n.Bits == 1 {
			where = " bit " + view.FormatCount(int64(n.Bit)) + " of byte " + view.FormatCount(int64(n.Ref.Off)) + " "
		}
	}
	if n.Ref.Len > 0 && view.Width(where)+4 < f.Width {
		v.g.TextRight(f.Width-1, y, where, t.Dim)
	}
	head := view.Clean(n.Label)
	if n.Value != "" {
		head += " " + view.Clean(n.Value)
	}
	x := v.g.TextCut(1, y+1, head, f.Width-2, t.Strong)
	text := view.Wrap(view.Clean(n.Doc), f.Width-2)
	if rows == 3 && x+view.Width(view.Clean(n.Doc))+3 < f.Width {
		v.g.Text(x+2, y+1, view.Clean(n.Doc), t.Text)
		return
	}
	for i, l := range text {
		if i+2 >= rows {
			break
		}
		v.g.TextCut(1, y+2+i, l, f.Width-2, t.Text)
	}
}
