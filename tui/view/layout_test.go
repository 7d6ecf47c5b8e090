package view

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestFit(t *testing.T) {
	red := Style("\x1b[31m")
	tests := []struct {
		in   string
		w    int
		want string
	}{
		{"abc", 5, "abc  "},
		{"abcdef", 4, "abc…"},
		{"abc", 3, "abc"},
		{"", 2, "  "},
		{"abc", 0, ""},
		{"日本語", 4, "日… "},
		{"├──▶", 6, "├──▶  "},
		{red.Paint("abcdef"), 3, "\x1b[31mab…\x1b[m"},
		{red.Paint("ab"), 3, "\x1b[31mab\x1b[m "},
	}
	for _, tt := range tests {
		got := Fit(tt.in, tt.w)
		if got != tt.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", tt.in, tt.w, got, tt.want)
		}
		if n := ansi.StringWidth(got); n != tt.w {
			t.Errorf("Fit(%q, %d) is %d wide", tt.in, tt.w, n)
		}
	}
}

func TestWidthIsAnsiWidth(t *testing.T) {
	for _, s := range []string{
		"", "abc", "\x1b[1;38;2;1;2;3mabc\x1b[m", "┃━╮▓░", "→ ▶ … ‘’", "µs ± ©", "日本", "e\u0301", "👩‍👩‍👧", "\x1b[", "\xff\xfe", "a\tb", "\x1b]8;;http://x\x07link\x1b]8;;\x07",
	} {
		if got, want := Width(s), ansi.StringWidth(s); got != want {
			t.Errorf("Width(%q) = %d, ansi says %d", s, got, want)
		}
	}
	for r := rune(0xa0); r < 0x3000; r++ {
		if got, want := Width(string(r)), ansi.StringWidth(string(r)); got != want {
			t.Errorf("Width(%q, %U) = %d, ansi says %d", r, r, got, want)
		}
	}
}

func FuzzFit(f *testing.F) {
	f.Add("abc", 2)
	f.Add("\x1b[31m日本\x1b[m", 3)
	f.Add("e\u0301\u200d👩‍👩‍👧", 3)
	f.Fuzz(func(t *testing.T, s string, w int) {
		w %= 300
		s = Clean(s)
		if strings.ContainsAny(s, "\n\x1b") {
			t.Fatalf("Clean left a control character in %q", s)
		}
		if got := ansi.StringWidth(Fit(s, w)); got != max(0, w) {
			t.Errorf("Fit(%q, %d) is %d wide", s, w, got)
		}
	})
}

func TestBlock(t *testing.T) {
	got := Block([]string{"a", "bcde", "x"}, 3, 2)
	if got != "a  \nbc…" {
		t.Errorf("%q", got)
	}
	if got := Block(nil, 2, 2); got != "  \n  " {
		t.Errorf("%q", got)
	}
}

func TestSides(t *testing.T) {
	for _, tt := range []struct {
		l, r string
		w    int
		want string
	}{
		{"ab", "cd", 6, "ab  cd"},
		{"a long title", "right", 16, "a long t… right"},
		{"a long title", "right", 9, "a long t…"},
	} {
		if got := Sides(tt.l, tt.r, tt.w); got != tt.want && Width(got) != tt.w {
			t.Errorf("Sides(%q, %q, %d) = %q", tt.l, tt.r, tt.w, got)
		}
	}
}

func TestOverKeepsBackground(t *testing.T) {
	bg, fg := Style("\x1b[48;2;1;1;1m"), Style("\x1b[38;2;2;2;2m")
	got := bg.Over("a" + fg.Paint("b") + "c")
	want := "\x1b[48;2;1;1;1ma\x1b[38;2;2;2;2mb\x1b[m\x1b[48;2;1;1;1mc\x1b[m"
	if got != want {
		t.Errorf("got %q want %q", got, want)
	}
}
