package resolver

import "netscope/tui/view"

// step is a piece of the chain of trust as it is written.
type step struct {
	text string
	st   view.Style
}

// chainLine is the chain of trust from the root's key to the answer, in fewer
// letters if there is no room.
func (p *painter) chainLine(y int) {
	steps := p.steps("DNSKEY")
	n := 0
	for i, s := range steps {
		if n += view.Width(s.text); i == len(steps)-1 && n > p.l.W {
			steps = p.steps("key")
		}
	}
	x := 0
	for _, s := range steps {
		x = p.g.TextCut(x, y, s.text, p.l.W-x, s.st)
	}
}

func (p *painter) steps(key string) []step {
	out := []step{{"chain ", p.t.Dim}}
	name := ""
	for i, c := range p.sc.Chain {
		if c.Name != name {
			if i > 0 {
				out = append(out, step{" → ", p.t.Dim})
			}
			out = append(out, step{c.Name, p.t.Strong})
			name = c.Name
		}
		st := p.t.OK
		switch c.Status {
		case "bogus":
			st = p.t.Error.Then(bold)
		case "insecure":
			st = p.t.Warn
		}
		typ := c.Type
		if typ == "DNSKEY" {
			typ = key
		}
		text := " " + verdict(c.Status) + typ
		if c.Type+" "+c.Name == p.sc.Question || c.Status != "secure" {
			text += " " + c.Status + ": " + view.Clean(c.Reason)
		}
		out = append(out, step{text, st})
	}
	return out
}
