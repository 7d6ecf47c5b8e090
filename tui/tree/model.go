package tree

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/capture"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/fields"
	"netscope/tui/view/grid"
)

// View is the tree as a pane.
type View struct {
	folding Folding
	list    view.List
	shown   view.FieldRef // selection at the last frame

	g     grid.Grid
	of    source // what nodes were made of
	nodes []fields.Node
	rows  []Row
}

// source names what a tree shows.
type source struct {
	s      *timeline.Snapshot
	pkt    capture.PacketID
	hasPkt bool
	msg    timeline.MessageID
	byPkt  bool
	done   bool // a partial message's tree grows
}

// New makes the view.
func New() *View { return &View{folding: Folding{}} }

// Name implements view.View.
func (v *View) Name() string { return "fields" }

// Title implements view.View.
func (v *View) Title(f view.Frame) string {
	switch {
	case f.Timeline == nil:
		return "fields"
	case f.Head.Granularity != timeline.ByPacket && f.Head.Message != timeline.NoMessage:
		m := f.Timeline.Message(f.Head.Message)
		return "fields · " + view.Clean(m.Proto+" "+m.Name)
	case f.Head.HasPkt:
		return "fields · packet " + view.FormatCount(int64(f.Head.Packet)+1)
	}
	return "fields"
}

// Keys implements view.View.
func (v *View) Keys() []key.Binding {
	return []key.Binding{
		view.Bind("h ←", "fold, or to the field around", "h", "left"),
		view.Bind("l →", "unfold, or to the first field inside", "l", "right"),
		view.Bind("Enter", "fold, unfold", "enter"),
		view.Bind("*", "unfold everything", "*"),
	}
}

// load makes the trees of what is selected, once.
func (v *View) load(f *view.Frame) {
	h := &f.Head
	of := source{f.Timeline, h.Packet, h.HasPkt, h.Message, h.Granularity == timeline.ByPacket, false}
	if of == v.of && v.rows != nil {
		return
	}
	v.of = of
	v.nodes = nil
	if f.Explain == nil || f.Timeline == nil {
		return
	}
	var packet, message []fields.Node
	if h.HasPkt {
		packet = fields.FromPacket(f.Explain.PacketTree(h.Packet))
	}
	if h.Message != timeline.NoMessage {
		if n := fields.FromMessage(f.Explain.MessageTree(h.Message)); n.Label != "" || len(n.Children) > 0 {
			message = append(message, n)
		}
	}
	if of.byPkt {
		v.nodes = append(packet, message...)
	} else {
		v.nodes = append(message, packet...)
	}
	v.rows = Rows(v.nodes, v.folding)
}

// docRows is how many lines below the tree say what the selected field is for.
func docRows(h int) int {
	switch {
	case h < 12:
		return 0
	case h < 20:
		return 2
	}
	return 3
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	v.load(&f)
	if len(v.nodes) == 0 {
		return view.Sentence(f.Theme, "Nothing is selected. Press . to step to a packet or message.", f.Width, f.Height)
	}
	if f.Head.Field != v.shown {
		v.shown = f.Head.Field
		if v.shown.Path != "" && v.folding.Reveal(v.nodes, v.shown) {
			v.rows = Rows(v.nodes, v.folding)
		}
	}
	doc := docRows(f.Height)
	h := f.Height - doc
	sel := index(v.rows, f.Head.Field)
	if sel != v.list.Sel {
		v.list.Select(sel, len(v.rows), h)
	}
	v.list.Clamp(len(v.rows), h, false)
	v.g.Reset(f.Width, f.Height)
	for y := range h {
		if i := v.list.Top + y; i < len(v.rows) {
			v.row(&f, &v.rows[i], y)
			if i == sel {
				v.g.Fill(0, y, f.Width, 1, f.Theme.Selected(f.Focused))
			}
		}
	}
	if doc > 0 && sel >= 0 {
		v.doc(&f, v.rows[sel].Node, h, doc)
	}
	return v.g.String()
}

func (v *View) row(f *view.Frame, r *Row, y int) {
	t, n := f.Theme, r.Node
	x := 1 + 2*r.Depth
	if f.Width < 20 {
		x = r.Depth
	}
	mark := " "
	if len(n.Children) > 0 {
		mark = "▸"
		if r.Open {
			mark = "▾"
		}
	}
	v.g.Text(x, y, mark, t.Dim)
	x += 2
	right := f.Width
	if ref := fields.Reference(n.Doc); ref != "" && f.Width-x > view.Width(ref)+30 {
		v.g.TextRight(f.Width-1, y, ref, t.Faint)
		right = f.Width - view.Width(ref) - 2
	}
	name, value := t.FieldName, t.FieldValue
	if r.Depth == 0 {
		name = t.Strong
	}
	if n.Bad {
		name, value = t.Error, t.Error
		x = v.g.Text(x, y, "✗ ", t.Error)
	}
	if n.Ref.Len == 0 && !n.Bad && r.Depth > 0 {
		value = t.Dim // not on the wire
	}
	x = v.g.TextCut(x, y, view.Clean(n.Label), right-x, name)
	if n.Value != "" {
		at := x + 2
		if col := 1 + 2*r.Depth + 22; f.Width >= 60 && r.Depth > 0 && col > at {
			at = col
		}
		s := n.Value
		if n.Ref.Len == 0 && r.Depth > 0 && !n.Bad {
			s = "[" + s + "]"
		}
		v.g.TextCut(at, y, view.Clean(s), right-at, value)
	}
}

// doc says what the selected field is for.
func (v *View) doc(f *view.Frame, n *fields.Node, y, rows int) {
	v.g.HLine(0, y, f.Width, "─", f.Theme.Border)
	text := n.Doc
	if text == "" {
		text = n.Label
	}
	if n.Ref.Len > 0 {
		s := " " + view.FormatBytes(int64(n.Ref.Len)) + " from byte " + view.FormatCount(int64(n.Ref.Off)) + " "
		if view.Width(s)+4 < f.Width {
			v.g.TextRight(f.Width-1, y, s, f.Theme.Dim)
		}
	}
	for i, l := range view.Wrap(view.Clean(text), f.Width-2) {
		if i+1 >= rows {
			break
		}
		v.g.TextCut(1, y+1+i, l, f.Width-2, f.Theme.Text)
	}
}

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	v.load(&f)
	if len(v.rows) == 0 {
		return nil
	}
	h := f.Height - docRows(f.Height)
	sel := index(v.rows, f.Head.Field)
	v.list.Sel = sel
	if c, ok := msg.(tea.MouseClickMsg); ok && sel == v.list.Top+c.Y && c.Y < h && sel >= 0 {
		return v.toggle(sel)
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if k.String() == "*" {
			openAll(v.nodes, v.folding)
			v.rows = Rows(v.nodes, v.folding)
			return nil
		}
	}
	switch view.NavOf(msg) {
	case view.NavEnter:
		return v.toggle(max(sel, 0))
	case view.NavRight:
		return v.in(sel)
	case view.NavLeft:
		return v.out(sel)
	case view.NavFirst, view.NavLast:
		return nil // the playhead's
	}
	if v.list.Update(msg, len(v.rows), h, 0) {
		return v.choose(v.list.Sel)
	}
	return nil
}

func (v *View) choose(i int) tea.Cmd {
	if i < 0 || i >= len(v.rows) {
		return nil
	}
	m := view.SelectFieldMsg{Field: v.rows[i].Node.Ref}
	return func() tea.Msg { return m }
}

func (v *View) toggle(i int) tea.Cmd {
	if r := v.rows[i]; len(r.Node.Children) > 0 {
		v.folding[r.Node.Ref.Path] = !r.Open
		v.rows = Rows(v.nodes, v.folding)
	}
	return v.choose(i)
}

func (v *View) in(i int) tea.Cmd {
	if i < 0 {
		return v.choose(0)
	}
	if r := v.rows[i]; len(r.Node.Children) > 0 {
		if r.Open {
			return v.choose(i + 1)
		}
		return v.toggle(i)
	}
	return nil
}

func (v *View) out(i int) tea.Cmd {
	if i < 0 {
		return nil
	}
	if v.rows[i].Open {
		return v.toggle(i)
	}
	return v.choose(parent(v.rows, i))
}

func openAll(ns []fields.Node, f Folding) {
	for i := range ns {
		if len(ns[i].Children) > 0 {
			f[ns[i].Ref.Path] = true
			openAll(ns[i].Children, f)
		}
	}
}
