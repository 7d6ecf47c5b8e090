package packets

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/capture"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// part is which part of the pane has the keys.
type part uint8

const (
	listPart part = iota
	treePart
	bytesPart
)

// View is the list as a pane.
type View struct {
	tree, bytes view.View // may be nil
	part        part

	top  capture.PacketID
	free bool // the window was scrolled away from the selection
	pos  timeline.Position
	rows []capture.PacketID
	g    grid.Grid
}

// New makes the view. tree and bytes, if not nil, are shown below the list
// where there is room.
func New(tree, bytes view.View) *View { return &View{tree: tree, bytes: bytes} }

// Name implements view.View.
func (v *View) Name() string { return "packets" }

// Title implements view.View.
func (v *View) Title(f view.Frame) string {
	if f.Timeline == nil {
		return "packets"
	}
	first, end := f.Timeline.PacketRange()
	s := "packets · " + view.FormatCount(int64(end-first))
	if first > 0 {
		s += " kept, from " + view.FormatCount(int64(first)+1)
	}
	if f.Filter != nil {
		s += " · filtered"
	}
	return s
}

// Keys implements view.View. The parts below the list bring theirs.
func (v *View) Keys() []key.Binding {
	if v.tree == nil {
		return nil
	}
	ks := []key.Binding{view.Bind("i", "list, fields, bytes", "i")}
	switch v.part {
	case treePart:
		ks = append(ks, v.tree.Keys()...)
	case bytesPart:
		if v.bytes != nil {
			ks = append(ks, v.bytes.Keys()...)
		}
	}
	return ks
}

// areas divide the pane: the list's lines with its heading, and the frames of
// what is below.
type areas struct {
	list        int // lines, heading included
	below       int // lines below the rule
	tree, bytes int // widths
}

func (v *View) divide(w, h int) areas {
	a := areas{list: h}
	if v.tree == nil || h < 20 || w < 50 {
		return a
	}
	a.list = max(8, h*45/100)
	a.below = h - a.list - 1
	a.tree = w
	if v.bytes != nil && w >= 110 {
		a.bytes = max(54, w*45/100)
		if w >= 160 {
			a.bytes = 76
		}
		a.tree = w - a.bytes - 1
	}
	return a
}

func (v *View) window(f *view.Frame) window {
	first, end := f.Timeline.PacketRange()
	w := window{first: first, end: end}
	switch {
	case f.Conv != nil:
		w.ids, w.listed = f.Timeline.ConvPackets(*f.Conv), true
	case f.Filter != nil:
		w.want = func(id capture.PacketID) bool {
			for _, m := range f.Timeline.PacketMessages(id) {
				if f.Filter(m) {
					return true
				}
			}
			return false
		}
	}
	return w
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	if f.Timeline == nil || f.Timeline.End() == 0 {
		return view.Sentence(f.Theme, "No packet yet.", f.Width, f.Height)
	}
	if v.pos != f.Head.Pos {
		v.pos, v.free = f.Head.Pos, false
	}
	a := v.divide(f.Width, f.Height)
	w := v.window(&f)
	head := 0
	if a.list > 3 {
		head = 1
	}
	v.rows, v.top = w.rows(v.top, f.Head.Packet, f.Head.HasPkt && !v.free, a.list-head)
	v.g.Reset(f.Width, a.list)
	cols := Fit(f.Width, w.end)
	if head > 0 {
		v.draw(&f, 0, cols, Line{No: "No.", Time: "Time", Src: "Source", Dst: "Destination", Proto: "Protocol", Length: "Length", Info: "Info", Style: f.Theme.Title})
	}
	for y, id := range v.rows {
		l := line(&f, id)
		v.draw(&f, y+head, cols, l)
		if f.Head.HasPkt && id == f.Head.Packet {
			v.g.Fill(0, y+head, f.Width, 1, f.Theme.Selected(f.Focused && v.part == listPart))
		}
	}
	out := v.g.String()
	if a.below > 0 {
		out += "\n" + v.below(&f, a)
	}
	return out
}

func (v *View) draw(f *view.Frame, y int, c Columns, l Line) {
	st, dim := l.Style, f.Theme.Dim
	if l.Future {
		st, dim = f.Theme.Faint, f.Theme.Faint
	}
	x := 0
	right := func(s string, w int) {
		if w > 0 {
			v.g.TextRight(x+w, y, grid.Cut(s, w), dim)
			x += w + 1
		}
	}
	left := func(s string, w int, st view.Style) {
		if w > 0 {
			v.g.TextCut(x, y, view.Clean(s), w, st)
			x += w + 1
		}
	}
	right(l.No, c.No)
	right(l.Time, c.Time)
	left(l.Src, c.Src, st)
	left(l.Dst, c.Src, st)
	left(l.Proto, c.Proto, st)
	right(l.Length, c.Length)
	if l.Mark != "" {
		ms := f.Theme.Warn
		if l.Future {
			ms = dim
		}
		end := v.g.TextCut(x, y, "["+l.Mark+"]", c.Info, ms) + 1
		c.Info -= end - x
		x = end
	}
	v.g.TextCut(x, y, view.Clean(l.Info), c.Info, st)
}

// sub is the frame of a part below the list.
func (v *View) sub(f *view.Frame, p part, w, h int) view.Frame {
	s := *f
	s.Width, s.Height = w, h
	s.Focused = f.Focused && v.part == p
	s.Head.Granularity = timeline.ByPacket
	return s
}

func (v *View) below(f *view.Frame, a areas) string {
	lines := make([]string, 0, a.below+1)
	rule := func(p part, name string, w int) string {
		st := f.Theme.Border
		if f.Focused && v.part == p {
			st = f.Theme.BorderFocus
		}
		return st.Paint(grid.Cut("─ "+name+" ", w) + repeat("─", w-view.Width(name)-3))
	}
	top := rule(treePart, v.tree.Name(), a.tree)
	left := view.Lines(v.tree.Render(v.sub(f, treePart, a.tree, a.below)))
	if a.bytes == 0 {
		lines = append(append(lines, top), left...)
		return join(lines)
	}
	right := view.Lines(v.bytes.Render(v.sub(f, bytesPart, a.bytes, a.below)))
	lines = append(lines, top+f.Theme.Border.Paint("┬")+rule(bytesPart, v.bytes.Name(), a.bytes))
	for i := range left {
		lines = append(lines, left[i]+f.Theme.Border.Paint("│")+right[i])
	}
	return join(lines)
}

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	if f.Timeline == nil || f.Timeline.End() == 0 {
		return nil
	}
	a := v.divide(f.Width, f.Height)
	if a.below == 0 {
		v.part = listPart
	}
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "i" && a.below > 0 {
		v.part = (v.part + 1) % 3
		if v.part == bytesPart && a.bytes == 0 {
			v.part = listPart
		}
		return nil
	}
	if m, ok := mouse(msg); ok && a.below > 0 {
		p, x, y := listPart, m.X, m.Y
		if m.Y > a.list {
			p, y = treePart, m.Y-a.list-1
			if a.bytes > 0 && m.X > a.tree {
				p, x = bytesPart, m.X-a.tree-1
			}
		}
		if _, click := msg.(tea.MouseClickMsg); click {
			v.part = p
		}
		if p != listPart {
			return v.pass(&f, a, p, shift(msg, x, y))
		}
		return v.list(&f, a, msg)
	}
	if v.part != listPart {
		return v.pass(&f, a, v.part, msg)
	}
	return v.list(&f, a, msg)
}

func (v *View) pass(f *view.Frame, a areas, p part, msg tea.Msg) tea.Cmd {
	if p == bytesPart && v.bytes != nil {
		return v.bytes.Update(v.sub(f, p, a.bytes, a.below), msg)
	}
	return v.tree.Update(v.sub(f, treePart, a.tree, a.below), msg)
}

// list handles what is for the list itself.
func (v *View) list(f *view.Frame, a areas, msg tea.Msg) tea.Cmd {
	w := v.window(f)
	h := max(1, a.list-1)
	switch m := msg.(type) {
	case tea.MouseWheelMsg:
		v.pos, v.free = f.Head.Pos, true
		switch m.Button {
		case tea.MouseWheelUp:
			v.top = w.back(v.top, 3)
		case tea.MouseWheelDown:
			if r := w.from(v.top, 4); len(r) > 0 {
				v.top = r[len(r)-1]
			}
		}
		return nil
	case tea.MouseClickMsg:
		row := m.Y
		if a.list > 3 {
			row--
		}
		if row >= 0 && row < len(v.rows) {
			return v.jump(f, v.rows[row])
		}
		return nil
	}
	dir, n := 0, 1
	switch view.NavOf(msg) {
	case view.NavDown:
		dir = 1
	case view.NavUp:
		dir = -1
	case view.NavHalfDown:
		dir, n = 1, h/2
	case view.NavHalfUp:
		dir, n = -1, h/2
	case view.NavPageDown:
		dir, n = 1, h-1
	case view.NavPageUp:
		dir, n = -1, h-1
	default:
		return nil
	}
	id, moved := f.Head.Packet, false
	if !f.Head.HasPkt {
		id = w.first
	}
	for range max(n, 1) {
		to, ok := w.next(id, dir)
		if !ok {
			break
		}
		id, moved = to, true
	}
	if !moved {
		return nil
	}
	return v.jump(f, id)
}

// jump asks for the playhead to stand just after a packet has left.
func (v *View) jump(f *view.Frame, id capture.PacketID) tea.Cmd {
	m := view.MoveMsg{Pos: f.Timeline.DeparturePosition(id), Packet: id, HasPkt: true, Message: timeline.NoMessage}
	if ms := f.Timeline.PacketMessages(id); len(ms) > 0 {
		m.Message = ms[0]
	}
	return func() tea.Msg { return m }
}
