package state

import (
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/state/h2"
	"netscope/tui/state/line"
	"netscope/tui/state/quic"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// above looks for HTTP/2 or QUIC on the connection, as long as none has been found and
// there are new messages, and makes its folds.
func (v *View) above(f *view.Frame, c *timeline.Conversation) {
	_, end := f.Timeline.MessageRange()
	if v.above2() || v.asked == end {
		return
	}
	v.asked = end
	if c.Transport == decoders.UDP && quic.Find(f.Timeline, c.ID) {
		for i, e := range [2]timeline.End{timeline.AtA, timeline.AtB} {
			v.quic[i] = &timeline.Folder[*quic.State]{Conv: c.ID, End: e, Fold: quic.Fold{End: e}}
		}
		v.named = timeline.NoMessage
	}
	if c.Transport != decoders.TCP {
		return
	}
	source, upgrade, ok := h2.Find(f.Timeline, c.ID)
	if !ok {
		return
	}
	for i, e := range [2]timeline.End{timeline.AtA, timeline.AtB} {
		v.h2[i] = &timeline.Folder[*h2.State]{Conv: c.ID, End: e,
			Fold: h2.Fold{End: e, Source: source, Midway: c.Midway, Upgrade: upgrade}}
	}
	v.named = timeline.NoMessage
}

// above2 reports that the protocol above the transport has been found.
func (v *View) above2() bool { return v.h2[0] != nil || v.quic[0] != nil }

// letter gives streams letters in the order in which they are first seen in
// the list, which is that of their numbers.
func (v *View) letter(f *view.Frame) func(int64) (string, int) {
	c := v.conv
	if v.h2[0] != nil {
		c = v.h2[0].Fold.(h2.Fold).Source
	}
	if v.stale(f) {
		v.names = map[int64]int{}
		for _, id := range f.Timeline.ConvMessageRange(c, 0, maxNamed) {
			m := f.Timeline.Message(id)
			carries := m.Name != "STREAM" && !strings.HasPrefix(m.Name, "MAX_") && m.Proto != "QUIC"
			if _, ok := v.names[m.Stream]; !ok && m.Stream >= 0 && m.PartOf != timeline.NoMessage && carries {
				v.names[m.Stream] = len(v.names)
			}
		}
	}
	return func(id int64) (string, int) {
		i, ok := v.names[id]
		if !ok {
			return " ", -1
		}
		return grid.Letters(i), i
	}
}

// maxNamed bounds how many messages streams get their letters from.
const maxNamed = 20_000

// stale reports that there are new messages since streams got their letters.
func (v *View) stale(f *view.Frame) bool {
	_, end := f.Timeline.MessageRange()
	old := v.named
	v.named = end
	return old != end
}

// panelH2 draws what one end knows of HTTP/2.
func (v *View) panelH2(f *view.Frame, c *timeline.Conversation, end, x, w int) {
	s := v.h2[end].At(f.Timeline, f.Head.Pos)
	letter := v.letter(f)
	lines := h2.Lines(s, decoders.Dir(end), func(id uint32) (string, int) { return letter(int64(id)) })
	v.lines(f, c, end, s.Conn.Client == decoders.Dir(end), lines, x, w)
}

// panelQUIC draws what one end knows of QUIC, and of HTTP/3 over it.
func (v *View) panelQUIC(f *view.Frame, c *timeline.Conversation, end, x, w int) {
	s := v.quic[end].At(f.Timeline, f.Head.Pos)
	v.lines(f, c, end, s.Conn.Client == decoders.Dir(end), quic.Lines(s, decoders.Dir(end), v.letter(f)), x, w)
}

// lines draws a panel.
func (v *View) lines(f *view.Frame, c *timeline.Conversation, end int, client bool, lines []line.Line, x, w int) {
	a := c.A
	if end == 1 {
		a = c.B
	}
	role := "server"
	if client {
		role = "client"
	}
	v.heading(f, a, role, x, w)
	room := f.Height - 1
	from := max(0, min(v.scroll, len(lines)-room))
	for i, l := range lines[from:] {
		if i >= room {
			break
		}
		v.line(f.Theme, l, x, i+1, w)
	}
}

// line draws a line of a panel.
func (v *View) line(t *view.Theme, l line.Line, x, y, w int) {
	switch l.Kind {
	case line.Stream:
		st := t.Text
		if l.Series >= 0 {
			st = t.SeriesStyle(l.Series).Then("\x1b[1m")
		}
		v.g.TextCut(x, y, l.Name, w, st)
		if w < 58 {
			v.g.TextCut(x+7, y, l.Short, w-7, t.FieldValue)
			return
		}
		at := v.g.TextCut(x+7, y, l.Value, w-7, t.FieldValue)
		at = max(at+2, x+30)
		v.g.TextCut(at, y, l.Doc, x+w-at, t.Dim)
	default:
		v.item(t, Item{Name: l.Name, Value: l.Value, Doc: l.Doc, Kind: kinds[l.Kind], Fraction: l.Fraction}, x, y, w)
	}
}

// kinds are the kinds of lines as items have them.
var kinds = [...]ItemKind{line.Pair: Pair, line.Head: Head, line.Gauge: Gauge, line.Stream: Pair, line.Remark: Remark, line.Bad: Bad}
