package state

import (
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/state/h2"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// above looks for HTTP/2 on the connection, as long as none has been found and
// there are new messages, and makes its folds.
func (v *View) above(f *view.Frame, c *timeline.Conversation) {
	_, end := f.Timeline.MessageRange()
	if v.h2[0] != nil || v.asked == end || c.Transport != decoders.TCP {
		return
	}
	v.asked = end
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

// letter gives streams letters in the order in which they are first seen in
// the list, which is that of their numbers.
func (v *View) letter(f *view.Frame) func(uint32) (string, int) {
	c := v.conv
	if v.h2[0] != nil {
		c = v.h2[0].Fold.(h2.Fold).Source
	}
	if v.stale(f) {
		v.names = map[uint32]int{}
		for _, id := range f.Timeline.ConvMessageRange(c, 0, maxNamed) {
			m := f.Timeline.Message(id)
			if _, ok := v.names[uint32(m.Stream)]; !ok && m.Stream >= 0 && m.PartOf != timeline.NoMessage {
				v.names[uint32(m.Stream)] = len(v.names)
			}
		}
	}
	return func(id uint32) (string, int) {
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
	a := c.A
	if end == 1 {
		a = c.B
	}
	role := "server"
	if s.Conn.Client == decoders.Dir(end) {
		role = "client"
	}
	v.heading(f, a, role, x, w)
	lines := h2.Lines(s, decoders.Dir(end), v.letter(f))
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
func (v *View) line(t *view.Theme, l h2.Line, x, y, w int) {
	switch l.Kind {
	case h2.Stream:
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
var kinds = [...]ItemKind{h2.Pair: Pair, h2.Head: Head, h2.Gauge: Gauge, h2.Stream: Pair, h2.Remark: Remark, h2.Bad: Bad}
