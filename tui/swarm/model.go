package swarm

import (
	"strconv"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"netscope/decoders/bittorrent"
	fold "netscope/decoders/bittorrent/swarm"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// View is the swarm as a pane.
type View struct {
	tr      fold.Tracker
	follow  int32 // node, -1 none
	other   int32 // whom it is looked at with, -1 nobody
	torrent int32 // -1: the one under the playhead
	first   int   // first row in sight
	g       grid.Grid
	lay     Layout // of what was drawn last, for the mouse
	peers   []int32
	scene   *Scene // what was computed last, for which place:
	place   place
}

// place is all that a scene depends on.
type place struct {
	epoch           int64
	end, pos        timeline.Position
	now             timeline.Time
	follow, torrent int32
	other           int32
	done            bool
}

// New makes the view.
func New() *View {
	return &View{tr: fold.Tracker{Budget: budget}, follow: -1, other: -1, torrent: -1}
}

// budget is how many messages are read for one drawing: about 10 ms.
const budget = 1500

// Behind implements view.Gradual.
func (v *View) Behind() bool { return v.tr.Behind() }

// Name implements view.View.
func (v *View) Name() string { return "swarm" }

// Title implements view.View.
func (v *View) Title(f view.Frame) string {
	if f.Timeline == nil {
		return "swarm"
	}
	sc := v.look(&f)
	if len(sc.Peers) == 0 {
		return "swarm"
	}
	seeds := 0
	for i := range sc.Peers {
		if sc.Peers[i].Seed && sc.Peers[i].Here {
			seeds++
		}
	}
	title := "swarm · " + strconv.Itoa(len(sc.Peers)) + " peers, " + strconv.Itoa(seeds) + " with all pieces"
	if v.tr.Behind() {
		title += " · reading, " + v.share()
	}
	return title
}

// share is how far reading has come.
func (v *View) share() string { return strconv.Itoa(int(100*v.tr.Share())) + " %" }

// Keys implements view.View.
func (v *View) Keys() []key.Binding {
	ks := []key.Binding{
		view.Bind("j k", "follow a peer, Enter: nobody", "j", "k", "down", "up", "enter"),
		view.Bind("h l", "whom it is looked at with: one cell of the choke matrix", "h", "l"),
		view.Bind("L", "ladder of the connection between the two; also Enter", "L"),
		view.Bind(">", "next choke or unchoke", ">"),
		view.Bind("<", "previous choke or unchoke", "<"),
		view.Bind("t", "another torrent", "t"),
	}
	for _, d := range deeds() {
		ks = append(ks, view.Bind(d.key, d.help, d.key))
	}
	return ks
}

// suitedConvs is how many conversations are looked at for Suits.
const suitedConvs = 64

// Suits implements view.Suited.
func (v *View) Suits(s *timeline.Snapshot) bool {
	for c := range min(s.Conversations(), suitedConvs) {
		if s.Conversation(timeline.ConvID(c)).Proto == bittorrent.Proto {
			return true
		}
	}
	return false
}

// Broad implements view.Broad: rows of peers and columns of pieces want width.
func (v *View) Broad() bool { return true }

// look computes the scene at the playhead.
func (v *View) look(f *view.Frame) *Scene {
	s := f.Timeline
	now := max(f.Head.Time, s.TimeOf(f.Head.Pos))
	at := place{s.Epoch().UnixNano(), s.End(), f.Head.Pos, now, v.follow, v.torrent, v.other, s.Done()}
	if v.scene == nil || at != v.place || v.tr.Behind() {
		st := v.tr.At(s, f.Head.Pos)
		v.scene, v.place = Look(&v.tr, st, v.choose(f, st), v.follow, v.other, now), at
	}
	return v.scene
}

// choose is the torrent that is shown: the chosen one, or the one with most
// peers.
func (v *View) choose(f *view.Frame, st *fold.State) int32 {
	if v.torrent >= 0 && int(v.torrent) < len(v.tr.Log.Torrents) {
		return v.torrent
	}
	n := make([]int, len(v.tr.Log.Torrents))
	best := int32(0)
	for i := range st.Nodes {
		t := v.tr.Log.Nodes[i].Torrent
		if n[t]++; n[t] > n[best] {
			best = t
		}
	}
	return best
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
	if len(sc.Peers) == 0 && v.tr.Behind() {
		return view.Sentence(f.Theme, "Reading what the peers have said, "+v.share()+".", f.Width, f.Height)
	}
	if len(sc.Peers) == 0 {
		return view.Sentence(f.Theme, "No BitTorrent peers yet: this view draws who has which piece and who unchokes whom.", f.Width, f.Height)
	}
	v.lay = Divide(f.Width, f.Height, len(sc.Peers), sc.Selected >= 0)
	v.first = Window(v.first, sc.Selected, len(sc.Peers), v.lay.Rows)
	v.peers = v.peers[:0]
	for i := range sc.Peers {
		v.peers = append(v.peers, sc.Peers[i].Node)
	}
	v.g.Reset(f.Width, f.Height)
	p := painter{g: &v.g, t: f.Theme, sc: sc, l: v.lay, first: v.first, log: &v.tr.Log, message: f.Head.Message, keys: v.hints(&f)}
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
		v.click(msg.Y)
		return nil
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			v.along(&f, -1)
		case tea.MouseWheelDown:
			v.along(&f, 1)
		}
		return nil
	case tea.KeyPressMsg:
		switch msg.String() {
		case ">":
			return v.change(&f, 1)
		case "<":
			return v.change(&f, -1)
		case "t":
			return v.another(&f)
		case "enter":
			switch {
			case v.follow >= 0 && v.other >= 0:
				return v.ladder(&f)
			case v.follow >= 0:
				v.follow = -1
			default:
				v.along(&f, 1)
			}
			return nil
		case "L":
			return v.ladder(&f)
		case "h":
			v.beside(&f, -1)
			return nil
		case "l":
			v.beside(&f, 1)
			return nil
		}
		if d := deedOf(msg.String()); d != nil {
			return v.act(&f, d)
		}
		switch view.NavOf(msg) {
		case view.NavDown:
			v.along(&f, 1)
		case view.NavUp:
			v.along(&f, -1)
		}
	}
	return nil
}

// along follows the next or previous peer.
func (v *View) along(f *view.Frame, dir int) {
	sc := v.look(f)
	if len(sc.Peers) == 0 {
		return
	}
	i := max(0, min(len(sc.Peers)-1, sc.Selected+dir))
	v.follow = sc.Peers[i].Node
}

// click follows the peer in a row.
func (v *View) click(y int) {
	for _, top := range [...]int{v.lay.Pieces + 1, v.lay.Chokes + 1} {
		if i := v.first + y - top; y >= top && y < top+v.lay.Rows && i < len(v.peers) && top > 1 {
			v.follow = v.peers[i]
		}
	}
}

// another shows the next torrent.
func (v *View) another(f *view.Frame) tea.Cmd {
	st := v.tr.At(f.Timeline, f.Head.Pos)
	n := int32(len(v.tr.Log.Torrents))
	if n < 2 {
		return status("There is only one torrent here.")
	}
	v.torrent, v.follow = (v.choose(f, st)+1)%n, -1
	v.other = -1
	return status("Torrent " + v.tr.Log.Torrents[v.torrent])
}

func status(text string) tea.Cmd {
	return func() tea.Msg { return view.StatusMsg{Text: text} }
}

// change asks for the playhead to go to the next or previous choke or unchoke,
// of the peer that is followed if there is one.
func (v *View) change(f *view.Frame, dir int) tea.Cmd {
	st := v.tr.At(f.Timeline, f.Head.Pos)
	torrent := v.choose(f, st)
	l := &v.tr.Log
	i := st.Count
	if dir < 0 {
		for i--; i >= 0 && l.Events[i].Pos >= f.Head.Pos; i-- {
		}
	}
	for ; i >= 0 && i < len(l.Events); i += dir {
		e := &l.Events[i]
		if (e.Kind != fold.Choke && e.Kind != fold.Unchoke) || e.Node < 0 || l.Nodes[e.Node].Torrent != torrent {
			continue
		}
		if to := l.Conns[e.Conv].Node[e.Dir.Other()]; !v.concerns(e.Node, to) {
			continue
		}
		mv := view.MoveMsg{Pos: e.Pos, Packet: f.Timeline.Message(e.Message).Last, HasPkt: true, Message: e.Message}
		return func() tea.Msg { return mv }
	}
	where := "after"
	if dir < 0 {
		where = "before"
	}
	return status("No peer changes its choking " + where + " this.")
}
