package resolver

import (
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/decoders/dns/resolution"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// View is the resolver as a pane.
type View struct {
	tr    resolution.Tracker
	lists bool // the caches alone
	other int
	g     grid.Grid
	scene *Scene // what was computed last, for which place:
	place place
	lay   Layout
}

// place is all that a scene depends on.
type place struct {
	epoch    int64
	end, pos timeline.Position
	now      timeline.Time
	message  timeline.MessageID
	hosts    int
	done     bool
}

// New makes the view.
func New() *View { return &View{tr: resolution.Tracker{Budget: budget}} }

// budget is how many messages are read for one drawing: about 10 ms.
const budget = 1500

// Behind implements view.Gradual.
func (v *View) Behind() bool { return v.tr.Behind() }

// share is how far reading has come.
func (v *View) share() string { return strconv.Itoa(int(100*v.tr.Share())) + " %" }

// Name implements view.View.
func (v *View) Name() string { return "resolver" }

// Title implements view.View.
func (v *View) Title(f view.Frame) string {
	if f.Timeline == nil {
		return "resolver"
	}
	sc := v.look(&f)
	if sc.Number == 0 {
		return "resolver"
	}
	n := len(sc.Arrows)
	if v.tr.Behind() {
		return "resolver · reading, " + v.share()
	}
	if n == 1 {
		return "resolver · 1 message"
	}
	return "resolver · " + strconv.Itoa(n) + " messages"
}

// Keys implements view.View.
func (v *View) Keys() []key.Binding {
	return []key.Binding{
		view.Bind("j k", "next, previous message of this resolution", "j", "k", "down", "up"),
		view.Bind(">", "next resolution", ">"),
		view.Bind("<", "previous resolution", "<"),
		view.Bind("t", "the tree, or the caches alone", "t"),
		view.Bind("o", "another server's cache first", "o"),
	}
}

// Broad implements view.Broad: servers, arrows and caches want width.
func (v *View) Broad() bool { return true }

// Abreast implements view.Abreast: who asks whom is what differs.
func (v *View) Abreast() bool { return true }

// Steps implements view.Stepped.
func (v *View) Steps() timeline.Granularity { return timeline.ByMessage }

// Suits implements view.Suited: name resolution is what there is, and no
// prelude of something else.
func (v *View) Suits(s *timeline.Snapshot) bool {
	const convs = 64
	n := 0
	for c := range min(s.Conversations(), convs) {
		x := s.Conversation(timeline.ConvID(c))
		switch {
		case x.Proto == "DNS":
			n += int(x.Messages)
		case strings.HasPrefix(x.Proto, "HTTP"), strings.HasPrefix(x.Proto, "TLS"), x.Proto == "QUIC", x.B.Port() == 443, x.B.Port() == 80:
			return false
		case x.Proto != "" && x.Proto != "data":
			n -= int(x.Messages)
		}
	}
	return n > 0
}

// current is the resolution of the selected message, or the one that began
// last.
func (v *View) current(f *view.Frame) int32 {
	l := &v.tr.Log
	if i := l.Index(f.Head.Message); i >= 0 && l.Msgs[i].Begun <= f.Head.Pos && l.Msgs[i].Resolution >= 0 {
		return l.Msgs[i].Resolution
	}
	for i := l.Before(f.Head.Pos) - 1; i >= 0; i-- {
		if r := l.Msgs[i].Resolution; r >= 0 {
			return r
		}
	}
	return -1
}

// look computes the scene at the playhead.
func (v *View) look(f *view.Frame) *Scene {
	s := f.Timeline
	now := max(f.Head.Time, s.TimeOf(f.Head.Pos))
	at := place{s.Epoch().UnixNano(), s.End(), f.Head.Pos, now, f.Head.Message, len(f.Subject.Hosts), s.Done()}
	if v.scene == nil || at != v.place || v.tr.Behind() {
		v.tr.At(s, f.Head.Pos)
		v.scene, v.place = Look(&v.tr, s, v.current(f), f.Head.Pos, now, f.Head.Message, f.Subject.Hosts), at
	}
	return v.scene
}

// Render implements view.View.
func (v *View) Render(f view.Frame) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	if f.Timeline == nil {
		return view.Sentence(f.Theme, "Nothing has been sent yet.", f.Width, f.Height)
	}
	sc := v.look(&f)
	if len(v.tr.Log.Msgs) == 0 && v.tr.Behind() {
		return view.Sentence(f.Theme, "Reading what was asked, "+v.share()+".", f.Width, f.Height)
	}
	if len(v.tr.Log.Msgs) == 0 {
		return view.Sentence(f.Theme, "No DNS messages yet: this view draws which server is asked for a name, and what each of them remembers.", f.Width, f.Height)
	}
	v.lay = Divide(f.Width, f.Height, sc, v.lists)
	v.g.Reset(f.Width, f.Height)
	p := painter{g: &v.g, t: f.Theme, sc: sc, l: v.lay, other: v.other}
	p.draw()
	return v.g.String()
}

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	if f.Timeline == nil {
		return nil
	}
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		return v.click(&f, msg.X, msg.Y)
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			return v.along(&f, -1)
		case tea.MouseWheelDown:
			return v.along(&f, 1)
		}
		return nil
	case tea.KeyPressMsg:
		switch msg.String() {
		case ">":
			return v.next(&f, 1)
		case "<":
			return v.next(&f, -1)
		case "t":
			v.lists = !v.lists
			return nil
		case "o":
			v.other++
			return nil
		}
		switch view.NavOf(msg) {
		case view.NavDown:
			return v.along(&f, 1)
		case view.NavUp:
			return v.along(&f, -1)
		}
	}
	return nil
}

// along asks for the next or previous message of the resolution.
func (v *View) along(f *view.Frame, dir int) tea.Cmd {
	sc := v.look(f)
	l := &v.tr.Log
	if sc.Number == 0 {
		return v.next(f, dir)
	}
	all := l.Upto(int32(sc.Number-1), f.Timeline.End())
	at := -1
	for i, m := range all {
		if sc.Selected >= 0 && m == sc.Arrows[sc.Selected].Msg {
			at = i
		}
	}
	for at += dir; at >= 0 && at < len(all); at += dir {
		if m := &l.Msgs[all[at]]; !m.Stray && m.ID != timeline.NoMessage {
			return move(m)
		}
	}
	return status("The resolution has no other message there; > goes to the next one.")
}

// next asks for the first message of the next resolution, or of the previous
// one.
func (v *View) next(f *view.Frame, dir int) tea.Cmd {
	sc := v.look(f)
	l := &v.tr.Log
	for i := sc.Number - 1 + dir; i >= 0 && i < len(l.Resolutions); i += dir {
		if m := &l.Msgs[l.Resolutions[i].First]; m.ID != timeline.NoMessage {
			return move(m)
		}
	}
	return status("There is no other resolution there.")
}

func move(m *resolution.Msg) tea.Cmd {
	mv := view.MoveMsg{Pos: m.Done, Packet: m.Packet, HasPkt: true, Message: m.ID}
	return func() tea.Msg { return mv }
}

func status(text string) tea.Cmd {
	return func() tea.Msg { return view.StatusMsg{Text: text} }
}

// click goes to the last message of the server that is clicked on.
func (v *View) click(f *view.Frame, x, y int) tea.Cmd {
	sc := v.look(f)
	for _, r := range v.lay.Rows {
		if v.lay.Lists || y < r.Y || y >= r.Y+r.H || x < v.lay.Hub || x >= v.lay.Tree {
			continue
		}
		for i := len(sc.Arrows) - 1; i >= 0; i-- {
			a := &sc.Arrows[i]
			n := sc.Servers[r.Server].Node
			if m := &v.tr.Log.Msgs[a.Msg]; (a.From == n || a.To == n) && !a.Stray && m.ID != timeline.NoMessage {
				return move(m)
			}
		}
	}
	return nil
}
