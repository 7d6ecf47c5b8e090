package tui

import (
	"strings"

	"netscope/tui/view"
)

// slot holds a pane's views. Each is made when it is first shown and keeps its
// own scroll offsets.
type slot struct {
	makers []func() view.View
	names  []string
	made   []view.View
	cur    int
	tabs   []tab // where the last drawn tabs are, relative to the slot
	behind bool  // the view has more to draw than it could in the last frame
}

// tab is the half-open range of cells of a tab in the upper border.
type tab struct{ from, to, view int }

func newSlot(id slotID, makers []func() view.View, names []string) *slot {
	s := &slot{makers: makers, names: names, made: make([]view.View, len(makers))}
	s.cur = int(id) % max(1, len(makers))
	for _, wish := range wishes(id) {
		if i := s.find(wish); i >= 0 {
			s.cur = i
			break
		}
	}
	return s
}

func (s *slot) find(name string) int {
	for i, n := range s.names {
		if n == name {
			return i
		}
	}
	return -1
}

// view is the slot's present view.
func (s *slot) view() view.View {
	if s.made[s.cur] == nil {
		s.made[s.cur] = s.makers[s.cur]()
	}
	return s.made[s.cur]
}

// show changes to view i, if there is one.
func (s *slot) show(i int) bool {
	if i < 0 || i >= len(s.makers) {
		return false
	}
	s.cur = i
	return true
}

// title is the pane's caption: what the view says, and tabs if there is no
// room for the other views elsewhere.
func (s *slot) title(f view.Frame, tabs bool, room int) (title, note string) {
	s.tabs = s.tabs[:0]
	caption := safely("", func() string { return s.view().Title(f) })
	if caption == "" {
		caption = s.names[s.cur]
	}
	if !tabs || len(s.names) < 2 {
		return f.Theme.Title.Paint(caption), ""
	}
	t, w := s.tabLine(f.Theme, room-3)
	if caption != s.names[s.cur] && w+view.Width(caption)+6 < room {
		note = f.Theme.Dim.Paint(view.Clean(caption))
	}
	return t, note
}

// tabLine draws the tabs in at most room cells; the present one stands in
// brackets. If there is no room for all, those around it are shown.
func (s *slot) tabLine(t *view.Theme, room int) (text string, w int) {
	from, to := s.window(room)
	var b strings.Builder
	x := 3 // corner, mark, blank
	put := func(st view.Style, text string) {
		b.WriteString(st.Paint(text))
		x += view.Width(text)
	}
	if from > 0 {
		put(t.TabInactive, "‹")
	}
	for i := from; i < to; i++ {
		at, n := x, s.names[i]
		if i == s.cur {
			put(t.TabActive, "["+n+"]")
		} else {
			put(t.TabInactive, " "+n+" ")
		}
		s.tabs = append(s.tabs, tab{at, x, i})
	}
	if to < len(s.names) {
		put(t.TabInactive, "›")
	}
	return b.String(), x - 3
}

// window is the half-open range of tabs around the present one that fit.
func (s *slot) window(room int) (from, to int) {
	from, to = s.cur, s.cur+1
	used := len(s.names[s.cur]) + 2 + 2
	for grown := true; grown; {
		grown = false
		if to < len(s.names) && used+len(s.names[to])+2 <= room {
			used += len(s.names[to]) + 2
			to, grown = to+1, true
		}
		if from > 0 && used+len(s.names[from-1])+2 <= room {
			from, grown = from-1, true
			used += len(s.names[from]) + 2
		}
	}
	return from, to
}

// draw renders the slot with its frame.
func (s *slot) draw(f view.Frame, p placed) []string {
	in := p.at.inner()
	f.Width, f.Height = in.w, in.h
	title, note := s.title(f, p.tabs, p.at.w-4)
	var content []string
	if in.w > 0 && in.h > 0 {
		content = strings.Split(safely(
			view.Sentence(f.Theme, "This view has failed; press v for another one.", in.w, in.h),
			func() string { return s.view().Render(f) }), "\n")
		s.note()
	}
	return box(f.Theme, title, note, p.at.w, p.at.h, f.Focused, content)
}

// note remembers whether the view must be drawn again.
func (s *slot) note() {
	g, ok := s.view().(view.Gradual)
	s.behind = ok && g.Behind()
}

// safely calls f and gives instead if it panics: a slip in one view must not
// take the others with it.
func safely(instead string, f func() string) (s string) {
	defer func() {
		if recover() != nil {
			s = instead
		}
	}()
	return f()
}
