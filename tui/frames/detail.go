package frames

import (
	"strconv"
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/why"
)

// piece is a piece of a line with its style.
type piece struct {
	text string
	st   view.Style
}

func (q *painter) pieces(x, y, w int, ps []piece) {
	end := x + w
	for _, p := range ps {
		if x < end {
			x = q.g.TextCut(x, y, p.text, end-x, p.st)
		}
	}
}

// detail names the selected frame in full.
func (q *painter) detail(f *view.Frame, y int) {
	t := q.t
	if q.at.Select < 0 {
		if q.k.Detail > 0 {
			q.g.TextCut(0, y, "No frame yet. Press . to step.", q.g.W, t.Dim)
		}
		return
	}
	b := &q.in.Blocks[q.at.Select]
	l := &q.in.Lanes[b.Lane]
	m := f.Timeline.Message(b.ID)
	who := l.Letter
	if who == "" {
		who = strconv.FormatInt(l.Stream, 10)
	}
	from, to := q.names[b.Dir.Other()], q.names[b.Dir]
	where := "stream " + strconv.FormatInt(l.Stream, 10)
	ps := []piece{
		{" " + who + " ", q.style(l).Then(bold).Then(reverse)}, {" ", ""},
		{view.Clean(b.Name), t.Strong}, {"  " + where, t.Text},
	}
	if fl := flags(f.Explain, b.ID); fl != "" {
		ps = append(ps, piece{"  " + fl, t.OK})
	}
	ps = append(ps, piece{"  " + from + " → " + to, t.Text})
	if m := q.mark(b); m != "" {
		text := "only here"
		if d := q.differs.Message(b.ID); d.Kind == view.AtAnotherTime {
			if text = "otherwise in the other run"; d.Other > 0 {
				text = "there at " + view.FormatTimeShort(d.Other)
			}
		}
		ps = append(ps, piece{"  " + m + " " + text, t.Warn})
	}
	if b.closed {
		ps = append(ps, piece{"  " + view.FormatBytes(m.Len), t.Text})
	}
	ps = append(ps, piece{"  frame " + strconv.Itoa(q.at.Select+1) + " of " + strconv.Itoa(len(q.in.Blocks)), t.Dim})
	q.pieces(0, y, q.g.W, ps)
	line := y + 1
	if q.k.Detail >= 2 && m.Err != "" {
		q.pieces(0, line, q.g.W, []piece{{"✗ " + view.Clean(m.Err), t.Error}})
		line++
	}
	if line-y < q.k.Detail {
		st := t.Text
		if q.why.Kind == why.Lost {
			st = t.Lost
		}
		for i, s := range view.Wrap(q.why.Text, q.g.W-5) {
			if line-y >= q.k.Detail {
				break
			}
			if i == 0 {
				q.g.TextCut(0, line, "why", q.g.W, t.Key)
			}
			q.g.TextCut(5, line, s, q.g.W-5, st)
			line++
		}
	}
	if line-y < q.k.Detail {
		q.pieces(0, line, q.g.W, q.times(f, b, &m))
	}
}

// times say when the frame was on the wire and when it could be delivered.
func (q *painter) times(f *view.Frame, b *Block, m *timeline.Message) []piece {
	t := q.t
	ps := []piece{{"left " + view.FormatTime(b.Left[0]), t.Dim}}
	switch {
	case b.Closed > q.at.Pos && b.Left[1] > q.at.Time:
		ps = append(ps, piece{", still leaving", t.Warn})
	case b.Closed > q.at.Pos:
		ps = append(ps, piece{", on its way", t.Warn})
	default:
		ps = append(ps, piece{" to " + view.FormatTimeShort(b.Left[1]), t.Dim})
		if b.Arrive > b.Left[1] {
			ps = append(ps, piece{", delivered " + view.FormatTime(b.Arrive), t.Dim})
		}
		if b.Held > 0 {
			ps = append(ps, piece{", held back " + view.FormatSpan(b.Arrive-b.Held) + " behind a hole", t.Lost})
		}
	}
	if b.Closed <= q.at.Pos {
		s := ", packet " + strconv.FormatUint(uint64(m.First)+1, 10)
		if m.Last != m.First {
			s = ", packets " + strconv.FormatUint(uint64(m.First)+1, 10) + " to " + strconv.FormatUint(uint64(m.Last)+1, 10)
		}
		ps = append(ps, piece{s, t.Dim})
	}
	return ps
}

// flags are those that the frame's own field names.
func flags(e view.Explainer, id timeline.MessageID) string {
	if e == nil {
		return ""
	}
	return findFlags(e.MessageTree(id), 0)
}

func findFlags(f decoders.Field, depth int) string {
	if strings.HasSuffix(f.Name, ".flags") {
		if strings.HasPrefix(f.Value, "0x") { // none that has a name
			return ""
		}
		return f.Value
	}
	if depth < 2 {
		for i := range f.Children {
			if s := findFlags(f.Children[i], depth+1); s != "" {
				return s
			}
		}
	}
	return ""
}

// legend says what is drawn.
func (q *painter) legend(y int) {
	t := q.t
	w := 0
	for _, e := range []struct {
		sample string
		st     view.Style
		text   string
	}{
		{"D▉", t.Text.Then(reverse), "to " + q.names[decoders.BtoA]},
		{"H", t.Text.Then(bold).Then(under), "to " + q.names[decoders.AtoB]},
		{"◆", t.Strong, "selected"},
		{"░", t.Text, "on its way"},
		{"▒", t.Lost, map[bool]string{false: "held back by TCP", true: "held back in its stream"}[q.in.Nested]},
		{"▂▅█", t.Text, "content delivered"},
		{"+", t.Text.Then(reverse), "several"},
		{"┤", t.OK.Then(bold), map[bool]string{false: "END_STREAM", true: "end of stream"}[q.in.Nested]},
		{"HDSWRPG", t.Text.Then(bold), "HEADERS DATA SETTINGS WINDOW_UPDATE RST_STREAM PUSH_PROMISE GOAWAY"},
	} {
		n := view.Width(e.sample) + 1 + view.Width(e.text) + 3
		if w+n-3 > q.g.W {
			continue
		}
		if e.sample == "D▉" {
			q.g.Text(w, y, "D", e.st)
			q.g.Text(w+1, y, "▉", t.Text)
		} else {
			q.g.Text(w, y, e.sample, e.st)
		}
		q.g.Text(w+view.Width(e.sample)+1, y, e.text, t.Dim)
		w += n
	}
}
