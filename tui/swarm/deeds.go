package swarm

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"netscope/protocols/lab"
	"netscope/tui/view"
)

// deed is what a key does to the swarm of a lab that can do it.
type deed struct {
	key, act   string // act is the name of the lab's action
	help, hint string
	peer       bool // to the peer that is followed
}

func deeds() []deed {
	return []deed{
		{"K", "kill", "kill the followed peer: it tells nobody", "kill", true},
		{"A", "add", "add a peer", "add", false},
		{"U", "rate", "change the followed peer's upload rate", "rate", true},
		{"R", "free", "make the followed peer a free rider, or no longer one", "free rider", true},
		{"X", "tracker", "stop or start the tracker", "tracker", false},
	}
}

func deedOf(key string) *deed {
	for _, d := range deeds() {
		if d.key == key {
			return &d
		}
	}
	return nil
}

// can reports that what is looked at can do something while it runs.
func can(f *view.Frame, act string) bool {
	return slices.ContainsFunc(f.Subject.Acts, func(a lab.Act) bool { return a.Name == act })
}

// hints are what keys do here.
func (v *View) hints(f *view.Frame) []hint {
	var out []hint
	if v.follow < 0 {
		out = append(out, hint{"j k", "follow"})
	} else {
		out = append(out, hint{"h l", "with"}, hint{"L", "ladder"})
	}
	out = append(out, hint{"< >", "change"})
	for _, d := range deeds() {
		if can(f, d.act) && (v.follow >= 0 || !d.peer) {
			out = append(out, hint{d.key, d.hint})
		}
	}
	return out
}

// act asks the shell to have something done.
func (v *View) act(f *view.Frame, d *deed) tea.Cmd {
	if !can(f, d.act) {
		return status("Only the swarm of a lab that runs can be changed.")
	}
	sc := v.look(f)
	m := view.ActMsg{Action: lab.Action{Kind: "param", Name: d.act}}
	var x *Peer
	if d.peer {
		if sc.Selected < 0 {
			return status("Follow a peer first: j and k do.")
		}
		x = &sc.Peers[sc.Selected]
		if m.Action.Text = v.tr.Log.Nodes[x.Node].Host; m.Action.Text == "" {
			return status("Of this peer only the address is known.")
		}
	}
	switch d.act {
	case "rate":
		m.Ask = x.Name + " may upload, in kbit/s:"
		if x.Limit > 0 {
			m.Offer = fmt.Sprintf("%.0f", x.Limit*8/1e3)
		}
	case "free":
		m.Action.Text += onOff(!x.Free)
	case "tracker":
		m.Action.Text = onOff(sc.NoTracker)[1:]
	}
	return func() tea.Msg { return m }
}

func onOff(on bool) string {
	if on {
		return " on"
	}
	return " off"
}
