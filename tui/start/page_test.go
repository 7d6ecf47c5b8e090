package start

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"netscope/protocols/lab"
	"netscope/tui/session"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// named is a lab that only has a name.
type named struct {
	lab.Lab
	group, title string
}

func (n named) Spec() lab.Spec {
	return lab.Spec{ID: n.title, Group: n.group, Title: n.title, Summary: "what it shows"}
}
func (named) Topology(string, lab.Params) lab.Topology { return lab.Topology{} }

func page(labs int) *Page {
	var ls []lab.Lab
	for i := range labs {
		ls = append(ls, named{group: "Group " + string(rune('A'+i/4)), title: "Lab " + string(rune('A'+i))})
	}
	p := New(ls)
	p.Survey([]session.Interface{{Name: "eth0", About: "up"}, {Name: "eth1", Why: "It is not allowed."}},
		[]session.Recent{{Path: "/data/a.pcap"}}, "")
	p.Render(view.DefaultTheme(true), 120, 30)
	return p
}

func press(p *Page, k string) tea.Msg {
	m := tea.KeyPressMsg{Code: []rune(k)[0], Text: k}
	if k == "enter" {
		m = tea.KeyPressMsg{Code: tea.KeyEnter}
	}
	if cmd := p.Update(m); cmd != nil {
		return cmd()
	}
	return nil
}

func TestOneKeyOpensAnything(t *testing.T) {
	p := page(3)
	if m, ok := press(p, "2").(OpenMsg); !ok || m.Lab == nil || m.Lab.Spec().Title != "Lab B" {
		t.Errorf("2 opened %+v", m)
	}
	if m, ok := press(p, "4").(OpenMsg); !ok || m.Interface != "eth0" {
		t.Errorf("4 opened %+v", m)
	}
	if m, ok := press(p, "5").(OpenMsg); !ok || m.Path != "/data/a.pcap" {
		t.Errorf("5 opened %+v; what cannot be opened must take no key", m)
	}
}

func TestLabelsAreNoOtherKeys(t *testing.T) {
	used := map[string]bool{"o": true, "q": true, "j": true, "k": true, "g": true, "h": true, "l": true, "n": true}
	p := page(60)
	for _, r := range p.rows {
		if r.label == "" || r.typed {
			continue
		}
		if used[r.label] {
			t.Errorf("%s opens %s and does something else", r.label, r.name)
		}
		used[r.label] = true
	}
}

func TestMovingSkipsCaptions(t *testing.T) {
	p := page(9)
	for range 40 {
		press(p, "j")
		if p.chosen().caption() {
			t.Fatal("a caption is chosen")
		}
	}
	for range 40 {
		press(p, "k")
		if p.chosen().caption() {
			t.Fatal("a caption is chosen")
		}
	}
	if p.chosen().name != "Lab A" {
		t.Errorf("at the top: %q", p.chosen().name)
	}
	for _, k := range []tea.KeyPressMsg{{Code: 'd', Mod: tea.ModCtrl}, {Code: 'u', Mod: tea.ModCtrl}, {Code: tea.KeyPgDown}, {Code: tea.KeyPgUp}} {
		for range 6 {
			p.Update(k)
			if p.chosen().caption() || p.chosen().name == "" {
				t.Fatalf("%v chose a caption", k)
			}
		}
	}
}

func TestWhatCannotBeOpenedSaysWhy(t *testing.T) {
	p := page(1)
	for p.chosen().name != "eth1" {
		press(p, "j")
	}
	if m, ok := press(p, "enter").(view.StatusMsg); !ok || m.Text != "It is not allowed." {
		t.Errorf("%+v", m)
	}
}

func TestAPathIsTyped(t *testing.T) {
	p := page(1)
	press(p, "o")
	for _, c := range "q.pcap" {
		press(p, string(c))
	}
	if !p.Typing() {
		t.Fatal("not typing")
	}
	if m, ok := press(p, "enter").(OpenMsg); !ok || m.Path != "q.pcap" {
		t.Errorf("%+v", m)
	}
}

func TestTheSurveyKeepsTheChoice(t *testing.T) {
	p := page(5)
	press(p, "j")
	press(p, "j")
	was := p.chosen().name
	p.Survey([]session.Interface{{Name: "a"}, {Name: "b"}}, nil, "")
	if p.chosen().name != was {
		t.Errorf("%q instead of %q", p.chosen().name, was)
	}
}

func TestEverySizeIsExact(t *testing.T) {
	p := page(20)
	for w := 1; w < 200; w += 7 {
		for h := 1; h < 60; h += 5 {
			viewtest.Exact(t, p.Render(view.DefaultTheme(false), w, h), w, h)
		}
	}
}

func TestThePictureComesToRest(t *testing.T) {
	p := page(1)
	if !p.Moves() {
		t.Fatal("nothing moves at first")
	}
	p.Advance(2 * time.Minute)
	if p.Moves() {
		t.Error("it still moves though nobody is there")
	}
}

// A long list scrolls, and its first line says in which group it goes on.
func TestLongListSaysWhereItStands(t *testing.T) {
	for _, w := range []int{80, 120} {
		p := page(24)
		for range 20 {
			p.list.Sel = p.next(p.list.Sel, 1)
		}
		out := p.Render(view.DefaultTheme(true), w, 20)
		viewtest.Exact(t, out, w, 20)
		lines := view.Lines(ansi.Strip(out))
		if !strings.Contains(lines[2], "↑ more") || !strings.Contains(lines[2], "Group ") {
			t.Errorf("first line %q", lines[2])
		}
		if !strings.Contains(ansi.Strip(out), "▸ ") || !strings.Contains(ansi.Strip(out), "Lab U") {
			t.Error("what is chosen is not seen")
		}
		if p.Update(tea.MouseClickMsg{X: 3, Y: 2, Button: tea.MouseLeft}) != nil || p.chosen().name != "Lab U" {
			t.Error("a click on the group's name chose something")
		}
		for range 40 {
			p.Update(tea.KeyPressMsg{Code: 'k', Text: "k"})
		}
		if lines := view.Lines(ansi.Strip(p.Render(view.DefaultTheme(true), w, 20))); !strings.HasPrefix(lines[2], " Group A ") {
			t.Errorf("back at the top the first line is %q", lines[2])
		}
	}
}
