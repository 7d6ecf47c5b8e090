package hexdump

import (
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/fields"
	"netscope/tui/view/grid"
)

// View is the bytes as a pane.
type View struct {
	tab    Tab
	chosen bool // by hand
	top    int64
	cursor int64 // -1: none
	at     place // what the window was last moved for
	g      grid.Grid
}

// place is what decides where the window stands; when it changes, the window
// moves to what is selected.
type place struct {
	head  timeline.MessageID
	pkt   uint64
	field view.FieldRef
	tab   Tab
}

// New makes the view.
func New() *View { return &View{cursor: -1} }

// Name implements view.View.
func (v *View) Name() string { return "bytes" }

// Title implements view.View.
func (v *View) Title(f view.Frame) string { return "bytes" }

// Keys implements view.View.
func (v *View) Keys() []key.Binding {
	return []key.Binding{
		view.Bind("b", "packet, stream, body", "b"),
		view.Bind("h ←", "byte to the left", "h", "left"),
		view.Bind("l →", "byte to the right", "l", "right"),
	}
}

// show is the tab that is shown: as chosen, else what suits the step size; but
// always one in which the selected field can be seen.
func (v *View) show(f *view.Frame) Tab {
	tab := v.tab
	if !v.chosen {
		tab = PacketTab
		if f.Head.Granularity != timeline.ByPacket && f.Head.Message != timeline.NoMessage {
			tab = StreamTab
		}
	}
	if ref := f.Head.Field; ref.Len > 0 {
		switch {
		case ref.Packet:
			tab = PacketTab
		case tab == BodyTab:
			tab = StreamTab
		}
	}
	if tab == StreamTab && f.Head.Message == timeline.NoMessage && f.Head.HasPkt {
		tab = PacketTab
	}
	return tab
}

// head is the number of lines above the bytes.
func head(h int) int {
	if h >= 3 {
		return 1
	}
	return 0
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	tab := v.show(&f)
	s := load(&f, tab)
	v.g.Reset(f.Width, f.Height)
	y0 := head(f.Height)
	if y0 > 0 {
		v.tabs(&f, tab, &s)
	}
	if s.err != "" {
		for i, l := range view.Wrap(s.err, max(1, f.Width-2)) {
			v.g.TextCut(min(1, f.Width-1), y0+i, view.Clean(l), f.Width-1, f.Theme.Dim)
		}
		return v.g.String()
	}
	sh := Fit(f.Width, s.end)
	rows := f.Height - y0
	v.follow(&f, tab, &s, sh, rows)
	buf := s.read(v.top, rows*sh.PerRow)
	for y := range rows {
		off := v.top + int64(y*sh.PerRow)
		if off >= s.end || y*sh.PerRow >= len(buf) {
			break
		}
		v.row(f.Theme, &s, sh, y0+y, off, buf[y*sh.PerRow:min((y+1)*sh.PerRow, len(buf))])
	}
	return v.g.String()
}

func (v *View) tabs(f *view.Frame, tab Tab, s *source) {
	x := 0
	for t := range tabs {
		st := f.Theme.TabInactive
		if t == tab {
			st = f.Theme.TabActive
		}
		name := t.String()
		if t == StreamTab && v.inner(f) {
			name = "decrypted"
		}
		if t == tab {
			name = "[" + name + "]"
		} else {
			name = " " + name + " "
		}
		x = v.g.TextCut(x, 0, name, f.Width-x, st)
	}
	if n := view.Width(s.note); x+2+n <= f.Width {
		v.g.TextRight(f.Width, 0, s.note, f.Theme.Dim)
	}
}

// inner reports that the selected message was inside the stream on the wire.
func (v *View) inner(f *view.Frame) bool {
	if f.Timeline == nil || f.Head.Message == timeline.NoMessage {
		return false
	}
	m := f.Timeline.Message(f.Head.Message)
	return m.Source != m.Conv
}

// follow keeps the window where it is unless something else was selected.
func (v *View) follow(f *view.Frame, tab Tab, s *source, sh Shape, rows int) {
	at := place{f.Head.Message, uint64(f.Head.Packet), f.Head.Field, tab}
	n := int64(sh.PerRow)
	if at != v.at {
		moved := at.head != v.at.head || at.pkt != v.at.pkt || at.tab != v.at.tab
		v.at = at
		goal := int64(0)
		if tab == StreamTab {
			goal = s.own.From
		}
		if len(s.lit) > 0 {
			goal = s.lit[0].From
			if !(v.cursor >= 0 && s.lit[0].Has(v.cursor)) {
				v.cursor = goal
			}
		} else if moved {
			v.cursor = -1
		}
		if moved || len(s.lit) > 0 && (goal < v.top || goal >= v.top+n*int64(rows)) {
			v.top = goal/n*n - n*int64(min(1, rows/4))
			if moved && tab != StreamTab && goal < n*int64(rows) {
				v.top = 0
			}
		}
	}
	if v.cursor >= s.end {
		v.cursor = s.end - 1
	}
	last := (s.end - 1) / n * n
	v.top = max(0, min(v.top/n*n, last-n*int64(rows-1)))
}

func (v *View) row(t *view.Theme, s *source, sh Shape, y int, off int64, b []byte) {
	if sh.Digits > 0 {
		o := strconv.FormatInt(off, 16)
		v.g.Text(0, y, strings.Repeat("0", max(0, sh.Digits-len(o)))+o, t.Offset)
	}
	for i, c := range b {
		at := off + int64(i)
		hi, lo := hexOf(c)
		ch, cst := char(c, t)
		hst := t.Hex
		if !s.own.Has(at) {
			hst, cst = t.Faint, t.Faint
		}
		col := sh.Col(i)
		v.g.Set(col, y, hi, hst)
		v.g.Set(col+1, y, lo, hst)
		if sh.Text > 0 {
			v.g.Set(sh.Text+i, y, ch, cst)
		}
		back := view.Style("")
		for _, r := range s.lit {
			if r.Has(at) {
				back = t.Selection
				if i+1 < len(b) && r.Has(at+1) { // the lit run is one piece
					v.g.Fill(col+2, y, sh.Col(i+1)-col-2, 1, back)
				}
			}
		}
		if at == v.cursor {
			back = t.Mark
		}
		if back != "" {
			v.g.Fill(col, y, 2, 1, back)
			if sh.Text > 0 {
				v.g.Fill(sh.Text+i, y, 1, 1, back)
			}
		}
	}
}

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	tab := v.show(&f)
	s := load(&f, tab)
	y0 := head(f.Height)
	sh := Fit(f.Width, s.end)
	n := int64(sh.PerRow)
	page := n * int64(max(1, f.Height-y0-1))
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			v.top = max(0, v.top-3*n)
		case tea.MouseWheelDown:
			v.top += 3 * n
		}
		return nil
	case tea.MouseClickMsg:
		if msg.Y < y0 {
			return v.choose(Tab(min(msg.X/8, int(tabs)-1)))
		}
		if i := sh.ByteAt(msg.X); i >= 0 {
			return v.move(&f, &s, sh, v.top+int64(msg.Y-y0)*n+int64(i), f.Height-y0)
		}
		return nil
	case tea.KeyPressMsg:
		if msg.String() == "b" {
			return v.choose((tab + 1) % tabs)
		}
	}
	cur := v.cursor
	if cur < 0 {
		cur = v.top
	}
	switch view.NavOf(msg) {
	case view.NavLeft:
		cur--
	case view.NavRight:
		cur++
	case view.NavUp:
		cur -= n
	case view.NavDown:
		cur += n
	case view.NavHalfUp:
		cur -= page / 2 / n * n
	case view.NavHalfDown:
		cur += page / 2 / n * n
	case view.NavPageUp:
		cur -= page
	case view.NavPageDown:
		cur += page
	default:
		return nil
	}
	return v.move(&f, &s, sh, cur, f.Height-y0)
}

// choose shows a tab; a field that cannot be seen there is let go.
func (v *View) choose(t Tab) tea.Cmd {
	v.tab, v.chosen, v.cursor = t, true, -1
	return func() tea.Msg { return view.SelectFieldMsg{} }
}

// move puts the cursor on a byte and selects the smallest field that covers it.
func (v *View) move(f *view.Frame, s *source, sh Shape, to int64, rows int) tea.Cmd {
	if s.end == 0 || s.err != "" {
		return nil
	}
	v.cursor = max(0, min(to, s.end-1))
	n := int64(sh.PerRow)
	if v.cursor < v.top {
		v.top = v.cursor / n * n
	}
	if v.cursor >= v.top+n*int64(rows) {
		v.top = v.cursor/n*n - n*int64(rows-1)
	}
	ref := view.FieldRef{}
	if k := fields.Smallest(s.nodes, int(v.cursor-s.shift)); k != nil {
		ref = k.Ref
	}
	v.at.field = ref
	return func() tea.Msg { return view.SelectFieldMsg{Field: ref} }
}
