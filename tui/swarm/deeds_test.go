package swarm

import (
	"testing"

	"netscope/decoders/bittorrent/swarm/swarmtest"
	"netscope/protocols/lab"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

func TestDeeds(t *testing.T) {
	v := New()
	f := viewtest.Frame(swarmtest.TitForTat(5, 20, 3))
	if _, ok := press(v, f, "K").(view.StatusMsg); !ok {
		t.Error("a capture can be changed")
	}
	for _, d := range deeds() {
		f.Subject.Acts = append(f.Subject.Acts, lab.Act{Name: d.act})
	}
	if _, ok := press(v, f, "K").(view.StatusMsg); !ok {
		t.Error("nobody was killed")
	}
	press(v, f, "j")
	press(v, f, "j")
	who := v.tr.Log.Nodes[v.follow].Host
	for key, want := range map[string]lab.Action{
		"K": {Name: "kill", Text: who}, "A": {Name: "add"}, "U": {Name: "rate", Text: who},
		"R": {Name: "free", Text: who + " on"}, "X": {Name: "tracker", Text: "off"},
	} {
		m, ok := press(v, f, key).(view.ActMsg)
		if !ok || m.Action.Kind != "param" || m.Action.Name != want.Name || m.Action.Text != want.Text || (m.Ask != "") != (key == "U") {
			t.Errorf("%s: %+v", key, m)
		}
	}
	press(v, f, "l")
	if v.other < 0 || v.other == v.follow {
		t.Error("no other peer was chosen")
	}
	viewtest.Exact(t, v.Render(f), f.Width, f.Height)
	for range 4 {
		press(v, f, "l")
	}
	if v.other != -1 {
		t.Error("beyond the last peer there is somebody")
	}
	f.Width, f.Height = 120, 24
	press(v, f, "h")
	viewtest.Golden(t, "pair-120x24", v.Render(f))
	if v.ladder(&f) == nil {
		t.Error("no ladder of two peers")
	}
}
