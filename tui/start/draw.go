package start

import (
	"strings"
	"time"

	"netscope/protocols/lab"
	"netscope/tui/view"
)

// step is how long the picture stands still between two places of a packet.
const step = 60 * time.Millisecond

// Render draws the page: exactly h lines of exactly w cells.
func (p *Page) Render(t *view.Theme, w, h int) string {
	lines := []string{
		t.Bar.Over(view.Fit(" "+t.Title.Paint("netscope")+t.Dim.Paint("   application-layer protocols at work, step by step"), w)),
	}
	p.wide, p.first = w, 2
	if w >= 110 {
		p.wide = w * 48 / 100
	}
	bodyHeight := max(0, h-2)
	list := p.drawList(t, p.wide, bodyHeight)
	if p.wide < w {
		details := view.Lines(view.Block(p.details(t, w-p.wide, bodyHeight), w-p.wide, bodyHeight))
		for i := range list {
			list[i] += details[i]
		}
	}
	lines = append(lines, view.Blank(w))
	return view.Block(append(lines, list...), w, h)
}

func (p *Page) drawList(t *view.Theme, w, h int) []string {
	p.high = h
	name := 0
	for _, r := range p.rows {
		name = max(name, view.Width(r.name))
	}
	name = min(name, max(16, w*2/5))
	p.list.Clamp(len(p.rows), h, true)
	if sel := p.list.Sel; sel > 0 && p.rows[sel-1].caption() && p.list.Top == sel {
		p.list.Top--
	}
	return p.list.Render(t, len(p.rows), w, h, true, func(i, w int) string { return p.row(t, p.rows[i], i == p.list.Sel, name, w) })
}

func (p *Page) row(t *view.Theme, e entry, chosen bool, name, w int) string {
	if e.gap {
		return ""
	}
	if e.caption() {
		return " " + t.Title.Paint(e.group)
	}
	if e.typed && p.typing {
		return "  " + t.Key.Paint("path") + "  " + p.path.Render(max(1, w-9))
	}
	mark, st := "  ", t.Text
	if chosen {
		mark, st = t.Key.Paint("▸ "), t.Strong
	}
	if e.why != "" {
		st = t.Dim
	}
	label := e.label
	if label == "" {
		label = " "
	}
	s := " " + mark + t.Key.Paint(label) + "  " + st.Paint(view.Fit(view.Clean(e.name), name))
	if room := w - view.Width(s) - 3; room > 8 {
		s += "  " + t.Dim.Paint(view.Fit(view.Clean(e.about), room))
	}
	return s
}

// details tell more of the chosen entry.
func (p *Page) details(t *view.Theme, w, h int) []string {
	e := p.chosen()
	inner := min(w-6, 84)
	lines := []string{}
	add := func(s string) { lines = append(lines, "   "+s) }
	switch {
	case e.lab != nil:
		s := e.lab.Spec()
		add(t.Title.Paint(s.Title))
		add("")
		for _, l := range p.picture(t, e.lab, inner) {
			add(l)
		}
		add("")
		for _, l := range facts(t, s, inner) {
			add(l)
		}
		add("")
		text := s.About
		if text == "" {
			text = s.Summary
		}
		for _, para := range strings.Split(text, "\n") {
			for _, l := range wrap(strings.TrimSpace(para), inner) {
				add(t.Text.Paint(l))
			}
		}
	case e.iface != "":
		add(t.Title.Paint(e.iface))
		add("")
		add(t.Text.Paint(view.Clean(e.about)))
		for _, l := range wrap(e.why, inner) {
			add(t.Warn.Paint(l))
		}
		if e.why == "" {
			add("")
			add(t.Dim.Paint("Enter captures what passes here, and shows it as it comes."))
		}
	case e.path != "":
		add(t.Title.Paint(view.Clean(e.name)))
		add("")
		for _, l := range wrap(view.Clean(e.path), inner) {
			add(t.Text.Paint(l))
		}
	case e.typed:
		add(t.Title.Paint("open a file"))
		add("")
		for _, l := range wrap("A capture in pcap, pcapng or snoop format, plain or gzipped. Paste or type its path and press Enter.", inner) {
			add(t.Text.Paint(l))
		}
	}
	if len(lines) > h {
		lines = lines[:h]
	}
	return lines
}

// facts puts the ways in which a lab's work is done beside its parameters.
func facts(t *view.Theme, s lab.Spec, w int) []string {
	var left, right []string
	if len(s.Variants) > 0 {
		left = append(left, t.Dim.Paint("done in these ways"))
		for _, v := range s.Variants {
			title := v.Title
			if title == "" {
				title = v.ID
			}
			left = append(left, t.Text.Paint(title))
		}
	}
	if len(s.Params) > 0 {
		right = append(right, t.Dim.Paint("with these parameters"))
		for _, q := range s.Params {
			right = append(right, view.Sides(t.Text.Paint(q.Label), t.FieldValue.Paint(q.Format(q.Default)), min(34, w/2-2)))
		}
	}
	if len(left) == 0 {
		left, right = right, nil
	}
	var out []string
	for i := range max(len(left), len(right)) {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		out = append(out, view.Fit(l, w/2)+r)
	}
	return out
}

func wrap(s string, w int) []string {
	if s == "" {
		return []string{""}
	}
	return view.Wrap(s, w)
}

// Hints is the bottom line of the page.
func (p *Page) Hints(t *view.Theme, w int) string {
	hints := [][2]string{{"Enter", "open"}, {"j k", "choose"}, {"1…9 a…z", "open at once"}, {"?", "help"}, {"q", "quit"}, {"o", "type a path"}, {"T", "theme"}}
	if p.typing {
		hints = [][2]string{{"Enter", "open this file"}, {"Esc", "leave it"}}
	}
	s := " "
	for _, x := range hints {
		part := t.Key.Paint(x[0]) + " " + t.Dim.Paint(x[1]) + "   "
		if view.Width(s)+view.Width(part) > w {
			break
		}
		s += part
	}
	return view.Fit(s, w)
}
