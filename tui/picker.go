package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"netscope/tui/session"
	"netscope/tui/view"
)

// picker chooses the variants to compare.
type picker struct {
	req    session.LabRequest
	all    []session.LabRequest
	chosen []bool
	at     int
	short  bool // fewer than two were chosen at the last try
}

func newPicker(r session.LabRequest) *picker {
	p := &picker{req: r, all: variantsOf(r)}
	p.chosen = make([]bool, len(p.all))
	for i := range p.chosen {
		p.chosen[i] = true
	}
	return p
}

func (p *picker) update(a *App, msg tea.Msg) (tea.Cmd, bool) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, false
	}
	switch k.String() {
	case "esc", "q", "ctrl+c":
		return nil, true
	case "j", "down", "tab":
		p.at = (p.at + 1) % len(p.all)
	case "k", "up", "shift+tab":
		p.at = (p.at + len(p.all) - 1) % len(p.all)
	case "space", "x":
		p.chosen[p.at] = !p.chosen[p.at]
	case "enter":
		var rs []session.LabRequest
		for i, r := range p.all {
			if p.chosen[i] {
				rs = append(rs, r)
			}
		}
		if p.short = len(rs) < 2; p.short {
			return nil, false
		}
		return a.openCompare(rs), true
	}
	return nil, false
}

func (p *picker) render(a *App, w, h int) []string {
	t := a.theme()
	spec := p.req.Lab.Spec()
	var lines []string
	for i, r := range p.all {
		box := "[ ] "
		if p.chosen[i] {
			box = "[x] "
		}
		s := "  " + t.Key.Paint(box) + t.Text.Paint(session.VariantTitle(spec, r.Variant))
		if i == p.at {
			s = t.Key.Paint("▸ ") + t.Key.Paint(box) + t.Strong.Paint(session.VariantTitle(spec, r.Variant))
		}
		lines = append(lines, s)
	}
	lines = append(lines, "")
	about := spec.Variants[p.at].Summary
	wrapped := view.Wrap(about, min(60, w-10))
	for i := range 2 {
		s := ""
		if i < len(wrapped) {
			s = wrapped[i]
		}
		lines = append(lines, t.Dim.Paint(view.Fit(s, min(60, w-10))))
	}
	note := "space chooses, Enter runs"
	if p.short {
		note = "choose at least two"
	}
	return sheet(t, "compare variants", note, lines, w, h)
}

// openCompare runs variants of one lab for the compare page.
func (a *App) openCompare(rs []session.LabRequest) tea.Cmd {
	o := a.opt.Opener
	return a.open("starting the variants", func(ctx context.Context) ([]*session.Session, error) {
		var out []*session.Session
		for _, r := range rs {
			s, err := o.OpenLab(ctx, r)
			if err != nil {
				return out, err
			}
			out = append(out, s)
		}
		return out, nil
	})
}
