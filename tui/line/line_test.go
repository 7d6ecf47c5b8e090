package line

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

func TestEditing(t *testing.T) {
	ctrl := func(r rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: r, Mod: tea.ModCtrl} }
	char := func(r rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: r, Text: string(r)} }
	for _, tt := range []struct {
		name  string
		start string
		keys  []tea.Msg
		want  string
	}{
		{"typing", "", []tea.Msg{char('a'), char('é'), char('语')}, "aé语"},
		{"in the middle", "ac", []tea.Msg{tea.KeyPressMsg{Code: tea.KeyLeft}, char('b')}, "abc"},
		{"backspace", "ab", []tea.Msg{tea.KeyPressMsg{Code: tea.KeyBackspace}}, "a"},
		{"backspace at the beginning", "ab", []tea.Msg{ctrl('a'), tea.KeyPressMsg{Code: tea.KeyBackspace}}, "ab"},
		{"delete", "ab", []tea.Msg{ctrl('a'), tea.KeyPressMsg{Code: tea.KeyDelete}}, "b"},
		{"a word of a path", "/tmp/x.pcap", []tea.Msg{ctrl('w')}, "/tmp/"},
		{"all before", "abc", []tea.Msg{ctrl('u')}, ""},
		{"all after", "abc", []tea.Msg{ctrl('a'), ctrl('k')}, ""},
		{"paste without control characters", "", []tea.Msg{tea.PasteMsg{Content: "a\x1b[31m\nb"}}, "a[31mb"},
	} {
		l := New(tt.start)
		for _, k := range tt.keys {
			if !l.Update(k) {
				t.Errorf("%s: %v was not used", tt.name, k)
			}
		}
		if l.String() != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, l.String(), tt.want)
		}
	}
	l := New("")
	if l.Update(tea.KeyPressMsg{Code: tea.KeyEnter}) || l.Update(ctrl('x')) {
		t.Error("keys that mean nothing to a line must not be used up")
	}
	l.Insert(strings.Repeat("x", 2*maxLine))
	if len(l.String()) != maxLine {
		t.Errorf("%d characters were taken", len(l.String()))
	}
}

func TestRenderIsExactAndShowsTheCursor(t *testing.T) {
	l := New(strings.Repeat("wide 语 ", 20))
	for w := 1; w < 40; w++ {
		if got := ansi.StringWidth(l.Render(w)); got != w {
			t.Errorf("%d cells instead of %d", got, w)
		}
	}
	if !strings.Contains(l.Render(10), "\x1b[7m") {
		t.Error("no cursor")
	}
}
