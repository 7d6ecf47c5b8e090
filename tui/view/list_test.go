package view

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func press(s string) tea.KeyPressMsg {
	switch s {
	case "down":
		return tea.KeyPressMsg{Code: tea.KeyDown}
	case "ctrl+d":
		return tea.KeyPressMsg{Code: 'd', Mod: tea.ModCtrl}
	case "ctrl+u":
		return tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(s)[0], Text: s}
}

func TestListMovement(t *testing.T) {
	const n, h = 100, 10
	l := List{}
	for _, tt := range []struct {
		key      string
		sel, top int
	}{
		{"j", 1, 0}, {"down", 2, 0}, {"k", 1, 0}, {"ctrl+d", 6, 0}, {"ctrl+d", 11, 4},
		{"G", 99, 90}, {"ctrl+u", 94, 90}, {"g", 0, 0}, {"k", 0, 0},
	} {
		l.Update(press(tt.key), n, h, 0)
		if l.Sel != tt.sel || l.Top != tt.top {
			t.Errorf("after %s: selection %d at top %d, want %d at %d", tt.key, l.Sel, l.Top, tt.sel, tt.top)
		}
	}
	l.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown}, n, h, 0)
	if l.Top != 3 || l.Sel != 0 {
		t.Errorf("the wheel must scroll without selecting: %+v", l)
	}
	if !l.Update(tea.MouseClickMsg{Button: tea.MouseLeft, Y: 5}, n, h, 1) || l.Sel != 7 {
		t.Errorf("a click on line 5, rows from line 1, must select row 7: %+v", l)
	}
}

func TestListDrawsOnlyWhatIsSeen(t *testing.T) {
	l := List{Sel: 500_000, Top: 499_995}
	drawn := 0
	lines := l.Render(DefaultTheme(true), 1_000_000, 20, 10, true, func(i, w int) string {
		drawn++
		return fmt.Sprint(i)
	})
	if drawn != 10 || len(lines) != 10 {
		t.Errorf("drew %d rows on %d lines", drawn, len(lines))
	}
	for _, s := range lines {
		if Width(s) != 20 {
			t.Errorf("%q is %d wide", s, Width(s))
		}
	}
}
