package start

import (
	"path/filepath"

	"netscope/protocols/lab"
	"netscope/tui/session"
)

// entry is one line of the page that can be opened, or the caption of a group.
type entry struct {
	group string // not "": a caption
	label string // the key that opens it, "" none
	name  string
	about string
	lab   lab.Lab
	iface string
	why   string // why it cannot be opened
	path  string
	typed bool // asks for a path
	gap   bool // an empty line
}

// caption reports a line that cannot be chosen.
func (e entry) caption() bool { return e.group != "" || e.gap }

// labels are the keys that open an entry at once: those that have no other
// meaning on this page.
const labels = "123456789abcdefimprstuvwxyz"

// entries lists everything that can be opened, in groups.
func entries(labs []lab.Lab, ifaces []session.Interface, recent []session.Recent, note string) []entry {
	var out []entry
	used := 0
	add := func(e entry) {
		if used < len(labels) && e.why == "" {
			e.label = labels[used : used+1]
			used++
		}
		out = append(out, e)
	}
	for i, g := range groups(labs) {
		if i > 0 {
			out = append(out, entry{gap: true})
		}
		out = append(out, entry{group: g})
		for _, l := range labs {
			if s := l.Spec(); s.Group == g {
				add(entry{name: s.Title, about: s.Summary, lab: l})
			}
		}
	}
	out = append(out, entry{gap: true}, entry{group: "Live interfaces"})
	for _, i := range ifaces {
		add(entry{name: i.Name, about: i.About, iface: i.Name, why: i.Why})
	}
	if len(ifaces) == 0 {
		if note == "" {
			note = "none found"
		}
		out = append(out, entry{name: "–", about: note, why: note})
	}
	out = append(out, entry{gap: true}, entry{group: "Capture files"})
	for _, r := range recent {
		add(entry{name: filepath.Base(r.Path), about: filepath.Dir(r.Path), path: r.Path})
	}
	return append(out, entry{label: "o", name: "open a file", about: "type its path", typed: true})
}

// groups are the groups of labs in order of first appearance.
func groups(labs []lab.Lab) []string {
	var out []string
	seen := map[string]bool{}
	for _, l := range labs {
		if g := l.Spec().Group; !seen[g] {
			seen[g] = true
			out = append(out, g)
		}
	}
	return out
}
