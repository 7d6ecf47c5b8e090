package fork

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// usage is how an action is written.
const usage = "write it as drop@0.412s:server:client, drop@0.412s:server:client#2 (the second from then on), " +
	"delay@0.412s:server:client+50ms, set@0.412s:rtt=200ms,loss=5%, param@0.412s:NAME=VALUE, or as JSON"

// Parse reads an action as people type it, or as JSON. A set@ becomes as many
// actions as it changes directions of links; params are the lab's at that time.
func Parse(l lab.Lab, variant string, params lab.Params, text string) ([]lab.Action, error) {
	as, err := parse(l, variant, params, strings.TrimSpace(text))
	for i := 0; err == nil && i < len(as); i++ {
		err = joined(l.Topology(variant, params), as[i])
	}
	if err != nil {
		return nil, fmt.Errorf("%q is no action: %w", text, err)
	}
	return as, nil
}

// joined reports an action on a link that the lab does not have.
func joined(top lab.Topology, a lab.Action) error {
	if a.Kind == "param" {
		return nil
	}
	var have []string
	for _, l := range top.Links {
		if l.A == a.From && l.B == a.To || l.A == a.To && l.B == a.From {
			return nil
		}
		if have = append(have, l.A+":"+l.B); len(have) == 8 {
			break
		}
	}
	return fmt.Errorf("no link leads from %q to %q; there is %s, and the way back", a.From, a.To, strings.Join(have, ", "))
}

func parse(l lab.Lab, variant string, params lab.Params, text string) ([]lab.Action, error) {
	if strings.HasPrefix(text, "{") {
		var a lab.Action
		d := json.NewDecoder(bytes.NewReader([]byte(text)))
		d.DisallowUnknownFields()
		if err := d.Decode(&a); err != nil {
			return nil, fmt.Errorf("%w; %s", err, usage)
		}
		return []lab.Action{a}, check(a)
	}
	kind, rest, ok := strings.Cut(text, "@")
	when, what, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 {
		return nil, fmt.Errorf("%s", usage)
	}
	at, err := time.ParseDuration(when)
	if err != nil || at < 0 {
		return nil, fmt.Errorf("%q is no time since the start: %s", when, usage)
	}
	a := lab.Action{At: at, Kind: kind}
	switch kind {
	case "set":
		return set(l, variant, params, at, what)
	case "param":
		if a.Name, a.Text, ok = strings.Cut(what, "="); !ok {
			return nil, fmt.Errorf("%s", usage)
		}
		return []lab.Action{a}, nil
	case Drop:
	case Delay:
		i := strings.LastIndexByte(what, '+')
		if i < 0 {
			return nil, fmt.Errorf("it does not say by how much: %s", usage)
		}
		if a.By, err = time.ParseDuration(what[i+1:]); err != nil {
			return nil, fmt.Errorf("%q is no length of time: %s", what[i+1:], usage)
		}
		what = what[:i]
	default:
		return nil, fmt.Errorf("there is no kind %q: %s", kind, usage)
	}
	what, a.Text, _ = strings.Cut(what, "#")
	if a.From, a.To, ok = strings.Cut(what, ":"); !ok {
		return nil, fmt.Errorf("%s", usage)
	}
	return []lab.Action{a}, check(a)
}

func set(l lab.Lab, variant string, params lab.Params, at time.Duration, what string) ([]lab.Action, error) {
	then := params.Clone()
	for _, kv := range strings.Split(what, ",") {
		name, value, ok := strings.Cut(kv, "=")
		if !ok {
			return nil, fmt.Errorf("%s", usage)
		}
		if err := then.Set(l.Spec().Params, name, value); err != nil {
			return nil, err
		}
	}
	return Changes(l, variant, params, then, at)
}

// check finds what the run would only find out at the action's time.
func check(a lab.Action) error {
	switch {
	case a.At < 0:
		return fmt.Errorf("time %v is before the start", a.At)
	case a.Kind == Drop || a.Kind == Delay:
		if n, err := strconv.Atoi(a.Text); a.Text != "" && (err != nil || n < 1) {
			return fmt.Errorf("%q is no number of a packet: they count from 1", a.Text)
		}
		if a.Kind == Delay && a.By <= 0 && a.Path == nil {
			return fmt.Errorf("a packet is delayed by more than nothing: say by how much")
		}
	case a.Kind == "path" && a.Path == nil:
		return fmt.Errorf("it names no Path")
	case a.Kind != "path" && a.Kind != "param":
		return fmt.Errorf("there is no kind %q: it is drop, delay, path or param", a.Kind)
	}
	return nil
}

// Text writes a journal as Parse reads it, one text for what one person did.
func Text(journal []lab.Action) []string {
	var out []string
	for _, a := range sorted(journal) {
		s := text(a)
		if n := len(out); n == 0 || out[n-1] != s || a.Kind != "path" {
			out = append(out, s)
		}
	}
	return out
}

func text(a lab.Action) string {
	at := "@" + a.At.String() + ":"
	switch {
	case a.Kind == "path" && a.Text != "":
		return "set" + at + a.Text
	case a.Kind == "param":
		return "param" + at + a.Name + "=" + a.Text
	case (a.Kind == Drop || a.Kind == Delay) && a.Path == nil:
		s := a.Kind + at + a.From + ":" + a.To
		if a.Text != "" {
			s += "#" + a.Text
		}
		if a.Kind == Delay {
			s += "+" + a.By.String()
		}
		return s
	}
	b, err := json.Marshal(a)
	if err != nil {
		return a.Kind + at
	}
	return string(b)
}

// Did is what one person did, in words.
type Did struct {
	At   timeline.Time
	What string // "segment 41 dropped"
}

// String is "segment 41 dropped at 0.412 s".
func (d Did) String() string { return d.What + " at " + Seconds(d.At) }

// Describe is a journal in words, in order of time, like [Text].
func Describe(ps []lab.Param, journal []lab.Action) []Did {
	var out []Did
	last := ""
	for _, a := range sorted(journal) {
		if t := text(a); a.Kind != "path" || t != last {
			out, last = append(out, Did{timeline.Time(a.At), what(ps, a)}), t
		}
	}
	return out
}

// what says what an action does.
func what(ps []lab.Param, a lab.Action) string {
	name := a.Name
	if name == "" {
		name = "a packet from " + a.From
	}
	switch a.Kind {
	case Drop:
		return name + " dropped"
	case Delay:
		return name + " " + a.By.String() + " later"
	case "path":
		if a.Text == "" {
			return "link " + a.From + "–" + a.To + " changed"
		}
		var parts []string
		for _, kv := range strings.Split(a.Text, ",") {
			parts = append(parts, value(ps, kv))
		}
		return strings.Join(parts, ", ")
	}
	return value(ps, a.Name+"="+a.Text)
}

// value writes name=value as people read it.
func value(ps []lab.Param, kv string) string {
	name, text, _ := strings.Cut(kv, "=")
	for _, p := range ps {
		if p.Name != name {
			continue
		}
		if x, err := p.Parse(text); err == nil {
			text = p.Format(x)
		}
		return p.Label + " " + text
	}
	return name + " " + text
}

// Seconds writes a time to the millisecond: "0.412 s".
func Seconds(t timeline.Time) string { return strconv.FormatFloat(t.Seconds(), 'f', 3, 64) + " s" }

func sorted(journal []lab.Action) []lab.Action {
	out := slices.Clone(journal)
	slices.SortStableFunc(out, func(a, b lab.Action) int { return int(a.At - b.At) })
	return out
}
