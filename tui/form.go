package tui

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"netscope/protocols/lab"
	"netscope/protocols/lab/fork"
	"netscope/tui/line"
	"netscope/tui/session"
	"netscope/tui/view"
)

// form edits a lab's parameters; Enter runs the lab with them, from the start
// or, in a fork, from the playhead on.
type form struct {
	t    *track
	req  session.LabRequest
	rows []formRow
	at   int
}

// when is the name of the row that says from when on, and its choices.
const (
	when      = "when"
	fromStart = "from the start"
	fromHere  = "from here on"
)

// formRow is a line of the form: a parameter, the variant, or the seed.
type formRow struct {
	name, label, doc string
	param            lab.Param // of a parameter
	choices          []string  // shown instead of a text: ← → go through them
	titles           []string  // of the choices, if they differ
	choice           int
	line             line.Line
	err              string
}

func newForm(t *track) *form {
	f := &form{t: t, req: t.ses.Request()}
	req := f.req
	req.Params = fork.Effective(req.Lab, req.Params, req.Journal)
	spec := req.Lab.Spec()
	if len(spec.Variants) > 1 {
		r := formRow{name: "variant", label: "Variant", doc: "The way in which the same work is done."}
		for i, v := range spec.Variants {
			r.choices, r.titles = append(r.choices, v.ID), append(r.titles, session.VariantTitle(spec, v.ID))
			if v.ID == req.Variant {
				r.choice = i
			}
		}
		f.rows = append(f.rows, r)
	}
	for _, p := range spec.Params {
		r := formRow{name: p.Name, label: p.Label, doc: p.Doc, param: p}
		if p.Kind == lab.Choice {
			r.choices, r.choice = p.Choices, int(req.Params[p.Name])
			r.choice = max(0, min(len(p.Choices)-1, r.choice))
		} else {
			r.line = line.New(p.Format(req.Params[p.Name]))
		}
		f.rows = append(f.rows, r)
	}
	f.rows = append(f.rows, formRow{
		name: "seed", label: "Seed", doc: "The same seed makes the same random choices.",
		line: line.New(strconv.FormatUint(req.Seed, 10)),
	})
	if canFork(t) == "" {
		f.rows = append(f.rows, formRow{name: when, label: "Runs", choices: []string{fromStart, fromHere},
			titles: []string{fromStart, fromHere + ", as a fork at " + fork.Seconds(t.head.Time)},
			doc:    "From the start, or the same run again up to the playhead and with these parameters from there on. Only what belongs to links can change on the way."})
	}
	return f
}

// later makes the form run as a fork, and stands on the first parameter.
func (f *form) later() {
	for i := range f.rows {
		if f.rows[i].name == when {
			f.rows[i].choice = 1
		}
	}
	for f.at < len(f.rows)-1 && f.rows[f.at].param.Name == "" {
		f.at++
	}
}

// run starts what the form says; done if that was possible.
func (f *form) run(a *App) (cmd tea.Cmd, done bool) {
	req, ok := f.read()
	if !ok {
		return nil, false
	}
	last := &f.rows[len(f.rows)-1]
	if last.name != when || last.choice == 0 {
		return a.openLab(req), true
	}
	last.err = ""
	old := f.req
	if req.Variant != old.Variant || req.Seed != old.Seed {
		last.err = "another variant or seed is another run from the start"
	} else {
		// The first instant that has not happened at the playhead.
		at := time.Duration(f.t.head.Time) + 1
		as, err := fork.Changes(old.Lab, old.Variant, fork.Effective(old.Lab, old.Params, old.Journal), req.Params, at)
		if err == nil {
			return a.openFork(f.t, as), true
		}
		last.err = err.Error()
	}
	f.at = len(f.rows) - 1
	return nil, false
}

func (f *form) update(a *App, msg tea.Msg) (tea.Cmd, bool) {
	r := &f.rows[f.at]
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		switch msg.String() {
		case "esc", "ctrl+c":
			return nil, true
		case "enter":
			return f.run(a)
		case "down", "tab", "ctrl+n":
			f.move(1)
			return nil, false
		case "up", "shift+tab", "ctrl+p":
			f.move(-1)
			return nil, false
		case "left", "right", "space", "h", "l", "j", "k":
			if len(r.choices) > 0 {
				switch msg.String() {
				case "left", "h":
					r.choice = (r.choice + len(r.choices) - 1) % len(r.choices)
				case "right", "l", "space":
					r.choice = (r.choice + 1) % len(r.choices)
				case "j":
					f.move(1)
				case "k":
					f.move(-1)
				}
				return nil, false
			}
		}
	}
	if len(r.choices) == 0 && r.line.Update(msg) {
		r.check()
	}
	return nil, false
}

func (f *form) move(d int) {
	f.rows[f.at].check()
	f.at = (f.at + d + len(f.rows)) % len(f.rows)
}

// check parses a row and keeps the error as a sentence.
func (r *formRow) check() (x float64, ok bool) {
	r.err = ""
	switch {
	case r.name == "seed" && r.param.Name == "":
		if _, err := strconv.ParseUint(strings.TrimSpace(r.line.String()), 10, 64); err != nil {
			r.err = "the seed is a whole number from 0"
		}
	case len(r.choices) > 0:
		return float64(r.choice), true
	default:
		v, err := r.param.Parse(r.line.String())
		if err != nil {
			r.err = err.Error()
		}
		x = v
	}
	return x, r.err == ""
}

// read makes the request; ok is false if a row is wrong, and then the form
// stands on it.
func (f *form) read() (req session.LabRequest, ok bool) {
	req = f.req
	req.Params, req.Journal = req.Params.Clone(), nil
	for i := range f.rows {
		r := &f.rows[i]
		x, good := r.check()
		if !good {
			f.at = i
			return req, false
		}
		switch {
		case r.param.Name != "":
			req.Params[r.name] = x
		case r.name == "variant":
			req.Variant, req.Index = r.choices[r.choice], 0
		case r.name == "seed":
			req.Seed, _ = strconv.ParseUint(strings.TrimSpace(r.line.String()), 10, 64)
		}
	}
	return req, true
}

func (f *form) render(a *App, w, h int) []string {
	t := a.theme()
	label := 0
	for _, r := range f.rows {
		label = max(label, view.Width(r.label))
	}
	width := min(68, w-10)
	field := min(34, width-label-4)
	var lines []string
	for i := range f.rows {
		r := &f.rows[i]
		mark, name := "  ", t.FieldName.Paint(view.Fit(r.label, label))
		if i == f.at {
			mark, name = t.Key.Paint("▸ "), t.Strong.Paint(view.Fit(r.label, label))
		}
		lines = append(lines, view.Fit(mark+name+"  "+r.value(t, i == f.at, field), width))
	}
	lines = f.scroll(lines, h-9)
	r := &f.rows[f.at]
	lines = append(lines, "")
	text, st := r.hint(), t.Dim
	if r.err != "" {
		text, st = "✗ "+r.err, t.Error
	}
	wrapped := view.Wrap(text, width)
	for i := range 3 {
		s := ""
		if i < len(wrapped) {
			s = wrapped[i]
		}
		lines = append(lines, st.Paint(view.Fit(s, width)))
	}
	return sheet(t, "parameters", "Enter runs, Esc closes", lines, w, h)
}

// scroll keeps the present row among at most h lines.
func (f *form) scroll(lines []string, h int) []string {
	h = max(1, h)
	if len(lines) <= h {
		return lines
	}
	from := max(0, min(f.at-h/2, len(lines)-h))
	return lines[from : from+h]
}

// value draws what the row is set to.
func (r *formRow) value(t *view.Theme, now bool, w int) string {
	switch {
	case len(r.choices) > 0:
		s := r.choices[r.choice]
		if len(r.titles) > r.choice {
			s = r.titles[r.choice]
		}
		if now {
			return t.Key.Paint("◂ ") + t.Selection.Over(" "+s+" ") + t.Key.Paint(" ▸")
		}
		return "  " + t.FieldValue.Paint(" "+s)
	case now:
		return "  " + t.Selection.Over(" "+r.line.Render(w-4)+" ")
	}
	return "  " + t.FieldValue.Paint(" "+view.Clean(r.line.String()))
}

// hint is what the row is for and what it may be.
func (r *formRow) hint() string {
	if r.param.Name == "" || len(r.choices) > 0 {
		return r.doc
	}
	s := strings.TrimSuffix(r.doc, ".")
	if s != "" {
		s += ". "
	}
	return s + "From " + r.param.Format(r.param.Min) + " to " + r.param.Format(r.param.Max) + "; usually " + r.param.Format(r.param.Default) + "."
}
