// Package start is the start page: the labs grouped as the chapter groups
// them, the live interfaces, and the files that were opened before. One key
// opens any of them.
//
// It must not know how anything is opened: it says what was chosen by an
// [OpenMsg].
package start

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/protocols/lab"
	"netscope/tui/line"
	"netscope/tui/session"
	"netscope/tui/view"
)

// OpenMsg says what was chosen; one of its fields is set.
type OpenMsg struct {
	Lab       lab.Lab
	Interface string
	Path      string
}

// Page is the start page.
type Page struct {
	labs  []lab.Lab
	rows  []entry
	list  view.List
	first int // screen line of the first row, as last drawn
	wide  int // width of the list, as last drawn
	high  int // rows seen, as last drawn

	typing bool
	path   line.Line

	moved time.Duration // since the last key: the picture moves for a while
	phase time.Duration
}

// still is how long the picture moves when nobody touches a key.
const still = 30 * time.Second

// New makes the page.
func New(labs []lab.Lab) *Page {
	p := &Page{labs: labs}
	p.Survey(nil, nil, "looking for them …")
	p.list.Sel = p.next(-1, 1)
	return p
}

// Survey tells the page which interfaces and files there are; note says why
// there are no interfaces.
func (p *Page) Survey(ifaces []session.Interface, recent []session.Recent, note string) {
	name := ""
	if p.list.Sel >= 0 && p.list.Sel < len(p.rows) {
		name = p.rows[p.list.Sel].name
	}
	p.rows = entries(p.labs, ifaces, recent, note)
	for i, r := range p.rows {
		if r.name == name && !r.caption() {
			p.list.Sel = i
			return
		}
	}
	p.list.Sel = p.next(-1, 1)
}

// next is the nearest row from i that is not a caption.
func (p *Page) next(i, dir int) int {
	for j := i + dir; j >= 0 && j < len(p.rows); j += dir {
		if !p.rows[j].caption() {
			return j
		}
	}
	return i
}

// Typing reports that a path is being typed, so that all keys belong to it.
func (p *Page) Typing() bool { return p.typing }

// Moves reports that the picture is moving.
func (p *Page) Moves() bool { return p.moved < still && p.chosen().lab != nil }

// Advance moves the picture on. It returns whether it looks different.
func (p *Page) Advance(passed time.Duration) bool {
	was := p.phase / step
	p.moved += passed
	p.phase += passed
	return p.phase/step != was
}

func (p *Page) chosen() entry {
	if p.list.Sel < 0 || p.list.Sel >= len(p.rows) {
		return entry{}
	}
	return p.rows[p.list.Sel]
}

// Update handles a key or the mouse.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	p.moved = 0
	switch msg := msg.(type) {
	case tea.PasteMsg:
		// A path that is dropped or pasted anywhere on the page is meant to
		// be opened.
		p.typing = true
		p.path.Insert(strings.TrimSpace(msg.Content))
		return nil
	case tea.KeyPressMsg:
		if p.typing {
			return p.typePath(msg)
		}
		return p.key(msg)
	case tea.MouseClickMsg:
		row := p.list.Top + msg.Y - p.first
		if msg.Y == p.first && p.list.Top > 0 && row != p.list.Sel {
			return nil // the name of a group stands there
		}
		if msg.X < p.wide && msg.Y >= p.first && msg.Y < p.first+p.high && row >= 0 && row < len(p.rows) && !p.rows[row].caption() {
			if row == p.list.Sel {
				return p.open(p.rows[row])
			}
			p.list.Sel = row
		}
	case tea.MouseWheelMsg:
		p.list.Update(msg, len(p.rows), p.high, p.first)
	}
	return nil
}

func (p *Page) key(msg tea.KeyPressMsg) tea.Cmd {
	sel := p.list.Sel
	switch view.NavOf(msg) {
	case view.NavDown:
		sel = p.next(sel, 1)
	case view.NavUp:
		sel = p.next(sel, -1)
	case view.NavHalfDown, view.NavPageDown:
		sel = p.next(min(sel+7, len(p.rows)-2), 1)
	case view.NavHalfUp, view.NavPageUp:
		if sel = p.next(max(sel-7, 0), -1); p.rows[sel].caption() {
			sel = p.next(-1, 1)
		}
	case view.NavFirst:
		sel = p.next(-1, 1)
	case view.NavLast:
		sel = p.next(len(p.rows), -1)
	case view.NavEnter:
		return p.open(p.chosen())
	default:
		if msg.Text == "/" {
			return p.open(entry{typed: true})
		}
		for i, r := range p.rows {
			if r.label != "" && r.label == msg.Text {
				p.list.Sel = i
				return p.open(r)
			}
		}
		return nil
	}
	p.list.Sel = sel
	p.list.Clamp(len(p.rows), p.high, true)
	return nil
}

func (p *Page) open(e entry) tea.Cmd {
	var m OpenMsg
	switch {
	case e.typed:
		p.typing = true
		return nil
	case e.why != "":
		return func() tea.Msg { return view.StatusMsg{Text: e.why, Bad: true} }
	case e.lab != nil:
		m.Lab = e.lab
	case e.iface != "":
		m.Interface = e.iface
	case e.path != "":
		m.Path = e.path
	default:
		return nil
	}
	return func() tea.Msg { return m }
}

// typePath edits the path; Enter opens it.
func (p *Page) typePath(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "esc", "ctrl+c":
		p.typing = false
	case "enter":
		p.typing = false
		if path := strings.TrimSpace(p.path.String()); path != "" {
			return func() tea.Msg { return OpenMsg{Path: path} }
		}
	default:
		p.path.Update(msg)
	}
	return nil
}
