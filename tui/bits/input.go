package bits

import (
	tea "charm.land/bubbletea/v2"

	"netscope/tui/view"
	"netscope/tui/view/fields"
)

// Update implements view.View.
func (v *View) Update(f view.Frame, msg tea.Msg) tea.Cmd {
	v.load(&f)
	if len(v.rows) == 0 {
		return nil
	}
	h := f.Height - docRows(f.Height)
	switch m := msg.(type) {
	case tea.MouseClickMsg:
		if m.Button == tea.MouseLeft && m.Y < h {
			return choose(v.under(&f, m.X, m.Y+v.top))
		}
		return nil
	case tea.MouseWheelMsg:
		switch m.Button {
		case tea.MouseWheelUp:
			v.top = max(v.top-3, 0)
		case tea.MouseWheelDown:
			v.top += 3
		}
		return nil
	}
	at := v.index(f.Head.Field)
	switch view.NavOf(msg) {
	case view.NavRight:
		return v.nth(at + 1)
	case view.NavLeft:
		return v.nth(max(at, 1) - 1)
	case view.NavDown:
		return v.vertical(f.Head.Field, 1)
	case view.NavUp:
		return v.vertical(f.Head.Field, -1)
	case view.NavPageDown:
		v.top += h
	case view.NavPageUp:
		v.top = max(v.top-h, 0)
	case view.NavEnter:
		return v.follow(f.Head.Field)
	}
	return nil
}

// index is a field's place in the order of the table, -1 if it has none.
func (v *View) index(ref view.FieldRef) int {
	for i, n := range v.order {
		if n.Ref == ref {
			return i
		}
	}
	return -1
}

func choose(n *fields.Node) tea.Cmd {
	if n == nil {
		return nil
	}
	m := view.SelectFieldMsg{Field: n.Ref}
	return func() tea.Msg { return m }
}

// nth selects the field at a place in the order.
func (v *View) nth(i int) tea.Cmd {
	if i < 0 || i >= len(v.order) {
		return nil
	}
	return choose(v.order[i])
}

// vertical selects the first field of the row below or above.
func (v *View) vertical(ref view.FieldRef, by int) tea.Cmd {
	for i := v.rowOf(ref) + by; i >= 0 && i < len(v.rows); i += by {
		r := &v.rows[i]
		if r.Node != nil && r.Kind != Zoom {
			return choose(r.Node)
		}
		if len(r.Cells) > 0 {
			return choose(r.Cells[0].Node)
		}
	}
	return nil
}

// follow selects what the selected field points to.
func (v *View) follow(ref view.FieldRef) tea.Cmd {
	for i := range v.jumps {
		if j := &v.jumps[i]; j.node.Ref == ref {
			r := &v.rows[j.to]
			for k := range r.Cells {
				if r.Cells[k].Node.Ref.Off == j.node.To {
					return choose(r.Cells[k].Node)
				}
			}
			return choose(r.Cells[0].Node)
		}
	}
	return nil
}

// under is the field at a place of the table.
func (v *View) under(f *view.Frame, x, line int) *fields.Node {
	g := place(f.Width)
	for i := range v.rows {
		if line < v.starts[i] || line >= v.starts[i+1] {
			continue
		}
		r := &v.rows[i]
		if r.Kind == Heading {
			return r.Node
		}
		edges := g.edges(r)
		switch r.Kind {
		case Wide:
			return r.Node
		case Strip:
			for j := range r.Cells {
				if j+2 < len(edges) && x > g.left+edges[j+1] && x < g.left+edges[j+2] {
					return r.Cells[j].Node
				}
			}
			return r.Node
		}
		per := g.scale
		if r.Kind == Zoom {
			per = g.bit(r)
		}
		for j := range r.Cells {
			if c := &r.Cells[j]; x > g.left+c.From*per && x < g.left+c.To*per {
				return c.Node
			}
		}
	}
	return nil
}
