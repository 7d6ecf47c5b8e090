package start

import (
	"strconv"
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
	low := 0
	if p.wide == w && bodyHeight >= 14 { // no room beside the list: a few words below it
		low = 3
	}
	list := p.drawList(t, p.wide, bodyHeight-low, p.wide == w)
	if low > 0 {
		list = append(list, p.words(t, w, low)...)
	}
	if p.wide < w {
		details := view.Lines(view.Block(p.details(t, w-p.wide, bodyHeight), w-p.wide, bodyHeight))
		for i := range list {
			list[i] += details[i]
		}
	}
	lines = append(lines, view.Blank(w))
	return view.Block(append(lines, list...), w, h)
}

// drawList draws the window of the list that holds what is chosen. Its first
// line names the group that goes on there.
func (p *Page) drawList(t *view.Theme, w, h int, below bool) []string {
	p.high = h
	p.list.Clamp(len(p.rows), h, true)
	if sel := p.list.Sel; sel > 0 && p.rows[sel-1].caption() && p.list.Top == sel {
		p.list.Top--
	}
	if p.list.Top > 0 && p.list.Top < 3 && p.list.Sel < h-2 { // a caption and a line more are no reason to scroll
		p.list.Top = 0
	}
	names := p.nameWidths(w)
	lines := p.list.Render(t, len(p.rows), w, h, true, func(i, w int) string { return p.row(t, p.rows[i], i == p.list.Sel, below, names[i], w) })
	if top := p.list.Top; top > 0 && top < len(p.rows) && p.rows[top].group == "" && top != p.list.Sel && len(lines) > 0 {
		lines[0] = view.Fit(" "+t.Title.Paint(p.groupOf(top))+t.Faint.Paint("  ↑ more"), max(0, w-2))
		lines[0] += view.Blank(w - view.Width(lines[0]))
	}
	return lines
}

// groupOf is the caption above row i.
func (p *Page) groupOf(i int) string {
	for ; i >= 0; i-- {
		if p.rows[i].group != "" {
			return p.rows[i].group
		}
	}
	return ""
}

// nameWidths are the widths of the rows' names: labs have one, and so has what
// else can be opened.
func (p *Page) nameWidths(w int) []int {
	var most [2]int
	kind := func(e entry) int {
		if e.lab != nil {
			return 0
		}
		return 1
	}
	for _, r := range p.rows {
		if !r.caption() {
			most[kind(r)] = max(most[kind(r)], view.Width(view.Clean(r.name)))
		}
	}
	out := make([]int, len(p.rows))
	for i, r := range p.rows {
		out[i] = min(most[kind(r)], max(16, w*3/5))
	}
	return out
}

// words are n lines about what is chosen.
func (p *Page) words(t *view.Theme, w, n int) []string {
	e := p.chosen()
	text := e.about
	if e.why != "" {
		text = e.why
	}
	if e.path != "" {
		text = e.path
	}
	lines := []string{" " + t.Border.Paint(strings.Repeat("─", max(0, w-2))) + " "}
	wrapped := wrap(view.Clean(text), max(1, w-6))
	for i := range n - 1 {
		s := ""
		if i < len(wrapped) {
			s = wrapped[i]
		}
		if i == n-2 && len(wrapped) > n-1 {
			s += " …"
		}
		lines = append(lines, view.Fit("   "+t.Text.Paint(s), w))
	}
	return lines
}

// row draws an entry. below says that nothing is told beside the list.
func (p *Page) row(t *view.Theme, e entry, chosen, below bool, name, w int) string {
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
	least := 8
	if e.lab != nil && !below { // it is told in full beside the list
		least = 24
	}
	if room := w - view.Width(s) - 3; room > least {
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
		for _, l := range facts(t, s, inner, max(6, (h-14)/3)) {
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
	if len(lines) > h && h > 0 {
		lines = lines[:h]
		lines[h-1] = "   " + t.Faint.Paint("⋮")
	}
	return lines
}

// facts puts the ways in which a lab's work is done beside its parameters, in
// about rows lines.
func facts(t *view.Theme, s lab.Spec, w, rows int) []string {
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
		for i, q := range s.Params {
			if more := len(s.Params) - i; i >= rows-1 && more > 1 {
				right = append(right, t.Faint.Paint("and "+strconv.Itoa(more)+" more"))
				break
			}
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
