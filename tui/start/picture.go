package start

import (
	"strings"

	"netscope/protocols/lab"
	"netscope/tui/view"
)

// picture draws the first link of a lab with its two ends, and a packet that
// goes to and fro on it.
func (p *Page) picture(t *view.Theme, l lab.Lab, w int) []string {
	spec := l.Spec()
	variant := ""
	if len(spec.Variants) > 0 {
		variant = spec.Variants[0].ID
	}
	top := l.Topology(variant, lab.Defaults(spec.Params))
	if len(top.Links) == 0 || w < 30 {
		return nil
	}
	link := top.Links[0]
	a, b := view.Clean(link.A), view.Clean(link.B)
	aw, bw := view.Width(a)+4, view.Width(b)+4
	wire := min(w-aw-bw, 48)
	if wire < 8 {
		return nil
	}
	box := func(n int, s string) string {
		return t.Border.Paint(strings.Replace(s, "~", strings.Repeat("─", n-2), 1))
	}
	at, dot, st := p.place(t, wire)
	line := t.Border.Paint(strings.Repeat("─", at)) + st.Paint(dot) + t.Border.Paint(strings.Repeat("─", wire-at-1))
	caption := linkCaption(link)
	return []string{
		box(aw, "╭~╮") + view.Blank(wire) + box(bw, "╭~╮"),
		t.Border.Paint("│ ") + t.Request.Paint(a) + t.Border.Paint(" ├") + line + t.Border.Paint("┤ ") + t.Response.Paint(b) + t.Border.Paint(" │"),
		box(aw, "╰~╯") + t.Dim.Paint(view.Center(caption, wire)) + box(bw, "╰~╯"),
	}
}

// place is where the packet is on a wire: a request goes over, a response
// comes back.
func (p *Page) place(t *view.Theme, wire int) (at int, dot string, st view.Style) {
	n := int(p.phase/step) % (2 * wire)
	if n < wire {
		return n, "▶", t.Request
	}
	return 2*wire - 1 - n, "◀", t.Response
}

func linkCaption(l lab.Link) string {
	var parts []string
	if d := l.AB.Delay + l.BA.Delay; d > 0 {
		parts = append(parts, "RTT "+lab.Param{Kind: lab.Duration}.Format(d.Seconds()))
	}
	if l.BA.Rate > 0 {
		parts = append(parts, lab.Param{Kind: lab.Rate}.Format(l.BA.Rate))
	}
	return strings.Join(parts, ", ")
}
