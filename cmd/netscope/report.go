package main

import (
	"bufio"
	"fmt"
	"strings"
	"time"

	"netscope/decoders"
	"netscope/decoders/lines"
	"netscope/protocols/lab"
	"netscope/protocols/lab/fork"
	"netscope/protocols/lab/run"
)

// reporter writes a lab's run, for programs or for people.
type reporter interface {
	predict(l lab.Lab, vs []chosenVariant, p lab.Params) error
	begin(l lab.Lab, v chosenVariant, h run.Hello, journal []lab.Action) error
	progress(s lines.Source) error
	variant(l lab.Lab, v chosenVariant, p lab.Params, s lines.Source) error
	end() error
	flush()
}

func (f *runFlags) reporter(w *bufio.Writer) reporter {
	if f.json {
		return &jsonReport{w: w, enc: lines.NewEncoder(w), packets: f.packets}
	}
	return &textReport{w: w, text: lines.NewText(w), messages: f.messages || len(f.expose) > 0 || f.speed > 0}
}

type measureLine struct {
	Type      string      `json:"type"`
	Name      string      `json:"name"`
	Variant   string      `json:"variant"`
	Formula   string      `json:"formula"`
	Ideal     *float64    `json:"ideal"`
	Predicted *float64    `json:"predicted"`
	Band      *[2]float64 `json:"band,omitempty"`
	Measured  *float64    `json:"measured"`
	Unit      string      `json:"unit"`
	X         *float64    `json:"x,omitempty"`
	XName     string      `json:"x_name,omitempty"`
	Causes    []causeLine `json:"causes"`
	Note      string      `json:"note,omitempty"`
}

type causeLine struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

func measure(kind string, v chosenVariant, m lab.Measure) measureLine {
	l := measureLine{Type: kind, Name: m.Name, Variant: v.ID, Formula: m.Formula, Ideal: m.Ideal, Predicted: m.Predicted,
		Band: m.Band, Measured: m.Measured, Unit: m.Unit, X: m.X, XName: m.XName, Causes: []causeLine{}, Note: m.Note}
	for _, c := range m.Causes {
		l.Causes = append(l.Causes, causeLine(c))
	}
	return l
}

type hostLine struct {
	Name  string   `json:"name"`
	Role  string   `json:"role,omitempty"`
	Addrs []string `json:"addrs"`
}

type linkLine struct {
	A    string  `json:"a"`
	B    string  `json:"b"`
	RTT  float64 `json:"rtt_s"`
	Rate float64 `json:"rate_bps"`
	Loss float64 `json:"loss"`
}

type labLine struct {
	Type    string     `json:"type"`
	ID      string     `json:"id"`
	Variant string     `json:"variant"`
	Params  lab.Params `json:"params"`
	Seed    uint64     `json:"seed"`
	Wall    bool       `json:"wall_clock,omitempty"`
	Journal []actLine  `json:"journal,omitempty"`
	Hosts   []hostLine `json:"hosts"`
	Links   []linkLine `json:"links"`
}

// actLine is an action of the journal: as --action takes it, and in words.
type actLine struct {
	Action string `json:"action"`
	Text   string `json:"text"`
}

func journalLines(ps []lab.Param, journal []lab.Action) []actLine {
	var out []actLine
	words := fork.Describe(ps, journal)
	for i, t := range fork.Text(journal) {
		out = append(out, actLine{t, words[i].String()})
	}
	return out
}

type exposedLine struct {
	Type    string `json:"type"`
	Host    string `json:"host"`
	Service string `json:"service"`
	Network string `json:"network"`
	Port    uint16 `json:"port"`
	Addr    string `json:"addr"`
}

// jsonReport writes JSON lines, grouped by variant.
type jsonReport struct {
	w       *bufio.Writer
	enc     *lines.Encoder
	packets bool

	predictions []measureLine
	epoch       time.Time
	next        uint64 // completions already written
	notes       int
	base        lines.Source
}

func (r *jsonReport) predict(l lab.Lab, vs []chosenVariant, p lab.Params) error {
	for _, v := range vs {
		for _, m := range l.Predict(v.ID, p) {
			r.predictions = append(r.predictions, measure("prediction", v, m))
		}
	}
	return nil
}

func (r *jsonReport) begin(l lab.Lab, v chosenVariant, h run.Hello, journal []lab.Action) error {
	if r.epoch.IsZero() {
		r.epoch = h.Start
		if err := r.enc.Epoch(h.Start); err != nil {
			return err
		}
		for _, m := range r.predictions {
			if err := r.enc.Value(m); err != nil {
				return err
			}
		}
	}
	line := labLine{Type: "lab", ID: h.Lab, Variant: v.ID, Params: h.Params, Seed: h.Seed, Wall: len(h.Exposed) > 0,
		Journal: journalLines(l.Spec().Params, journal)}
	for _, host := range h.Hosts {
		hl := hostLine{Name: host.Name, Role: host.Role, Addrs: []string{}}
		for _, a := range host.Addrs {
			hl.Addrs = append(hl.Addrs, a.String())
		}
		line.Hosts = append(line.Hosts, hl)
	}
	for _, k := range h.Links {
		line.Links = append(line.Links, linkLine{A: k.A, B: k.B, RTT: k.RTT().Seconds(), Rate: k.AB.Rate, Loss: k.AB.Loss})
	}
	if err := r.enc.Value(line); err != nil {
		return err
	}
	for _, x := range h.Exposed {
		if err := r.enc.Value(exposedLine{"exposed", x.Host, x.Service, x.Network, x.Port, x.Addr}); err != nil {
			return err
		}
	}
	r.next, r.notes = 0, 0
	return r.w.Flush()
}

func (r *jsonReport) source(s lines.Source) lines.Source {
	s.Epoch, s.Base, s.PktBase = r.epoch, r.base.Base, r.base.PktBase
	return s
}

func (r *jsonReport) progress(s lines.Source) error {
	s = r.source(s)
	ids, next := s.Snap.Completions(r.next)
	r.next = next
	all := s.Snap.Notes()
	notes := all[min(r.notes, len(all)):]
	for _, id := range ids {
		end := s.Snap.Message(id).End
		for ; len(notes) > 0 && notes[0].At <= end; notes = notes[1:] {
			if err := r.enc.Note(s, notes[0]); err != nil {
				return err
			}
		}
		if err := r.enc.Message(s, id); err != nil {
			return err
		}
	}
	for _, n := range notes {
		if err := r.enc.Note(s, n); err != nil {
			return err
		}
	}
	r.notes = len(all)
	return r.w.Flush()
}

func (r *jsonReport) variant(l lab.Lab, v chosenVariant, p lab.Params, s lines.Source) error {
	if r.packets {
		if err := writePackets(r.enc, r.source(s)); err != nil {
			return err
		}
	}
	if err := r.progress(s); err != nil {
		return err
	}
	for _, m := range l.Measure(v.ID, p, s.Snap, s.Snap.End()) {
		if err := r.enc.Value(measure("measure", v, m)); err != nil {
			return err
		}
	}
	_, n := s.Snap.MessageRange()
	_, k := s.Snap.PacketRange()
	r.base.Base += int64(n)
	r.base.PktBase += int64(k)
	return r.w.Flush()
}

func (r *jsonReport) end() error { return r.w.Flush() }
func (r *jsonReport) flush()     { r.w.Flush() }

// textReport writes tables for people.
type textReport struct {
	w        *bufio.Writer
	text     *lines.Text
	messages bool
	next     uint64
	notes    int

	variantID string             // of which measures are written
	running   bool               // predictions have been written
	said      map[[3]string]bool // variant, measure, text: see once
}

func (r *textReport) predict(l lab.Lab, vs []chosenVariant, p lab.Params) error {
	s := l.Spec()
	fmt.Fprintf(r.w, "%s\n", s.Title)
	var params []string
	for _, q := range s.Params {
		params = append(params, q.Label+" "+q.Format(p[q.Name]))
	}
	fmt.Fprint(r.w, wrap("  ", "  ", params, "  "))
	fmt.Fprint(r.w, "\nPredicted\n")
	for _, v := range vs {
		fmt.Fprint(r.w, wrap("  "+v.ID+": ", "    ", strings.Fields(v.Summary), " "))
		r.variantID = v.ID
		r.measures(l.Predict(v.ID, p))
	}
	return r.w.Flush()
}

func (r *textReport) begin(l lab.Lab, v chosenVariant, h run.Hello, journal []lab.Action) error {
	r.variantID, r.running = v.ID, true
	fmt.Fprintf(r.w, "\nRun: %s\n", v.ID)
	for _, a := range journalLines(l.Spec().Params, journal) {
		fmt.Fprintf(r.w, "  with %s (--action %s)\n", a.Text, a.Action)
	}
	for _, x := range h.Exposed {
		addr := x.Addr
		if x.Service == "http" {
			addr = "http://" + addr + "/"
		}
		fmt.Fprintf(r.w, "  %s is %s:%d (%s %s)\n", addr, x.Host, x.Port, x.Network, x.Service)
	}
	if len(h.Exposed) > 0 {
		fmt.Fprintln(r.w, "  on the wall clock, so not reproducible; Ctrl-C ends it")
	}
	r.next, r.notes = 0, 0
	return r.w.Flush()
}

func (r *textReport) progress(s lines.Source) error {
	if !r.messages {
		return nil
	}
	ids, next := s.Snap.Completions(r.next)
	r.next = next
	all := s.Snap.Notes()
	notes := all[min(r.notes, len(all)):]
	r.notes = len(all)
	for _, id := range ids {
		m := s.Snap.Message(id)
		for ; len(notes) > 0 && notes[0].At <= m.End; notes = notes[1:] {
			if err := r.text.Note(s, notes[0]); err != nil {
				return err
			}
		}
		if m.Level == decoders.MessageLevel {
			if err := r.text.Message(s, id); err != nil {
				return err
			}
		}
	}
	for _, n := range notes {
		if err := r.text.Note(s, n); err != nil {
			return err
		}
	}
	return r.w.Flush()
}

func (r *textReport) variant(l lab.Lab, v chosenVariant, p lab.Params, s lines.Source) error {
	if err := r.progress(s); err != nil {
		return err
	}
	r.measures(l.Measure(v.ID, p, s.Snap, s.Snap.End()))
	return r.w.Flush()
}

func (r *textReport) end() error { return r.w.Flush() }
func (r *textReport) flush()     { r.w.Flush() }
