package grid

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestStringIsExactlyTheSize(t *testing.T) {
	for _, w := range []int{0, 1, 2, 5, 9} {
		g := New(w, 3)
		g.Text(-1, 0, "日本語 abc", "\x1b[31m")
		g.Text(1, 1, "日本", "")
		g.Text(2, 1, "x", "\x1b[1m") // cuts a wide character
		g.Text(0, 2, "a\tb\x1b[2J", "")
		lines := strings.Split(g.String(), "\n")
		if len(lines) != 3 {
			t.Fatalf("%d lines", len(lines))
		}
		for _, l := range lines {
			if got := ansi.StringWidth(l); got != w {
				t.Errorf("w=%d: %q is %d wide", w, l, got)
			}
		}
	}
}

func TestUnits(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Rate(1.2e6), "1.2 Mbit/s"}, {Letters(0), "A"}, {Letters(25), "Z"}, {Letters(26), "AA"}, {Letters(701), "ZZ"},
		{Eighths(0.5, 3), "█▌ "}, {Spark([]float64{0, 1, 2}), " ▄█"},
		{Cut("hello", 3), "he…"}, {Cut("hello", 0), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
