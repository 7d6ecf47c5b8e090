package conversations

import (
	"net/netip"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// View is the table as a pane.
type View struct {
	list     view.List
	key      Key
	reverse  bool
	filtered timeline.ConvID

	ids []timeline.ConvID // order of the last sorting; nil: as numbered

	looked int // conversations that were looked at whether they are inside others
	inner  bool
	epoch  int64
	n      int // conversations then
	of     *timeline.Snapshot
	head   timeline.ConvID // what the playhead stood on at the last frame
	g      grid.Grid
}

// New makes the view.
func New() *View { return &View{filtered: timeline.NoConv, head: timeline.NoConv} }

// Name implements view.View.
func (v *View) Name() string { return "conversations" }

// Title implements view.View.
func (v *View) Title(f view.Frame) string {
	if f.Timeline == nil {
		return v.Name()
	}
	s := view.FormatCount(int64(begun(f.Timeline, f.Head.Pos))) + " conversations · by " + v.key.String()
	if v.reverse {
		s += ", reversed"
	}
	return s
}

// Keys implements view.View.
func (v *View) Keys() []key.Binding {
	return []key.Binding{
		view.Bind("Enter", "show only this conversation, and all again", "enter"),
		view.Bind("s", "sort by the next column", "s"),
		view.Bind("S", "reverse the order", "S"),
	}
}

// maxLive is how many conversations are sorted again for every frame; more are
// sorted when their number has grown by a tenth.
const maxLive = 500

// sorted brings the order up to date and returns the number of rows.
func (v *View) sorted(f *view.Frame) int {
	n := begun(f.Timeline, f.Head.Pos)
	if v.key == ByStart && !v.reverse && !v.nested(f.Timeline) {
		v.ids = nil
		return n
	}
	if n <= maxLive && v.of != f.Timeline || n < v.n || n > v.n+v.n/10 || v.ids == nil {
		v.ids = order(f.Timeline, n, v.key, v.reverse)
		v.n, v.of = n, f.Timeline
	}
	return len(v.ids)
}

// nested reports whether there are conversations inside others, which are not
// listed. It looks at each conversation once.
func (v *View) nested(s *timeline.Snapshot) bool {
	n := s.Conversations()
	if epoch := s.Epoch().UnixNano(); n < v.looked || epoch != v.epoch {
		v.looked, v.inner, v.epoch = 0, false, epoch
	}
	for ; v.looked < n && !v.inner; v.looked++ {
		v.inner = s.Conversation(timeline.ConvID(v.looked)).Parent != timeline.NoConv
	}
	return v.inner
}

func (v *View) id(i int) timeline.ConvID {
	if v.ids == nil {
		return timeline.ConvID(i)
	}
	return v.ids[i]
}

func (v *View) row(id timeline.ConvID, n int) int {
	if v.ids == nil {
		if int(id) < n {
			return int(id)
		}
		return -1
	}
	for i, x := range v.ids {
		if x == id {
			return i
		}
	}
	return -1
}

// current is the conversation under the playhead.
func current(f *view.Frame) timeline.ConvID {
	switch {
	case f.Head.Message != timeline.NoMessage && f.Head.Granularity != timeline.ByPacket:
		return f.Timeline.Message(f.Head.Message).Conv
	case f.Head.HasPkt:
		return f.Timeline.Packet(f.Head.Packet).Conv
	}
	return timeline.NoConv
}

// heights divide h lines: heading, list, detail.
func heights(h int) (head, list, detail int) {
	if h >= 3 {
		head = 1
	}
	if h >= 10 {
		detail = 4
	}
	return head, h - head - detail, detail
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	if f.Timeline == nil || f.Timeline.Conversations() == 0 {
		return view.Sentence(f.Theme, "No conversation yet.", f.Width, f.Height)
	}
	n := v.sorted(&f)
	head, h, detail := heights(f.Height)
	if c := current(&f); c != v.head {
		v.head = c
		v.list.Select(v.row(c, n), n, h)
	}
	if v.list.Sel < 0 && n > 0 {
		v.list.Sel = 0
	}
	v.list.Clamp(n, h, false)
	v.g.Reset(f.Width, f.Height)
	cols := columns(f.Width)
	if head > 0 {
		v.heading(&f, cols)
	}
	for y := range h {
		i := v.list.Top + y
		if i >= n {
			break
		}
		r := read(f.Timeline, v.id(i), f.Head.Pos, f.Head.Time)
		v.line(&f, &r, cols, head+y)
		if i == v.list.Sel {
			v.g.Fill(0, head+y, f.Width, 1, f.Theme.Selected(f.Focused))
		}
	}
	if detail > 0 && v.list.Sel >= 0 && v.list.Sel < n {
		r := read(f.Timeline, v.id(v.list.Sel), f.Head.Pos, f.Head.Time)
		v.detail(&f, &r, head+h)
	}
	return v.g.String()
}

// column is a column of the table.
type column struct {
	title string
	w     int
	right bool
	key   Key
}

// columns chooses what fits. Addresses share what is left over.
func columns(w int) []column {
	cs := []column{{"", 3, false, keys}, {"A", 0, false, keys}, {"B", 0, false, keys}}
	add := func(least int, c column) {
		if w >= least {
			cs = append(cs, c)
		}
	}
	add(70, column{"protocol", 9, false, keys})
	add(50, column{"packets", 8, true, ByPackets})
	add(34, column{"→", 9, true, ByBytes})
	add(60, column{"←", 9, true, ByBytes})
	add(110, column{"start", 10, true, ByStart})
	add(90, column{"duration", 9, true, ByDuration})
	add(120, column{"RTT", 9, true, ByRTT})
	add(78, column{"state", 11, false, keys})
	left := w
	for _, c := range cs {
		if c.w > 0 {
			left -= c.w + 1
		}
	}
	each := max(4, min(40, (left-1)/2))
	cs[1].w, cs[2].w = each, each
	return cs
}

func (v *View) cells(y int, cs []column, text func(i int) (string, view.Style)) {
	x := 0
	for i, c := range cs {
		s, st := text(i)
		s = grid.Cut(s, c.w)
		if c.right {
			v.g.TextRight(x+c.w, y, s, st)
		} else {
			v.g.Text(x, y, s, st)
		}
		x += c.w + 1
	}
}

func (v *View) heading(f *view.Frame, cs []column) {
	v.cells(0, cs, func(i int) (string, view.Style) {
		s := cs[i].title
		if cs[i].key == v.key && cs[i].key != keys {
			if v.reverse != (v.key == ByStart) {
				s += "▴"
			} else {
				s += "▾"
			}
			return s, f.Theme.Key
		}
		return s, f.Theme.Title
	})
}

func (v *View) line(f *view.Frame, r *Row, cs []column, y int) {
	t := f.Theme
	v.cells(y, cs, func(i int) (string, view.Style) {
		switch cs[i].title {
		case "":
			return grid.Letters(int(r.ID)), t.SeriesStyle(int(r.ID)).Then("\x1b[1m")
		case "A":
			return endpoint(f.Timeline, r.A), t.Text
		case "B":
			return endpoint(f.Timeline, r.B), t.Text
		case "protocol":
			return protocol(&r.Conversation), t.Text
		case "packets":
			return view.FormatCount(r.Count), t.Text
		case "→":
			return view.FormatSize(r.Sent[0]), t.Request
		case "←":
			return view.FormatSize(r.Sent[1]), t.Response
		case "start":
			return view.FormatTimeShort(r.Start), t.Dim
		case "duration":
			return view.FormatSpan(r.Duration), t.Text
		case "RTT":
			if r.RTT > 0 {
				return view.FormatSpan(r.RTT), t.Measured
			}
			return "–", t.Faint
		}
		s := stateWord(&r.Conversation)
		if r.State == timeline.ConvReset {
			return s, t.Error
		}
		return s, t.Dim
	})
}

func protocol(c *timeline.Conversation) string {
	switch {
	case c.Proto != "":
		return c.Proto
	}
	return c.Transport.String()
}

// endpoint is a name and port, or an address and port.
func endpoint(s *timeline.Snapshot, a netip.AddrPort) string {
	n := s.HostName(a.Addr())
	if n == "" {
		return a.String()
	}
	_, port, _ := strings.Cut(a.String(), "]")
	if port == "" {
		_, port, _ = strings.Cut(a.String(), ":")
		port = ":" + port
	}
	return view.Clean(n) + port
}

// detail draws the throughput of a conversation over its time so far.
func (v *View) detail(f *view.Frame, r *Row, y int) {
	t := f.Theme
	v.g.HLine(0, y, f.Width, "─", t.Border)
	title := " " + grid.Letters(int(r.ID)) + " · throughput over " + view.FormatSpan(r.Duration) + " "
	v.g.TextCut(1, y, title, f.Width-2, t.Dim)
	label := 0
	if f.Width >= 50 {
		label = 14
	}
	w := f.Width - label - 3
	if w < 4 || r.Duration <= 0 {
		return
	}
	w = min(w, 160)
	for d := range 2 {
		bins := throughput(f.Timeline, r.ID, decoders.Dir(d), r.Start, r.Start+r.Duration, w, f.Head.Pos)
		top := 0.0
		for _, b := range bins {
			top = max(top, b)
		}
		st, arrow := t.Request, "→ "
		if d == 1 {
			st, arrow = t.Response, "← "
		}
		x := v.g.Text(0, y+1+d, arrow, st)
		v.g.Text(x, y+1+d, grid.Spark(bins), st)
		if label > 0 && top > 0 {
			rate := top * 8 / (r.Duration.Seconds() / float64(w))
			v.g.TextRight(f.Width, y+1+d, "≤ "+grid.Rate(rate), t.Dim)
		}
	}
	note := "Enter shows only this conversation."
	if v.filtered == r.ID {
		note = "Only this conversation is shown. Enter shows all."
	}
	v.g.TextCut(2, y+3, note, f.Width-2, t.Faint)
}

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	if f.Timeline == nil || f.Timeline.Conversations() == 0 {
		return nil
	}
	n := v.sorted(&f)
	head, h, _ := heights(f.Height)
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "s":
			v.sort((v.key+1)%keys, false, &f, h)
			return nil
		case "S":
			v.sort(v.key, !v.reverse, &f, h)
			return nil
		}
	}
	if c, ok := msg.(tea.MouseClickMsg); ok && head > 0 && c.Y == 0 {
		x := 0
		for _, col := range columns(f.Width) {
			if c.X >= x && c.X <= x+col.w && col.key != keys {
				v.sort(col.key, col.key == v.key && !v.reverse, &f, h)
			}
			x += col.w + 1
		}
		return nil
	}
	switch view.NavOf(msg) {
	case view.NavEnter:
		if v.list.Sel < 0 || v.list.Sel >= n {
			return nil
		}
		id := v.id(v.list.Sel)
		if id == v.filtered {
			id = timeline.NoConv
		}
		v.filtered = id
		return func() tea.Msg { return view.FilterConvMsg{Conv: id} }
	case view.NavFirst, view.NavLast:
		return nil // the playhead's
	}
	v.list.Update(msg, n, h, head)
	return nil
}

// sort sorts anew and keeps the selected conversation selected.
func (v *View) sort(k Key, reverse bool, f *view.Frame, h int) {
	sel := timeline.NoConv
	if n := v.sorted(f); v.list.Sel >= 0 && v.list.Sel < n {
		sel = v.id(v.list.Sel)
	}
	v.key, v.reverse, v.ids = k, reverse, nil
	n := v.sorted(f)
	v.list.Select(v.row(sel, n), n, h)
}
