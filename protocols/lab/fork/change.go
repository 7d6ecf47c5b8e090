package fork

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"netscope/protocols/lab"
)

// Changes are the actions that give a lab's links, from a time on, the paths
// that they have with other parameters. What shapes no path (what a server
// does, how long an object is) can be changed from the start only; that is an
// error, as is a change of nothing.
func Changes(l lab.Lab, variant string, now, then lab.Params, at time.Duration) ([]lab.Action, error) {
	var said []string
	for _, p := range l.Spec().Params {
		if now[p.Name] == then[p.Name] {
			continue
		}
		one := now.Clone()
		one[p.Name] = then[p.Name]
		if !reshapes(l.Topology(variant, now), l.Topology(variant, one)) {
			return nil, fmt.Errorf("%s can only be changed from the start: it is not a property of a link", p.Label)
		}
		said = append(said, p.Name+"="+strconv.FormatFloat(then[p.Name], 'g', -1, 64))
	}
	if len(said) == 0 {
		return nil, fmt.Errorf("nothing was changed")
	}
	a, b := l.Topology(variant, now), l.Topology(variant, then)
	var out []lab.Action
	for i := range a.Links {
		p, q := &a.Links[i], &b.Links[i]
		for _, d := range []struct {
			from, to string
			old, new lab.Path
		}{{p.A, p.B, p.AB, q.AB}, {p.B, p.A, p.BA, q.BA}} {
			if reflect.DeepEqual(d.old, d.new) {
				continue
			}
			if reflect.DeepEqual(d.old.Drops, d.new.Drops) {
				d.new.Drops = nil // those that have not hit yet stay
			}
			out = append(out, lab.Action{At: at, Kind: "path", From: d.from, To: d.to, Path: &d.new, Text: strings.Join(said, ",")})
		}
	}
	return out, nil
}

// reshapes reports that two topologies join the same nodes by other paths.
func reshapes(a, b lab.Topology) bool {
	if len(a.Links) != len(b.Links) {
		return false
	}
	differ := false
	for i := range a.Links {
		p, q := a.Links[i], b.Links[i]
		if p.A != q.A || p.B != q.B {
			return false
		}
		differ = differ || !reflect.DeepEqual(p.AB, q.AB) || !reflect.DeepEqual(p.BA, q.BA)
	}
	return differ
}

// Effective are a run's parameters when all of its journal has happened.
func Effective(l lab.Lab, p lab.Params, journal []lab.Action) lab.Params {
	out := p.Clone()
	for _, a := range sorted(journal) {
		if a.Kind != "path" {
			continue
		}
		for _, kv := range strings.Split(a.Text, ",") {
			if name, value, ok := strings.Cut(kv, "="); ok {
				_ = out.Set(l.Spec().Params, name, value) // what is not a parameter changes none
			}
		}
	}
	return out
}
